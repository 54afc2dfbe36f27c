"""Documentation beside tables: every line is looked at as prose, pipe tables as tables.

Only plain prose is read so: what else may hold data, such as HTML, SQL or program text, is refused.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import Raw, unreadable
from ckanext.sozialdaten.disclosure.readers._delimited import encoding_of, text_of
from ckanext.sozialdaten.disclosure.readers._grid import sheet_of
from ckanext.sozialdaten.messages import Message

__all__ = ["read_text"]

_CHUNK = 1 << 22
_MAX_LINES = 200_000
_RULE = re.compile(r"^[\s|:+=-]+$")
_UNREAD_TABLE = re.compile(r"<table\b|^\s*={2,}(?:\s+={2,})+\s*$", re.IGNORECASE)


def read_text(raw: Raw) -> list[Sheet]:
    """A text in Markdown or reStructuredText, and each table in it that is drawn with ``|``.

    Raises:
        UnreadableFileError: no text, more lines than prose has, or a table of another kind.
    """
    stream = text_of(raw, encoding_of(raw, ""))
    lines: list[str] = []
    for line in iter(lambda: stream.readline(_CHUNK), ""):
        lines.append(line.strip("\r\n"))
        if len(lines) > _MAX_LINES:
            raise unreadable(
                raw,
                Message("The text is too long to be read as prose."),
                Message("Deliver tables as CSV, XLSX or Parquet."),
            )
        if _UNREAD_TABLE.search(line):
            raise unreadable(
                raw,
                Message("The text holds a table that cannot be read from it."),
                Message("Deliver tables as CSV, XLSX or Parquet."),
                row=len(lines),
            )
    loose = tuple(Loose(line, "title", n) for n, line in enumerate(lines, 1) if line.strip())
    prose = Sheet(pa.table({}), raw.resource, raw.sheet(), loose=loose)
    return [prose, *_tables(raw, lines)]


def _tables(raw: Raw, lines: list[str]) -> Iterator[Sheet]:
    rows: list[list[str]] = []
    for number, line in enumerate([*lines, ""]):
        if line.count("|") > 1 or (rows and _RULE.match(line)):
            # blank rows before the table keep its place in the file
            rows = rows or [[] for _ in range(number)]
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            rows.append([] if _RULE.match(line) else cells)
        elif rows:
            sheet = sheet_of(raw, iter(rows), raw.sheet())
            rows = []
            if sheet is not None:
                yield sheet
