"""Large blocks: cells are protected part by part, each part a neighbourhood of cells.

Deviations within a part fulfil all sums of the table, so what is proven in one part holds in the
whole; and further suppressed cells undo no proof. Only the target cells in the middle of a part
are protected in it, so that their neighbours are at hand.
"""

import heapq
from dataclasses import replace

import numpy as np

from ckanext.sozialdaten.disclosure.suppression._heuristic import Search
from ckanext.sozialdaten.disclosure.suppression._problem import Bools, Ints, Problem

__all__ = ["by_parts"]

_MIDDLE = 0.5
_GROWTH = 4


def by_parts(problem: Problem, size: int) -> Bools | None:
    """A safe pattern of a large block; None if there is none.

    Args:
        problem: the block.
        size: cells of one part.
    """
    graph = _Graph(problem)
    pattern = problem.primary.copy()
    waiting = np.zeros(len(problem), dtype=np.bool_)
    waiting[problem.targets(pattern)] = True
    for seed in np.flatnonzero(waiting).tolist():
        wanted = size
        while waiting[seed]:
            ball = graph.ball(seed, wanted, pattern)
            middle = ball[: int(_MIDDLE * len(ball)) + 1] if wanted == size else ball[:1]
            aims = middle[waiting[middle]]
            found = _protected(problem, ball, aims, pattern)
            if found is not None:
                pattern[ball[found]] = True
                waiting[aims] = False
            elif len(ball) == len(problem):
                return None
            else:
                wanted *= _GROWTH
    return pattern


def _protected(problem: Problem, ball: Ints, aims: Ints, pattern: Bools) -> Bools | None:
    """The cells of a part that are to be suppressed so that its aims are open."""
    part = problem.part(ball)
    asked = np.isin(ball, aims)
    given = pattern[ball]
    own = part.own & asked
    common = given & asked & ~own
    part = replace(
        part,
        primary=given,
        common=common if part.open_width else None,
        up=np.where(own, part.up, 0.0),
        down=np.where(own, part.down, 0.0),
        width=np.where(own, part.width, 0.0),
    )
    search = Search(part)
    found = search.mended(given, part.weights)
    return None if found is None else search.thinned(found, np.flatnonzero(found & ~given))


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
