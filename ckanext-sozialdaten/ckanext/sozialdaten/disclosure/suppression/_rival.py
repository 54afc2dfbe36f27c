"""The attacker of the model: how far each suppressed cell can deviate, and why not farther.

Two linear programs for each target give the greatest deviation up and down. Their solutions are
*witnesses*: each proves something of many cells, so that few programs are needed. Where a cell can
deviate too little, the dual solution names the cells of which at least one more must be
suppressed: a capacity cut.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import (
    EPSILON,
    Bools,
    Floats,
    Ints,
    Problem,
)
from ckanext.sozialdaten.disclosure.suppression._program import (
    add_sums,
    places,
    quiet_model,
    solved,
)

__all__ = ["Cut", "Reach", "Rival"]

_ZERO = 1e-9


@dataclass(frozen=True, slots=True)
class Cut:
    """``coefficients * x >= bound`` holds for every safe pattern ``x``."""

    coefficients: Floats
    bound: float


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one cell can deviate, with the deviations of all cells that prove it.

    Args:
        above: deviations that lift the cell highest.
        below: deviations that lower it farthest.
        cell: the cell.
        duals: what each sum is worth in the two programs.
        insider: the insider against whom it holds, or -1.
    """

    above: Floats
    below: Floats
    cell: int
    duals: tuple[Floats, Floats]
    insider: int = -1

    @property
    def ends(self) -> tuple[float, float]:
        """Greatest deviation up and down."""
        return float(self.above[self.cell]), float(-self.below[self.cell])


