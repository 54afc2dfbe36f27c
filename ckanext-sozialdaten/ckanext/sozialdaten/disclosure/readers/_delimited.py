"""Delimited text: strict UTF-8, else cp1252 or the cp850 of old programs, delimiter from the rows,
title and footer lines.

Long files go through Arrow's reader, which takes the bytes as they lie on disk; what that cannot
split is read row by row.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import (
    MAX_COLUMNS,
    Raw,
    unique_names,
    unreadable,
)
from ckanext.sozialdaten.disclosure.readers._grid import shape_of
from ckanext.sozialdaten.disclosure.readers._stacked import sheets_of
from ckanext.sozialdaten.lake.layouts import Dialect
from ckanext.sozialdaten.messages import Message

__all__ = ["encoding_of", "read_delimited", "text_of"]

_DELIMITERS = (";", ",", "\t", "|", "^", "~", "¦")
_GAP = re.compile(r"\t| {2,}")
_SMALL = 4_000_000
_SNIFF_LINES = 300
_SNIFF_CHARACTERS = 4_000_000
_CHUNK = 1 << 22
_MAX_LOOSE_SHARE = 0.01
_MAX_LINES = 200_000
_MAX_CELL = 1 << 24
# äöüÄÖÜß, § and é as programs for DOS write them; in cp1252 these bytes are quotes and rare letters
_DOS = b"\x84\x94\x81\x8e\x99\x9a\xe1\xf5\x15\x82"
_DOS_WORD = re.compile(rb"[A-Za-z][\x84\x94\x81\xe1][a-z]|[ ;\n][\x8e\x99\x9a][a-z]")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def _fits(raw: Raw, encoding: str) -> int:
    """Position of the first byte that is no text in an encoding; -1 if all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    size = len(raw.data)
    for start in range(0, size, _CHUNK):
        chunk = raw.data[start : start + _CHUNK]
        try:
            text = decoder.decode(chunk, start + _CHUNK >= size)
        except UnicodeError as error:
            return start + (error.start if isinstance(error, UnicodeDecodeError) else 0)
        if "\x00" in text:
            return start + max(chunk.find(b"\x00"), 0)
    return -1


def encoding_of(raw: Raw, declared: str) -> str:
    """The encoding of a file, never guessed: a byte that fits no rule is an error with its row."""
    head = raw.data[:4]
    if head.startswith(_UTF_32):
        encodings = ["utf-32"]
    elif head.startswith(_UTF_16):
        encodings = ["utf-16"]
    else:
        encodings = [declared] if declared else [*_wide(raw.data[:_CHUNK]), "utf-8", _one_byte(raw)]
    wrong = 0
    for candidate in encodings:
        chosen = "utf-8-sig" if candidate == "utf-8" else candidate
        wrong = _fits(raw, chosen)
        if wrong < 0:
            return chosen
    raise unreadable(
        raw,
        Message("This is no text in UTF-8 or Windows-1252 (cp1252)."),
        Message("Export the file again as CSV in UTF-8."),
        row=raw.data[:wrong].count(b"\n") + 1,
    )


def _one_byte(raw: Raw) -> str:
    """cp850 where every byte above ASCII is a German letter in it, one of them within a word."""
    if _DOS_WORD.search(raw.data) is None:
        return "cp1252"
    size, step = len(raw.data), _CHUNK
    plain = bytes(range(128)) + _DOS
    others = (raw.data[at : at + step].translate(None, plain) for at in range(0, size, step))
    return "cp1252" if any(others) else "cp850"


def _wide(head: bytes) -> list[str]:
    """UTF-16 without a mark at its start: every other byte of western text is zero."""
    half = len(head) // 2
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if half > 1 and len(head) % 2 == 0 and 10 * zeros.count(0) > 9 * half:
            return [encoding]
    return []


def text_of(raw: Raw, encoding: str) -> io.TextIOWrapper:
    """The file's text as a stream, line ends untouched."""
    source: Any = pa.BufferReader(pa.py_buffer(raw.data))  # a stream of bytes, but for its type
    return io.TextIOWrapper(source, encoding=encoding, newline="")


