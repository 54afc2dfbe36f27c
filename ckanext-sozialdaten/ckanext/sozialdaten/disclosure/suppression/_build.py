"""From the cells and sums of a table to the problem of suppressing as little as possible."""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._parameters import Zeros
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, groups
from ckanext.sozialdaten.disclosure.suppression._problem import Equation, Problem

__all__ = ["Built", "build"]

Floats = npt.NDArray[np.float64]
_WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Built:
    """The problem of a table.

    Args:
        problem: its first cells are those of the table in canonical order, then come the rests
            that totals hold beyond their parts.
        order: for each of these first cells its position in the table.
        small: how many cells are below the minimum frequency.
    """

    problem: Problem
    order: npt.NDArray[np.int64]
    small: int


@dataclass(frozen=True, slots=True)
class _Sum:
    """One sum of the table, and what its total holds beyond the parts."""

    total: int
    parts: tuple[int, ...]
    rest: float | None = None
    open: bool = False


def build(cells: Cells, found: Sequence[Relation], policy: Policy) -> Built | None:
    """The problem of a table of counts.

    Args:
        cells: the table.
        found: its sums.
        policy: what is small, and how wide what is suppressed must stay.

    Returns:
        The problem; None if the sums around cells that are suppressed already cannot all hold.
    """
    keys = cells.keys()
    order = np.array(
        sorted(range(len(cells)), key=lambda c: (cells.columns[c], keys[c])), dtype=int
    )
    place = np.empty(len(cells), dtype=np.int64)
    place[order] = np.arange(len(cells))
    sums = sorted(_sums(cells, found, place, policy), key=lambda s: (s.total, s.parts))
    rests = [one for one in sums if one.rest is not None or one.open]
    size = len(cells) + len(rests)
    equations: list[Equation] = []
    for one in sums:
        members, signs = [one.total, *one.parts], [1.0, *[-1.0] * len(one.parts)]
        if one.rest is not None or one.open:
            members.append(len(cells) + rests.index(one))
            signs.append(-1.0)
        equations.append(Equation(tuple(members), tuple(signs)))
    values = np.zeros(size)
    values[: len(cells)] = cells.values[order]
    values[len(cells) :] = [np.nan if one.rest is None else one.rest for one in rests]
    completed = _completed(values, equations)
    if completed is None:
        return None
    return _problem(cells, found, policy, order, (values, completed, equations))


def _problem(
    cells: Cells,
    found: Sequence[Relation],
    policy: Policy,
    order: npt.NDArray[np.int64],
    model: tuple[Floats, Floats, Sequence[Equation]],
) -> Built:
    shown, values, equations = model
    count, size = len(cells), len(values)
    hidden = np.isnan(shown)
    small = np.array([policy.frequency.check and policy.is_small(v) for v in values]) & ~hidden
    primary = small | hidden
    primary[count:] = True
    nil = (values == 0) & ~primary
    negative = bool((values[:count] < 0).any())
    known_not_nil = (policy.frequency.zeros is Zeros.PUBLISH) & ~hidden
    known_not_nil[count:] = False
    wide = policy.suppression.minimum_width if policy.suppression.check else 0.0
    most = 10.0 * (1.0 + float(np.abs(values).max(initial=0.0)) + wide)
    low = np.where(known_not_nil, 1.0, 0.0) if not negative else np.full(size, -most)
    width = np.where(small, wide, 0.0)
    weights = np.zeros(size)
    weights[:count] = _weights(cells, found, policy)[order] * (
        1 + np.log2(1 + np.abs(values[:count])) / 32
    )
    problem = Problem(
        values,
        weights,
        np.minimum(low, values),
        np.full(size, most) + np.abs(values),
        primary,
        nil,
        equations,
        np.zeros(size),
        np.zeros(size),
        width,
        wide,
        float(policy.frequency.minimum),
        common=hidden & (np.arange(size) < count),
    )
    return Built(problem, order, int(small[:count].sum()))


def _weights(cells: Cells, found: Sequence[Relation], policy: Policy) -> Floats:
    """1 for inner cells, and more for each dimension over which a cell is a total."""
    weights = np.ones(len(cells))
    for position, dimension in enumerate(cells.dimensions):
        totals = {relation.total for relation in found if relation.dimension == position}
        is_total = np.isin(dimension.codes, np.array(sorted(totals), dtype=np.int64))
        weights[is_total] *= policy.protection.margin_weight
    return weights


def _sums(
    cells: Cells, found: Sequence[Relation], place: npt.NDArray[np.int64], policy: Policy
) -> list[_Sum]:
    """The sums of a table in canonical positions; a rest stands where it needs protection."""
    result: dict[tuple[int, tuple[int, ...]], _Sum] = {}
    for relation in found:
        members = groups(cells, relation)
        gaps = [
            float(cells.values[group.total] - cells.values[list(group.parts)].sum())
            for group in members
        ]
        known = [gap for gap in gaps if not np.isnan(gap)]
        counts = all(abs(gap - round(gap)) < _WHOLE and gap > -_WHOLE for gap in known)
        for group, gap in zip(members, gaps, strict=True):
            total, parts = (
                int(place[group.total]),
                tuple(sorted(int(place[p]) for p in group.parts)),
            )
            small = counts and _WHOLE < gap < policy.frequency.minimum - _WHOLE
            rest = gap if small and policy.frequency.check else None
            loose = not relation.exact and rest is None
            result.setdefault((total, parts), _Sum(total, parts, rest, loose))
    return list(result.values())


def _completed(values: Floats, equations: Sequence[Equation]) -> Floats | None:
    """Values for the cells that nobody knows, such that the sums hold around them."""
    unknown = np.flatnonzero(np.isnan(values))
    if not len(unknown):
        return values
    place = {int(cell): index for index, cell in enumerate(unknown)}
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    size = len(unknown)
    model.addVars(size, np.zeros(size), np.full(size, highspy.kHighsInf))
    for row in equations:
        pairs = list(zip(row.cells, row.coefficients, strict=True))
        open_pairs = [(place[cell], sign) for cell, sign in pairs if cell in place]
        if open_pairs:
            rest = -sum(sign * float(values[cell]) for cell, sign in pairs if cell not in place)
            places = np.array([index for index, _ in open_pairs], dtype=np.int32)
            signs = np.array([sign for _, sign in open_pairs])
            model.addRow(rest, rest, len(places), places, signs)
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    result = values.copy()
    result[unknown] = np.array(model.getSolution().col_value)
    return result
