"""XML: every element with attributes or children is a record; entities and DTDs are refused.

The document is read as a stream. An element becomes a row of the table of its path (names of the
elements above it, without namespaces): attributes and children of plain text are its columns. A
kind of child that occurs at most once in each of its parents joins the parent's row. Comments and
processing instructions are texts like any other.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import defusedxml.ElementTree as SafeTree
import numpy as np
import pyarrow as pa
from defusedxml import DefusedXmlException

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import (
    Raw,
    narrow,
    unique_names,
    unreadable,
)
from ckanext.sozialdaten.disclosure.readers._records import Tables
from ckanext.sozialdaten.messages import Message

__all__ = ["feed", "read_xml"]

_MAX_DEPTH = 60
_CHUNK = 1 << 20
_TEXT = "text"
_NAMES = frozenset({"name", "key", "feld", "merkmal", "code", "bezeichner", "field", "column"})
_MOST_NAMES = 200


@dataclass(slots=True)
class _Open:
    """An element that has begun and not ended."""

    path: str
    row: int
    cells: dict[str, str] = field(default_factory=dict[str, str])
    text: list[str] = field(default_factory=list[str])
    complex: bool = False


@dataclass(slots=True)
class _Links:
    """The row of its parent for each row of a table, and whether a parent occurs twice."""

    parent: str
    rows: "array[int]" = field(default_factory=lambda: array("q"))
    once: bool = True


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


class _Target:
    """Gets the events of the parser and fills the tables."""

    def __init__(self, raw: Raw) -> None:
        self.found = Tables(raw)
        self.links: dict[str, _Links] = {}
        self.counts: dict[str, int] = {}
        self.open: list[_Open] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if len(self.open) > _MAX_DEPTH:
            raise RecursionError
        name = _local(tag)
        path = f"{self.open[-1].path}.{name}" if self.open else name
        cells = {_local(key): value for key, value in attributes.items()}
        if self.open:
            self._claim(self.open[-1])
        self.open.append(_Open(path, -1, cells))
        if cells:
            self._claim(self.open[-1])

    def _claim(self, element: _Open) -> None:
        """Give an element a row of its own: it has attributes or children."""
        if element.row >= 0:
            return
        element.complex = True
        element.row = self.counts.get(element.path, 0)
        self.counts[element.path] = element.row + 1
        above = self.open[-2] if element is self.open[-1] and len(self.open) > 1 else None
        links = self.links.setdefault(element.path, _Links(above.path if above else ""))
        parent = above.row if above else -1
        links.once = links.once and not (links.rows and links.rows[-1] == parent)
        links.rows.append(parent)

    def data(self, text: str) -> None:
        """Characters of an element."""
        if self.open:
            self.open[-1].text.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        element = self.open.pop()
        text = "".join(element.text).strip()
        if element.complex:
            if text:
                element.cells[_TEXT] = text
            self.found.add(element.path, element.cells)
        elif self.open and text:
            cells, name = self.open[-1].cells, _local(tag)
            if name in cells:
                self.found.add(f"{element.path}.*", {name: text})
            else:
                cells[name] = text
        elif text:
            self.found.say(text)

    def comment(self, text: str) -> None:
        """A comment."""
        self.found.say(text.strip(), "comment")

    def pi(self, target: str, data: str | None = None) -> None:
        """A processing instruction."""
        self.found.say((data or "").strip(), "comment")

    def close(self) -> None:
        """The document ends."""

    def sheets(self) -> list[Sheet]:
        """One sheet for each table, after children that occur once have joined their parents."""
        columns: dict[str, _Columns] = {}
        for path, records in self.found.tables.items():
            table = records.table()
            columns[path] = dict(zip(table.column_names, table.columns, strict=True))
        for path in sorted(self.links, key=lambda path: -path.count(".")):
            links, below = self.links[path], columns.get(path, {})
            if not links.parent:
                continue
            rows = self.counts[links.parent]
            named = {} if links.once else _named(below, links, rows)
            if named or (links.once and below):
                joined = named or _prefixed(below, path, links, rows)
                columns.setdefault(links.parent, {}).update(joined)
                del columns[path]
        root = next((path for path in self.links if "." not in path), "")
        if len([found for found in columns.values() if found]) > 1:
            for name, cells in columns.pop(root, {}).items():
                self.found.say(f"{name}: {cells[0].as_py() or ''}")
        return self._finished({path: found for path, found in columns.items() if found})

    def _finished(self, columns: "Mapping[str, _Columns]") -> list[Sheet]:
        raw, loose = self.found.raw, tuple(self.found.loose)
        sheets: list[Sheet] = []
        for path, found in columns.items():
            narrow(raw, len(found))
            table = pa.table(list(found.values()), names=unique_names(list(found)))
            headers = (Loose(name, "header") for name in table.column_names)
            name = raw.sheet(path if len(columns) > 1 else "")
            texts = (*headers, *(() if sheets else loose))
            sheets.append(Sheet(table, raw.resource, name, 1, texts))
        return sheets or [Sheet(pa.table({}), raw.resource, raw.sheet(), loose=loose)]


_Columns = dict[str, pa.ChunkedArray]


def _places(positions: Any, links: _Links, rows: int) -> pa.Array:
    """For each row of the parent the position of its child; null where it has none."""
    place = np.full(rows, -1, dtype=np.int64)
    place[np.frombuffer(links.rows, dtype=np.int64)[positions]] = positions
    return pa.array(place, mask=place < 0)


def _prefixed(below: _Columns, path: str, links: _Links, rows: int) -> _Columns:
    """The columns of a child that each parent has at most once."""
    indices = _places(np.arange(len(links.rows)), links, rows)
    prefix = path.rsplit(".", 1)[-1]
    return {f"{prefix}.{name}": cells.take(indices) for name, cells in below.items()}


def _named(below: _Columns, links: _Links, rows: int) -> _Columns:
    """Columns from children that carry the column's name as an attribute, as in DatML/RAW.

    ``<mm name="EF3">2</mm>`` is one: two columns, few distinct names, none twice in a parent.
    """
    name = next((key for key in below if key.lower() in _NAMES), "")
    values = [cells for key, cells in below.items() if key != name]
    if not name or len(values) != 1:
        return {}
    encoded: Any = below[name].combine_chunks().dictionary_encode()
    parents = np.frombuffer(links.rows, dtype=np.int64)
    distinct: list[str | None] = encoded.dictionary.to_pylist()
    few = len(distinct) <= min(_MOST_NAMES, len(parents) // 2)
    if not few or None in distinct or len(parents) < 2 * len(set(links.rows)):
        return {}
    codes: Any = encoded.indices.to_numpy(zero_copy_only=False)
    if len(np.unique(parents * len(distinct) + codes)) < len(parents):
        return {}
    return {
        str(label): values[0].take(_places(np.flatnonzero(codes == code), links, rows))
        for code, label in enumerate(distinct)
    }


def feed(parser: Any, raw: Raw, hint: Message) -> None:
    """Push a file through a parser, chunk by chunk.

    Raises:
        UnreadableFileError: not well-formed, with a DTD, or nested too deeply.
    """
    try:
        for start in range(0, len(raw.data), _CHUNK):
            parser.feed(raw.data[start : start + _CHUNK])
        parser.close()
    except SafeTree.ParseError as error:
        place: tuple[int, int] = getattr(error, "position", (0, 0))
        raise unreadable(
            raw, Message("This is no well-formed XML."), hint, row=place[0] or None
        ) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise unreadable(
            raw, Message("The XML holds a DTD, entities or an unknown encoding."), hint
        ) from error
    except RecursionError as error:
        raise unreadable(raw, Message("The document is nested too deeply."), hint) from error


def read_xml(raw: Raw) -> list[Sheet]:
    """All tables of an XML document.

    Raises:
        UnreadableFileError: not well-formed, with a DTD, nested too deeply, or with more tables or
            columns than fit.
    """
    target = _Target(raw)
    parser: Any = SafeTree.DefusedXMLParser(target=target, forbid_dtd=True)
    feed(parser, raw, Message("Export the file again as plain XML without a DTD, or as CSV."))
    return target.sheets()
