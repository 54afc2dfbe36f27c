"""Workbooks among documents: what people read in their sheets, for search and reading.

Disclosure control reads workbooks as tables (`disclosure.readers`); here they are text alone.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from ckanext.sozialdaten.disclosure.documents._errors import DamagedError
from ckanext.sozialdaten.disclosure.documents._parts import Gathered, attribute, local, paragraph

__all__ = ["read_excel", "read_sheets"]

_ROWS_OF_PAGE = 150
_MOST_ROWS = 20_000
_MOST_CELLS = 200


class _Writer:
    """Puts rows of a sheet into pages of a bearable length, each under the sheet's name."""

    def __init__(self, found: Gathered, name: str) -> None:
        self._found, self._name, self.rows = found, name, 0

    def row(self, cells: list[str]) -> bool:
        """A row; False once the sheet has more than anybody reads."""
        if any(cells):
            if self.rows % _ROWS_OF_PAGE == 0:
                self._found.turn()
                self._found.say(self._name, 0 if self.rows else 1)
            self._found.say(" \u00b7 ".join(cell for cell in cells if cell))
            self.rows += 1
        return self.rows < _MOST_ROWS


def read_excel(path: Path, found: Gathered) -> None:
    """The visible sheets of an Excel workbook, row by row, as last computed.

    Raises:
        DamagedError: openpyxl cannot read it.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, TypeError, AttributeError) as error:
        raise DamagedError from error
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        writer = _Writer(found, sheet.title)
        for values in sheet.iter_rows(values_only=True, max_col=_MOST_CELLS):
            if not writer.row([_shown(value) for value in values]):
                break


def read_sheets(root: Any, found: Gathered) -> None:
    """The sheets of an OpenDocument workbook, row by row."""
    for table in root.iter():
        if local(table.tag) != "table":
            continue
        writer = _Writer(found, attribute(table, "name"))
        for row in table.iter():
            if local(row.tag) == "table-row":
                cells = [cell for cell in row if local(cell.tag) == "table-cell"][:_MOST_CELLS]
                if not writer.row([paragraph(cell) for cell in cells]):
                    break


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.10g}"
    return " ".join(str(value).split())
