"""The rows of a file of any kind as texts, for tables that a layout describes."""

import csv
import io
from typing import Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._text import decode
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._cells import Cell, as_text, numeric, plain
from ckanext.sozialdaten.harvesters.core.readers._json import as_object, objects
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.lake.layouts import Dialect
from ckanext.sozialdaten.messages import Message

__all__ = ["Lines", "lines_of"]

Lines = list[tuple[int, list[str]]]


def lines_of(opened: Opened, dialect: Dialect) -> tuple[Lines, str]:
    """Every row with its number, the header among them, and the encoding of a text.

    Numbers and dates of workbooks, Parquet and JSON become texts as the layout writes them.

    Raises:
        NotReadable: no rows of cells.
    """
    if opened.kind == Kind.WORKBOOK:
        rows = [[_text(cell, dialect) for cell in row] for row in opened.grids[0].rows()]
        return list(enumerate(rows, 1)), "workbook"
    if opened.kind == Kind.PARQUET:
        return _named(opened.parquet.to_pylist(), dialect), "parquet"
    if opened.kind == Kind.JSON:
        return _named(_records(opened), dialect), "json"
    with opened.stream() as stream:
        data = stream.read(opened.limit + 1)
    if len(data) > opened.limit:
        raise opened.too_large()
    text, encoding = decode(data, opened.name, dialect.encoding)
    return _split(text, dialect, opened.name), encoding


def _split(text: str, dialect: Dialect, file: str) -> Lines:
    """Every record with the row at which it begins."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote
    )
    lines: Lines = []
    start = 1
    try:
        for cells in reader:
            lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise NotReadable(
            Message("The row cannot be split into cells."),
            Message("A quotation mark may be open, or the file is no delimited text."),
            Place(file, row=start),
        ) from error
    return lines


def _records(opened: Opened) -> list[dict[str, Any]]:
    """A list of objects, also where it is the only list of an object."""
    lists = [objects(item) for item in (opened.json, *as_object(opened.json).values())]
    found = [records for records in lists if records]
    if len(found) != 1:
        raise _no_rows(opened)
    return found[0]


def _named(records: list[dict[str, Any]], dialect: Dialect) -> Lines:
    names = list(dict.fromkeys(name for record in records for name in record))
    rows = [[_text(record.get(name), dialect) for name in names] for record in records]
    return list(enumerate([names, *rows], 1))


def _text(cell: Cell, dialect: Dialect) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return plain(cell).replace(".", dialect.decimal) if numeric(cell) else ""
    return cell if isinstance(cell, str) else as_text(cell)


def _no_rows(opened: Opened) -> NotReadable:
    return NotReadable(
        Message("The file holds no rows with captions."),
        Message("A layout describes delimited text, workbooks, Parquet and lists of JSON objects."),
        Place(file=opened.name),
    )
