"""Tables below one another in one sheet: where the next one begins, and whose labels go on.

A row of words after a gap, in columns that held figures before it, is the header of another table.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.readers._common import Raw
from ckanext.sozialdaten.disclosure.readers._grid import is_figure, sheet_of

__all__ = ["sheets_of"]

_RECENT = 5
_MOST_TABLES = 200
_MOST_ROWS = 200_000
_MOST_LABELS = 6
_YEAR = re.compile(r"^(?:\d{1,2}\.\d{1,2}\.)?(?:19|20)\d{2}$")

Row = Sequence[str]


def sheets_of(raw: Raw, grid: Iterable[Row], name: str) -> list[Sheet]:
    """All tables of a grid, in their order; none if it is empty.

    Args:
        raw: the file.
        grid: rows of cells.
        name: sheet name for findings.

    Raises:
        UnreadableFileError: more columns or bytes than a check gets through.
    """
    parts = _Parts(iter(grid))
    found: list[Sheet] = []
    while not parts.done:
        start = parts.position
        sheet = sheet_of(raw, parts.rows(more=len(found) < _MOST_TABLES), name, start=start)
        for _ in parts.rows(more=False) if sheet is None else ():
            pass
        if sheet is not None:
            found.append(_filled_down(sheet))
    return found


class _Parts:
    """The rows of a grid, cut where another table begins.

    Args:
        grid: all rows.
    """

    def __init__(self, grid: Iterator[Row]) -> None:
        self._grid = grid
        self._ahead: deque[Row] = deque()
        self.position = 0
        self.done = False

    def rows(self, *, more: bool) -> Iterator[Row]:
        """The rows up to the next table; with ``more`` unset all that are left."""
        header: list[str] = []
        recent: deque[Row] = deque(maxlen=_RECENT)
        gap = False
        while (row := self._next()) is not None:
            filled = sum(1 for cell in row if cell and cell.strip())
            if filled <= 1:
                gap = True
            else:
                if gap and more and len(recent) > 1 and _is_words(row):
                    if [cell.strip() for cell in row] == header:
                        row = ()  # the header once more, as on every printed page
                    elif self._begins(row, recent):
                        self._ahead.appendleft(row)
                        return
                header = header or [cell.strip() for cell in row]
                recent.append(row)
                gap = False
            self.position += 1
            yield row
        self.done = True

    def _next(self) -> Row | None:
        return self._ahead.popleft() if self._ahead else next(self._grid, None)

    def _begins(self, row: Row, recent: Iterable[Row]) -> bool:
        """Whether a row of words is a header: it has rows, and stands where figures stood."""
        after = self._next()
        if after is None:
            return False
        self._ahead.appendleft(after)
        if sum(1 for cell in after if cell and cell.strip()) < 2:
            return False
        rows = list(recent)[1:]
        for column, cell in enumerate(row):
            above = [r[column].strip() for r in rows if column < len(r) and r[column].strip()]
            figures = sum(map(is_figure, above))
            if above and 2 * figures > len(above) and cell.strip() and not is_figure(cell):
                return True
        return False


def _is_words(row: Row) -> bool:
    """Whether a row holds words, and years at most besides."""
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    words = [cell for cell in cells if not is_figure(cell)]
    return bool(words) and all(_YEAR.match(cell) for cell in cells if is_figure(cell))


def _filled_down(sheet: Sheet) -> Sheet:
    """The sheet with labels that stand once for several rows written into each of them.

    Merged cells leave blanks: "Nord, m", "(blank), w". They are filled where the columns up to the
    first one without blanks then name the rows, each of them once.
    """
    table = sheet.table
    if not 2 < table.num_rows <= _MOST_ROWS:
        return sheet
    columns: list[pa.ChunkedArray] = []
    for name in table.column_names[:_MOST_LABELS]:
        column = table.column(name)
        values = [value or "" for value in column.to_pylist()]
        shown = [value for value in values if value.strip()]
        if not shown or sum(map(is_figure, shown)) * 2 > len(shown):
            return sheet
        columns.append(column)
        if len(shown) == len(values):
            break
        if not values[0].strip() or 5 * (len(values) - len(shown)) < len(values):
            return sheet
    else:
        return sheet
    if len(columns) < 2:
        return sheet
    filled = [*map(_forward, columns[:-1]), columns[-1]]
    labels = list(zip(*(column.to_pylist() for column in filled), strict=True))
    if len(set(labels)) < len(labels):
        return sheet
    for place, column in enumerate(filled):
        table = table.set_column(place, table.column_names[place], column)
    return replace(sheet, table=table)


def _forward(column: pa.ChunkedArray) -> pa.ChunkedArray:
    blank = pc.equal(pc.utf8_trim_whitespace(column), "")
    return pc.fill_null_forward(pc.if_else(blank, None, column))
