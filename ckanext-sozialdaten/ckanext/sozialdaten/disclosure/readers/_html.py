"""HTML: every table, the texts around it, and what the page carries without showing it.

Many programs write tables as HTML and call the file ``.xls``. So they do with workbooks written as
XML ("XML Spreadsheet 2003"), whose rows, cells and spans have other names and the same meaning.
"""

import codecs
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import groupby
from operator import itemgetter

from ckanext.sozialdaten.disclosure._table import Hidden, HiddenKind, Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import MAX_COLUMNS, Raw, narrow, unreadable
from ckanext.sozialdaten.disclosure.readers._delimited import encoding_of, text_of
from ckanext.sozialdaten.disclosure.readers._stacked import sheets_of
from ckanext.sozialdaten.messages import Message

__all__ = ["read_html"]

_CHUNK = 1 << 20
_MOST_TEXTS, _MOST_LINES = 200_000, 1_000
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([\w-]{3,20})""", re.IGNORECASE)
_CELLS = frozenset({"td", "th", "cell"})
_ROWS = frozenset({"tr", "row"})
_BLOCKS = frozenset(
    {"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "br", "title", "caption", "body", "head"}
    | {"dt", "dd", "section", "article", "header", "footer", "option", "script", "style", "html"}
)
_UNSHOWN = {"script": "metadata", "template": "metadata", "noscript": "metadata"}
_ASIDE = {**_UNSHOWN, "comment": "comment", "documentproperties": "property", "names": "metadata"}
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_FIGURES = re.compile(r"\d[^\d]+\d[^\d]+\d")
_WITHIN = re.compile(r"data:(?!image/)", re.IGNORECASE)
_TELLING = ("title", "alt", "value", "placeholder", "aria-label")
_AUTHORS = frozenset({"author", "creator", "dc.creator", "dcterms.creator", "lastauthor"})


@dataclass(slots=True)
class _Grid:
    """The row of a table that is being read, and cells of rows above that reach into it."""

    number: int
    row: list[str] = field(default_factory=list[str])
    below: dict[int, int] = field(default_factory=dict[int, int])
    cell: list[str] | None = None

    def place(self, text: str, across: int, down: int) -> None:
        """One cell; what it spans besides stays blank."""
        self.skip()
        if down > 1:
            self.below.update(dict.fromkeys(range(len(self.row), len(self.row) + across), down))
        self.row += [text, *[""] * (across - 1)]

    def reach(self, column: int) -> None:
        """Blanks up to the column that a cell names."""
        self.row += [""] * (column - len(self.row))

    def skip(self) -> None:
        """Blanks where a cell of a row above reaches down."""
        while len(self.row) in self.below and len(self.row) <= MAX_COLUMNS:
            self.row.append("")

    def finished(self) -> list[str]:
        """The row; the next one begins."""
        self.below = {column: left - 1 for column, left in self.below.items() if left > 1}
        row, self.row = self.row, []
        return row


class _Page(HTMLParser):
    """Takes a page apart while it is read.

    Args:
        raw: the file, for errors.
    """

    def __init__(self, raw: Raw) -> None:
        super().__init__(convert_charrefs=True)
        self._raw = raw
        self.rows: deque[tuple[int, list[str]]] = deque()
        self.loose: list[Loose] = []
        self.hidden: list[int] = []
        self.closed = self.pictures = 0
        self._tables: list[_Grid] = []
        self.names: dict[int, str] = {}
        self._name = ""
        self._text: list[str] = []
        self._kind = "title"
        self._span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, row, cell or block begins."""
        given = {name: value or "" for name, value in attrs}
        if given:  # most cells of long tables have none
            self._attributes(tag, given)
        if tag in _BLOCKS:
            self._flush()
        if tag in _ASIDE:
            self._flush()
            self._kind = _ASIDE[tag]
        elif tag == "table":
            self._flush()
            self._tables.append(_Grid(len(self.names) + 1))
            self.names[len(self.names) + 1] = self._name
        elif tag == "worksheet":
            self._name = given.get("ss:name", "")
        elif self._tables and tag in _ROWS:
            self._end_row()
        elif self._tables and tag in _CELLS:
            self._end_cell()
            self._span = (1, 1) if not given else self._spans(given)
            self._tables[-1].cell = []

    def _spans(self, given: Mapping[str, str]) -> tuple[int, int]:
        """How many columns and rows a cell takes; blanks are put before one that says its place."""
        self._tables[-1].reach(_number(given, "ss:index") - 1)
        across = _number(given, "colspan") + _number(given, "ss:mergeacross", 0)
        return across, _number(given, "rowspan") + _number(given, "ss:mergedown", 0)

    def handle_endtag(self, tag: str) -> None:
        """A table, row, cell or block ends."""
        if tag == "script" and _FIGURES.search("".join(self._text)):
            self.closed += 1  # a program may draw tables that nobody reads here
        if tag in _BLOCKS or tag in _ASIDE:
            self._flush()
        if tag in _ASIDE:
            self._kind = "title"
        elif self._tables and tag in _CELLS:
            self._end_cell()
        elif self._tables and tag in _ROWS:
            self._end_row()
        elif self._tables and tag == "table":
            self._end_row()
            self._tables.pop()

    def handle_data(self, data: str) -> None:
        """Text in a cell or outside of tables."""
        cell = self._tables[-1].cell if self._tables and self._kind == "title" else None
        (self._text if cell is None else cell).append(data)

    def handle_comment(self, data: str) -> None:
        """A remark that the page does not show."""
        self._say(data, "comment")

    def _attributes(self, tag: str, given: Mapping[str, str]) -> None:
        """Texts in attributes, addresses, and whether the element shows at all."""
        if tag == "meta" and given.get("content"):
            name = given.get("name") or given.get("property") or ""
            kind = "author" if name.lower() in _AUTHORS else "property"
            self._say(f"{name}: {given['content']}" if name else given["content"], kind)
        for name in _TELLING:
            self._say(given.get(name, ""), "comment")
        self._say(given.get("href", "").removeprefix("mailto:"), "metadata")
        for name, value in given.items():
            if name.startswith("data-"):
                self._say(value, "comment")
            self.pictures += value.startswith("data:image/")
            self.closed += name == "srcdoc" or bool(_WITHIN.match(value))
        self._say(given.get("ss:name", ""), "sheet")
        unseen = "hidden" in given or given.get("ss:hidden") == "1"
        if unseen or _INVISIBLE.search(given.get("style", "")):
            self.hidden.append(self.getpos()[0])

    def _say(self, text: str, kind: str) -> None:
        plain = " ".join(text.split())
        if plain:
            if len(self.loose) >= _MOST_TEXTS:
                raise unreadable(
                    self._raw,
                    Message("The text is too long to be read as prose."),
                    Message("Deliver tables as CSV, XLSX or Parquet."),
                )
            self.loose.append(Loose(plain, kind, self.getpos()[0]))

    def _flush(self) -> None:
        """The text gathered so far, if it stands outside of cells."""
        if self._kind == "title" and self._tables and self._tables[-1].cell is not None:
            self._tables[-1].cell.append(" ")
            return
        self._say("".join(self._text), self._kind)
        self._text = []

    def _end_cell(self) -> None:
        grid = self._tables[-1]
        if grid.cell is not None:
            text = " ".join("".join(grid.cell).split())
            if self._span == (1, 1) and not grid.below:
                grid.row.append(text)
            else:
                grid.place(text, *self._span)
                narrow(self._raw, len(grid.row))
            grid.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        grid = self._tables[-1]
        if grid.row:
            grid.skip()
            narrow(self._raw, len(grid.row))
            self.rows.append((grid.number, grid.finished()))

    def close(self) -> None:
        """The end of the page, also of one that was cut off."""
        super().close()
        while self._tables:
            self._end_row()
            self._tables.pop()
        self._flush()


