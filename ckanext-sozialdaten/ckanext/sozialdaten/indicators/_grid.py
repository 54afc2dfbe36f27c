"""Figures of all regions in all periods as arrays, and what happens to their states.

A `Grid` is one rectangle: a row for each region, a column for each period without gaps, so that
"five years earlier" is a shift. A cell without a figure is NaN, and its state says why.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ckanext.sozialdaten.indicators._model import Periods, State

__all__ = [
    "ARRAYS",
    "INCOMPLETE",
    "MISSING",
    "NOT_APPLICABLE",
    "STATES",
    "SUPPRESSED",
    "VALUE",
    "Axes",
    "Grid",
    "combine",
    "empty",
    "quotient",
    "shifted",
    "worst",
]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

STATES = (
    State.VALUE,
    State.NOT_AVAILABLE,
    State.INCOMPLETE,
    State.NOT_APPLICABLE,
    State.SUPPRESSED,
)
"""From the best to the worst: a result is in the worst state of its inputs."""
VALUE, MISSING, INCOMPLETE, NOT_APPLICABLE, SUPPRESSED = range(5)
_NEVER = np.iinfo(np.int64).min
_ALWAYS = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Axes:
    """What rows and columns stand for.

    Args:
        regions: canonical keys, the rows.
        first: number of the first period, counted from the year 0.
        count: how many periods.
        periods: their length.
    """

    regions: tuple[str, ...]
    first: int
    count: int
    periods: Periods

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.regions), self.count

    def span(self, column: int) -> tuple[dt.date, dt.date]:
        """First and last day of a period."""
        each = self.periods.in_a_year
        year, part = divmod(self.first + column, each)
        months = 12 // each
        start = dt.date(year, part * months + 1, 1)
        following = part * months + 1 + months
        after = dt.date(year + (following > 12), following - 12 * (following > 12), 1)
        return start, after - dt.timedelta(days=1)

    def steps(self, months: int) -> int:
        """How many periods so many months are."""
        return months * self.periods.in_a_year // 12

    def label(self, column: int) -> str:
        """The name of a period: ``2023``, ``2023-Q4`` or ``2023-12``.

        >>> Axes((), 2023 * 4, 4, Periods.QUARTER).label(3)
        '2023-Q4'
        """
        year, part = divmod(self.first + column, self.periods.in_a_year)
        match self.periods:
            case Periods.YEAR:
                return f"{year}"
            case Periods.QUARTER:
                return f"{year}-Q{part + 1}"
            case Periods.MONTH:
                return f"{year}-{part + 1:02}"


@dataclass(frozen=True, slots=True)
class Grid:
    """Figures with everything that travels with them; all arrays have the shape of the axes.

    Args:
        value: NaN where there is no figure.
        state: place in `STATES`.
        quality: bits of the signs of all inputs.
        captured: when the last input was released, microseconds since 1970.
        oldest: earliest reference date used, days since 1970.
        newest: latest one.
        sources: bits of the series used; Python integers, for there may be many series.
    """

    value: Floats
    state: Codes
    quality: Codes
    captured: Codes
    oldest: Codes
    newest: Codes
    sources: NDArray[np.object_]

    def with_value(self, value: Floats, state: Codes) -> "Grid":
        """Other figures from the same inputs; where the state is no figure there is none."""
        bad = (state == VALUE) & ~np.isfinite(value)
        settled = np.where(bad, NOT_APPLICABLE, state)
        return replace(self, value=np.where(settled == VALUE, value, np.nan), state=settled)


ARRAYS = tuple(item.name for item in fields(Grid))
"""The names of the arrays of a grid."""


def empty(shape: tuple[int, int]) -> Grid:
    """A grid in which nothing is available."""
    return Grid(
        value=np.full(shape, np.nan),
        state=np.full(shape, MISSING, np.int64),
        quality=np.zeros(shape, np.int64),
        captured=np.full(shape, _NEVER, np.int64),
        oldest=np.full(shape, _ALWAYS, np.int64),
        newest=np.full(shape, _NEVER, np.int64),
        sources=np.zeros(shape, object),
    )


def worst(grids: Sequence[Grid]) -> Grid:
    """The states and marks of several grids together, with no figures yet."""
    first = grids[0]
    for other in grids[1:]:
        first = Grid(
            value=first.value,
            state=np.maximum(first.state, other.state),
            quality=first.quality | other.quality,
            captured=np.maximum(first.captured, other.captured),
            oldest=np.minimum(first.oldest, other.oldest),
            newest=np.maximum(first.newest, other.newest),
            sources=first.sources | other.sources,
        )
    return first


def combine(grids: Sequence[Grid], of: Callable[[list[Floats]], Floats]) -> Grid:
    """Cell by cell; where only some of the parts are there the result is incomplete."""
    marks = worst(grids)
    there = np.logical_or.reduce([grid.state == VALUE for grid in grids])
    state = np.where((marks.state == MISSING) & there, INCOMPLETE, marks.state)
    with np.errstate(all="ignore"):
        return marks.with_value(of([grid.value for grid in grids]), state)


def quotient(over: Grid, under: Grid, factor: float) -> Grid:
    """``factor * over / under``; a share of nothing is not applicable, never zero."""
    marks = worst([over, under])
    state = np.where((marks.state == VALUE) & (under.value == 0), NOT_APPLICABLE, marks.state)
    with np.errstate(all="ignore"):
        return marks.with_value(factor * over.value / under.value, state)


def shifted(grid: Grid, columns: int) -> Grid:
    """Every cell as it was some periods earlier; before the first period nothing is available."""
    blank = empty((grid.value.shape[0], columns))
    keep = grid.value.shape[1] - columns
    if keep <= 0:
        return empty((grid.value.shape[0], grid.value.shape[1]))
    arrays: dict[str, Any] = {
        name: np.hstack([getattr(blank, name), getattr(grid, name)[:, :keep]]) for name in ARRAYS
    }
    return Grid(**arrays)
