"""A protected copy of a workbook: the same sheets, titles and notes, only protected cells changed.

Whatever could still hold the true figures stays behind: formulas (their values are kept), records
of pivot tables, charts, copies of linked workbooks. The copy is checked as a whole before it is
given out: a comment, a hidden sheet or a property that names somebody is not in any table.
"""

import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from zipfile import BadZipFile

from ckanext.sozialdaten.cli._protected_ods import OpenDocument
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

_ENDINGS = (".xlsx", ".xlsm", ".ods")


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
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        ods = source.suffix.lower() == ".ods"
        book: Book = OpenDocument(source) if ods else _OpenXml(source)
    except (InvalidFileException, BadZipFile, KeyError, TypeError, ValueError) as error:
        raise NotSupportedError(
            Message("This workbook cannot be written again."),
            Message("Give the file after -o the ending .csv or .parquet."),
            Place(file=source.name),
        ) from error
    for sheet, copy in zip(sheets, copies, strict=True):
        _write(book, sheet, copy)
    data = book.saved()
    _judged(data, source.name, request)
    return data


class Book(Protocol):
    """A workbook whose cells can be written."""

    def __contains__(self, name: str) -> bool: ...

    def write(self, name: str, row: int, column: int, text: str) -> bool:
        """Write a cell of a sheet, both from 1; whether there is one to be written."""
        ...

    def saved(self) -> bytes:
        """The file."""
        ...


class _OpenXml:
    """An XLSX file whose cells can be written.

    Args:
        source: the file.
    """

    def __init__(self, source: Path) -> None:
        import openpyxl

        self._book: Any = openpyxl.load_workbook(source, data_only=True, keep_links=False)
        for page in self._book.worksheets:
            page._pivots = []
            page._charts = []

    def __contains__(self, name: str) -> bool:
        return name in self._book.sheetnames

    def write(self, name: str, row: int, column: int, text: str) -> bool:
        """Write one cell: a number where the text is one."""
        from openpyxl.cell.cell import MergedCell

        cell = self._book[name].cell(row, column)
        if isinstance(cell, MergedCell):
            return False
        plain = text.strip()
        cell.value = int(plain) if plain.isascii() and plain.isdecimal() else (plain or None)
        if not plain.isdecimal():
            cell.number_format = "@"  # a format could print a sign as something else
        return True

    def saved(self) -> bytes:
        """The file."""
        buffer = io.BytesIO()
        self._book.save(buffer)
        return buffer.getvalue()


def _write(book: Book, sheet: "Sheet", copy: "pa.Table") -> None:
    """Write the changed cells of one table."""
    from ckanext.sozialdaten.disclosure.readers._common import cell_text

    before = sheet.table
    if sheet.name not in book or before.column_names != copy.column_names:
        raise _reshaped(sheet)
    if before.num_rows != copy.num_rows:
        raise _reshaped(sheet)
    for place, name in enumerate(before.column_names, 1):
        old, new = before.column(name).to_pylist(), copy.column(name).to_pylist()
        for row, (was, is_) in enumerate(zip(old, new, strict=True)):
            text = cell_text(is_)
            changed = text != cell_text(was)
            if changed and not book.write(sheet.name, sheet.row(row), place, text):
                raise _reshaped(sheet)


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
