"""The functions of the formula language on grids."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ckanext.sozialdaten.indicators._grid import (
    ARRAYS,
    INCOMPLETE,
    MISSING,
    VALUE,
    Axes,
    Floats,
    Grid,
    combine,
    empty,
    quotient,
    shifted,
    worst,
)
from ckanext.sozialdaten.indicators._model import Expression, Function, Step

__all__ = [
    "Ratio",
    "change",
    "continuity",
    "difference",
    "index",
    "product",
    "ratio",
    "total",
    "trend",
]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient with what it is made of."""

    result: Grid
    over: Grid
    under: Grid


def total(parts: list[Grid]) -> Grid:
    """The sum; incomplete where a part is missing."""
    return combine(parts, lambda values: np.sum(values, axis=0))


def difference(parts: list[Grid]) -> Grid:
    """The first less all others."""
    return combine(parts, lambda values: values[0] - np.sum(values[1:], axis=0))


def product(parts: list[Grid]) -> Grid:
    """All multiplied."""
    return combine(parts, lambda values: np.prod(values, axis=0))


def ratio(over: Grid, under: Grid, expression: Expression) -> Ratio:
    """Numerator by denominator, times the factor."""
    return Ratio(quotient(over, under, expression.factor), over, under)


def change(now: Grid, expression: Expression, axes: Axes) -> Grid:
    """What a figure has grown by since some years ago or since a period.

    Relative: 100 * (now - then) / then; from a figure of zero there is no relative change.
    """
    then = _since(now, expression, axes) if expression.since else _back(now, expression, axes)

    def grown(values: list[Floats]) -> Floats:
        risen = values[0] - values[1]
        return 100 * risen / values[1] if expression.step is Step.RELATIVE else risen

    found = combine([now, then], grown)
    nothing = (now.state == MISSING) | (then.state == MISSING)
    state = np.where((found.state == INCOMPLETE) & nothing, MISSING, found.state)
    return replace(found, state=state, oldest=now.oldest, newest=now.newest)


def _back(grid: Grid, expression: Expression, axes: Axes) -> Grid:
    return shifted(grid, expression.years * axes.periods.in_a_year)


def _since(grid: Grid, expression: Expression, axes: Axes) -> Grid:
    """In every later period the figure of one period."""
    labels = [axes.label(column) for column in range(axes.count)]
    blank = empty(grid.value.shape)
    if expression.since not in labels:
        return blank
    column = labels.index(expression.since)
    for name in ARRAYS:
        array = getattr(blank, name)
        array[:, column + 1 :] = getattr(grid, name)[:, column : column + 1]
    return blank


def _history(grid: Grid, expression: Expression, axes: Axes) -> list[Grid]:
    """The figures of all periods from some years ago until now, the earliest first.

    ``years: 5`` of a yearly figure are six points: both ends belong to it.
    """
    steps = expression.years * axes.periods.in_a_year
    return [shifted(grid, back) if back else grid for back in range(steps, -1, -1)]


def trend(grid: Grid, expression: Expression, axes: Axes) -> Grid:
    """Slope of the line of least squares through all periods, in units a year.

    Relative: the slope in per cent of the first figure. Every period must have a figure; zeros are
    figures.
    """
    history = _history(grid, expression, axes)
    time = np.arange(len(history)) / axes.periods.in_a_year
    centred = time - time.mean()

    def slope(values: list[Floats]) -> Floats:
        found = np.tensordot(centred, np.stack(values), axes=1) / np.square(centred).sum()
        return 100 * found / values[0] if expression.step is Step.RELATIVE else found

    return replace(combine(history, slope), oldest=grid.oldest, newest=grid.newest)


def continuity(grid: Grid, expression: Expression, axes: Axes) -> Grid:
    """Correlation (Pearson) of the figures with time: 1 rises evenly, -1 falls evenly.

    Where all figures are equal there is no correlation, and the result is not applicable; a result
    of 0 is a figure.
    """
    history = _history(grid, expression, axes)
    centred = np.arange(len(history)) - (len(history) - 1) / 2

    def pearson(values: list[Floats]) -> Floats:
        stack: Floats = np.stack(values)
        spread = stack - stack.mean(axis=0)
        size = np.sqrt(np.square(spread).sum(axis=0) * np.square(centred).sum())
        found: Floats = (centred[:, None, None] * spread).sum(axis=0) / size
        found[stack.max(axis=0) == stack.min(axis=0)] = np.nan
        return found

    return replace(combine(history, pearson), oldest=grid.oldest, newest=grid.newest)


def index(
    parts: list[Grid], weights: tuple[float, ...], signs: list[int], groups: NDArray[np.int64]
) -> Grid:
    """Weighted mean of standardised figures: in each period and level, how many standard deviations
    above the mean of the regions. Above 0 is the more favourable side.

    Args:
        parts: the figures.
        weights: one for each.
        signs: -1 where a low figure is favourable, else 1.
        groups: the level of each region; regions are compared within their level.
    """
    factors = [weight / sum(weights) for weight in weights]
    scores = [_standardised(part, groups) for part in parts]
    marks = worst(parts)
    there = np.logical_or.reduce([part.state == VALUE for part in parts])
    state = np.where((marks.state == MISSING) & there, INCOMPLETE, marks.state)
    value = np.zeros(marks.value.shape)
    for factor, sign, score in zip(factors, signs, scores, strict=True):
        value += factor * sign * score
    return marks.with_value(value, state)


def _standardised(grid: Grid, groups: NDArray[np.int64]) -> Floats:
    found = np.full(grid.value.shape, np.nan)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        values = np.where(grid.state[rows] == VALUE, grid.value[rows], np.nan)
        counted = np.sum(~np.isnan(values), axis=0)
        mean = np.nansum(values, axis=0) / np.maximum(counted, 1)
        spread = np.sqrt(np.nansum(np.square(values - mean), axis=0) / np.maximum(counted, 1))
        with np.errstate(all="ignore"):
            found[rows] = np.where(spread > 0, (values - mean) / spread, np.nan)
    return found


FUNCTIONS = {Function.SUM: total, Function.DIFFERENCE: difference, Function.PRODUCT: product}
"""Functions of any number of figures."""