def _number(given: Mapping[str, str], name: str, otherwise: int = 1) -> int:
    text = given.get(name, "")[:9]
    good = text.isascii() and text.isdigit()
    return max(otherwise, min(int(text), MAX_COLUMNS)) if good else otherwise


def _rows(raw: Raw, page: _Page, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of all tables, each with the number of its table, as they are read."""
    stream = text_of(raw, encoding)
    for chunk in iter(lambda: stream.read(_CHUNK), ""):
        page.feed(chunk)
        while page.rows:
            yield page.rows.popleft()
    page.close()
    while page.rows:
        yield page.rows.popleft()


def read_html(raw: Raw) -> list[Sheet]:
    """The tables of a page; the first sheet has the texts around them all.

    Raises:
        UnreadableFileError: no table, too many columns, or more text than prose has.
    """
    declared = _CHARSET.search(bytes(raw.data[:4_096]))
    encoding = _known(declared.group(1).decode("ascii")) if declared else ""
    page = _Page(raw)
    sheets: list[Sheet] = []
    rows = _rows(raw, page, encoding_of(raw, encoding))
    for number, group in groupby(rows, key=itemgetter(0)):
        name = page.names[number] or f"#{number}"
        sheets += sheets_of(raw, (row for _, row in group), name)
    if len(page.names) == 1 and not page.names[1]:
        sheets = [replace(sheet, name=raw.sheet()) for sheet in sheets]
    if not sheets:
        raise unreadable(
            raw,
            Message("The page holds no table."),
            Message("Deliver tables as CSV, XLSX or Parquet."),
        )
    first = replace(sheets[0], loose=(*sheets[0].loose, *page.loose), hidden=tuple(_hidden(page)))
    return [first, *sheets[1:]]


def _hidden(page: _Page) -> Iterator[Hidden]:
    """What a page carries and does not show, or nobody can look into."""
    if page.hidden:
        lines = tuple(dict.fromkeys(page.hidden))
        yield Hidden(HiddenKind.ROWS, len(page.hidden), lines[:_MOST_LINES])
    if page.closed:
        yield Hidden(HiddenKind.EMBEDDED, page.closed)
    if page.pictures:
        yield Hidden(HiddenKind.PICTURES, page.pictures)


def _known(name: str) -> str:
    """An encoding that Python knows by a name; else it is found from the bytes."""
    try:
        return {"iso8859-1": "cp1252"}.get(codecs.lookup(name).name, name)
    except LookupError:
        return ""
