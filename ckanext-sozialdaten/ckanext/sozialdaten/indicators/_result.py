"""Telling the outcome of a formula as a table, with intervals and pooled years."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ckanext.sozialdaten.indicators._formulas import Ratio
from ckanext.sozialdaten.indicators._grid import (
    INCOMPLETE,
    MISSING,
    STATES,
    VALUE,
    Axes,
    Floats,
    Grid,
)
from ckanext.sozialdaten.indicators._intervals import poisson, wilson
from ckanext.sozialdaten.indicators._layout_grid import SourceBook
from ckanext.sozialdaten.indicators._model import Indicator, Interval
from ckanext.sozialdaten.indicators._signs import text_of

__all__ = ["SCHEMA", "Outcome", "to_table"]

SCHEMA = pa.schema(
    [
        ("indicator", pa.string()),
        ("region", pa.string()),
        ("period", pa.string()),
        ("period_start", pa.date32()),
        ("period_end", pa.date32()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("state", pa.string()),
        ("quality", pa.string()),
        ("unit", pa.string()),
        ("age_days", pa.int32()),
        ("captured_at", pa.timestamp("us", tz="UTC")),
        ("sources", pa.list_(pa.string())),
        ("pooled", pa.int8()),
    ]
)
"""The columns of a result; see `compute`."""

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a formula gave.

    Args:
        indicator: the definition.
        axes: regions and periods.
        made: the result, of a ratio with its parts.
        is_ratio: whether it has parts.
        lead: the first input, whose Stichtage the figures have.
        stock: whether that input has Stichtage.
        book: names of the series.
        reach: of a trend, how far it may be off to either side.
    """

    indicator: Indicator
    axes: Axes
    made: Ratio
    is_ratio: bool
    lead: Grid
    stock: bool
    book: SourceBook
    reach: Floats


@dataclass(frozen=True, slots=True)
class _Told:
    """Figures as they are shown: pooled where the numerator is small."""

    value: Floats
    over: Floats
    under: Floats
    pooled: NDArray[np.int64]


def to_table(
    outcome: Outcome, shown: NDArray[np.bool_], between: tuple[dt.date | None, dt.date | None]
) -> pa.Table:
    """One row for each region that is shown and each period in which any region has a figure.

    Args:
        outcome: what a formula gave.
        shown: which regions are told.
        between: only periods that start then or later, and that end then or earlier.
    """
    axes = outcome.axes
    state = outcome.made.result.state
    told = _told(outcome)
    rows = np.flatnonzero(shown)
    columns = [
        column
        for column in range(axes.count)
        if (~np.isin(state[rows, column], (MISSING, INCOMPLETE))).any()
        and (between[0] is None or axes.span(column)[0] >= between[0])
        and (between[1] is None or axes.span(column)[1] <= between[1])
    ]
    if not columns or not len(rows):
        return SCHEMA.empty_table()
    low, high = _limits(outcome, told)
    return _assembled(outcome, told, (low, high), np.ix_(rows, np.array(columns)))


def _told(outcome: Outcome) -> _Told:
    made, rule = outcome.made, outcome.indicator.small_numbers
    value, over, under = made.result.value, made.over.value, made.under.value
    pooled = np.ones(value.shape, np.int64)
    counts = value if not outcome.is_ratio else over
    if not outcome.is_ratio or rule.below <= 0 or rule.years < 2:
        return _Told(value, counts, under, pooled)
    steps = rule.years * outcome.axes.periods.in_a_year
    sums = [_window(part, steps) for part in (over, under)]
    small = (made.result.state == VALUE) & (over < rule.below)
    usable = small & np.isfinite(sums[0]) & np.isfinite(sums[1]) & (sums[1] > 0)
    with np.errstate(all="ignore"):
        mean = outcome.indicator.formula.factor * sums[0] / sums[1]
    return _Told(
        np.where(usable, mean, value),
        np.where(usable, sums[0], over),
        np.where(usable, sums[1], under),
        np.where(usable, rule.years, pooled),
    )


def _window(values: Floats, steps: int) -> Floats:
    """Sums over the last periods; NaN where one of them has no figure."""
    found = np.full(values.shape, np.nan)
    for column in range(steps - 1, values.shape[1]):
        found[:, column] = values[:, column - steps + 1 : column + 1].sum(axis=1)
    return found


