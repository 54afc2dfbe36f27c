"""What an ODS file holds besides its cells.

Annotations, hidden tables, rows and columns, headers and footers, lists offered for cells, tracked
changes and properties. Source: OASIS OpenDocument 1.3, part 3.
"""

import zipfile
from collections.abc import Mapping
from typing import Any

import defusedxml.ElementTree as SafeTree

from ckanext.sozialdaten.disclosure._table import Hidden, HiddenKind
from ckanext.sozialdaten.disclosure.readers._archive import MAX_BYTES, unzip
from ckanext.sozialdaten.disclosure.readers._around import Around
from ckanext.sozialdaten.disclosure.readers._common import Raw, unreadable
from ckanext.sozialdaten.disclosure.readers._ooxml_cells import plausible
from ckanext.sozialdaten.disclosure.readers._xml import feed
from ckanext.sozialdaten.messages import Message

__all__ = ["around"]

_KINDS = {
    "annotation": "comment",
    "tracked-changes": "comment",
    "header": "footer",
    "footer": "footer",
    "header-left": "footer",
    "footer-left": "footer",
    "custom-shape": "title",
    "frame": "title",
    "help-message": "comment",
    "error-message": "comment",
    "creator": "author",
    "initial-creator": "author",
    "printed-by": "author",
    "title": "property",
    "subject": "property",
    "description": "property",
    "keyword": "property",
    "user-defined": "property",
}
_MOST_COLUMNS = 16_384
_MOST_ROWS = 1 << 20


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


class _Target:
    """Gets the events of the parser: where a text stands says what it is."""

    def __init__(self, raw: Raw, found: Around) -> None:
        self.raw = raw
        self.found = found
        self.sheet = ""
        self.kinds: list[str] = []
        self.text: list[str] = []
        self.row = self.last_row = self.column = self.width = 0
        self.repeat = 1
        self.hidden_row = self.filled = False
        self.hidden_rows: list[int] = []
        self.comments: list[int] = []
        self.size = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = _local(tag)
        values = {_local(key): value for key, value in attributes.items()}
        if name in _KINDS:
            self.kinds.append(_KINDS[name])
            self.text.clear()
        if name == "annotation":
            self.comments.append(self.row + 1)
        elif name == "table":
            self.sheet, self.row, self.width, self.column = values.get("name", ""), 0, 0, 0
            self.last_row = 0
        elif name == "table-column":
            self._columns(values)
        elif name == "table-row":
            self.column, self.filled = 0, False
            self.repeat = _count(values, "number-rows-repeated", _MOST_ROWS)
            self.hidden_row = values.get("visibility", "visible") != "visible"
        elif name in ("table-cell", "covered-table-cell"):
            count = _count(values, "number-columns-repeated", _MOST_COLUMNS)
            if "value-type" in values:
                self.filled = True
                self.width = max(self.width, self.column + count)
            self.column += count
            self.size += 20
        elif name == "content-validation":
            for item in values.get("condition", "").split('"')[1::2]:
                self.found.say("", item, "list")

    def _columns(self, values: Mapping[str, str]) -> None:
        count = _count(values, "number-columns-repeated", _MOST_COLUMNS)
        if values.get("visibility", "visible") != "visible":
            ranges = self.found.columns.setdefault(self.sheet, [])
            ranges.append((self.column + 1, self.column + count))
        self.column += count

    def data(self, text: str) -> None:
        """Characters."""
        if self.kinds:
            self.text.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        name = _local(tag)
        if name in _KINDS and self.kinds:
            self.found.say(self.sheet, "".join(self.text), self.kinds.pop(), self.row + 1)
            self.text.clear()
        elif name == "p" and self.kinds:
            self.text.append(" ")
        elif name == "table-row":
            if self.filled:
                self.last_row = self.row + self.repeat
                if self.hidden_row:
                    self.hidden_rows.append(self.row + 1)
            self.row += self.repeat
        elif name == "table":
            self._finish()
        elif name == "tracked-changes":
            self.found.hide("", Hidden(HiddenKind.CHANGES))

    def _finish(self) -> None:
        plausible(self.raw, self.last_row, self.width, self.size, self.sheet)
        rows, notes = self.hidden_rows, self.comments
        if rows:
            self.found.hide(self.sheet, Hidden(HiddenKind.ROWS, len(rows), tuple(rows[:1000])))
        if notes:
            self.found.hide(
                self.sheet, Hidden(HiddenKind.COMMENTS, len(notes), tuple(notes[:1000]))
            )
        self.hidden_rows, self.comments, self.sheet = [], [], ""

    def close(self) -> None:
        """The document ends."""


def _count(values: Mapping[str, str], name: str, most: int) -> int:
    text = values.get(name, "1")
    return min(int(text), most) if text.isdecimal() and len(text) < 10 else most


def around(raw: Raw, archive: zipfile.ZipFile) -> Around:
    """Everything around the cells of an ODS file.

    Raises:
        UnreadableFileError: a damaged part, or cells that lie implausibly far apart.
    """
    found = Around()
    hint = Message("Open it in a spreadsheet program and save it as XLSX without a password.")
    names = set(archive.namelist())
    if "content.xml" not in names:
        raise unreadable(raw, Message("The file is no workbook that can be read."), hint)
    for name in ("content.xml", "styles.xml", "meta.xml"):
        if name in names:
            data = unzip(raw, archive, archive.getinfo(name), MAX_BYTES)
            target = _Target(raw, found)
            parser: Any = SafeTree.DefusedXMLParser(target=target, forbid_dtd=True)
            feed(parser, Raw(data, raw.resource, raw.member), hint)
    return found
