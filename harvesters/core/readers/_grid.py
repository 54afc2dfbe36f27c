"""Sheets of workbooks, and delimited texts, as rows of cells that can be gone through again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._cells import Cell
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.harvesters.core.readers._xlsx_gaps import Gaps, gaps_of
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.workbooks import BrokenWorkbook, guarded

__all__ = ["Grid", "delimited_grid", "delimiter_of", "sheets"]

_T = TypeVar("_T")
_DELIMITERS = (";", "\t", ",", "|")
Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A rectangle of cells.

    Args:
        name: sheet; empty for a text.
        rows: gives the rows from the first one, at each call anew.
        merged: ranges of merged cells; None where the format cannot say.
        text: whether all cells are texts, so that numbers are written in some locale.
        delimiter: between the cells of a text.
        hidden: whether the sheet is hidden.
        nulls: whether None is a cell that says “no value”, and not merely an empty one.
    """

    name: str
    rows: Callable[[], Iterator[list[Cell]]]
    merged: tuple[Range, ...] | None = None
    text: bool = False
    delimiter: str = ""
    hidden: bool = False
    nulls: bool = False


def sheets(opened: Opened) -> list[Grid]:
    """The sheets of a workbook (XLSX, XLSM, XLSB, XLS, ODS), hidden ones too.

    Raises:
        NotReadable: damaged, encrypted, or no workbook.
    """
    import python_calamine as calamine

    book = _guarded(opened, lambda: calamine.CalamineWorkbook.from_filelike(opened.seekable()))
    gaps: dict[str, Gaps] = {}
    if opened.head.startswith(b"PK"):
        with opened.seekable() as stream:
            gaps = gaps_of(stream)
    found: list[Grid] = []
    for meta in book.sheets_metadata:
        if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = _guarded(opened, lambda name=meta.name: book.get_sheet_by_name(name), meta.name)
        if sheet.start is None:
            continue
        ranges = sheet.merged_cell_ranges
        merged = None if ranges is None else tuple(ranges)
        hidden = meta.visible is not calamine.SheetVisibleEnum.Visible
        found.append(
            Grid(meta.name, _rows_of(opened, sheet, gaps.get(meta.name, {})), merged, hidden=hidden)
        )
    return found


def _rows_of(opened: Opened, sheet: "object", gaps: Gaps) -> Callable[[], Iterator[list[Cell]]]:
    import python_calamine as calamine

    assert isinstance(sheet, calamine.CalamineSheet)  # noqa: S101 - for the type checker
    # calamine gives the empty rows above the cells, but not the empty columns beside them
    left: list[Cell] = [""] * (sheet.start or (0, 0))[1]
    marked = {number for number, _ in gaps}

    def rows() -> Iterator[list[Cell]]:
        for number, row in enumerate(_guarded(opened, sheet.iter_rows, sheet.name)):
            yield [*left, *row] if number not in marked else _marked([*left, *row], number, gaps)

    return rows


def _marked(row: list[Cell], number: int, gaps: Gaps) -> list[Cell]:
    """A row with its gaps shown, so that none of them passes for an empty cell."""
    for (line, column), kind in gaps.items():
        if line == number and column < len(row) and row[column] in ("", None):
            row[column] = kind
    return row


def _guarded(opened: Opened, work: Callable[[], _T], sheet: str = "") -> _T:
    """Run a step of calamine; whatever it stumbles over is a file that cannot be read."""
    try:
        return guarded(work)
    except BrokenWorkbook as error:
        raise NotReadable(
            Message("The sheet cannot be read.")
            if sheet
            else Message("The file is no workbook that can be read."),
            Message("Open it in a spreadsheet program and save it as XLSX without a password."),
            Place(opened.name, sheet),
        ) from error


def delimiter_of(opened: Opened) -> str:
    """The character between cells: the one that most lines have, and have equally often."""
    lines = [line for line in opened.text.start.split("\n")[:60] if line.strip()]
    lines = lines[:-1] if len(lines) > 2 else lines

    def merit(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        usual = max(set(counts), key=lambda count: (count > 0, counts.count(count), count))
        return (counts.count(usual) * 2 * (usual > 0) // max(len(lines), 1), usual)

    return max(_DELIMITERS, key=merit)


def delimited_grid(opened: Opened, delimiter: str = "", quote: str = '"') -> Grid:
    """A delimited text as a grid."""
    chosen = delimiter or delimiter_of(opened)

    def rows() -> Iterator[list[Cell]]:
        for row in opened.text.rows(chosen, quote):
            yield [*row]

    return Grid("", rows, None, text=True, delimiter=chosen)
