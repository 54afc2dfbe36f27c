"""Laying inputs out: rows of `Term` become rectangles of regions and periods."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ckanext.sozialdaten.geography import GeographyError, Level, Register, key_level
from ckanext.sozialdaten.indicators._grid import (
    ARRAYS,
    INCOMPLETE,
    MISSING,
    NOT_APPLICABLE,
    VALUE,
    Axes,
    Grid,
    combine,
    empty,
    shifted,
)
from ckanext.sozialdaten.indicators._model import Input, Periods, Statistic, Time, Upward
from ckanext.sozialdaten.indicators._terms import Term

__all__ = ["SourceBook", "axes_of", "lay_out", "level_of", "timed"]

_UPWARD = (
    (Level.ORTSTEIL, Level.ORTSTEIL),
    (Level.GEMEINDE, Level.ORTSTEIL),
    (Level.VERBAND, Level.GEMEINDE),
    (Level.KREIS, Level.GEMEINDE),
)
"""Levels whose parts a register names completely; of a Land it may know one Kreis alone."""


@dataclass(slots=True)
class SourceBook:
    """The series that were used, each as a bit."""

    names: list[str] = field(default_factory=list[str])

    def bits(self, names: Iterable[str]) -> int:
        """The bits of some series."""
        found = 0
        for name in names:
            if name not in self.names:
                self.names.append(name)
            found |= 1 << self.names.index(name)
        return found

    def told(self, bits: int) -> list[str]:
        """The series of some bits, by name."""
        return sorted(name for place, name in enumerate(self.names) if bits >> place & 1)


def level_of(key: str, register: Register) -> Level | None:
    """The level of a region; by the form of its key where the register does not know it."""
    try:
        return register.level(key)
    except GeographyError:
        pass
    try:
        return key_level(key)
    except GeographyError:
        return None


def axes_of(terms: Iterable[Term], register: Register, periods: Periods) -> Axes:
    """Regions around the data, and all periods from the first to the last.

    A Gemeinde without a figure stands beside those with one: all regions of a Kreis that occurs are
    there, and the regions above.
    """
    regions: set[str] = set()
    numbers: set[int] = set()
    for term in terms:
        regions.update(term.rows["region"].unique().to_pylist())
        numbers.update(term.rows["period"].unique().to_pylist())
    for gemeinde in {key[:8] for key in regions if "-" in key}:
        try:
            regions.update((gemeinde, *register.children(gemeinde, Level.ORTSTEIL)))
        except GeographyError:
            continue
    for kreis in {key[:5] for key in regions if len(key) >= 5 and key[:5].isdigit()}:
        try:
            regions.add(register.normalise(kreis))
            regions.update(register.ancestors(kreis))
            for level in (Level.VERBAND, Level.GEMEINDE):
                regions.update(register.children(kreis, level))
        except GeographyError:
            continue
    if not numbers:
        return Axes(tuple(sorted(regions)), 0, 0, periods)
    first = min(numbers)
    return Axes(tuple(sorted(regions)), first, max(numbers) - first + 1, periods)


def lay_out(
    item: Input,
    term: Term,
    axes: Axes,
    register: Register,
    book: SourceBook,
    weigher: Grid | None = None,
) -> Grid:
    """The grid of an input; a Kreis without figures of its own gets those of its Gemeinden.

    ``weigher`` is the grid of ``item.weigher``, needed where figures are weighted upward.
    """
    grid = _filled(term, axes, book)
    if item.count or (item.points and item.statistic is Statistic.SUM):
        grid = _with_zeros(grid, axes)
    if item.upward is not Upward.NONE:
        grid = _upward(grid, axes, register, weigher)
    return grid


def timed(grid: Grid, item: Input, axes: Axes) -> Grid:
    """The grid with, in each period, the observation that the input means by its time."""
    year = axes.periods.in_a_year
    match item.time:
        case Time.SAME:
            return grid
        case Time.PREVIOUS:
            return shifted(grid, year)
        case Time.MEAN:
            mean = combine([grid, shifted(grid, year)], lambda both: (both[0] + both[1]) / 2)
            return replace(mean, oldest=grid.oldest, newest=grid.newest)
        case Time.LATEST:
            found = grid
            for back in range(1, item.within_years * year + 1):
                found = _where(found.state == MISSING, shifted(grid, back), found)
            return found


def _filled(term: Term, axes: Axes, book: SourceBook) -> Grid:
    grid = empty(axes.shape)
    rows = term.rows
    if not rows.num_rows:
        return grid
    places = {key: place for place, key in enumerate(axes.regions)}
    at = (
        np.array([places[key] for key in rows["region"].to_pylist()], np.int64),
        _numbers(rows, "period") - axes.first,
    )
    cells, known = _numbers(rows, "cells"), _numbers(rows, "known")
    expected = np.full(len(cells), term.expected) if term.expected else cells
    needed = expected * np.where(
        np.array(rows["kind"].to_pylist()) == "stichtag",
        1,
        np.array([_days(axes, column) for column in range(axes.count)], np.int64)[at[1]],
    )
    told = np.where(np.array(rows["kind"].to_pylist()) == "stichtag", known, _numbers(rows, "days"))
    whole = (known == cells) & (told == needed)
    partly = np.where(known > 0, INCOMPLETE, MISSING)
    worst_sign = _numbers(rows, "state")
    state = np.select([worst_sign >= NOT_APPLICABLE, whole], [worst_sign, VALUE], partly)
    grid.state[at] = state
    total = known if term.counted else rows["total"].to_numpy()
    grid.value[at] = np.where(state == VALUE, total, np.nan)
    for name in ("quality", "captured", "oldest", "newest"):
        getattr(grid, name)[at] = _numbers(rows, name)
    grid.sources[at] = np.array([book.bits(names) for names in rows["series"].to_pylist()], object)
    return grid


def _numbers(rows: Any, name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    return rows[name].to_numpy().astype(np.int64)


def _days(axes: Axes, column: int) -> int:
    start, end = axes.span(column)
    return (end - start).days + 1


def _with_zeros(grid: Grid, axes: Axes) -> Grid:
    """Counted things: a Gemeinde without any has none, if its Kreis is covered in that period."""
    heads = np.array([key[:5] if len(key) == 8 else "" for key in axes.regions])
    result = replace(grid, value=grid.value.copy(), state=grid.state.copy())
    for head in set(heads) - {""}:
        rows = np.flatnonzero(heads == head)
        covered = (grid.state[rows] == VALUE).any(axis=0)
        blank = (grid.state[rows] == MISSING) & covered
        result.state[rows] = np.where(blank, VALUE, grid.state[rows])
        result.value[rows] = np.where(blank, 0.0, grid.value[rows])
    return result


def _upward(grid: Grid, axes: Axes, register: Register, weigher: Grid | None) -> Grid:
    """Sums, or weighted means, of the regions inside for those without a row of their own.

    Small areas make up those around them and their Gemeinde, Gemeinden the Verband and the Kreis;
    and only all of them.
    """
    places = {key: place for place, key in enumerate(axes.regions)}
    for above, below in _UPWARD:
        for key in sorted(places, key=lambda key: (-key.count("-"), -len(key), key)):
            place = places[key]
            if level_of(key, register) is not above or not (grid.state[place] == MISSING).any():
                continue
            inside = [places.get(child, -1) for child in _parts(key, below, register)]
            if inside and min(inside) >= 0:
                whole = _together(grid, inside, weigher)
                row = _where(grid.state[place : place + 1] == MISSING, whole, _row(grid, place))
                grid = _with_row(grid, place, row)
    return grid


def _parts(key: str, below: Level, register: Register) -> list[str]:
    """What makes a region up without overlap; of small areas the next ones alone."""
    try:
        if below is not Level.ORTSTEIL:
            return list(register.children(key, below))
        direct = register.children(key)
    except GeographyError:
        return []
    return [child for child in direct if level_of(child, register) is below]


def _together(grid: Grid, inside: list[int], weigher: Grid | None) -> Grid:
    """The sum of some regions, or their mean weighted by another input; never a plain mean."""
    parts = [_row(grid, place) for place in inside]
    if weigher is None:
        return combine(parts, lambda values: np.sum(values, axis=0))
    weights = [_row(weigher, place) for place in inside]

    def mean(values: list[Any]) -> Any:
        figures, shares = np.stack(values[: len(inside)]), np.stack(values[len(inside) :])
        return (figures * shares).sum(axis=0) / shares.sum(axis=0)

    return combine([*parts, *weights], mean)


def _row(grid: Grid, place: int) -> Grid:
    return Grid(**{name: getattr(grid, name)[place : place + 1] for name in ARRAYS})


def _with_row(grid: Grid, place: int, row: Grid) -> Grid:
    arrays: dict[str, Any] = {name: getattr(grid, name).copy() for name in ARRAYS}
    for name, array in arrays.items():
        array[place : place + 1] = getattr(row, name)
    return Grid(**arrays)


def _where(chosen: Any, yes: Grid, no: Grid) -> Grid:
    arrays: dict[str, Any] = {
        name: np.where(chosen, getattr(yes, name), getattr(no, name)) for name in ARRAYS
    }
    return Grid(**arrays)
