"""The figures of one preview: a cell per region and period, sums only where complete."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ckanext.sozialdaten.lake.signs import Sign
from ckanext.sozialdaten.portal.preview._cells import ABSENT, Cell, Kind, read_cell
from ckanext.sozialdaten.portal.preview._numbers import decimals_needed
from ckanext.sozialdaten.portal.preview._periods import Period, read_periods

__all__ = ["Comparison", "Figures", "Origin", "Row", "add", "compare", "gather"]

_SECRET = (Kind.SUPPRESSED, Kind.PARTS_SUPPRESSED)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, reduced to what a preview needs."""

    region: str
    period: str
    value: float | None
    sign: str | None = None


@dataclass(frozen=True)
class Figures:
    """Cells by region key and period key."""

    cells: Mapping[tuple[str, str], Cell]
    periods: tuple[Period, ...]
    decimals: int

    def cell(self, region: str, period: str) -> Cell:
        """The figure of ``region`` in ``period``; "not available" where the table has no row."""
        return self.cells.get((region, period), ABSENT)

    @cached_property
    def regions(self) -> frozenset[str]:
        """The keys of all regions that occur in the table, of whatever level."""
        return frozenset(region for region, _ in self.cells)

    def withheld(self, places: Iterable[tuple[str, str]]) -> "Figures":
        """These figures where totals without a row of their own say that parts are suppressed.

        Args:
            places: region and period of each total that has a suppressed part.
        """
        reasons = {
            place: Cell(Kind.PARTS_SUPPRESSED) for place in places if place not in self.cells
        }
        return Figures({**self.cells, **reasons}, self.periods, self.decimals)

    def share(self, regions: Collection[str]) -> float:
        """How many of all figures of ``regions`` are there: 0 to 1."""
        return len(self.values(regions)) / (len(regions) * len(self.periods) or 1)

    def values(self, regions: Iterable[str]) -> list[float]:
        """All numbers of ``regions``, over all periods."""
        wanted = set(regions)
        return [
            cell.value
            for (region, _), cell in self.cells.items()
            if region in wanted and cell.value is not None
        ]


class Origin(StrEnum):
    """Where a comparison value comes from."""

    TABLE = "table"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of a region one level up.

    Args:
        key: its AGS.
        cells: one per period, in order.
        origin: read from the table, or the sum of all its parts.
    """

    key: str
    cells: tuple[Cell, ...]
    origin: Origin


def gather(rows: Iterable[Row], known: Mapping[str, Sign], parts: int = 1) -> Figures:
    """The cells of ``rows``; where a figure is composed of ``parts`` rows, their complete sum.

    Args:
        rows: all rows that match the chosen value column and dimensions.
        known: the quality signs of the table's convention.
        parts: how many rows make up one figure: 1, or the number of combinations of the
            dimensions that are added up. Fewer or more rows than that make no figure.
    """
    groups: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for row in rows:
        groups[row.region, row.period].append(read_cell(row.value, row.sign, known))
    cells = {place: add(group, parts) for place, group in groups.items()}
    periods = tuple(read_periods({period for _, period in groups}))
    decimals = decimals_needed(cell.value for cell in cells.values() if cell.value is not None)
    return Figures(cells, periods, decimals)


def add(cells: Sequence[Cell], parts: int) -> Cell:
    """The sum of ``cells``, or why there is none: a sum that lacks a part is incomplete."""
    if parts == 1 and len(cells) == 1:
        return cells[0]
    if cells and all(cell.kind is Kind.NOT_APPLICABLE for cell in cells):
        return Cell(Kind.NOT_APPLICABLE)
    if cells and all(cell.kind in (Kind.NOT_AVAILABLE, Kind.LATER) for cell in cells):
        return cells[0]
    values = [cell.value for cell in cells if cell.value is not None]
    if not cells:
        return ABSENT
    if len(values) != parts or len(cells) != parts:
        secret = any(cell.kind in _SECRET for cell in cells)
        return Cell(Kind.PARTS_SUPPRESSED if secret else Kind.INCOMPLETE)
    marks = {(cell.sign, cell.note) for cell in cells if cell.kind is Kind.VALUE and cell.sign}
    sign, note = marks.pop() if len(marks) == 1 else ("", None)
    return Cell(Kind.VALUE, sum(values), sign, note)


def compare(
    figures: Figures, key: str, parts: Sequence[str], *, additive: bool
) -> Comparison | None:
    """The figures of ``key``: its own rows, else (for counts) the sum of all its ``parts``.

    Args:
        figures: what the table holds.
        key: the region one level up.
        parts: the keys of all regions that make it up.
        additive: whether the figures may be added up; rates may not.

    Returns:
        None where the table neither holds the region nor all of its parts can be added.
    """
    if key in figures.regions:
        cells = tuple(figures.cell(key, period.key) for period in figures.periods)
        return Comparison(key, cells, Origin.TABLE)
    if not additive or not figures.regions.intersection(parts):
        return None
    sums = tuple(
        add([figures.cell(part, period.key) for part in parts], len(parts))
        for period in figures.periods
    )
    return Comparison(key, sums, Origin.SUM)
