"""Where the tables of a sheet are: titles, header rows, block headings, rows of figures.

The header is found by what rows look like, never by their number: it is the last run of rows with
several captions above the first row of figures. A row of captions further down starts a new table.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ckanext.sozialdaten.harvesters.core.readers._cells import (
    Cell,
    as_text,
    decimal_of,
    is_code,
    is_gap,
    looks_numeric,
    numeric,
)
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._regions import (
    all_kreise,
    key_and_name,
    land_of,
    looks_like_key,
)
from ckanext.sozialdaten.harvesters.core.readers._times import bare_month, is_year, time_of
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words

__all__ = [
    "Profile",
    "Section",
    "Stats",
    "blank",
    "filled",
    "find_sections",
    "heading_rows",
    "is_index",
]

_LONG = 120
_MOST_HEADER = 15
_SAMPLES = 60
_ALONE = ("none", "zero")
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """How the tables of a source are written.

    Args:
        name: of the format; the first part of each series' name.
        signs: its sign convention.
        seen: regular expressions, all of which the first rows or sheet names must have.
        sheets: regular expression of the sheets that hold figures; empty: all but the silent ones.
        decimal: decimal character of texts; empty: by the column's content.
        needed: folded captions, one of which a header must have; empty: any header counts.
    """

    name: str
    signs: str = "statistik"
    seen: tuple[str, ...] = ()
    sheets: str = ""
    decimal: str = ""
    needed: tuple[str, ...] = ()


@dataclass
class Stats:
    """What the cells of a column are."""

    numbers: int = 0
    years: int = 0
    signs: int = 0
    texts: int = 0
    codes: int = 0
    keys: int = 0
    named_keys: int = 0
    laender: int = 0
    land: set[str] = field(default_factory=set[str])
    months: int = 0
    times: int = 0
    whole: bool = True
    decimals: set[str] = field(default_factory=set[str])
    open_decimal: tuple[int, str] = (0, "")
    short: int = 0
    ungrouped: int = 0
    samples: list[Cell] = field(default_factory=list[Cell])
    padded: bool = True
    longest: int = 0

    @property
    def cells(self) -> int:
        """Cells that hold something."""
        return self.numbers + self.signs + self.texts

    @property
    def grouped(self) -> bool:
        """Whether points can only stand before thousands: numbers below a thousand have none,
        larger ones all have theirs. Decimals of three digits would stand beside whole numbers."""
        undecided = self.open_decimal[0] and not self.decimals
        return bool(undecided) and self.short >= _SHORT and not self.ungrouped

    def add(self, row: int, cell: Cell, legend: Mapping[str, str]) -> None:
        """Count one cell."""
        if len(self.samples) < _SAMPLES:
            self.samples.append(cell)
        if isinstance(cell, str):
            self._text(row, cell.strip(), legend)
        elif isinstance(cell, dt.date | dt.datetime):
            self.texts += 1
            self.times += 1
        elif numeric(cell) and isinstance(cell, int | float):
            self.numbers += 1
            self.years += is_year(cell)
            self.whole = self.whole and float(cell).is_integer()
            self.padded = self.padded and all_kreise([cell])
            self.longest = max(self.longest, len(str(int(cell))) if cell == cell // 1 else 0)
        else:
            self.texts += 1

    def _text(self, row: int, cell: str, legend: Mapping[str, str]) -> None:
        if looks_like_key(cell):
            self.keys += 1
            self.longest = max(self.longest, len(cell))
        if len(cell) in (8, 12) and cell.isdigit():
            self.padded = self.padded and all_kreise([cell])
        if legend.get(cell) in _ALONE and cell != "0":
            self.signs += 1
        elif is_gap(cell):
            self.numbers += 1
        elif is_code(cell):
            self.codes += 1
            self.texts += 1
        elif looks_numeric(cell):
            self.numbers += 1
            self.longest = max(self.longest, len(cell) if cell.isdigit() else 0)
            self.years += is_year(cell)
            self.times += time_of(cell) is not None
            self._decimals(row, cell)
        else:
            self.texts += 1
            both = key_and_name(cell)
            if both:
                self.named_keys += 1
                self.longest = max(self.longest, len(both[0]))
            land = land_of(cell)
            if land:
                self.laender += 1
                self.longest = max(self.longest, 2)
                self.land.add(land)
            self.months += bare_month(cell) is not None
            self.times += time_of(cell) is not None

    def _decimals(self, row: int, cell: str) -> None:
        if "," in cell or "." in cell:
            proven, undecided = decimal_of([cell])
            self.decimals |= proven
            if undecided and not self.open_decimal[0]:
                self.open_decimal = (row, undecided)
        elif cell.isdigit() and cell != "0":
            self.short += len(cell) <= 3
            self.ungrouped += len(cell) > 3


@dataclass
class Section:
    """One table of a sheet.

    Args:
        titles: texts above the header.
        header: rows of captions with their numbers.
        first: number of the first row of figures.
        last: number of the last one.
        narrowest: cells of the shortest row but for the last.
        width: cells of the last row.
    """

    titles: tuple[str, ...]
    header: list[tuple[int, list[Cell]]]
    first: int = 0
    last: int = 0
    stats: dict[int, Stats] = field(default_factory=dict[int, Stats])
    rows: int = 0
    narrowest: int = 0
    width: int = 0

    @property
    def breaks_off(self) -> bool:
        """Whether its last row has fewer cells than any row before it."""
        return self.rows > 1 and self.width < self.narrowest

    def caption(self, column: int) -> str:
        """The lowest caption of a column, folded."""
        for _, row in reversed(self.header):
            if column < len(row) and not blank(row[column]):
                return fold(str(row[column]))
        return ""


def blank(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, white space, or the sentinel of an accessible table."""
    if cell is None or cell == "":
        return True
    if not isinstance(cell, str):
        return False
    return not cell.strip() or (cell[-1].isalpha() and fold(cell) in words().sentinels)


