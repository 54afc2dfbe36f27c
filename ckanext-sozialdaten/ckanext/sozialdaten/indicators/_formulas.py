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
from ckanext.sozialdaten.indicators._intervals import student
from ckanext.sozialdaten.indicators._model import Expression, Function, Mean, Scale, Step

__all__ = [
    "Line",
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


@dataclass(frozen=True, slots=True)
class Line:
    """A slope with how far it may be off to either side, in its own unit."""

    result: Grid
    reach: Floats


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
    return shifted(grid, axes.steps(expression.months))


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
    steps = axes.steps(expression.months)
    return [shifted(grid, back) if back else grid for back in range(steps, -1, -1)]


def trend(grid: Grid, expression: Expression, axes: Axes) -> Line:
    """Slope of the line of least squares through all periods, in units a year.

    Relative: the slope in per cent of the first figure. Every period must have a figure; zeros are
    figures. The reach is that of 95 % confidence in the slope (Student's distribution with two
    degrees of freedom less than points; Draper, N. R.; Smith, H. (1998): Applied Regression
    Analysis, section 1.4); it takes the first figure of a relative slope as given.
    """
    history = _history(grid, expression, axes)
    time = np.arange(len(history)) / axes.periods.in_a_year
    centred = time - time.mean()
    size = np.square(centred).sum()

    def slope(values: list[Floats]) -> Floats:
        found = np.tensordot(centred, np.stack(values), axes=1) / size
        return 100 * found / values[0] if expression.step is Step.RELATIVE else found

    result = replace(combine(history, slope), oldest=grid.oldest, newest=grid.newest)
    stack: Floats = np.stack([one.value for one in history])
    with np.errstate(all="ignore"):
        spread = stack - stack.mean(axis=0)
        fitted = np.tensordot(centred, stack, axes=1) / size
        rest = np.square(spread - centred[:, None, None] * fitted).sum(axis=0)
        freedom = len(history) - 2
        reach = student(freedom) * np.sqrt(rest / freedom / size)
        if expression.step is Step.RELATIVE:
            reach = 100 * reach / np.abs(stack[0])
    return Line(result, reach)


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
    parts: list[Grid], expression: Expression, signs: list[int], groups: NDArray[np.int64]
) -> Grid:
    """Several figures as one, made comparable by their scale and put together by their mean.

    Each part is compared among the regions of a level in a period. The larger result is the more
    favourable one. The lowest part counts alone, whatever its weight, where ``mean`` says so.

    Args:
        parts: the figures.
        expression: weights, scale and mean.
        signs: -1 where a low figure is favourable, else 1.
        groups: the level of each region.
    """
    weights = expression.weights
    factors = np.array([weight / sum(weights) for weight in weights])
    scores = np.stack(
        [
            _turned(_by_group(part, groups, expression.scale), sign, expression.scale)
            for part, sign in zip(parts, signs, strict=True)
        ]
    )
    marks = worst(parts)
    there = np.logical_or.reduce([part.state == VALUE for part in parts])
    state = np.where((marks.state == MISSING) & there, INCOMPLETE, marks.state)
    with np.errstate(all="ignore"):
        match expression.mean:
            case Mean.ARITHMETIC:
                value = np.tensordot(factors, scores, axes=1)
            case Mean.GEOMETRIC:
                value = np.exp(np.tensordot(factors, np.log(scores), axes=1))
                value = np.where((scores == 0).any(axis=0), 0.0, value)
            case Mean.LOWEST:
                value = scores.min(axis=0)
    return marks.with_value(value, state)


def _turned(scores: Floats, sign: int, scale: Scale) -> Floats:
    if sign > 0:
        return scores
    return -scores if scale is Scale.ZSCORE else 1 - scores


def _by_group(grid: Grid, groups: NDArray[np.int64], scale: Scale) -> Floats:
    """The figures on their scale; NaN where there is none or all figures are equal."""
    found = np.full(grid.value.shape, np.nan)
    of = _SCALES[scale]
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        values = np.where(grid.state[rows] == VALUE, grid.value[rows], np.nan)
        with np.errstate(all="ignore"):
            found[rows] = of(values)
    return found


def _zscores(values: Floats) -> Floats:
    counted = np.maximum(np.sum(~np.isnan(values), axis=0), 1)
    mean = np.nansum(values, axis=0) / counted
    spread = np.sqrt(np.nansum(np.square(values - mean), axis=0) / counted)
    return np.where(spread > 0, (values - mean) / spread, np.nan)


def _between(values: Floats) -> Floats:
    low = np.fmin.reduce(values, axis=0)
    width = np.fmax.reduce(values, axis=0) - low
    return np.where(width > 0, (values - low) / width, np.nan)


def _ranks(values: Floats) -> Floats:
    below = (values[None, :, :] < values[:, None, :]).sum(axis=1)
    equal = (values[None, :, :] == values[:, None, :]).sum(axis=1)
    return _between(np.where(np.isnan(values), np.nan, below + (equal + 1) / 2))


_SCALES = {Scale.ZSCORE: _zscores, Scale.MINMAX: _between, Scale.RANK: _ranks}
FUNCTIONS = {Function.SUM: total, Function.DIFFERENCE: difference, Function.PRODUCT: product}
"""Functions of any number of figures."""
