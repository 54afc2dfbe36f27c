"""Which sums let a contributor be estimated: few contributors, (n,k), p% and pq.

Sources: Hundepool et al., Statistical Disclosure Control (2012), chapter 4; Loeve (2001) for
weights. For the contributions x1 >= x2 >= ... to a total X a cell is unsafe if

* it has fewer contributors than the minimum, not counting those that contribute nothing;
* (n,k): the n largest exceed k percent of X;
* p%: X - x1 - x2 < p/100 * x1, what is left hides the largest from the second largest too badly;
  pq: the same with p/q, where everybody knows everybody within q percent beforehand.

A suppressed cell must be able to lie so far from its value that the rule would hold (protection
levels, ibid. table 4.2): (n,k) 100/k * (x1 + ... + xn) - X, p% p/100 * x1 - (X - x1 - x2).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._parameters import Dominance

__all__ = ["Contributions", "Sensitivity", "Weighting", "sensitivity"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_SLACK = 1e-9


class Weighting(StrEnum):
    """What a contributor with a sampling weight w stands for."""

    REPEATED = "repeated"  # w contributors of its size, as tau-ARGUS has it: the stricter one
    TOTAL = "total"  # one contributor to a total that is weighted, as GaussSuppression has it


@dataclass(frozen=True, slots=True)
class Contributions:
    """Who contributes what to which cell; several rows of one holder count as one contributor.

    Args:
        cells: position of the cell of each contribution.
        holders: number of its holder.
        values: its value.
        weights: its sampling weight; 1 where nothing was sampled.
    """

    cells: Ints
    holders: Ints
    values: Floats
    weights: Floats

    def joined(self) -> "Contributions":
        """One contribution of each holder to each cell, with the mean of their weights."""
        if not len(self.cells):
            return self
        order = np.lexsort((self.holders, self.cells))
        cells, holders = self.cells[order], self.holders[order]
        first = np.ones(len(cells), dtype=np.bool_)
        first[1:] = (cells[1:] != cells[:-1]) | (holders[1:] != holders[:-1])
        starts = np.flatnonzero(first)
        values = np.add.reduceat(self.values[order], starts)
        weighted = np.add.reduceat((self.values * self.weights)[order], starts)
        rows = np.diff(np.append(starts, len(cells)))
        plain = np.add.reduceat(self.weights[order], starts) / rows
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = np.where(values != 0, weighted / values, plain)
        return Contributions(cells[starts], holders[starts], values, weights)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The verdict on each cell.

    Args:
        totals: weighted sum.
        units: weighted number of contributions, by which a mean was divided.
        contributors: holders that contribute anything.
        few: fewer contributors than the minimum.
        dominated: the rule (n,k) is broken.
        estimable: the p% or pq rule is broken.
        negative: a contribution is negative: the rules say nothing about such a cell.
        levels: how far from its value each estimable or dominated cell must be able to lie, up and
            down, for the rule to hold for whoever knows no more; 0 for all others.
    """

    totals: Floats
    units: Floats
    contributors: Ints
    few: Flags
    dominated: Flags
    estimable: Flags
    negative: Flags
    levels: Floats

    @property
    def unsafe(self) -> Flags:
        """Cells that may not be published."""
        return self.few | self.dominated | self.estimable


def _largest(ranks: Ints, before: Floats, ranked: Contributions, n: int, how: Weighting) -> Floats:
    """The part of each contribution that belongs to the n largest units of its cell."""
    if how is Weighting.TOTAL:
        return np.where(ranks < n, ranked.values, 0.0)
    return np.clip(n - before, 0.0, ranked.weights) * ranked.values


def sensitivity(
    contributions: Contributions,
    size: int,
    rules: Dominance,
    weighting: Weighting = Weighting.REPEATED,
) -> Sensitivity:
    """Judge ``size`` cells by their contributions.

    Args:
        contributions: in any order; holders are joined here.
        size: number of cells; those without contributions are safe.
        rules: the numbers; 0 switches a rule off.
        weighting: what a weight means.

    >>> rules = Dominance(True, 0, 2, 90, 0, 100)
    >>> zeros = np.zeros(3, dtype=np.int64)
    >>> given = Contributions(zeros, np.arange(3), np.array([80.0, 10.0, 10.0]), np.ones(3))
    >>> bool(sensitivity(given, 1, rules).unsafe[0])
    False
    """
    joined = contributions.joined()
    order = np.lexsort((-joined.values, joined.cells))
    ranked = Contributions(
        joined.cells[order], joined.holders[order], joined.values[order], joined.weights[order]
    )
    first = np.searchsorted(ranked.cells, ranked.cells)
    ranks = np.arange(len(ranked.cells), dtype=np.int64) - first
    running = np.concatenate(([0.0], np.cumsum(ranked.weights)))
    before = running[:-1] - running[first]

    def by_cell(amounts: Floats | Flags) -> Floats:
        return np.bincount(ranked.cells, amounts, minlength=size).astype(np.float64)

    totals = by_cell(ranked.values * ranked.weights)
    top = by_cell(_largest(ranks, before, ranked, rules.n, weighting))
    two = by_cell(_largest(ranks, before, ranked, 2, weighting))
    largest = by_cell(np.where(ranks == 0, ranked.values, 0.0))
    number = by_cell(ranked.values != 0).astype(np.int64)
    negative = by_cell(ranked.values < 0) > 0
    slack = _SLACK * np.maximum(1.0, np.abs(totals))
    known = rules.p_percent / rules.q_percent if rules.q_percent else 0.0
    levels = np.zeros(size)
    if rules.k_percent:
        levels = np.where(rules.n > 0, top * 100 / rules.k_percent - totals, 0.0)
    levels = np.maximum(levels, known * largest - (totals - two))
    dominated = (top > rules.k_percent / 100 * totals + slack) & (rules.n > 0)
    estimable = (totals - two < known * largest - slack) & (known > 0)
    return Sensitivity(
        totals,
        np.bincount(contributions.cells, contributions.weights, minlength=size).astype(np.float64),
        number,
        (number > 0) & (number < rules.contributors),
        dominated & ~negative,
        estimable & ~negative,
        negative,
        np.where((dominated | estimable) & ~negative, levels, 0.0),
    )
