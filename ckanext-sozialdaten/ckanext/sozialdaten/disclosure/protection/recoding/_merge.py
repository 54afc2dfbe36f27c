"""Categories of a table of counts merged until no small count is left.

One dimension is merged as well as can be (see ``_partition``), for each choice of a few coarser
codings of the others; the result with the least loss that the check finds safe is the candidate.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ckanext.sozialdaten.disclosure._check import check_table
from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure._model import Verdict
from ckanext.sozialdaten.disclosure._parameters import Zeros
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection.recoding._grid import (
    Grid,
    Plan,
    bits_lost,
    grid_of,
)
from ckanext.sozialdaten.disclosure.protection.recoding._partition import (
    Merging,
    Smallness,
    best_merging,
    cut_below,
    paired,
)
from ckanext.sozialdaten.disclosure.protection.recoding._rows import merged_table
from ckanext.sozialdaten.disclosure.protection.recoding._tree import Tree, tree_of
from ckanext.sozialdaten.disclosure.structure import Cells, cells_of, relations
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["merge_candidate"]

_CHOICES = 200
_TRIES = 6
_WIDTHS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class _Result:
    """One way to merge: what it loses, and what it does to each dimension."""

    bits: float
    cells: int
    plan: Plan


def merge_candidate(subject: Subject) -> Candidate | None:
    """A table of counts with merged categories and all totals as they were.

    Siblings alone are merged: neighbouring age bands, Gemeinden of one Kreis into the other ones,
    rare kinds into the others. Periods are never merged. Amounts are summed up with the counts;
    rates of merged rows are blank.

    Args:
        subject: the table, with all its counts known.

    Returns:
        The table, which the check finds safe; None where merging does not lead to one.
    """
    measures = subject.measures
    if measures is None or not measures.of(Role.COUNT):
        return None
    cells = cells_of(subject, Role.COUNT)
    if cells is None or cells.withheld.any():
        return None
    found = relations(cells, subject.policy.frequency.total_share)
    times = set(subject.known.columns(Role.TIME))
    trees = {
        position: tree
        for position, dimension in enumerate(cells.dimensions)
        if dimension.name != COLUMN
        and dimension.name not in times
        and (tree := tree_of(dimension, position, found)) is not None
    }
    grid = grid_of(cells)
    for result in itertools.islice(_results(subject, grid, trees), _TRIES):
        candidate = _candidate(subject, cells, trees, result)
        roles = {n: g.role for n, g in subject.known.guesses.items() if g.role is not None}
        if check_table(candidate.table, roles, subject.policy).verdict is Verdict.SAFE:
            return candidate
    return None


def _results(subject: Subject, grid: Grid, trees: Mapping[int, Tree]) -> Iterator[_Result]:
    """All ways that were found, those that lose least first."""
    small = Smallness(
        subject.policy.frequency.minimum, subject.policy.frequency.zeros is Zeros.PROTECT
    )
    found: dict[str, _Result] = {}
    options = {position: _options(grid, position, tree) for position, tree in trees.items()}
    for position, tree in trees.items():
        others = {place: choices for place, choices in options.items() if place != position}
        for plan in _choices(others):
            coarse = grid
            for place, merging in plan.items():
                coarse = coarse.merged(place, trees[place], merging)
            counts = coarse.by_code(position, len(tree.labels))
            best = best_merging(tree, counts, small)
            if best is None:
                continue
            whole = {**plan, position: best}
            whole = {place: merging for place, merging in whole.items() if merging.groups}
            after = coarse.merged(position, tree, best)
            if whole and not small.of(after.values):
                groups = sorted((place, merging.groups) for place, merging in whole.items())
                bits = bits_lost(grid, trees, whole)
                found.setdefault(str(groups), _Result(bits, len(after), whole))
    yield from (found[key] for key in sorted(found, key=lambda k: (found[k].bits, k)))


def _options(grid: Grid, position: int, tree: Tree) -> list[Merging | None]:
    """Coarser codings of one dimension, None for none at all."""
    counts = grid.by_code(position, len(tree.labels))
    depths = range(max((tree.depth(code) for code in range(len(tree.labels))), default=0) + 1)
    coarse = [paired(tree, counts, width) for width in _WIDTHS]
    coarse += [cut_below(tree, counts, depth) for depth in reversed(depths)]
    return [None, *(merging for merging in coarse if merging is not None)]


def _choices(options: Mapping[int, list[Merging | None]]) -> list[Plan]:
    """Combinations of options, those that lose least first."""
    most = itertools.islice(itertools.product(*options.values()), 20 * _CHOICES)
    plans = [
        {place: merging for place, merging in zip(options, chosen, strict=True) if merging}
        for chosen in most
    ]
    plans.sort(key=lambda plan: sum(merging.bits for merging in plan.values()))
    return list(plans[:_CHOICES])


def _candidate(
    subject: Subject, cells: Cells, trees: Mapping[int, Tree], result: _Result
) -> Candidate:
    names = [cells.dimensions[place].name for place in result.plan]
    merged = sum(len(members) for merging in result.plan.values() for _, members in merging.groups)
    return Candidate(
        merged_table(subject, cells, trees, result.plan),
        Method.MERGE,
        {"minimum": subject.policy.frequency.minimum, "merged": ", ".join(names)},
        (),
        {"cells": 1 - result.cells / max(len(cells), 1), "entropy": result.bits},
        notes={
            "categories": merged,
            "groups": sum(len(merging.groups) for merging in result.plan.values()),
            "cells": result.cells,
        },
    )
