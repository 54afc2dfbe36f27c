"""The attacker of the model: how far each suppressed cell can deviate, and why not farther.

Two linear programs for each target give the greatest deviation up and down. Where it is too small,
their dual solution names the cells of which at least one more must be suppressed: a capacity cut.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import EPSILON, Floats, Problem

__all__ = ["Cut", "Reach", "Rival"]

_ZERO = 1e-9


@dataclass(frozen=True, slots=True)
class Cut:
    """``coefficients * x >= bound`` holds for every safe pattern ``x``."""

    coefficients: Floats
    bound: float


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one cell can deviate, with the deviations of all cells that prove it."""

    above: Floats
    below: Floats
    cell: int
    duals: tuple[Floats, Floats]

    @property
    def ends(self) -> tuple[float, float]:
        """Greatest deviation up and down."""
        return float(self.above[self.cell]), float(-self.below[self.cell])

    def uses(self, cell: int) -> bool:
        """Whether the proof needs this cell to be suppressed."""
        return bool(abs(self.above[cell]) > _ZERO or abs(self.below[cell]) > _ZERO)


class Rival:
    """One HiGHS model of a block, of which only bounds and objective change."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        size = len(problem)
        most = float(
            max(1.0, problem.width.max(), problem.up.max(), problem.down.max(), problem.open_width)
        )
        self.below = np.maximum(problem.values - problem.low, 0.0)
        self.above = np.maximum(problem.high - problem.values, 0.0)
        # No requirement exceeds this; deviations beyond it prove nothing more and weaken the cuts.
        self.cap = most
        self.programs = 0
        self.all = np.arange(size, dtype=np.int32)
        self.model: Any = highspy.Highs()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("threads", 1)
        self.model.addVars(size, np.zeros(size), np.zeros(size))
        matrix = np.zeros((len(problem.equations), size))
        for index, row in enumerate(problem.equations):
            places = np.array(row.cells, dtype=np.int32)
            matrix[index, places] = row.coefficients
            self.model.addRow(0.0, 0.0, len(places), places, np.array(row.coefficients))
        self.matrix = _Sparse(matrix)

    def assume(self, pattern: Floats) -> None:
        """Let the attacker face this pattern; fractions suppress a cell in part."""
        whole = bool(((pattern < _ZERO) | (pattern > 1 - _ZERO)).all())
        high = self.above if whole else np.minimum(self.above, self.cap)
        low = self.below if whole else np.minimum(self.below, self.cap)
        self.model.changeColsBounds(len(pattern), self.all, -low * pattern, high * pattern)

    def reach(self, cell: int) -> Reach:
        """How far a cell can deviate under the assumed pattern."""
        up, above = self._extreme(cell, highspy.ObjSense.kMaximize)
        down, below = self._extreme(cell, highspy.ObjSense.kMinimize)
        return Reach(up, down, cell, (above, below))

    def _extreme(self, cell: int, sense: Any) -> tuple[Floats, Floats]:
        self.programs += 1
        self.model.changeColCost(cell, 1.0)
        self.model.changeObjectiveSense(sense)
        self.model.run()
        solution = self.model.getSolution()
        self.model.changeColCost(cell, 0.0)
        return np.array(solution.col_value), np.array(solution.row_dual)

    def cuts(self, reach: Reach) -> Iterable[Cut]:
        """What every safe pattern must fulfil, where the reach of a cell does not suffice."""
        problem, cell = self.problem, reach.cell
        up, down = reach.ends
        over = self._capacity(cell, reach.duals[0], 1.0)
        under = self._capacity(cell, reach.duals[1], -1.0)
        if not problem.own(cell):
            known = bool(problem.primary[cell])
            capacity = over + under
            width = problem.open_width
            yield (
                self._strengthened(capacity, width) if known else self._conditional(cell, capacity)
            )
            return
        wanted = (
            (over, problem.up[cell], up),
            (under, problem.down[cell], down),
            (over + under, problem.width[cell], up + down),
        )
        for capacity, bound, reached in wanted:
            if reached + EPSILON < bound:
                yield self._strengthened(capacity, float(bound))

    def _capacity(self, cell: int, dual: Floats, sign: float) -> Floats:
        """How much each cell lets the target deviate at most if it is suppressed."""
        unit = np.zeros(len(self.problem))
        unit[cell] = 1.0
        slope = sign * (unit - self.matrix.transposed(dual))
        slope[np.abs(slope) < _ZERO] = 0.0
        capacity: Floats = np.where(slope > 0, slope * self.above, -slope * self.below)
        return capacity

    def _strengthened(self, capacity: Floats, bound: float) -> Cut:
        primary = self.problem.primary
        rest = bound - float(capacity[primary].sum())
        coefficients = np.where(primary, 0.0, np.minimum(capacity, max(rest, 0.0)))
        return Cut(coefficients, rest)

    def _conditional(self, cell: int, capacity: Floats) -> Cut:
        """If a further cell is suppressed, then it must be wide enough as well."""
        bound = self.problem.open_width
        coefficients = np.minimum(capacity, bound)
        known = float(coefficients[self.problem.primary].sum())
        coefficients[self.problem.primary] = 0.0
        coefficients[cell] = min(float(capacity[cell]), bound) - bound
        return Cut(coefficients, -known)


class _Sparse:
    """A matrix of which few entries are not zero."""

    def __init__(self, matrix: Floats) -> None:
        self.rows, self.columns = np.nonzero(matrix)
        self.entries = matrix[self.rows, self.columns]
        self.width = matrix.shape[1]

    def transposed(self, vector: Floats) -> Floats:
        """The transposed matrix times a vector."""
        weights = self.entries * vector[self.rows]
        result: Floats = np.bincount(self.columns, weights, minlength=self.width).astype(np.float64)
        return result
