"""One linear program in HiGHS of which only the objective changes, and its whole-number twin."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.attack._budget import Budget
from ckanext.sozialdaten.disclosure.attack._reduce import Row

__all__ = ["Floats", "Found", "Outcome", "Program"]

Floats = npt.NDArray[np.float64]

_MIP_NODES = 2_000
_TOLERANCE = 1e-6


class Outcome(Enum):
    """How a run ended."""

    OPTIMAL = auto()
    UNBOUNDED = auto()
    INFEASIBLE = auto()
    UNFINISHED = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a run: its solution if there is one."""

    outcome: Outcome
    values: Floats | None = None


class Program:
    """Rows over atoms; the atoms are columns in the given order.

    Args:
        atoms: the unknown atoms.
        rows: what is published about them.
        floor: lowest value of an atom.
        play: how far each row may be off, beside its ends.
        whole: whether atoms are whole numbers.
        caps: a value for each atom; what an atom has beyond it gets a column of its own, after all
            others, so that an objective can ask for so much and no more.
    """

    def __init__(
        self,
        atoms: Sequence[int],
        rows: Sequence[Row],
        floor: float,
        play: Sequence[float],
        *,
        whole: bool = False,
        caps: Floats | None = None,
    ) -> None:
        self.size = len(atoms)
        self._caps = caps
        self._place = {atom: column for column, atom in enumerate(atoms)}
        self._box: tuple[Floats, Floats] | None = None
        if caps is None and all(len(row.terms) == 1 for row in rows):
            self._box = self._bounds(rows, floor, play, whole=whole)
            return
        self._model: Any = highspy.Highs()
        self._model.setOptionValue("output_flag", False)
        self._model.setOptionValue("threads", 1)
        self._model.setOptionValue("mip_max_nodes", _MIP_NODES)
        self._model.passModel(self._lp(rows, floor, play, whole=whole))
        self._priced = np.empty(0, dtype=np.int32)

    def _bounds(
        self, rows: Sequence[Row], floor: float, play: Sequence[float], *, whole: bool
    ) -> tuple[Floats, Floats]:
        """Ends of each atom where no row speaks of two: such a program needs no solver."""
        low, high = np.full(self.size, floor), np.full(self.size, np.inf)
        for row, slack in zip(rows, play, strict=True):
            self._bound(row, slack, low, high)
        return (np.ceil(low - _TOLERANCE), np.floor(high + _TOLERANCE)) if whole else (low, high)

    def _in_box(
        self, columns: npt.NDArray[np.int32], costs: Floats, box: tuple[Floats, Floats], sign: float
    ) -> Found:
        low, high = box
        if (low > high).any():
            return Found(Outcome.INFEASIBLE)
        values = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high, 0.0))
        upward = costs * sign > 0
        values[columns[upward]] = high[columns[upward]]
        downward = costs * sign < 0
        values[columns[downward]] = low[columns[downward]]
        if np.isinf(values).any():
            return Found(Outcome.UNBOUNDED)
        return Found(Outcome.OPTIMAL, values)

    def _lp(self, rows: Sequence[Row], floor: float, play: Sequence[float], *, whole: bool) -> Any:
        low = np.full(self.size, max(floor, -highspy.kHighsInf))
        high = np.full(self.size, highspy.kHighsInf)
        wide: list[tuple[Row, float]] = []
        for row, slack in zip(rows, play, strict=True):
            if len(row.terms) == 1:
                self._bound(row, slack, low, high)
            else:
                wide.append((row, slack))
        lp: Any = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.size, len(wide)
        lp.col_cost_ = np.zeros(self.size)
        lp.col_lower_, lp.col_upper_ = low, high
        lp.row_lower_ = np.array([row.low - slack for row, slack in wide])
        lp.row_upper_ = np.array([row.high + slack for row, slack in wide])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        starts = np.cumsum([0, *(len(row.terms) for row, _ in wide)])
        lp.a_matrix_.start_ = starts.astype(np.int32)
        index = [self._place[atom] for row, _ in wide for atom in row.terms]
        lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
        value = [factor for row, _ in wide for factor in row.terms.values()]
        lp.a_matrix_.value_ = np.array(value, dtype=np.float64)
        if self._caps is not None:
            self._split(lp, self._caps)
        if whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * self.size
        return lp

    def _split(self, lp: Any, caps: Floats) -> None:
        """Give each atom a second column for what it has beyond its cap."""
        low, high = np.asarray(lp.col_lower_), np.asarray(lp.col_upper_)
        first = np.clip(caps, low, high)
        lp.num_col_ = 2 * self.size
        lp.col_cost_ = np.zeros(2 * self.size)
        lp.col_lower_ = np.append(low, np.zeros(self.size))
        beyond = np.zeros(self.size)
        capped = np.isfinite(first)
        beyond[capped] = high[capped] - first[capped]
        lp.col_upper_ = np.append(first, beyond)
        starts = np.asarray(lp.a_matrix_.start_)
        index, value = np.asarray(lp.a_matrix_.index_), np.asarray(lp.a_matrix_.value_)
        row: npt.NDArray[np.int64] = np.repeat(np.arange(int(lp.num_row_)), np.diff(starts))
        order = np.argsort(np.append(row, row), kind="stable")
        lp.a_matrix_.start_ = (2 * starts).astype(np.int32)
        lp.a_matrix_.index_ = np.append(index, index + self.size)[order].astype(np.int32)
        lp.a_matrix_.value_ = np.append(value, value)[order]

    def _bound(self, row: Row, slack: float, low: Floats, high: Floats) -> None:
        """A row on one atom is a bound."""
        ((atom, factor),) = row.terms.items()
        ends = sorted(((row.low - slack) / factor, (row.high + slack) / factor))
        column = self._place[atom]
        low[column] = max(low[column], ends[0])
        high[column] = min(high[column], ends[1])
        # A floor and a rounded figure may differ by the noise of floating point alone.
        if low[column] > high[column] and low[column] - high[column] < 1e-6:
            low[column] = high[column]

    def run(
        self, columns: npt.NDArray[np.int32], costs: Floats, budget: Budget, *, maximize: bool
    ) -> Found:
        """The solution that minimizes or maximizes ``costs`` on ``columns``."""
        if self._box is not None:
            return self._in_box(columns, costs, self._box, 1.0 if maximize else -1.0)
        if len(self._priced):
            zeros = np.zeros(len(self._priced))
            self._model.changeColsCost(len(self._priced), self._priced, zeros)
        self._priced = columns
        if len(columns):
            self._model.changeColsCost(len(columns), columns, costs)
        sense = highspy.ObjSense.kMaximize if maximize else highspy.ObjSense.kMinimize
        self._model.changeObjectiveSense(sense)
        size = int(self._model.getNumRow() + self._model.getNumCol())
        self._model.setOptionValue("simplex_iteration_limit", budget.iterations(size))
        self._model.setOptionValue("time_limit", self._model.getRunTime() + budget.patience())
        self._model.run()
        budget.spend(int(self._model.getInfo().simplex_iteration_count), size)
        return self._result()

    def _result(self) -> Found:
        status = self._model.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            values = np.asarray(self._model.getSolution().col_value)
            if self._caps is not None:
                values = values[: self.size] + values[self.size :]
            return Found(Outcome.OPTIMAL, values)
        if status == highspy.HighsModelStatus.kInfeasible:
            return Found(Outcome.INFEASIBLE)
        if status in (
            highspy.HighsModelStatus.kUnbounded,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return Found(Outcome.UNBOUNDED)
        return Found(Outcome.UNFINISHED)
