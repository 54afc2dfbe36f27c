"""The cheapest safe pattern of a block: Fischetti and Salazar's decomposition with HiGHS.

A master problem chooses cells; the attacker's programs answer with capacity cuts that its choice
violates. First with fractions, then with whole cells. When no cut is left, the choice is optimal.
"""

from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import EPSILON, Floats, Limits, Problem
from ckanext.sozialdaten.disclosure.suppression._rival import Cut, Rival

__all__ = ["exact"]

_LP_ROUNDS = 40
_STALL = 8
# Blocks that need more cuts than cells (three dimensions and more) are not closed in useful time.
_SPARE_CUTS = 150


def exact(problem: Problem, limits: Limits) -> Floats | None:
    """The cheapest safe pattern; None if the limits end the search or if there is none."""
    master, rival = _Master(problem, limits), Rival(problem)
    best, stalled = -np.inf, 0
    for _ in range(_LP_ROUNDS):
        choice = master.solve()
        if choice is None:
            return None
        stalled = 0 if master.value > best + 1e-4 else stalled + 1
        best = max(best, master.value)
        if stalled > _STALL or not master.add(_violated(problem, rival, choice, whole=False)):
            break
    master.demand_whole_cells()
    for _ in range(limits.rounds):
        if len(master.known) > len(problem) + _SPARE_CUTS:
            return None
        choice = master.solve()
        if choice is None:
            return None
        choice = np.round(choice)
        cuts = _violated(problem, rival, choice, whole=True)
        if not cuts:
            return choice
        if not master.add(cuts):
            return None
    return None


def _violated(problem: Problem, rival: Rival, choice: Floats, *, whole: bool) -> list[Cut]:
    """Cuts that the choice violates."""
    rival.assume(choice)
    targets = np.flatnonzero(problem.primary).tolist()
    if whole and problem.open_width:
        targets = np.flatnonzero(choice > 0.5).tolist()
    cuts: list[Cut] = []
    for cell in targets:
        reach = rival.reach(cell)
        if not problem.fulfilled(cell, *reach.ends):
            cuts.extend(rival.cuts(reach))
    return cuts


class _Master:
    """Which cells to suppress, as far as the cuts tell."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        size = len(problem)
        self.size = size
        self.nodes = limits.nodes
        self.value = 0.0
        self.choice = np.zeros(size)
        self.known: set[bytes] = set()
        self.model: Any = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 1e-6),
        ):
            self.model.setOptionValue(name, value)
        self.model.addVars(size, problem.primary.astype(np.float64), np.ones(size))
        places = np.arange(size, dtype=np.int32)
        self.model.changeColsCost(size, places, problem.weights)

    def demand_whole_cells(self) -> None:
        """From now on a cell is suppressed or not."""
        places = np.arange(self.size, dtype=np.int32)
        kinds = np.full(self.size, highspy.HighsVarType.kInteger)
        self.model.changeColsIntegrality(self.size, places, kinds)

    def solve(self) -> Floats | None:
        """The cheapest choice; None if there is none or if the limits were reached."""
        self.model.setOptionValue("mip_max_nodes", max(self.nodes, 0))
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        info = self.model.getInfo()
        self.value = float(info.objective_function_value)
        self.nodes -= max(int(info.mip_node_count), 0)
        self.choice = np.clip(np.array(self.model.getSolution().col_value), 0.0, 1.0)
        return self.choice

    def add(self, cuts: list[Cut]) -> int:
        """Add the cuts that the last choice violates and that are new; how many these were."""
        added = 0
        for cut in cuts:
            places = np.flatnonzero(np.abs(cut.coefficients) > EPSILON).astype(np.int32)
            entries = cut.coefficients[places]
            short = float(entries @ self.choice[places]) < cut.bound - 1e-5
            name = places.tobytes() + np.round(entries, 6).tobytes() + str(cut.bound).encode()
            if not short or name in self.known:
                continue
            self.known.add(name)
            self.model.addRow(cut.bound, highspy.kHighsInf, len(places), places, entries)
            added += 1
        return added
