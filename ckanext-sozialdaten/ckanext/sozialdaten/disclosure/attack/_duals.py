"""The multipliers of a proof: which statements, added and taken away, bound a sum of atoms.

By duality each end of an interval is a combination of statements; of all such combinations this
takes the one whose multipliers are smallest in sum (a linear program), which is the shortest to
read.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.attack._budget import Budget
from ckanext.sozialdaten.disclosure.attack._statements import Statement, Target

__all__ = ["SMALL", "Side", "multipliers"]

Floats = npt.NDArray[np.float64]

SMALL = 1e-7
_ITERATIONS = 20_000
_UNNAMED = 0.01


class Side(StrEnum):
    """What a combination of figures gives."""

    EXACT = "exact"
    LOW = "low"
    HIGH = "high"


def multipliers(
    statements: Sequence[Statement],
    goal: Target,
    side: Side,
    value: float,
    floor: float,
    budget: Budget,
) -> Floats | None:
    """One multiplier for each statement; None if none are found with little work.

    Args:
        statements: what is published.
        goal: the sum of atoms.
        side: whether the combination must give its value, its lowest or its highest.
        value: what it must give.
        floor: lowest value of an atom, 0 or -inf.
        budget: what all explanations may cost.
    """
    places = {atom: n for n, atom in enumerate(sorted({a for s in statements for a in s.atoms}))}
    if not places or not set(goal.atoms) <= places.keys():
        return None
    model: Any = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    size = len(places) + 2 * len(statements)
    budget.set_up(2 * sum(len(statement.atoms) for statement in statements))
    most = min(_ITERATIONS, budget.iterations(size))
    model.setOptionValue("simplex_iteration_limit", most)
    model.setOptionValue("time_limit", budget.patience())
    model.passModel(_program(statements, goal, side, value, floor, places))
    model.run()
    budget.spend(int(model.getInfo().simplex_iteration_count), size)
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = np.asarray(model.getSolution().col_value)
    size = len(statements)
    return found[:size] - found[size:]


def _program(
    statements: Sequence[Statement],
    goal: Target,
    side: Side,
    value: float,
    floor: float,
    places: dict[int, int],
) -> Any:
    """Columns: each statement counted positive, then negative; rows: atoms, then the value."""
    size, infinity = len(places), highspy.kHighsInf
    wanted = np.zeros(size)
    for atom, factor in zip(goal.atoms, goal.coefficients, strict=True):
        wanted[places[atom]] = factor
    # Atoms are not negative: what a lower end leaves of the target may be more than nothing.
    low = np.full(size, -infinity) if side is Side.LOW and floor == 0 else wanted
    high = np.full(size, infinity) if side is Side.HIGH and floor == 0 else wanted
    play = SMALL * (1 + abs(value))
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = 2 * len(statements), size + 1
    lp.row_lower_ = np.append(low, -infinity if side is Side.HIGH else value - play)
    lp.row_upper_ = np.append(high, infinity if side is Side.LOW else value + play)
    _columns(lp, statements, side, places)
    return lp


def _columns(lp: Any, statements: Sequence[Statement], side: Side, places: dict[int, int]) -> None:
    lows, highs = [s.low for s in statements], [s.high for s in statements]
    plus, minus = (highs, lows) if side is Side.HIGH else (lows, highs)
    torn = [side is Side.EXACT and s.low != s.high for s in statements] * 2
    barred = np.array(torn) | ~np.isfinite([*plus, *minus])
    lp.col_cost_ = np.array([1.0 if s.figure else _UNNAMED for s in statements] * 2)
    lp.col_lower_ = np.zeros(2 * len(statements))
    lp.col_upper_ = np.where(barred, 0.0, highspy.kHighsInf)
    rows: list[int] = []
    factors: list[float] = []
    starts = [0]
    for sign, ends in ((1.0, plus), (-1.0, minus)):
        for statement, end in zip(statements, ends, strict=True):
            rows += [places[atom] for atom in statement.atoms]
            factors += [sign * factor for factor in statement.coefficients]
            if np.isfinite(end) and end:
                rows.append(len(places))
                factors.append(sign * end)
            starts.append(len(rows))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(rows, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(factors)
