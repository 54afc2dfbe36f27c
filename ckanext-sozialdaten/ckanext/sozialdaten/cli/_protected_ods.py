"""A protected copy of an ODS file: cells of its ``content.xml`` changed, all else as it was.

Formulas go and leave their values; charts, previews, tracked changes and ranges of databases go
with what they may tell. Source: OASIS OpenDocument 1.3, part 3.
"""

import copy
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import defusedxml.ElementTree as SafeTree

__all__ = ["OpenDocument"]

_NAMESPACES = "urn:oasis:names:tc:opendocument:xmlns"
_TABLE, _TEXT, _OFFICE = (f"{{{_NAMESPACES}:{x}:1.0}}" for x in ("table", "text", "office"))
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_ROWS, _COLUMNS = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_WITHIN = frozenset(
    f"{_TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group")
)
_TELLING = frozenset(
    f"{_TABLE}{name}"
    for name in ("tracked-changes", "data-pilot-tables", "database-ranges", "shapes", "dde-links")
)
_DROPPED = ("Object ", "ObjectReplacements/", "Thumbnails/", "Configurations2/")


class OpenDocument:
    """An ODS file whose cells can be written.

    Args:
        source: the file.

    Raises:
        BadZipFile: it is no archive.
        KeyError: it has no content.
        ValueError: its content is no XML, or one with entities.
    """

    def __init__(self, source: Path) -> None:
        with zipfile.ZipFile(source) as archive:
            self._parts = {i.filename: archive.read(i) for i in archive.infolist()}
        content = self._parts["content.xml"]
        try:
            for _, (prefix, address) in SafeTree.iterparse(io.BytesIO(content), ["start-ns"]):
                if not prefix.startswith("ns"):
                    ElementTree.register_namespace(prefix, address)
            self._root: Any = SafeTree.fromstring(content, forbid_dtd=True)
        except SafeTree.ParseError as error:
            raise ValueError(str(error)) from error
        self._tables: dict[str, Any] = {
            str(table.get(f"{_TABLE}name")): table for table in self._root.iter(f"{_TABLE}table")
        }
        self._clean()

    def _clean(self) -> None:
        """Without what could still tell the true figures."""
        for parent in list(self._root.iter()):
            parent.attrib.pop(f"{_TABLE}formula", None)
            for child in list(parent):
                drawn = child.tag.endswith("}object") or child.tag.endswith("}object-ole")
                if child.tag in _TELLING or drawn:
                    parent.remove(child)

    def __contains__(self, name: str) -> bool:
        return name in self._tables

    def write(self, name: str, row: int, column: int, text: str) -> bool:
        """Write one cell: a number where the text is one.

        Args:
            name: the table.
            row: its row, from 1.
            column: its column, from 1.
            text: what it shall show.

        Returns:
            Whether the table has such a cell, and none that lies below another one.
        """
        line = _single(_rows(self._tables[name]), row, _ROWS)
        cell = None if line is None else _single(_cells(line[1]), column, _COLUMNS)
        if cell is None or cell[1].tag != _CELLS[0]:
            return False
        _fill(cell[1], text.strip())
        return True

    def saved(self) -> bytes:
        """The file."""
        target = io.BytesIO()
        parts = {n: d for n, d in self._parts.items() if not n.startswith(_DROPPED)}
        parts["content.xml"] = ElementTree.tostring(self._root, "utf-8", xml_declaration=True)
        if "META-INF/manifest.xml" in parts:
            parts["META-INF/manifest.xml"] = _listed(parts["META-INF/manifest.xml"])
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            if "mimetype" in parts:  # first and as it is, so that programs know the kind of file
                archive.writestr("mimetype", parts.pop("mimetype"), zipfile.ZIP_STORED)
            for name, data in parts.items():
                archive.writestr(name, data)
        return target.getvalue()


def _rows(node: Any) -> Iterator[tuple[Any, Any]]:
    """The rows of a table with their parents, groups of rows opened."""
    for child in list(node):
        if child.tag == f"{_TABLE}table-row":
            yield node, child
        elif child.tag in _WITHIN:
            yield from _rows(child)


def _cells(row: Any) -> Iterator[tuple[Any, Any]]:
    return ((row, child) for child in list(row) if child.tag in _CELLS)


def _single(found: Iterator[tuple[Any, Any]], number: int, repeats: str) -> tuple[Any, Any] | None:
    """The row or cell of a number, alone: one that stands for several is split."""
    first = 1
    for parent, node in found:
        count = int(node.get(repeats, "1"))
        if first <= number < first + count:
            place = list(parent).index(node)
            for offset, size in ((1, first + count - 1 - number), (0, number - first)):
                if size:
                    other = copy.deepcopy(node)
                    other.set(repeats, str(size))
                    parent.insert(place + offset, other)
            node.attrib.pop(repeats, None)
            return parent, node
        first += count
    return None


def _fill(cell: Any, text: str) -> None:
    """Put a text or a number into a cell; remarks on it stay."""
    for name in ("value", "value-type", "string-value", "date-value", "currency"):
        cell.attrib.pop(f"{_OFFICE}{name}", None)
    for name in [key for key in cell.attrib if key.endswith("}value-type")]:
        del cell.attrib[name]
    cell.attrib.pop(f"{_TABLE}style-name", None)  # a format could print a sign as something else
    for child in [child for child in cell if child.tag == f"{_TEXT}p"]:
        cell.remove(child)
    if not text:
        return
    number = text.isascii() and text.isdecimal()
    cell.set(f"{_OFFICE}value-type", "float" if number else "string")
    if number:
        cell.set(f"{_OFFICE}value", text)
    ElementTree.SubElement(cell, f"{_TEXT}p").text = text


def _listed(manifest: bytes) -> bytes:
    """The list of parts without those that were dropped."""
    root: Any = SafeTree.fromstring(manifest, forbid_dtd=True)
    for entry in list(root):
        if any(str(value).startswith(_DROPPED) for value in entry.attrib.values()):
            root.remove(entry)
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)
