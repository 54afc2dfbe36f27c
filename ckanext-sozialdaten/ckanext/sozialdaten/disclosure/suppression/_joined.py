"""Several tables that share cells, as one problem: a shared cell gets one status in all of them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import (
    Bools,
    Equation,
    Floats,
    Ints,
    Problem,
    Sums,
)

__all__ = ["Margin", "joined", "with_margins"]


def joined(
    problems: Sequence[Problem], names: Sequence[Sequence[Hashable | None]]
) -> tuple[Problem, list[Ints]]:
    """One problem of several tables.

    Args:
        problems: one for each table, with the same ``open_width`` and ``harmless``.
        names: for each cell of each table what it counts, the same in all tables; None where no
            other table can show it.

    Returns:
        The problem, and for each table the position of each of its cells in it.

    Of cells that several tables show the strictest demand counts, and the highest weight.
    """
    known: dict[Hashable, int] = {}
    places: list[Ints] = []
    size = 0
    for table in names:
        place = np.empty(len(table), dtype=np.int64)
        for cell, name in enumerate(table):
            found = size if name is None else known.setdefault(name, size)
            place[cell] = found
            size = max(size, found + 1)
        places.append(place)

    def gathered(field: str, *, lowest: bool = False) -> Floats:
        result = np.full(size, np.inf if lowest else -np.inf)
        for problem, place in zip(problems, places, strict=True):
            given = np.asarray(getattr(problem, field), dtype=np.float64)
            (np.minimum if lowest else np.maximum).at(result, place, given)
        return result

    primary, fixed = gathered("primary") > 0, gathered("fixed") > 0
    first = problems[0]
    common = np.zeros(size, dtype=np.bool_)
    for problem, place in zip(problems, places, strict=True):
        if problem.common is not None:
            common[place] |= problem.common
    joint = Problem(
        gathered("values"),
        gathered("weights"),
        gathered("low"),
        gathered("high", lowest=True),
        primary,
        fixed & ~primary,
        _stacked([problem.sums for problem in problems], places),
        gathered("up"),
        gathered("down"),
        gathered("width"),
        first.open_width,
        first.harmless,
        common if common.any() else None,
        _insiders(problems, places, size),
        open=gathered("open") if all(one.open is not None for one in problems) else None,
    )
    return joint, places


@dataclass(frozen=True, slots=True)
class Margin:
    """One sum that several tables form from different cells, of which one may show it.

    Args:
        members: for each table the cells that add up to it.
    """

    members: tuple[tuple[int, ...], ...]


def with_margins(problem: Problem, margins: Sequence[Margin]) -> Problem:
    """The problem with the sums that only its tables together tell.

    Where no table shows such a sum, it is a cell that nobody published and nothing is asked of.
    """
    rows: list[Equation] = []
    values: list[float] = []
    for margin in margins:
        single = next((cells for cells in margin.members if len(cells) == 1), None)
        if single is None:
            total = len(problem) + len(values)
            values.append(float(problem.values[list(margin.members[0])].sum()))
        else:
            total = single[0]
        rows += [
            Equation((total, *cells), (1.0, *[-1.0] * len(cells)))
            for cells in margin.members
            if cells != single
        ]
    if not rows:
        return problem
    size = len(values)
    new, nothing = np.array(values), np.zeros(size)
    most = float(problem.high.max(initial=0.0)) + np.abs(new)

    def flags(field: Bools, *, said: bool) -> Bools:
        return np.concatenate([field, np.full(size, said)])

    whole = np.arange(len(problem) + size)
    return replace(
        problem,
        values=np.concatenate([problem.values, new]),
        weights=np.concatenate([problem.weights, nothing]),
        low=np.concatenate([problem.low, -most if (problem.low < 0).any() else nothing]),
        high=np.concatenate([problem.high, most]),
        primary=flags(problem.primary, said=True),
        fixed=flags(problem.fixed, said=False),
        sums=_stacked([problem.sums, Sums.of(rows)], [whole, whole]),
        up=np.concatenate([problem.up, nothing]),
        down=np.concatenate([problem.down, nothing]),
        width=np.concatenate([problem.width, nothing]),
        common=None if problem.common is None else flags(problem.common, said=False),
        insiders=None
        if problem.insiders is None
        else np.concatenate([problem.insiders, np.full(size, -1, dtype=np.int64)]),
        open=None if problem.open is None else np.concatenate([problem.open, nothing]),
    )


def _stacked(sums: Sequence[Sums], places: Sequence[Ints]) -> Sums:
    before = np.cumsum([0, *(one.count for one in sums)])
    return Sums(
        np.concatenate([one.rows + start for one, start in zip(sums, before, strict=False)]),
        np.concatenate([place[one.cells] for one, place in zip(sums, places, strict=True)]),
        np.concatenate([one.factors for one in sums]),
        int(before[-1]),
    ).merged()


def _insiders(problems: Sequence[Problem], places: Sequence[Ints], size: int) -> Ints | None:
    """Whoever is alone in a shared cell is the same person in all tables that show it."""
    if all(problem.insiders is None for problem in problems):
        return None
    result = np.full(size, -1, dtype=np.int64)
    for problem, place in zip(problems, places, strict=True):
        if problem.insiders is None:
            continue
        for number in np.unique(problem.insiders[problem.insiders >= 0]).tolist():
            cells = place[problem.insiders == number]
            taken = np.unique(result[cells][result[cells] >= 0])
            name = int(taken[0]) if len(taken) else int(cells.min())
            result[cells] = name
            result[np.isin(result, taken)] = name
    return result
