"""The cheapest safe pattern of a block: Fischetti and Salazar's decomposition with HiGHS.

A master problem chooses cells; the attacker's programs answer with capacity cuts that its choice
violates. First with fractions, then with whole cells. When no cut is left, the choice is optimal;
when the master problem costs as much as a safe pattern that is known, that one is.
"""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.suppression._limits import Limits
from ckanext.sozialdaten.disclosure.suppression._problem import (
    EPSILON,
    Bools,
    Floats,
    Problem,
)
from ckanext.sozialdaten.disclosure.suppression._program import places, quiet_model
from ckanext.sozialdaten.disclosure.suppression._rival import Cut, Reach, Rival

__all__ = ["Answer", "exact"]

_LP_ROUNDS = 40
_STALL = 8
# Blocks that need more cuts than cells (three dimensions and more) are not closed in useful time.
_SPARE_CUTS = 50
_ROOT = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """What the exact method found.

    Args:
        pattern: the cheapest safe pattern; None if the limits ended the search.
        bound: no safe pattern costs less.
    """

    pattern: Bools | None
    bound: float


def exact(problem: Problem, limits: Limits, known: Bools) -> Answer:
    """The cheapest safe pattern.

    Args:
        problem: one block.
        limits: when to stop.
        known: a safe pattern.
    """
    master, rival = _Master(problem, limits, known), Rival(problem)
    cost = float(problem.weights[known].sum())
    # Where all weights are whole, nothing lies between the known cost and the one below it.
    step = 1.0 if bool((problem.weights % 1 == 0).all()) else 0.0
    enough = cost - max(step - 1e-4, EPSILON)
    bound = _relaxed(problem, master, rival, enough, limits.cuts)
    if bound > enough:
        return Answer(known, cost)
    master.demand_whole_cells()
    for _ in range(limits.rounds):
        choice = None
        if len(master.known) <= len(problem) + _SPARE_CUTS and rival.programs < limits.cuts:
            choice = master.solve()
        if choice is None:
            break
        bound = max(bound, master.value)
        if bound > enough:
            return Answer(known, cost)
        choice = np.round(choice)
        cuts = _violated(problem, rival, choice, whole=True)
        if not cuts:
            return Answer(choice > 0.5, bound)
        if not master.add(cuts):
            break
    return Answer(None, bound)


def _relaxed(
    problem: Problem, master: "_Master", rival: Rival, enough: float, programs: int
) -> float:
    """Cuts for choices that suppress cells in part; the bound that they give.

    Half of the programs are left for choices of whole cells.
    """
    best, stalled = 0.0, 0
    for _ in range(_LP_ROUNDS):
        choice = master.solve()
        if choice is None:
            break
        stalled = 0 if master.value > best + 1e-4 else stalled + 1
        best = max(best, master.value)
        many = len(master.known) > len(problem) + _SPARE_CUTS
        done = many or stalled > _STALL or best > enough or rival.programs > programs // 2
        if done or not master.add(_violated(problem, rival, choice, whole=False)):
            break
    return best


def _violated(problem: Problem, rival: Rival, choice: Floats, *, whole: bool) -> list[Cut]:
    """Cuts that the choice violates."""
    rival.assume(choice)
    chosen = choice > 0.5 if whole else problem.primary
    cuts: list[Cut] = []
    for cell in problem.targets(chosen).tolist():
        reach = rival.reach(cell)
        if not _good(problem, reach):
            cuts.extend(rival.cuts(reach))
            continue
        for insider in _suspects(problem, reach) if problem.own[cell] else []:
            inside = rival.reach(cell, insider)
            if sum(inside.ends) + EPSILON < problem.inside_width:
                cuts.extend(rival.cuts(inside))
    return cuts


def _good(problem: Problem, reach: Reach) -> bool:
    above, below = (np.array([end]) for end in reach.ends)
    return bool(problem.fulfilled(np.array([reach.cell]), above, below)[0])


def _suspects(problem: Problem, reach: Reach) -> list[int]:
    """Insiders whose cells the proofs of a reach need."""
    if problem.insiders is None:
        return []
    used = (reach.above != 0) | (reach.below != 0)
    found = np.unique(problem.insiders[used & (problem.insiders >= 0)])
    return found[found != problem.insiders[reach.cell]].tolist()


class _Master:
    """Which cells to suppress, as far as the cuts tell."""

    def __init__(self, problem: Problem, limits: Limits, known: Bools) -> None:
        size = len(problem)
        self.size = size
        self.nodes = limits.nodes
        self.whole = False
        self.value = 0.0
        self.choice = np.zeros(size)
        self.known: set[bytes] = set()
        # A safe pattern fulfils all cuts: branches that cost more are left at once.
        self.safe: Any = highspy.HighsSolution()
        self.safe.col_value = known.astype(np.float64).tolist()
        self.model: Any = quiet_model()
        self.model.setOptionValue("mip_rel_gap", 0.0)
        self.model.setOptionValue("mip_abs_gap", 1e-6)
        self.model.addVars(size, problem.primary.astype(np.float64), np.ones(size))
        self.model.changeColsCost(size, places(size), problem.weights)

    def demand_whole_cells(self) -> None:
        """From now on a cell is suppressed or not."""
        kinds = np.full(self.size, highspy.HighsVarType.kInteger)
        self.model.changeColsIntegrality(self.size, places(self.size), kinds)
        self.whole = True

    def solve(self) -> Floats | None:
        """The cheapest choice; None if there is none or if the limits were reached."""
        self.model.setOptionValue("mip_max_nodes", max(self.nodes, 0))
        if self.whole:
            self.model.setSolution(self.safe)
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        info = self.model.getInfo()
        self.value = float(info.objective_function_value)
        # The root of the tree takes as much time as many nodes.
        self.nodes -= max(int(info.mip_node_count), _ROOT if self.whole else 0)
        self.choice = np.clip(np.array(self.model.getSolution().col_value), 0.0, 1.0)
        return self.choice

    def add(self, cuts: list[Cut]) -> int:
        """Add the cuts that the last choice violates and that are new; how many these were."""
        added = 0
        for cut in cuts:
            used = np.flatnonzero(np.abs(cut.coefficients) > EPSILON).astype(np.int32)
            entries = cut.coefficients[used]
            short = float(entries @ self.choice[used]) < cut.bound - 1e-5
            name = used.tobytes() + np.round(entries, 6).tobytes() + str(cut.bound).encode()
            if not short or name in self.known:
                continue
            self.known.add(name)
            self.model.addRow(cut.bound, highspy.kHighsInf, len(used), used, entries)
            added += 1
        return added