class Rival:
    """One HiGHS model of a block, of which only bounds and objective change."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        size = len(problem)
        asked = np.array([problem.width, problem.up, problem.down])
        least = problem.wide(np.arange(len(problem)))
        # No requirement exceeds this; deviations beyond it prove nothing more and weaken the cuts.
        self.cap = max(1.0, float(asked.max(initial=0.0)), float(least.max(initial=0.0)))
        self.below, self.above = problem.below, problem.above
        self.programs = 0
        self.high = np.zeros(size)
        self.low = np.zeros(size)
        self.all = places(size)
        self.model: Any = quiet_model()
        self.model.addVars(size, np.zeros(size), np.zeros(size))
        add_sums(self.model, problem.sums, size, (1.0,))

    def assume(self, pattern: Floats | Bools) -> None:
        """Let the attacker face this pattern; fractions suppress a cell in part."""
        share = pattern.astype(np.float64)
        whole = bool(((share < _ZERO) | (share > 1 - _ZERO)).all())
        above = self.above if whole else np.minimum(self.above, self.cap)
        below = self.below if whole else np.minimum(self.below, self.cap)
        self.high, self.low = above * share, -below * share
        self.model.changeColsBounds(len(share), self.all, self.low, self.high)

    def reach(self, cell: int, insider: int = -1) -> Reach:
        """How far a cell can deviate under the assumed pattern, for an outsider or an insider."""
        silent = self._silenced(insider)
        up, above = self._extreme(cell, highspy.ObjSense.kMaximize)
        down, below = self._extreme(cell, highspy.ObjSense.kMinimize)
        self._restore(silent)
        return Reach(up, down, cell, (above, below), insider)

    def witnesses(self, cell: int, insider: int = -1) -> tuple[Floats, Floats]:
        """Deviations of all cells that lift and lower a cell as far as is asked, or farther."""
        up, down, width = self.problem.asked(cell, insider)
        silent = self._silenced(insider)
        highest = self._limited(cell, max(up, width - down), highspy.ObjSense.kMaximize)
        rest = max(down, width - float(highest[cell]))
        lowest = self._limited(cell, rest, highspy.ObjSense.kMinimize) if rest > 0 else highest * 0
        self._restore(silent)
        return highest, lowest

    def together(self, cells: Ints) -> Floats:
        """Deviations that lift many cells at once, each at most as far as is asked."""
        problem = self.problem
        asked = np.array([max(problem.asked(cell)) for cell in cells.tolist()])
        columns = cells.astype(np.int32)
        capped = np.minimum(self.high[cells], asked)
        self.model.changeColsBounds(len(cells), columns, self.low[cells], capped)
        self.model.changeColsCost(len(cells), columns, 1.0 / np.maximum(asked, EPSILON))
        values = self._run(highspy.ObjSense.kMaximize)
        self.model.changeColsCost(len(cells), columns, np.zeros(len(cells)))
        self.model.changeColsBounds(len(cells), columns, self.low[cells], self.high[cells])
        return values

    def _limited(self, cell: int, asked: float, sense: Any) -> Floats:
        """The extreme of a cell, or as much of it as is asked."""
        if asked <= 0:
            return np.zeros(len(self.problem))
        up = sense == highspy.ObjSense.kMaximize
        low = self.low[cell] if up else max(self.low[cell], -asked)
        high = min(self.high[cell], asked) if up else self.high[cell]
        self.model.changeColBounds(cell, low, high)
        values, _ = self._extreme(cell, sense)
        self.model.changeColBounds(cell, self.low[cell], self.high[cell])
        return values

    def _extreme(self, cell: int, sense: Any) -> tuple[Floats, Floats]:
        self.model.changeColCost(cell, 1.0)
        values = self._run(sense)
        duals = np.array(self.model.getSolution().row_dual)
        self.model.changeColCost(cell, 0.0)
        return values, duals

    def _run(self, sense: Any) -> Floats:
        self.model.changeObjectiveSense(sense)
        self.programs += solved(self.model)
        values = np.array(self.model.getSolution().col_value)
        values[np.abs(values) < _ZERO] = 0.0
        return values

    def _silenced(self, insider: int) -> Any:
        """The cells of an insider, which for him cannot deviate."""
        if insider < 0 or self.problem.insiders is None:
            return None
        cells = np.flatnonzero(self.problem.insiders == insider).astype(np.int32)
        self.model.changeColsBounds(len(cells), cells, np.zeros(len(cells)), np.zeros(len(cells)))
        return cells

    def _restore(self, cells: Any) -> None:
        if cells is not None:
            self.model.changeColsBounds(len(cells), cells, self.low[cells], self.high[cells])

    def cuts(self, reach: Reach) -> Iterable[Cut]:
        """What every safe pattern must fulfil, where the reach of a cell does not suffice."""
        cell = reach.cell
        over = self._capacity(reach, reach.duals[0], 1.0)
        under = self._capacity(reach, reach.duals[1], -1.0)
        if reach.insider >= 0 or self.problem.own[cell]:
            yield from self._own(reach, over, under)
        elif self.problem.primary[cell]:
            yield self._strengthened(over + under, self.problem.asked(cell)[2])
        else:
            yield self._conditional(cell, over + under)

    def _own(self, reach: Reach, over: Floats, under: Floats) -> Iterator[Cut]:
        up, down, width = self.problem.asked(reach.cell, reach.insider)
        above, below = reach.ends
        wanted = ((over, up, above), (under, down, below), (over + under, width, above + below))
        for capacity, bound, reached in wanted:
            if reached + EPSILON < bound:
                yield self._strengthened(capacity, bound)

    def _capacity(self, reach: Reach, dual: Floats, sign: float) -> Floats:
        """How much each cell lets the target deviate at most if it is suppressed."""
        slope = -sign * self.problem.sums.transposed(dual, len(self.problem))
        slope[reach.cell] += sign
        slope[np.abs(slope) < _ZERO] = 0.0
        capacity: Floats = np.where(slope > 0, slope * self.above, -slope * self.below)
        if reach.insider >= 0 and self.problem.insiders is not None:
            capacity[self.problem.insiders == reach.insider] = 0.0
        return capacity

    def _strengthened(self, capacity: Floats, bound: float) -> Cut:
        primary = self.problem.primary
        rest = bound - float(capacity[primary].sum())
        coefficients = np.where(primary, 0.0, np.minimum(capacity, max(rest, 0.0)))
        return Cut(coefficients, rest)

    def _conditional(self, cell: int, capacity: Floats) -> Cut:
        """If a further cell is suppressed, then it must be wide enough as well."""
        bound = self.problem.asked(cell)[2]
        coefficients = np.minimum(capacity, bound)
        known = float(coefficients[self.problem.primary].sum())
        coefficients[self.problem.primary] = 0.0
        coefficients[cell] = min(float(capacity[cell]), bound) - bound
        return Cut(coefficients, -known)
