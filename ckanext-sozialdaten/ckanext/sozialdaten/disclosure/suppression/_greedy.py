"""A good safe pattern by one linear program for each cell that is open too little.

The cheapest flow of deviations that moves the target as far as it must tells which cells to
suppress with it. In the end each further cell is published again if all others hold without it.
"""

from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import Floats, Problem
from ckanext.sozialdaten.disclosure.suppression._rival import Reach, Rival

__all__ = ["greedy"]

_ZERO = 1e-7
_THINNING = 6_000


def greedy(problem: Problem) -> Floats | None:
    """A safe pattern of a block; None if there is none."""
    pattern = problem.primary.astype(np.float64)
    rival, flow = Rival(problem), _Flow(problem)
    proofs: dict[int, Reach] = {}
    while weak := _weak(problem, rival, pattern, proofs):
        for cell in weak:
            rival.assume(pattern)
            if problem.fulfilled(cell, *rival.reach(cell).ends):
                continue
            added = flow.cheapest(cell, pattern)
            if added is None:
                return None
            pattern[added] = 1.0
        proofs.clear()
    return _thinned(problem, rival, pattern, proofs)


def _weak(problem: Problem, rival: Rival, pattern: Floats, proofs: dict[int, Reach]) -> list[int]:
    """Suppressed cells that are open too little; proofs of the others are kept."""
    rival.assume(pattern)
    weak: list[int] = []
    for cell in _targets(problem, pattern):
        if cell in proofs:
            continue
        reach = rival.reach(cell)
        if problem.fulfilled(cell, *reach.ends):
            proofs[cell] = reach
        else:
            weak.append(cell)
    return weak


def _targets(problem: Problem, pattern: Floats) -> list[int]:
    chosen = pattern > 0.5 if problem.open_width else problem.primary
    return sorted(np.flatnonzero(chosen).tolist(), key=lambda cell: (-problem.width[cell], cell))


def _thinned(problem: Problem, rival: Rival, pattern: Floats, proofs: dict[int, Reach]) -> Floats:
    """Without the cells that nobody needs, the dearest first."""
    further = np.flatnonzero((pattern > 0.5) & ~problem.primary)
    stop = rival.programs + _THINNING
    for cell in sorted(further.tolist(), key=lambda c: (-problem.weights[c], c)):
        if rival.programs > stop:
            break
        kept = {c: r for c, r in proofs.items() if c != cell and not r.uses(cell)}
        pattern[cell] = 0.0
        if _weak(problem, rival, pattern, kept):
            pattern[cell] = 1.0
        else:
            proofs.clear()
            proofs.update(kept)
    return pattern


class _Flow:
    """Deviations split into up and down, each with its price."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.size = len(problem)
        up = np.maximum(problem.high - problem.values, 0.0)
        down = np.maximum(problem.values - problem.low, 0.0)
        self.high = np.concatenate([up, down])
        self.all = np.arange(2 * self.size, dtype=np.int32)
        self.model: Any = highspy.Highs()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("threads", 1)
        self.model.addVars(2 * self.size, np.zeros(2 * self.size), self.high)
        for row in problem.equations:
            places = np.array(row.cells, dtype=np.int32)
            signs = np.array(row.coefficients)
            both = np.concatenate([places, places + np.int32(self.size)])
            self.model.addRow(0.0, 0.0, len(both), both, np.concatenate([signs, -signs]))

    def cheapest(self, cell: int, pattern: Floats) -> list[int] | None:
        """Cells to suppress with a target; None if nothing moves it far enough."""
        problem = self.problem
        if problem.own(cell):
            up, down, width = problem.up[cell], problem.down[cell], problem.width[cell]
        else:
            up, down, width = 0.0, 0.0, problem.open_width
        moves: list[tuple[int, float]] = []
        if down:
            moves.append((cell + self.size, down))
        if up or width:
            moves.append((cell, max(up, width - down)))
        found: set[int] = {cell}
        for place, distance in moves:
            used = self._move(place, float(distance), pattern, found)
            if used is None:
                return None
            found |= used
        return sorted(found)

    def _move(
        self, place: int, distance: float, pattern: Floats, found: set[int]
    ) -> set[int] | None:
        if self.high[place] + _ZERO < distance:
            return None
        price = np.where(pattern > 0.5, 0.0, self.problem.weights) + _ZERO
        price[sorted(found)] = _ZERO
        self.model.changeColsCost(2 * self.size, self.all, np.concatenate([price, price]))
        other = (place + self.size) % (2 * self.size)
        self.model.changeColBounds(place, distance, distance)
        self.model.changeColBounds(other, 0.0, 0.0)
        self.model.run()
        solved = self.model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = np.array(self.model.getSolution().col_value)
        self.model.changeColBounds(place, 0.0, self.high[place])
        self.model.changeColBounds(other, 0.0, self.high[other])
        if not solved:
            return None
        moved = values[: self.size] + values[self.size :] > _ZERO
        return set(np.flatnonzero(moved).tolist())
