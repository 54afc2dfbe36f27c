"""What the numbers say about time: whether periods add up, and which one an undated table shows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension
from ckanext.sozialdaten.disclosure.structure._meaning import Period, Topic
from ckanext.sozialdaten.disclosure.structure._views import TOTAL, Code, Side, View

__all__ = ["dated", "flows"]

_NEAR = 0.25
_SHARE = 0.5
_TELLING = 2
_Name = frozenset[tuple[str, Code]]


def _place(view: View) -> int | None:
    """The position of the side that speaks of time."""
    return next((n for n, side in enumerate(view.sides) if side.topic is Topic.TIME), None)


def _names(view: View) -> list[tuple[_Name, Code]]:
    """For each cell its codes but for totals and time, and its time."""
    when = _place(view)
    combined = np.zeros(len(view.cells), dtype=np.int64)
    for n, dimension in enumerate(view.cells.dimensions):
        if n != when:  # cells that differ in time alone share one name
            wide = combined * len(dimension.labels) + dimension.codes
            combined = np.unique(wide, return_inverse=True)[1].astype(np.int64)
    _, first, which = np.unique(combined, return_index=True, return_inverse=True)
    names = [_name(view, cell, when) for cell in first.tolist()]
    if when is None:
        return [(names[n], TOTAL) for n in which.tolist()]
    said = view.sides[when].codes
    times: list[int] = view.cells.dimensions[when].codes.tolist()
    return [(names[n], said[time]) for n, time in zip(which.tolist(), times, strict=True)]


def _name(view: View, cell: int, when: int | None) -> _Name:
    """The codes of one cell but for totals and time."""
    said = [
        (side, side.codes[int(dimension.codes[cell])])
        for side, dimension in zip(view.sides, view.cells.dimensions, strict=True)
    ]
    return frozenset(
        (side.topic if side.topic is not Topic.OTHER else side.name, code)
        for n, (side, code) in enumerate(said)
        if n != when and code != TOTAL
    )


def dated(views: Sequence[View]) -> list[View]:
    """The views; undated ones get the one period of the others whose figures they repeat."""
    series: dict[Code, dict[_Name, float]] = {}
    for view in views:
        if _place(view) is not None:
            pairs = zip(_names(view), view.cells.values.tolist(), strict=True)
            for (name, when), value in pairs:
                if isinstance(when, Period) and value > 0:
                    series.setdefault(when, {}).setdefault(name, value)
    return [_with_time(view, series) if _place(view) is None else view for view in views]


def _with_time(view: View, series: dict[Code, dict[_Name, float]]) -> View:
    own = {
        name: value
        for (name, _), value in zip(_names(view), view.cells.values.tolist(), strict=True)
        if value > 0
    }
    best, hits = None, 0
    for when, values in series.items():
        common = own.keys() & values.keys()
        equal = sum(1 for name in common if own[name] == values[name])
        if equal >= max(_TELLING, _SHARE * len(common)) and equal > hits:
            best, hits = when, equal
    if best is None:
        return view
    fixed = Dimension("__time", ("",), np.zeros(len(view.cells), dtype=np.int64))
    cells = replace(view.cells, dimensions=(*view.cells.dimensions, fixed))
    return replace(view, cells=cells, sides=(*view.sides, Side(Topic.TIME, "", (best,))))


def flows(views: Sequence[View]) -> bool:
    """Whether longer periods are sums of shorter ones, as far as the numbers say."""
    values: dict[_Name, dict[Period, float]] = {}
    for view in views:
        for (name, when), value in zip(_names(view), view.cells.values.tolist(), strict=True):
            if isinstance(when, Period) and not np.isnan(value):
                values.setdefault(name, {}).setdefault(when, value)
    good = bad = 0
    for periods in values.values():
        for total, parts in _tilings(sorted(periods)):
            near = abs(periods[total] - sum(periods[p] for p in parts)) <= _NEAR * periods[total]
            good, bad = good + near, bad + (not near)
    return good >= bad


def _tilings(periods: Sequence[Period]) -> Iterator[tuple[Period, list[Period]]]:
    """Periods that shorter ones cover without a gap."""
    for total in periods:
        at, parts = total.start, list[Period]()
        while at < total.end:
            steps = [p for p in periods if p.start == at and at < p.end <= total.end and p != total]
            if not steps:
                break
            parts.append(max(steps, key=lambda p: p.end))
            at = parts[-1].end
        if at == total.end and len(parts) > 1:
            yield total, parts
