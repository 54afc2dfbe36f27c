"""JSON, GeoJSON and XML: every list of records, at any depth, is a table of its own."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import defusedxml.ElementTree as SafeTree
from defusedxml import DefusedXmlException

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import Raw, cell_text, text_table, unreadable
from ckanext.sozialdaten.messages import Message

__all__ = ["read_json", "read_xml"]

_Record = dict[str, str]
_MAX_DEPTH = 60


class _Walker:
    """Collects records by their path (without positions) and scalars outside of records."""

    def __init__(self) -> None:
        self.tables: dict[str, list[_Record]] = {}
        self.loose: list[Loose] = []
        self.geometry: set[str] = set()

    def walk(self, node: object, path: str, depth: int = 0) -> None:
        """Visit a node that is not part of a record."""
        if depth > _MAX_DEPTH:
            raise RecursionError
        if isinstance(node, Mapping):
            for key, value in cast("Mapping[str, object]", node).items():
                self.walk(value, f"{path}.{key}".lstrip("."), depth + 1)
        elif isinstance(node, list):
            self.items(cast("list[object]", node), path, depth)
        elif node is not None:
            self.loose.append(Loose(cell_text(node), "metadata"))

    def items(self, nodes: Sequence[object], path: str, depth: int) -> None:
        """Visit a list: of records, of rows, or of scalars."""
        scalars: list[str] = []
        for node in nodes:
            if isinstance(node, Mapping):
                self.record(cast("Mapping[str, object]", node), path, depth)
            elif isinstance(node, list):
                cells = cast("list[object]", node)
                if any(isinstance(cell, list | Mapping) for cell in cells):
                    self.items(cells, path, depth + 1)
                else:
                    row = {f"column {i}": cell_text(cell) for i, cell in enumerate(cells, 1)}
                    self.tables.setdefault(path, []).append(row)
            elif node is not None:
                scalars.append(cell_text(node))
        if scalars:
            self.loose.extend(Loose(text, "metadata") for text in dict.fromkeys(scalars))

    def record(self, node: Mapping[str, object], path: str, depth: int) -> None:
        """One record: nested objects give columns with a dot, nested lists tables of their own."""
        row: _Record = {}
        self._fields(node, "", path, row, depth)
        if row:
            self.tables.setdefault(path, []).append(row)

    def _fields(
        self, node: Mapping[str, object], prefix: str, path: str, row: _Record, depth: int
    ) -> None:
        if depth > _MAX_DEPTH:
            raise RecursionError
        for key, value in node.items():
            name = f"{prefix}{key}"
            if key == "geometry" and isinstance(value, Mapping):
                self._geometry(cast("Mapping[str, Any]", value), row)
            elif isinstance(value, Mapping):
                nested = cast("Mapping[str, object]", value)
                self._fields(nested, f"{name}.", path, row, depth + 1)
            elif isinstance(value, list):
                cells = cast("list[object]", value)
                if any(isinstance(cell, list | Mapping) for cell in cells):
                    self.items(cells, f"{path}.{name}".lstrip("."), depth + 1)
                else:
                    row[name] = "; ".join(cell_text(cell) for cell in cells)
            else:
                row[name] = cell_text(value)

    def _geometry(self, geometry: Mapping[str, Any], row: _Record) -> None:
        """Areas and lines are boundaries; a point may be somebody's door."""
        kind = str(geometry.get("type") or ("Point" if "x" in geometry else "Area"))
        self.geometry.add(kind)
        given: Any = geometry.get("coordinates")
        places = cast("list[object]", given) if isinstance(given, list) else []
        if kind == "Point" and len(places) >= 2:
            row["geometry.lon"], row["geometry.lat"] = cell_text(places[0]), cell_text(places[1])
        elif "x" in geometry and "y" in geometry:
            row["geometry.lon"], row["geometry.lat"] = (cell_text(geometry[a]) for a in "xy")


def _sheets(raw: Raw, walker: _Walker) -> list[Sheet]:
    loose = tuple(walker.loose)
    sheets: list[Sheet] = []
    for path, records in walker.tables.items():
        names: Iterable[str] = dict.fromkeys(name for record in records for name in record)
        table = text_table({n: [record.get(n, "") for record in records] for n in names})
        headers = tuple(Loose(name, "header") for name in names)
        outer = len(walker.tables) > 1
        sheets.append(
            Sheet(
                table,
                raw.resource,
                raw.sheet(path if outer else ""),
                1,
                (*headers, *(loose if not sheets else ())),
                geometry=frozenset(walker.geometry),
            )
        )
    return sheets or [Sheet(text_table({}), raw.resource, raw.sheet(), loose=loose)]


def read_json(raw: Raw) -> list[Sheet]:
    """All lists of records in a JSON document; GeoJSON features are records.

    Raises:
        UnreadableFileError: no JSON, or nested too deeply.
    """
    walker = _Walker()
    hint = Message("Check the file with a JSON validator or export it again.")
    try:
        walker.walk(json.loads(raw.data.decode("utf-8-sig")), "")
    except json.JSONDecodeError as error:
        raise unreadable(raw, Message("This is no valid JSON."), hint, row=error.lineno) from error
    except UnicodeDecodeError as error:
        raise unreadable(raw, Message("JSON must be written in UTF-8."), hint) from error
    except RecursionError as error:
        raise unreadable(raw, Message("The document is nested too deeply."), hint) from error
    return _sheets(raw, walker)


def _local(tag: object) -> str:
    return str(tag).rsplit("}", 1)[-1]


def _element(node: Any, depth: int = 0) -> object:
    """An element as JSON would hold it: attributes, leaf texts, lists of nested records."""
    if depth > _MAX_DEPTH:
        raise RecursionError
    result: dict[str, object] = {f"@{_local(key)}": value for key, value in node.attrib.items()}
    leaves: dict[str, list[object]] = {}
    for child in node:
        leaves.setdefault(_local(child.tag), []).append(_element(child, depth + 1))
    for name, values in leaves.items():
        plain = all(not isinstance(value, dict) for value in values)
        result[name] = values[0] if plain and len(values) == 1 else values
    text = (node.text or "").strip()
    if not result:
        return text
    if text:
        result["#text"] = text
    return result


def read_xml(raw: Raw) -> list[Sheet]:
    """All repeated elements of an XML document; entities and DTDs are refused, not expanded.

    Raises:
        UnreadableFileError: not well-formed, with a DTD, or nested too deeply.
    """
    walker = _Walker()
    hint = Message("Export the file again as plain XML without a DTD, or as CSV.")
    try:
        root: Any = SafeTree.fromstring(raw.data, forbid_dtd=True)
        walker.walk(_element(root), "")
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
    return _sheets(raw, walker)
