"""Feasible intervals by linear programming (HiGHS), one small model for each connected component.

Witness pooling: each solution is a feasible table and so widens the proven interval of every cell
in it; a cell whose proven interval is wide enough needs no program of its own.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.attack._system import Equation

__all__ = ["Interval", "Status", "solve"]

_OPTIMAL = highspy.HighsModelStatus.kOptimal
_UNBOUNDED = (
    highspy.HighsModelStatus.kUnbounded,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


class Status(StrEnum):
    """What is known about an interval."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    TIME_OUT = "time_out"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Interval:
    """What an attacker derives for one cell.

    Args:
        low: lowest feasible value.
        high: highest feasible value.
        status: ``exact``; ``at_least`` if the true interval may be wider still, which suffices;
            ``time_out`` or ``contradiction`` if nothing is proven.
    """

    low: float
    high: float
    status: Status = Status.EXACT

    @property
    def width(self) -> float:
        """High minus low."""
        return self.high - self.low


def solve(
    system: Sequence[Equation],
    unknown: Iterable[int],
    *,
    floor: float = 0.0,
    enough: Callable[[float, float], bool] | None = None,
    seconds: float = 60.0,
) -> dict[int, Interval]:
    """The feasible interval of every unknown cell.

    Args:
        system: what is published.
        unknown: positions of all withheld cells.
        floor: lowest value a cell can have; 0 for counts, -inf where values may be negative.
        enough: whether a proven interval suffices already; None: intervals are computed exactly.
        seconds: time for the whole attack.
    """
    result = {cell: Interval(floor, np.inf) for cell in unknown}
    deadline = time.monotonic() + seconds
    for members, rows in _components(system):
        if time.monotonic() > deadline:
            result.update(dict.fromkeys(members, Interval(floor, np.inf, Status.TIME_OUT)))
            continue
        result.update(_Component(members, rows, floor).intervals(enough, deadline))
    return result


def _components(system: Sequence[Equation]) -> list[tuple[list[int], list[Equation]]]:
    """Cells and equations that hang together."""
    parent: dict[int, int] = {}

    def root(cell: int) -> int:
        while parent.setdefault(cell, cell) != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for equation in system:
        for cell in equation.cells[1:]:
            parent[root(cell)] = root(equation.cells[0])
    cells: dict[int, list[int]] = {}
    rows: dict[int, list[Equation]] = {}
    for equation in system:
        rows.setdefault(root(equation.cells[0]), []).append(equation)
    for cell in sorted({cell for equation in system for cell in equation.cells}):
        cells.setdefault(root(cell), []).append(cell)
    return [(cells[key], rows[key]) for key in rows]


class _Component:
    """One HiGHS model, of which only the objective changes."""

    def __init__(self, members: list[int], rows: Sequence[Equation], floor: float) -> None:
        self.members = members
        self.floor = floor
        self.index = {cell: position for position, cell in enumerate(members)}
        self.low = np.full(len(members), np.inf)
        self.high = np.full(len(members), -np.inf)
        self.model: Any = self._build(rows, 0.0)
        if not self._feasible():
            slack = 0.5 * (1 + max(len(row.cells) for row in rows))
            self.model = self._build(rows, slack)

    def _build(self, rows: Sequence[Equation], slack: float) -> Any:
        model: Any = highspy.Highs()
        model.setOptionValue("output_flag", False)
        model.setOptionValue("threads", 1)
        infinity = highspy.kHighsInf
        floor = self.floor if np.isfinite(self.floor) else -infinity
        size = len(self.members)
        model.addVars(size, np.full(size, floor), np.full(size, infinity))
        for row in rows:
            low = row.low - slack if np.isfinite(row.low) else -infinity
            places = np.array([self.index[cell] for cell in row.cells], dtype=np.int32)
            model.addRow(low, row.high + slack, len(places), places, np.array(row.coefficients))
        return model

    def _feasible(self) -> bool:
        self.model.run()
        if self.model.getModelStatus() != _OPTIMAL:
            return False
        self._pool()
        return True

    def _pool(self) -> None:
        """Remember the solution as a witness for all cells."""
        values = np.asarray(self.model.getSolution().col_value)
        self.low = np.minimum(self.low, values)
        self.high = np.maximum(self.high, values)

    def _extreme(self, position: int, sense: Any) -> float | None:
        """The lowest or highest value of a cell; None if there is none."""
        self.model.changeColCost(position, 1.0)
        self.model.changeObjectiveSense(sense)
        self.model.run()
        status = self.model.getModelStatus()
        value: float | None = None
        if status == _OPTIMAL:
            self._pool()
            value = float(self.model.getSolution().col_value[position])
        elif status in _UNBOUNDED:
            value = np.inf if sense == highspy.ObjSense.kMaximize else -np.inf
        self.model.changeColCost(position, 0.0)
        return value

    def intervals(
        self, enough: Callable[[float, float], bool] | None, deadline: float
    ) -> Mapping[int, Interval]:
        """The interval of every cell of the component."""
        if not np.isfinite(self.low).all() and not self._feasible():
            none = Interval(self.floor, np.inf, Status.CONTRADICTION)
            return dict.fromkeys(self.members, none)
        result: dict[int, Interval] = {}
        for position, cell in enumerate(self.members):
            low, high = float(self.low[position]), float(self.high[position])
            if enough and enough(low, high):
                result[cell] = Interval(low, high, Status.AT_LEAST)
            elif time.monotonic() > deadline:
                result[cell] = Interval(low, high, Status.TIME_OUT)
            else:
                result[cell] = self._interval(position)
        return result

    def _interval(self, position: int) -> Interval:
        low = self._extreme(position, highspy.ObjSense.kMinimize)
        high = self._extreme(position, highspy.ObjSense.kMaximize)
        if low is None or high is None:
            return Interval(self.floor, np.inf, Status.CONTRADICTION)
        return Interval(_round(low), _round(high))


def _round(value: float) -> float:
    """Whole numbers without the noise of the solver."""
    nearest = round(value) if np.isfinite(value) else value
    return float(nearest) if abs(value - nearest) < 1e-6 else value
