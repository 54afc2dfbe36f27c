"""Controlled rounding: counts become multiples of a base, and all sums of the table still hold.

Two kinds. *Everywhere*: each count goes to one of the two multiples around it, with the least sum
of weighted deviations; a mixed-integer program (HiGHS), for which a solution always exists in two
dimensions, not always in more. *Small counts*: only the counts below the base at the finest level
go to 0 or to the base, totals are summed up again; always possible, and much less changes.

Sources: L. H. Cox, "A constructive procedure for unbiased controlled rounding", JASA 82 (1987);
J. J. Salazar-González, "Controlled rounding and cell perturbation: statistical disclosure
limitation methods for tabular data", Mathematical Programming 105 (2006); O. Langsrud and
J. Heldal, "An algorithm for small count rounding of tabular data", PSD (2018).
"""

import hashlib
import json
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.protection._sums import Sums

__all__ = ["Rounded", "greatest", "round_everywhere", "round_small", "ties"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_WHOLE = 1e-6
_TIE = 1e-3


@dataclass(frozen=True, slots=True)
class Rounded:
    """A rounded table.

    Args:
        values: each cell and each rest, in the order of the sums.
        deviation: greatest deviation of any cell.
        exact: whether it is the least loss, proven.
    """

    values: Floats
    deviation: float
    exact: bool


def ties(sums: Sums) -> Floats:
    """A number in [0, 1) for each cell, from its codes alone: it decides between equal choices."""
    digests = [
        hashlib.sha256(json.dumps(name, ensure_ascii=False).encode("utf-8")).digest()
        for name in sums.names
    ]
    return np.array([int.from_bytes(digest[:6]) / (1 << 48) for digest in digests])


def round_everywhere(sums: Sums, base: int, weights: Floats, nodes: int) -> Rounded | None:
    """All counts as multiples of the base, each at one of the two beside it.

    Args:
        sums: the table.
        base: of rounding.
        weights: what a deviation of each cell costs; rests cost nothing.
        nodes: branches that the search may take.

    Returns:
        The rounded table; None if there is none or the search found none.
    """
    known = ~np.isnan(sums.values)
    lower = np.floor(np.where(known, sums.values, 0.0) / base + _WHOLE)
    over = np.where(known, sums.values - base * lower, 0.0)
    movable = known & (over > _WHOLE)
    cost = np.zeros(len(sums))
    cost[: len(weights)] = weights
    cost = cost * (base - 2 * over) + _TIE * ties(sums) * float(weights.min(initial=1.0))
    if not movable.any():
        return Rounded(sums.values.copy(), 0.0, exact=True)
    model = _model(np.flatnonzero(movable), cost, nodes)
    place = np.cumsum(movable) - 1
    for one in sums.sums:
        members, signs = (one.total, *one.parts), (1.0, *[-1.0] * len(one.parts))
        rest = -sum(sign * float(lower[c]) for c, sign in zip(members, signs, strict=True))
        terms = [(place[c], sign) for c, sign in zip(members, signs, strict=True) if movable[c]]
        if terms:
            columns = np.array([column for column, _ in terms], dtype=np.int32)
            model.addRow(rest, rest, len(terms), columns, np.array([sign for _, sign in terms]))
    model.run()
    solution = model.getSolution()
    if model.getInfo().primal_solution_status != 2:
        return None
    up = np.zeros(len(sums))
    up[movable] = np.rint(np.array(solution.col_value))
    values = np.where(known, base * (lower + up), np.nan)
    optimal = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Rounded(values, greatest(sums, values), optimal)


def _model(cells: npt.NDArray[np.int64], cost: Floats, nodes: int) -> highspy.Highs:
    """A program with a yes or no for each movable cell: whether it goes up."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_max_nodes", nodes)
    model.setOptionValue("mip_rel_gap", 0.0)
    size = len(cells)
    model.addVars(size, np.zeros(size), np.ones(size))
    for column, cell in enumerate(cells.tolist()):
        model.changeColCost(column, float(cost[cell]))
        model.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    return model


def greatest(sums: Sums, values: Floats) -> float:
    """The greatest deviation of a published cell."""
    away = np.abs(values - sums.values)[: sums.published]
    return float(np.nanmax(away, initial=0.0))


def round_small(sums: Sums, base: int, rounds: int, *, everywhere: bool = False) -> Rounded:
    """Small counts of the finest level to 0 or the base, so that totals stay as close as possible.

    A local search for the least sum of squared deviations of all published cells: it turns round
    single counts, then pairs of counts, until nothing gets better.

    Args:
        sums: the table; its leaves must make all sums true.
        base: of rounding.
        rounds: passes over all pairs.
        everywhere: whether all leaves become multiples, and not the small ones alone.
    """
    leaf = sums.is_leaf
    over = np.where(leaf, np.mod(np.where(leaf, sums.values, 0.0), base), 0.0)
    small = leaf & (over > _WHOLE) & (base - over > _WHOLE)
    if not everywhere:
        small &= sums.values < base
    search = _Search(sums, np.flatnonzero(small), over, float(base))
    search.run(rounds)
    values = np.where(leaf, sums.values, 0.0)
    values[small] += np.where(search.up, base - over[small], -over[small])
    result = sums.spread(values)
    result[np.isnan(sums.values)] = np.nan
    return Rounded(result, greatest(sums, result), exact=False)


class _Search:
    """Which movable counts go up: the state of the local search.

    Each published cell deviates by the sum of its movable counts' deviations; the pull of a count
    is the sum of the deviations of all cells that hold it.
    """

    def __init__(
        self, sums: Sums, movable: npt.NDArray[np.int64], over: Floats, base: float
    ) -> None:
        place = np.full(len(sums), -1, dtype=np.int64)
        place[movable] = np.arange(len(movable))
        self._base = base
        self._members: list[npt.NDArray[np.int64]] = [
            places
            for leaves in sums.leaves[: sums.published]
            if len(places := place[leaves][place[leaves] >= 0])
        ]
        self._holders: list[list[int]] = [[] for _ in movable]
        for cell, places in enumerate(self._members):
            for one in places:
                self._holders[int(one)].append(cell)
        self._counts = np.array([float(len(cells)) for cells in self._holders])
        order = np.argsort(ties(sums)[movable], kind="stable")
        self._order: list[int] = order.tolist()
        self.up = over[movable] * 2 > base
        away = np.where(self.up, base - over[movable], -over[movable])
        self._pull = np.zeros(len(movable))
        for places in self._members:
            self._pull[places] += float(away[places].sum())

    def run(self, rounds: int) -> None:
        """Improve until nothing gets better, or for so many passes."""
        for _ in range(rounds):
            if not (self._singles() | self._pairs()):
                return

    def _gains(self) -> Floats:
        """Change of the sum of squares if a count is turned round, for each."""
        sign = np.where(self.up, -1.0, 1.0)
        return self._base**2 * self._counts + 2 * self._base * sign * self._pull

    def _turn(self, one: int) -> None:
        step = -self._base if self.up[one] else self._base
        self.up[one] = not self.up[one]
        for cell in self._holders[one]:
            self._pull[self._members[cell]] += step

    def _singles(self) -> bool:
        better = False
        for _ in range(4 * len(self._order)):
            gains = self._gains()
            best = int(np.argmin(gains)) if len(gains) else 0
            if not len(gains) or gains[best] >= -_WHOLE:
                return better
            self._turn(best)
            better = True
        return better

    def _pairs(self) -> bool:
        """For each count the best partner to go the other way."""
        better = False
        for one in self._order:
            shared = np.zeros(len(self._order))
            for cell in self._holders[one]:
                shared[self._members[cell]] += 1.0
            gains = self._gains()
            both = gains[one] + gains - 2 * self._base**2 * shared
            both[self.up == self.up[one]] = np.inf
            other = int(np.argmin(both))
            if both[other] < -_WHOLE:
                self._turn(one)
                self._turn(other)
                better = True
        return better