def _head(raw: Raw, encoding: str) -> str:
    """The first lines, bounded where a file has none."""
    stream = text_of(raw, encoding)
    lines: list[str] = []
    size = 0
    while len(lines) < 2 * _SNIFF_LINES and size < _SNIFF_CHARACTERS:
        line = stream.readline(_SNIFF_CHARACTERS)
        if not line:
            break
        lines.append(line)
        size += len(line)
    return "".join(lines)


def _delimiter(text: str) -> str:
    """The delimiter that gives the most rows of the same width; none: columns under each other."""
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
    widths = Counter(len(_aligned(line)) for line in lines if line.strip())
    width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
    return "" if not best_score and width > 1 and rows > 2 else best


def _aligned(line: str) -> list[str]:
    """The cells of a line whose columns stand below each other, blanks between them."""
    return _GAP.split(line.strip())


def _rows(raw: Raw, stream: io.TextIOBase, delimiter: str, quote: str) -> Iterator[list[str]]:
    reader = csv.reader(stream, delimiter=delimiter, quotechar=quote)
    previous = csv.field_size_limit(_MAX_CELL)
    try:
        yield from reader
    except csv.Error as error:
        raise unreadable(
            raw,
            Message("The row cannot be split into cells."),
            Message("Look for a quotation mark that is never closed."),
            row=reader.line_num,
        ) from error
    finally:
        csv.field_size_limit(previous)


def read_delimited(raw: Raw, dialect: Dialect | None = None) -> list[Sheet]:
    """The table of a delimited text file.

    Args:
        raw: the file.
        dialect: how the layout says it is written; found from the file if None.

    Raises:
        UnreadableFileError: empty, no text, rows that cannot be split, or too many columns.
    """
    encoding = encoding_of(raw, dialect.encoding if dialect else "")
    head = _head(raw, encoding)
    delimiter = dialect.delimiter if dialect else _delimiter(head)
    quote = dialect.quote if dialect and dialect.quote else '"'
    if len(raw.data) > _SMALL and delimiter:
        sheet = _large(raw, encoding, head, delimiter, quote)
        if sheet:
            return [replace(sheet, delimiter=delimiter)]
    stream = text_of(raw, encoding)
    rows = _rows(raw, stream, delimiter, quote) if delimiter else map(_aligned, stream)
    sheets = sheets_of(raw, rows, raw.sheet())
    if not sheets:
        raise unreadable(
            raw, Message("The file is empty."), Message("Ask the source to deliver it again.")
        )
    return [replace(sheet, delimiter=delimiter) for sheet in sheets]


def _large(raw: Raw, encoding: str, text: str, delimiter: str, quote: str) -> Sheet | None:
    """The same for long files through Arrow; None where too many rows differ from the header."""
    head = list(_rows(raw, io.StringIO(text, newline=""), delimiter, quote))[:-1]
    if text.count("\n") > len(head) + 2:
        return None
    shape = shape_of(head)
    if shape is None or shape.data > shape.header + 1:
        return None
    has_header = shape.data > shape.header
    width = max((len(row) for row in head[shape.data :]), default=0)
    if width > MAX_COLUMNS:
        return None  # most of them may be empty
    cells = head[shape.header][:width] if has_header else []
    names = unique_names([*cells, *[""] * (width - len(cells))])
    odd: list[Loose] = []

    def keep(row: pacsv.InvalidRow) -> str:
        odd.append(Loose(row.text or "", "footer"))
        return "skip" if len(odd) < _MAX_LINES else "error"

    options = pacsv.ReadOptions(
        skip_rows=shape.data,
        column_names=names,
        block_size=1 << 24,
        encoding="utf8" if encoding == "utf-8-sig" else encoding,
    )
    parsing = pacsv.ParseOptions(
        delimiter=delimiter, quote_char=quote, newlines_in_values=True, invalid_row_handler=keep
    )
    types = pacsv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    try:
        source = pa.BufferReader(pa.py_buffer(raw.data))
        table: pa.Table = pacsv.read_csv(source, options, parsing, types)
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
