"""Delimited text: strict UTF-8 else cp1252, delimiter from the rows, title and footer lines."""

import csv
import io
from collections import Counter
from itertools import islice

import pyarrow as pa
import pyarrow.csv as pacsv

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import Raw, unique_names, unreadable
from ckanext.sozialdaten.disclosure.readers._grid import shape_of, sheet_of
from ckanext.sozialdaten.lake.layouts import Dialect
from ckanext.sozialdaten.messages import Message

__all__ = ["read_delimited", "read_text"]

_DELIMITERS = (";", ",", "\t", "|")
_SMALL = 4_000_000
_SNIFF_LINES = 300
_MAX_LOOSE_SHARE = 0.01


def _decode(raw: Raw, encoding: str) -> str:
    """The text of a file, never guessed: a byte that fits no rule is an error with its row."""
    data = raw.data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = [encoding] if encoding else ["utf-8-sig", "cp1252"]
    failure: UnicodeError | None = None
    for candidate in encodings:
        try:
            text = data.decode("utf-8-sig" if candidate == "utf-8" else candidate)
        except UnicodeError as error:
            failure = error
            continue
        if "\x00" not in text:
            return text
    start = failure.start if isinstance(failure, UnicodeDecodeError) else data.find(b"\x00")
    raise unreadable(
        raw,
        Message("This is no text in UTF-8 or Windows-1252 (cp1252)."),
        Message("Export the file again as CSV in UTF-8."),
        row=data.count(b"\n", 0, max(start, 0)) + 1,
    )


def _delimiter(text: str) -> str:
    """The delimiter that gives the most rows of the same width."""
    lines = list(islice(io.StringIO(text, newline=""), _SNIFF_LINES))
    best, best_score = ";", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        score = rows * (1 + min(width, 30) / 30) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows(raw: Raw, text: str, delimiter: str, quote: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    try:
        return list(reader)
    except csv.Error as error:
        raise unreadable(
            raw,
            Message("The row cannot be split into cells."),
            Message("Look for a quotation mark that is never closed."),
            row=reader.line_num,
        ) from error


def read_delimited(raw: Raw, dialect: Dialect | None = None) -> list[Sheet]:
    """The table of a delimited text file.

    Args:
        raw: the file.
        dialect: how the layout says it is written; found from the file if None.

    Raises:
        UnreadableFileError: empty, no text, or rows that cannot be split.
    """
    text = _decode(raw, dialect.encoding if dialect else "")
    if not text.strip():
        raise unreadable(
            raw, Message("The file is empty."), Message("Ask the source to deliver it again.")
        )
    delimiter = dialect.delimiter if dialect else _delimiter(text)
    quote = dialect.quote if dialect and dialect.quote else '"'
    if len(text) > _SMALL:
        sheet = _large(raw, text, delimiter, quote)
        if sheet:
            return [sheet]
    sheet = sheet_of(_rows(raw, text, delimiter, quote), raw.resource, raw.sheet())
    return [sheet] if sheet else []


def _large(raw: Raw, text: str, delimiter: str, quote: str) -> Sheet | None:
    """The same for long files through Arrow; None where too many rows differ from the header."""
    head_text = "".join(islice(io.StringIO(text, newline=""), 2 * _SNIFF_LINES))
    head = _rows(raw, head_text, delimiter, quote)[:-1]
    if head_text.count("\n") > len(head) + 2:
        return None
    shape = shape_of(head)
    if shape is None or shape.data > shape.header + 1:
        return None
    has_header = shape.data > shape.header
    width = max(len(row) for row in head[shape.data :])
    cells = head[shape.header][:width] if has_header else []
    names = unique_names([*cells, *[""] * (width - len(cells))])
    odd: list[Loose] = []

    def keep(row: pacsv.InvalidRow) -> str:
        odd.append(Loose(row.text or "", "footer"))
        return "skip"

    try:
        table: pa.Table = pacsv.read_csv(
            pa.py_buffer(text.encode()),
            pacsv.ReadOptions(skip_rows=shape.data, column_names=names, block_size=1 << 24),
            pacsv.ParseOptions(
                delimiter=delimiter,
                quote_char=quote,
                newlines_in_values=True,
                invalid_row_handler=keep,
            ),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if len(odd) > _MAX_LOOSE_SHARE * table.num_rows:
        return None
    loose = [
        Loose(cell, "title", index + 1)
        for index, row in enumerate(head[: shape.header])
        for cell in row
        if cell.strip()
    ]
    loose += [Loose(name, "header", shape.header + 1) for name in names]
    return Sheet(table, raw.resource, raw.sheet(), shape.data + 1, tuple(loose + odd))


def read_text(raw: Raw) -> list[Sheet]:
    """A text file without a table: every line is looked at, as prose."""
    text = _decode(raw, "")
    loose = tuple(
        Loose(line, "title", index)
        for index, line in enumerate(text.splitlines(), 1)
        if line.strip()
    )
    return [Sheet(pa.table({}), raw.resource, raw.sheet(), loose=loose)]
