"""The cheapest cells to suppress with one target: a linear program of deviations with prices."""

from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import Bools, Floats, Problem
from ckanext.sozialdaten.disclosure.suppression._program import (
    add_sums,
    places,
    quiet_model,
    solved,
)

__all__ = ["Flow", "Mover"]

_ZERO = 1e-7


class Flow:
    """Deviations split into up and down, each with its price."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.size = len(problem)
        self.high = np.concatenate([problem.above, problem.below])
        self.all = places(2 * self.size)
        self.programs = 0
        self.model: Any = quiet_model()
        self.model.addVars(2 * self.size, np.zeros(2 * self.size), self.high)
        add_sums(self.model, problem.sums, self.size, (1.0, -1.0))

    def cheapest(
        self, cell: int, pattern: Bools, prices: Floats, insider: int = -1
    ) -> tuple[Bools, list[Floats]] | None:
        """Cells to suppress with a target, and the deviations that then prove it open.

        Args:
            cell: the target.
            pattern: cells that are suppressed already, which cost nothing.
            prices: what one more costs.
            insider: whose cells cannot deviate.

        Returns:
            None if nothing moves the target far enough.
        """
        up, down, width = self.problem.asked(cell, insider)
        moves: list[tuple[int, float]] = []
        if max(up, width - down) > 0:
            moves.append((cell, max(up, width - down)))
        if down > 0:
            moves.append((cell + self.size, down))
        silent = self._silence(insider)
        found = pattern.copy()
        proofs: list[Floats] = []
        for index, (place, distance) in enumerate(moves):
            values = self._move(place, distance, np.where(found, 0.0, prices) + _ZERO)
            if values is None and index == 0 and not up and not down:
                # A width can lie on both sides of a value that is near its bound.
                values = self._split(cell, width, np.where(found, 0.0, prices) + _ZERO, proofs)
            if values is None:
                self._unsilence(silent)
                return None
            proofs.append(values)
            found |= values != 0
        for values in proofs:
            found |= values != 0
        self._unsilence(silent)
        return found, proofs

    def _split(self, cell: int, width: float, price: Floats, proofs: list[Floats]) -> Floats | None:
        """As far up as bounds allow, and the rest of the width down."""
        up = min(float(self.high[cell]), width)
        down = width - up
        while down <= width:
            lowered = self._move(cell + self.size, down, price) if down > 0 else None
            lifted = self._move(cell, width - down, price) if down < width else None
            if (down <= 0 or lowered is not None) and (down >= width or lifted is not None):
                proofs.extend(values for values in (lowered,) if values is not None)
                return lifted if lifted is not None else lowered
            down += 1.0
        return None

    def _move(self, place: int, distance: float, price: Floats) -> Floats | None:
        if self.high[place] + _ZERO < distance:
            return None
        self.model.changeColsCost(2 * self.size, self.all, np.concatenate([price, price]))
        other = (place + self.size) % (2 * self.size)
        self.model.changeColBounds(place, distance, distance)
        self.model.changeColBounds(other, 0.0, 0.0)
        self.programs += solved(self.model)
        done = self.model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = np.array(self.model.getSolution().col_value)
        self.model.changeColBounds(place, 0.0, self.high[place])
        self.model.changeColBounds(other, 0.0, self.high[other])
        if not done:
            return None
        moved = values[: self.size] - values[self.size :]
        moved[np.abs(moved) < _ZERO] = 0.0
        return moved

    def _silence(self, insider: int) -> Any:
        if insider < 0 or self.problem.insiders is None:
            return None
        cells = np.flatnonzero(self.problem.insiders == insider)
        both = np.concatenate([cells, cells + self.size]).astype(np.int32)
        zero = np.zeros(len(both))
        self.model.changeColsBounds(len(both), both, zero, zero)
        return both

    def _unsilence(self, both: Any) -> None:
        if both is not None:
            self.model.changeColsBounds(len(both), both, np.zeros(len(both)), self.high[both])


class Mover:
    """The least deviations under a pattern that move one cell as far as is asked.

    Prices never change, so each program starts from the solution of the last one.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.size = len(problem)
        self.high = np.concatenate([problem.above, problem.below])
        self.now = np.zeros(2 * self.size)
        self.all = places(2 * self.size)
        self.programs = 0
        self.model: Any = quiet_model()
        self.model.addVars(2 * self.size, self.now, self.now)
        self.model.changeColsCost(2 * self.size, self.all, np.ones(2 * self.size))
        add_sums(self.model, problem.sums, self.size, (1.0, -1.0))

    def assume(self, pattern: Bools) -> None:
        """Cells outside the pattern cannot deviate."""
        now = np.where(np.tile(pattern, 2), self.high, 0.0)
        changed = np.flatnonzero(now != self.now).astype(np.int32)
        self.model.changeColsBounds(len(changed), changed, np.zeros(len(changed)), now[changed])
        self.now = now

    def moved(self, cell: int, distance: float, insider: int = -1) -> Floats | None:
        """Deviations with the cell at this distance, up or (negative) down; None if impossible.

        Those of an insider's own cells are none.
        """
        place = cell if distance > 0 else cell + self.size
        if self.now[place] + _ZERO < abs(distance):
            return None
        other = (place + self.size) % (2 * self.size)
        silent = self._silenced(insider)
        self.model.changeColBounds(place, abs(distance), self.now[place])
        self.model.changeColBounds(other, 0.0, 0.0)
        self.programs += solved(self.model)
        done = self.model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = np.array(self.model.getSolution().col_value) if done else None
        self.model.changeColBounds(place, 0.0, self.now[place])
        self.model.changeColBounds(other, 0.0, self.now[other])
        self._limit(silent, self.now[silent])
        if values is None:
            return None
        moved = values[: self.size] - values[self.size :]
        moved[np.abs(moved) < _ZERO] = 0.0
        return moved

    def _silenced(self, insider: int) -> Any:
        """The deviations of an insider's cells, which are held for now."""
        if insider < 0 or self.problem.insiders is None:
            return places(0)
        cells = np.flatnonzero(self.problem.insiders == insider)
        both = np.concatenate([cells, cells + self.size]).astype(np.int32)
        self._limit(both, np.zeros(len(both)))
        return both

    def _limit(self, columns: Any, high: Floats) -> None:
        if len(columns):
            self.model.changeColsBounds(len(columns), columns, np.zeros(len(columns)), high)
