"""Large blocks: cells are protected part by part.

First each branch of the sums (a region with all its kinds) with what lies outside as published,
then, for what no branch alone can keep open, a neighbourhood of cells that grows until it can.
Deviations within a part fulfil all sums of the table, so what is proven in one part holds in the
whole; and further suppressed cells undo no proof. Of a neighbourhood only the cells in its middle
are protected, so that their neighbours are at hand.
"""

import heapq
from dataclasses import replace

import numpy as np

from ckanext.sozialdaten.disclosure.suppression._heuristic import Search
from ckanext.sozialdaten.disclosure.suppression._problem import Bools, Ints, Problem
from ckanext.sozialdaten.disclosure.suppression._regions import branches

__all__ = ["by_parts"]

_MIDDLE = 0.5
_GROWTH = 4


def by_parts(problem: Problem, size: int, branch: int) -> Bools | None:
    """A safe pattern of a large block; None if there is none.

    Args:
        problem: the block.
        size: cells of one neighbourhood.
        branch: cells of one branch.
    """
    pattern = problem.primary.copy()
    waiting = np.zeros(len(problem), dtype=np.bool_)
    waiting[problem.targets(pattern)] = True
    for cells in branches(problem.sums, len(problem), branch):
        if waiting[cells].any():
            found, left = _protected(problem, cells, cells[waiting[cells]], pattern)
            pattern[cells[found]] = True
            waiting[cells] = False
            waiting[left] = True
    return _around(problem, size, pattern, waiting)


def _around(problem: Problem, size: int, pattern: Bools, waiting: Bools) -> Bools | None:
    """Protect the cells that still wait, each within its neighbourhood."""
    graph = _Graph(problem)
    for seed in np.flatnonzero(waiting).tolist():
        wanted = size
        while waiting[seed]:
            ball = graph.ball(seed, wanted, pattern)
            middle = ball[: int(_MIDDLE * len(ball)) + 1] if wanted == size else ball[:1]
            found, left = _protected(problem, ball, middle[waiting[middle]], pattern)
            pattern[ball[found]] = True
            waiting[middle] = False
            waiting[left] = True
            if waiting[seed] and len(ball) == len(problem):
                return None
            wanted *= _GROWTH
    # What was suppressed on the way may itself be open too little.
    return pattern if not waiting.any() else _around(problem, size, pattern, waiting)


def _protected(problem: Problem, cells: Ints, aims: Ints, pattern: Bools) -> tuple[Bools, Ints]:
    """Which cells of a part to suppress so that its aims are open, and those left too narrow."""
    part = problem.part(cells)
    asked = np.isin(cells, aims)
    given = pattern[cells]
    own = part.own & asked
    common = given & asked & ~own
    part = replace(
        part,
        primary=given,
        common=common if part.asks_all else None,
        up=np.where(own, part.up, 0.0),
        down=np.where(own, part.down, 0.0),
        width=np.where(own, part.width, 0.0),
    )
    search = Search(part)
    found = search.mended_as_far_as_possible(given, part.weights)
    found = search.thinned(found, np.flatnonzero(found & ~given))
    return found, cells[search.proofs.skipped & found]


class _Graph:
    """Which cells are near each other: the way leads through sums, dear cells are far."""

    def __init__(self, problem: Problem) -> None:
        sums = problem.sums
        order = np.argsort(sums.cells, kind="stable")
        ends = np.cumsum(np.bincount(sums.cells, minlength=len(problem)))[:-1]
        self.rows_of = [rows.tolist() for rows in np.split(sums.rows[order], ends)]
        self.cells_of = [cells.tolist() for cells in np.split(sums.cells, sums.starts[1:-1])]
        self.lengths = problem.weights

    def ball(self, seed: int, size: int, free: Bools) -> Ints:
        """The ``size`` cells next to a seed, the nearest first; ``free`` ones cost no way."""
        lengths = np.where(free, 0.0, self.lengths) + 1e-3 * (1.0 + self.lengths)
        queue: list[tuple[float, int]] = [(0.0, seed)]
        found: dict[int, None] = {}
        rows: set[int] = set()
        while queue and len(found) < size:
            distance, cell = heapq.heappop(queue)
            if cell in found:
                continue
            found[cell] = None
            for row in self.rows_of[cell]:
                if row not in rows:
                    rows.add(row)
                    for other in self.cells_of[row]:
                        if other not in found:
                            heapq.heappush(queue, (distance + float(lengths[other]), other))
        return np.array(list(found), dtype=np.int64)