def filled(row: Sequence[Cell]) -> list[tuple[int, Cell]]:
    """The cells of a row that hold something, with their columns."""
    return [(index, cell) for index, cell in enumerate(row) if not blank(cell)]


class _Finder:
    """Goes through the rows of one sheet."""

    def __init__(self, profile: Profile, legend: Mapping[str, str]) -> None:
        self.profile = profile
        self.legend = legend
        self.titles: list[str] = []
        self.header: list[tuple[int, list[Cell]]] = []
        self.gap = False
        self.lone: tuple[int, list[Cell]] | None = None
        self.section: Section | None = None
        self.found: list[Section] = []

    def row(self, number: int, row: list[Cell]) -> None:
        cells = filled(row)
        if not cells:
            self.gap = True
            return
        if len(cells) == 1 and not self._lone_figure(*cells[0]):
            self._single(number, row, *cells[0])
        elif self._is_data(cells):
            self._data(number, cells, len(row))
        elif self._is_header(cells):
            self._caption(number, row)
        self.gap = False

    def _lone_figure(self, column: int, cell: Cell) -> bool:
        stats = self.section.stats.get(column) if self.section else None
        return bool(column and stats and stats.numbers and self._figure(cell))

    def _single(self, number: int, row: list[Cell], column: int, cell: Cell) -> None:
        if self.section is None and not self.header:
            self.titles.append(as_text(cell))
            self.lone = (number, row) if column else None

    def _figure(self, cell: Cell) -> bool:
        if isinstance(cell, str):
            text = cell.strip()
            if is_gap(text):
                return True
            return self.legend.get(text) in _ALONE or (looks_numeric(text) and not is_year(text))
        return numeric(cell) and not is_year(cell)

    def _is_data(self, cells: list[tuple[int, Cell]]) -> bool:
        if is_index(cells):
            return False
        if any(self._figure(cell) for index, cell in cells if index > cells[0][0]):
            return True
        if 2 * sum(time_of(cell) is not None for _, cell in cells) > max(len(cells), 2):
            return False
        roles = words().roles
        for index, cell in cells:
            caption = self._captioned(index)
            if not caption:
                continue
            if roles["time"].search(caption) and time_of(cell):
                return True
            if roles["region"].search(caption) and looks_like_key(cell):
                return True
        if self.section is None:
            return False
        stubs = [index for index, stats in self.section.stats.items() if stats.texts]
        return any(is_year(cell) for _, cell in cells) and any(
            index in stubs and isinstance(cell, str) for index, cell in cells
        )

    def _captioned(self, column: int) -> str:
        for _, row in reversed(self.header):
            if column < len(row) and not blank(row[column]):
                return fold(str(row[column]))
        return ""

    def _is_header(self, cells: list[tuple[int, Cell]]) -> bool:
        if self.section is None or is_index(cells):
            return True
        values = {i for i, s in self.section.stats.items() if s.numbers + s.signs > s.texts}
        return sum(index in values for index, _ in cells) >= min(2, len(values))

    def _caption(self, number: int, row: list[Cell]) -> None:
        if is_index(filled(row)):
            return
        if self.section is not None:
            self.section, self.header, self.gap = None, [], False
        if self.gap and self.header and self._outweighs(row):
            self.titles += [text for _, r in self.header for text in _told(r)]
            self.header = []
        self.header = [*self.header, (number, row)][-_MOST_HEADER:]

    def _outweighs(self, row: list[Cell]) -> bool:
        """Whether a row after a gap is a header of its own and not part of the one above."""
        above = max(len(filled(r)) for _, r in self.header)
        named = any(as_text(cell).endswith(":") for _, r in self.header for _, cell in filled(r))
        return len(filled(row)) >= above or above <= 2 or named

    def _data(self, number: int, cells: list[tuple[int, Cell]], width: int) -> None:
        if self.section is None:
            if not self.header and self.lone:
                # the only caption stands above the only column of figures
                self.header = [self.lone]
                self.titles.pop()
            if not self.header or not self._wanted():
                return
            self.section = Section(tuple(self.titles), self.header, number)
            self.found.append(self.section)
        self.section.last = number
        self.section.rows += 1
        before = self.section.width or width
        self.section.narrowest = min(self.section.narrowest or before, before)
        self.section.width = width
        for index, cell in cells:
            stats = self.section.stats.setdefault(index, Stats())
            stats.add(number, cell, self.legend)

    def _wanted(self) -> bool:
        if not self.profile.needed:
            return True
        captions = {fold(str(cell)) for _, row in self.header for _, cell in filled(row)}
        return any(need in caption for need in self.profile.needed for caption in captions)


