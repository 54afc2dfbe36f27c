"""Rounding small counts where totals are summed up in two ways that do not share their parts.

Such a table (places by year beside groups of places by year) has no finest level of which all else
is made. A mixed-integer program then chooses for the small counts 0 or the base, for larger counts
a change below the base where the sums leave no other way, and lets totals follow.
"""

import highspy
import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.protection._rounding import Rounded, greatest, ties
from ckanext.sozialdaten.disclosure.protection._sums import Sums

__all__ = ["round_linked"]

Floats = npt.NDArray[np.float64]
_WHOLE = 1e-6
_TIE = 1e-3
_FORCED = 10.0


class _Program:
    """A program whose columns are added one by one."""

    def __init__(self, nodes: int) -> None:
        self.model = highspy.Highs()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("threads", 1)
        self.model.setOptionValue("mip_max_nodes", nodes)
        self.model.setOptionValue("mip_rel_gap", 0.0)
        self.columns = 0

    def column(self, low: float, high: float, cost: float, *, whole: bool) -> int:
        """A column; its number."""
        self.model.addVar(low, high)
        self.model.changeColCost(self.columns, cost)
        if whole:
            self.model.changeColIntegrality(self.columns, highspy.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def row(self, terms: dict[int, float], low: float, high: float) -> None:
        """``low <= sum of coefficient * column <= high``."""
        columns = np.array(list(terms), dtype=np.int32)
        self.model.addRow(low, high, len(terms), columns, np.array(list(terms.values())))


def round_linked(sums: Sums, base: int, nodes: int) -> Rounded | None:
    """Small counts to 0 or the base, and all sums hold, with the least sum of deviations.

    Args:
        sums: the table.
        base: of rounding.
        nodes: branches that the search may take.

    Returns:
        The rounded table; None if there is none or the search found none.
    """
    program, infinity = _Program(nodes), highspy.kHighsInf
    totals = {one.total for one in sums.sums}
    tie = ties(sums)
    away: dict[int, int] = {}
    for cell, value in enumerate(sums.values.tolist()):
        if np.isnan(value):
            continue
        change = program.column(-infinity, infinity, 0.0, whole=False)
        price = _TIE * float(tie[cell])
        if cell in totals or not _WHOLE < value < base:
            reach = infinity if cell in totals else float(base - 1 if value else 0)
            program.model.changeColBounds(change, max(-reach, -abs(value)), reach)
            program.model.changeColIntegrality(change, highspy.HighsVarType.kInteger)
            price += 0.0 if cell in totals else _FORCED
        else:
            up = program.column(0.0, 1.0, price, whole=True)
            program.row({change: 1.0, up: -float(base)}, -value, -value)
        if cell < sums.published or price >= _FORCED:
            size = program.column(0.0, infinity, 1.0 + price, whole=False)
            program.row({size: 1.0, change: -1.0}, 0.0, infinity)
            program.row({size: 1.0, change: 1.0}, 0.0, infinity)
        away[cell] = change
    for one in sums.sums:
        terms = {away[one.total]: 1.0} | {away[part]: -1.0 for part in one.parts}
        program.row(terms, 0.0, 0.0)
    program.model.run()
    if program.model.getInfo().primal_solution_status != 2:
        return None
    solution = np.array(program.model.getSolution().col_value)
    values = sums.values.copy()
    for cell, column in away.items():
        values[cell] = np.rint(values[cell] + solution[column])
    optimal = program.model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Rounded(values, greatest(sums, values), optimal)
