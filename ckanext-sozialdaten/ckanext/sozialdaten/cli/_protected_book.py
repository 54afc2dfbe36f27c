"""A protected copy of a workbook: the same sheets, titles and notes, only protected cells changed.

Whatever could still hold the true figures stays behind: formulas (their values are kept), records
of pivot tables, charts, copies of linked workbooks. The copy is checked as a whole before it is
given out: a comment, a hidden sheet or a property that names somebody is not in any table.
"""

import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zipfile import BadZipFile

from ckanext.sozialdaten.disclosure import (
    NotProtectedError,
    NotSupportedError,
    Severity,
    check_files,
)
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.disclosure._protect import Request
    from ckanext.sozialdaten.disclosure._table import Sheet

__all__ = ["is_workbook", "workbook_bytes"]

_ENDINGS = (".xlsx", ".xlsm")


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook by its ending, of a kind that can be written."""
    return path.suffix.lower() in _ENDINGS


def workbook_bytes(
    source: Path, sheets: "Sequence[Sheet]", copies: "Sequence[pa.Table]", request: "Request"
) -> bytes:
    """The workbook with the protected cells of its tables.

    Args:
        source: the workbook.
        sheets: its tables as read.
        copies: the protected tables, in the same order.
        request: policy and releases, by which the copy is checked.

    Raises:
        NotSupportedError: no workbook that can be written, or a method that changes its rows.
        NotProtectedError: the copy gives something away that stands outside of its tables.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book: Any = openpyxl.load_workbook(source, data_only=True, keep_links=False)
    except (InvalidFileException, BadZipFile, KeyError, TypeError, ValueError) as error:
        raise NotSupportedError(
            Message("This workbook cannot be written again."),
            Message("Give the file after -o the ending .csv or .parquet."),
            Place(file=source.name),
        ) from error
    for page in book.worksheets:
        page._pivots = []
        page._charts = []
    for sheet, copy in zip(sheets, copies, strict=True):
        _write(book, sheet, copy)
    buffer = io.BytesIO()
    book.save(buffer)
    _judged(buffer.getvalue(), source.name, request)
    return buffer.getvalue()


def _write(book: Any, sheet: "Sheet", copy: "pa.Table") -> None:
    """Write the changed cells of one table."""
    from ckanext.sozialdaten.disclosure.readers._common import cell_text

    before = sheet.table
    if sheet.name not in book.sheetnames or before.column_names != copy.column_names:
        raise _reshaped(sheet)
    if before.num_rows != copy.num_rows:
        raise _reshaped(sheet)
    page = book[sheet.name]
    for place, name in enumerate(before.column_names, 1):
        old, new = before.column(name).to_pylist(), copy.column(name).to_pylist()
        for row, (was, is_) in enumerate(zip(old, new, strict=True)):
            text = cell_text(is_)
            if text != cell_text(was):
                _set(page.cell(sheet.row(row), place), text, sheet)


def _set(cell: Any, text: str, sheet: "Sheet") -> None:
    """Write one cell: a number where the text is one."""
    from openpyxl.cell.cell import MergedCell

    if isinstance(cell, MergedCell):
        raise _reshaped(sheet)
    plain = text.strip()
    cell.value = int(plain) if plain.isascii() and plain.isdecimal() else (plain or None)
    if not plain.isdecimal():
        cell.number_format = "@"  # a format could print a sign as something else


def _reshaped(sheet: "Sheet") -> NotSupportedError:
    return NotSupportedError(
        Message("This protection changes rows or columns; the workbook cannot keep its form."),
        Message("Give the file after -o the ending .csv or .parquet."),
        Place(file=sheet.resource, sheet=sheet.name),
    )


def _judged(data: bytes, name: str, request: "Request") -> None:
    """Check the copy as it will be published."""
    with tempfile.TemporaryDirectory(prefix="sozialdaten-protect-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        declared = request.layout if isinstance(request.layout, Layout) else None
        report = check_files(
            [path],
            declared,
            None if declared else cast("Mapping[str, Role | str]", request.layout or {}),
            request.policy,
            released=list(request.released),
            contributors=request.contributors,
        )
    blocking = [found for found in report.findings if found.severity is Severity.BLOCK]
    if blocking:
        first = blocking[0]
        raise NotProtectedError(
            first.message,
            Message("Mend this in the workbook itself, and protect it again."),
            Place(file=name, sheet=first.sheet, row=first.cells[0] if first.cells else None),
        )