def _limits(outcome: Outcome, told: _Told) -> tuple[Floats, Floats]:
    """The interval in the unit of the figure."""
    indicator = outcome.indicator
    nothing = np.full(told.value.shape, np.nan)
    factor = indicator.formula.factor
    match indicator.interval:
        case Interval.WILSON:
            possible = (told.over >= 0) & (told.over <= told.under)
            low, high = wilson(told.over, told.under)
            scale: Floats | float = factor
        case Interval.POISSON:
            possible = told.over >= 0
            low, high = poisson(told.over)
            with np.errstate(all="ignore"):
                ratio = np.isfinite(told.under)
                scale = np.where(ratio, factor / told.under, 1.0)
        case Interval.LINE:
            return told.value - outcome.reach, told.value + outcome.reach
        case Interval.NONE:
            return nothing, nothing
    good = possible & np.isfinite(told.value)
    return np.where(good, scale * low, np.nan), np.where(good, scale * high, np.nan)


def _assembled(
    outcome: Outcome, told: _Told, limits: tuple[Floats, Floats], chosen: Any
) -> pa.Table:
    axes, result = outcome.axes, outcome.made.result
    rows, columns = chosen[0].ravel(), chosen[1].ravel()
    count = len(rows) * len(columns)
    there = (result.state == VALUE)[chosen].ravel()

    def flat(array: Any) -> Any:
        return array[chosen].ravel()

    def number(array: Floats) -> pa.Array:
        values = flat(array)
        return pa.array(values, pa.float64(), mask=~(np.isfinite(values) & there))

    age = flat(np.where(result.newest >= result.oldest, result.newest - result.oldest, 0))
    seen = flat(result.captured > np.iinfo(np.int64).min)
    starts, ends = _days(outcome, told, rows, columns)
    arrays = [
        pa.repeat(pa.scalar(outcome.indicator.id), count),
        _repeated([axes.regions[row] for row in rows], len(columns)),
        pa.array([axes.label(column) for column in columns] * len(rows)),
        starts,
        ends,
        number(told.value),
        number(limits[0]),
        number(limits[1]),
        number(told.over if outcome.is_ratio else np.full(told.value.shape, np.nan)),
        number(told.under if outcome.is_ratio else np.full(told.value.shape, np.nan)),
        _coded(flat(result.state), _state_of),
        _coded(flat(result.quality), text_of),
        pa.repeat(pa.scalar(outcome.indicator.unit["de"]), count),
        pa.array(age, pa.int32(), mask=~there),
        pa.array(flat(result.captured), pa.timestamp("us", tz="UTC"), mask=~seen),
        _sources(flat(result.sources), outcome.book),
        pa.array(np.where(there, flat(told.pooled), 1), pa.int8()),
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _state_of(code: int) -> str:
    return STATES[code].value


def _repeated(keys: list[str], times: int) -> pa.Array:
    places = np.repeat(np.arange(len(keys)), times)
    return pa.array(keys).take(pa.array(places))


def _coded(codes: NDArray[np.int64], of: Any) -> pa.Array:
    known, places = np.unique(codes, return_inverse=True)
    return pa.array([of(int(code)) for code in known], pa.string()).take(pa.array(places))


def _sources(bits: NDArray[np.object_], book: SourceBook) -> pa.Array:
    known = {code: place for place, code in enumerate(dict.fromkeys(bits.tolist()))}
    lists = pa.array([book.told(code) for code in known], pa.list_(pa.string()))
    return lists.take(pa.array([known[code] for code in bits.tolist()], pa.int64()))


def _days(
    outcome: Outcome, told: _Told, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[pa.Array, pa.Array]:
    """First and last day of each figure; of a Stichtag they are the same, pooled years span all."""
    axes = outcome.axes
    spans = [axes.span(column) for column in range(axes.count)]
    starts = np.array([(start - _EPOCH).days for start, _ in spans])
    ends = np.array([(end - _EPOCH).days for _, end in spans])
    first, last = (np.broadcast_to(days, axes.shape).copy() for days in (starts, ends))
    if outcome.stock:
        newest = outcome.lead.newest
        common = newest.max(axis=0)
        inside = (common >= starts) & (common <= ends)
        day = np.where(
            (newest >= starts) & (newest <= ends), newest, np.where(inside, common, ends)
        )
        first, last = day.copy(), day
    back = (told.pooled - 1) * axes.periods.in_a_year
    earlier = np.maximum(np.arange(axes.count) - back, 0)
    first = np.where(back > 0, np.take_along_axis(first, earlier, axis=1), first)
    chosen = np.ix_(rows, columns)
    return _dates(first[chosen]), _dates(last[chosen])


def _dates(days: NDArray[np.int64]) -> pa.Array:
    return pa.array(days.ravel().astype(np.int32), pa.int32()).cast(pa.date32())
