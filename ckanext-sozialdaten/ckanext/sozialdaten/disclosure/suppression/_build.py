"""From the cells and sums of a table to the problem of suppressing as little as possible."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._parameters import Zeros
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, completed, groups
from ckanext.sozialdaten.disclosure.suppression._problem import (
    Bools,
    Equation,
    Floats,
    Problem,
    Sums,
)

__all__ = ["Built", "Wanted", "build"]

_WHOLE = 1e-6
_MARGIN = 1e-3
_FEW = 0.05


@dataclass(frozen=True, slots=True)
class Built:
    """The problem of a table.

    Args:
        problem: its first cells are those of the table in canonical order, then come combinations
            that it leaves out and the rests that totals hold beyond their parts.
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the cells of a table, by position in the table.

    Args:
        primary: cells that must be suppressed.
        up: how far above its value each of them must be able to lie.
        down: how far below.
        width: how wide its interval must be.
        open_width: how wide that of any other suppressed cell must be; 0: nothing is asked.
        harmless: value from which on a proven one needs a width of 1 only.
        also: cells that are hidden for other reasons and need no more than any further one.
        open: how wide the interval of each further cell must be; None: ``open_width`` for all.
        costs: what suppressing each cell costs; None: by its place and size among counts.
    """

    primary: Bools
    up: Floats
    down: Floats
    width: Floats
    open_width: float = 0.0
    harmless: float = np.inf
    also: Bools | None = None
    open: Floats | None = None
    costs: Floats | None = None

    @classmethod
    def of_counts(cls, cells: Cells, policy: Policy) -> "Wanted":
        """Counts below the minimum frequency, as open as the policy asks."""
        check = policy.frequency.check
        small = np.array([check and policy.is_small(v) for v in cells.values], dtype=np.bool_)
        small &= ~cells.withheld
        wide = policy.suppression.minimum_width if policy.suppression.check else 0.0
        zeros = np.zeros(len(cells))
        width = np.where(small, wide, 0.0)
        return cls(small, zeros, zeros, width, wide, float(policy.frequency.minimum))

    @classmethod
    def of_magnitudes(
        cls, cells: Cells, primary: Bools, levels: Floats, play: float, policy: Policy
    ) -> "Wanted":
        """Values of contributors, as open as their protection levels and the policy ask.

        Each cell costs its value: what is lost is the amount that readers no longer see.

        Args:
            cells: the table.
            primary: cells that must be suppressed.
            levels: how far above and below its value each of them must be able to lie.
            play: by how much rounded values miss their sums.
            policy: no suppressed value may be known more closely than its percentage.
        """
        values = np.abs(np.nan_to_num(cells.values))
        share = policy.suppression.minimum_width_percent / 100 if policy.suppression.check else 0.0
        # High minus low exceeds this share of high, wherever in the interval the value lies.
        least = values * min(share / max(1 - share, 0.1), 1.0) * (1 + _MARGIN)
        asked = np.where(primary, levels * (1 + _MARGIN) + np.minimum(play, levels / 10), 0.0)
        down = np.where(cells.values >= 0, np.minimum(asked, values), asked)
        return cls(
            primary & ~cells.withheld,
            asked,
            down,
            np.where(primary & (asked + down < least), least, 0.0),
            open=least if share else None,
            costs=values + _MARGIN * float(values.max(initial=1.0)) / max(len(cells), 1),
        )


def build(
    cells: Cells,
    found: Sequence[Relation],
    policy: Policy,
    *,
    wanted: Wanted | None = None,
    earlier: Bools | None = None,
    absent: bool = False,
) -> Built | None:
    """The problem of a table.

    Args:
        cells: the table.
        found: its sums.
        policy: what is small, and how wide what is suppressed must stay.
        wanted: what is asked of the cells; None: what the policy asks of counts.
        earlier: cells that the last release suppressed; they are suppressed rather than others.
        absent: whether combinations that the table leaves out may hold somebody, so that sums over
            them hold as well; nothing is asked of them.

    Returns:
        The problem; None if the sums around cells that are suppressed already cannot all hold.
    """
    wanted = wanted or Wanted.of_counts(cells, policy)
    keys = cells.keys()
    order = np.array(
        sorted(range(len(cells)), key=lambda c: (cells.columns[c], keys[c])), dtype=int
    )
    place = np.empty(len(cells), dtype=np.int64)
    place[order] = np.arange(len(cells))
    whole = (completed(cells) if absent else None) or cells
    place = np.append(place, np.arange(len(cells), len(whole), dtype=np.int64))
    sums = sorted(_sums(whole, found, place, policy), key=lambda s: (s.total, s.parts))
    equations: list[Equation] = []
    rests: list[float] = []
    for one in sums:
        members, signs = [one.total, *one.parts], [1.0, *[-1.0] * len(one.parts)]
        if one.rest is not None or one.open:
            members.append(len(whole) + len(rests))
            signs.append(-1.0)
            rests.append(np.nan if one.rest is None else one.rest)
        equations.append(Equation(tuple(members), tuple(signs)))
    unknown = np.full(len(whole) - len(cells), np.nan)
    shown = np.concatenate([cells.values[order], unknown, np.array(rests)])
    values = _completed(shown, equations)
    if values is None:
        return None
    weights = wanted.costs if wanted.costs is not None else _weights(cells, found, policy)
    if earlier is not None:
        weights = np.where(earlier, policy.protection.earlier_weight, 1.0) * weights
    table = _Table(shown, values, equations, order, weights)
    return Built(_problem(table, policy, wanted), order, int(wanted.primary.sum()))


@dataclass(frozen=True, slots=True)
class _Table:
    """Values with and without what is withheld, sums, order of the cells, and their weights."""

    shown: Floats
    values: Floats
    equations: Sequence[Equation]
    order: npt.NDArray[np.int64]
    weights: Floats

    def ordered(self, given: Any) -> Any:
        """Something given for the cells, in canonical order, with nothing for the rests."""
        result = np.zeros(len(self.values), dtype=given.dtype)
        result[: len(self.order)] = given[self.order]
        return result


def _problem(table: _Table, policy: Policy, wanted: Wanted) -> Problem:
    values, count, size = table.values, len(table.order), len(table.values)
    hidden = np.isnan(table.shown)
    asked = table.ordered(wanted.primary) & ~hidden
    common = hidden & (np.arange(size) < count)
    if wanted.also is not None:
        common |= table.ordered(wanted.also) & ~asked
    primary = asked | hidden | common
    primary[count:] = True
    up, down, width = (table.ordered(one) for one in (wanted.up, wanted.down, wanted.width))
    span = max(wanted.open_width, float(np.array([up, down, width]).max(initial=0.0)))
    most = 10.0 * (1.0 + float(np.abs(values).max(initial=0.0)) + span)
    # Readers who see no negative value believe in none: the few that need not be hidden stay.
    negative = values < 0
    many = float(negative[:count].mean()) > _FEW
    kept = negative & (np.arange(size) < count) & (not many)
    low = np.minimum(_lowest(table, policy, wanted), values)
    problem = Problem(
        values,
        _priced(table, wanted),
        np.where(negative | many, -most, low),
        np.full(size, most) + np.abs(values),
        primary,
        ((values == 0) | kept) & ~primary,
        Sums.of(table.equations),
        up,
        down,
        width,
        wanted.open_width,
        wanted.harmless,
        common=common,
        open=None if wanted.open is None else table.ordered(wanted.open),
    )
    if not policy.suppression.insiders or not wanted.open_width:
        return problem
    return replace(problem, insiders=_insiders(values, asked, table.equations))


def _lowest(table: _Table, policy: Policy, wanted: Wanted) -> Floats:
    """The lowest value that an attacker deems possible: where nil is published, at least 1."""
    known_not_nil = (policy.frequency.zeros is Zeros.PUBLISH) & ~np.isnan(table.shown)
    known_not_nil[len(table.order) :] = False
    return np.where(known_not_nil & (wanted.open_width > 0), 1.0, 0.0)


def _priced(table: _Table, wanted: Wanted) -> Floats:
    """What suppressing each cell costs: among counts a little more for larger ones."""
    weights = table.ordered(table.weights)
    if wanted.costs is None:
        values = np.abs(table.values[: len(table.order)])
        scale = max(1.0, float(values.max(initial=0.0)))
        weights[: len(values)] *= 1 + np.log2(1 + values) / max(32.0, np.log2(scale))
    return weights


def _insiders(values: Floats, asked: Bools, equations: Sequence[Equation]) -> npt.NDArray[np.int64]:
    """The number of whoever is alone in a cell: totals of 1 hold the same person as their part."""
    insiders = np.where(asked & (values == 1), np.arange(len(values)), -1)
    for row in equations:
        alone = [cell for cell in row.cells if values[cell] == 1 and asked[cell]]
        if len(alone) > 1 and alone[0] == row.cells[0]:
            names = insiders[alone]
            insiders[np.isin(insiders, names)] = names.min()
    return insiders


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
