"""What tests of readers share: rows of a file as dictionaries, small workbooks."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from ckanext.sozialdaten.harvesters.core.readers import Settings, read_file

Row = dict[str, str]


def rows_of(path: Path, form: str = "", **known: Any) -> list[Row]:
    """All observations of a file."""
    found: list[Row] = []
    for batch in read_file(path, form, Settings(**known)):
        found += batch.to_pylist()
    return found


def figures(rows: Sequence[Row]) -> list[Decimal]:
    """The values that are there."""
    return [Decimal(row["value"]) for row in rows if row["value"]]


def workbook(
    folder: Path,
    sheets: Mapping[str, Sequence[Sequence[object]]],
    merged: Sequence[str] = (),
    name: str = "t.xlsx",
) -> Path:
    """An XLSX of sheets; ``merged`` are ranges of the first of them."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    for range_ in merged:
        book[next(iter(sheets))].merge_cells(range_)
    path = folder / name
    book.save(path)
    return path