def _told(row: Sequence[Cell]) -> list[str]:
    """The texts of a row above a table; what a word with a colon announces stays beside it."""
    texts: list[str] = []
    for _, cell in filled(row):
        if texts and texts[-1].rstrip().endswith(":"):
            texts[-1] += f" {as_text(cell)}"
        else:
            texts.append(as_text(cell))
    return texts


def is_index(cells: list[tuple[int, Cell]]) -> bool:
    """A row that numbers the columns: 1, 2, 3 …"""
    numbers = [str(cell).strip().removesuffix(".0") for _, cell in cells]
    if len(numbers) < 3 or not all(number.isdigit() for number in numbers):
        return False
    first = int(numbers[0])
    return first in (0, 1, 2) and numbers == [str(first + i) for i in range(len(numbers))]


def find_sections(grid: Grid, profile: Profile, legend: Mapping[str, str]) -> list[Section]:
    """The tables of a sheet, in order; goes through all rows once and keeps none of them."""
    finder = _Finder(profile, legend)
    for number, row in enumerate(grid.rows(), 1):
        finder.row(number, row)
    return finder.found


def heading_rows(grid: Grid, section: Section) -> Iterator[tuple[int, list[Cell]]]:
    """The rows from the end of the header to the end of the section."""
    start = section.header[-1][0]
    for number, row in enumerate(grid.rows(), 1):
        if number > section.last:
            return
        if number > start:
            yield number, row
