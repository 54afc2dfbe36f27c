"""Parts of a large problem that can be protected one after the other: the branches of its sums.

The cells below one part of the grand total (a region with all its kinds and ages) are a table of
their own. Of all ways to divide the grand total we take the one with the smallest branches in
which cells can still deviate; a branch that is too large is divided again, small neighbours stay
together.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import Ints, Sums

__all__ = ["branches"]


def branches(sums: Sums, size: int, most: int) -> list[Ints]:
    """Disjoint sets of at most ``most`` cells; some cells may be in none.

    Args:
        sums: the equations between the cells.
        size: how many cells there are.
        most: how many cells a set may have.
    """
    tree = _Tree(sums, size)
    found: list[Ints] = []
    free = np.ones(size, dtype=np.bool_)
    for root in tree.roots():
        for branch in tree.divided(root, most):
            cells = branch[free[branch]]
            free[cells] = False
            if len(cells):
                found.append(cells)
    return found


_LOOSE = 0.5


class _Tree:
    """Which cells each cell is the sum of, once for each way to divide it."""

    def __init__(self, sums: Sums, size: int) -> None:
        self.sums, self.size = sums, size
        self.ways: list[list[list[int]]] = [[] for _ in range(size)]
        self.part = np.zeros(size, dtype=np.bool_)
        starts: list[int] = sums.starts.tolist()
        cells: list[int] = sums.cells.tolist()
        factors: list[float] = sums.factors.tolist()
        for start, end in pairwise(starts):
            plus = [cells[n] for n in range(start, end) if factors[n] > 0]
            minus = [cells[n] for n in range(start, end) if factors[n] < 0]
            one, rest = (plus, minus) if len(plus) == 1 else (minus, plus)
            if len(one) == 1 and rest:
                self.ways[one[0]].append(rest)
                self.part[rest] = True

    def roots(self) -> list[int]:
        """Cells that are a sum and part of none."""
        return [cell for cell, ways in enumerate(self.ways) if ways and not self.part[cell]]

    def below(self, root: int) -> Ints:
        """A cell and all that it is the sum of, directly or by others."""
        seen, queue = {root}, [root]
        while queue:
            for way in self.ways[queue.pop()]:
                new = [cell for cell in way if cell not in seen]
                seen.update(new)
                queue += new
        return np.array(sorted(seen), dtype=np.int64)

    def divided(self, root: int, most: int) -> list[Ints]:
        """The branches of a cell; itself with all below if that is small enough."""
        below = self.below(root)
        ways = [[(part, self.below(part)) for part in way] for way in self.ways[root]]
        ways = [way for way in ways if any(self._is_loose(cells) for _, cells in way)]
        if len(below) <= most:
            return [below]
        if not ways:
            return []
        best = min(ways, key=lambda way: max(len(cells) for _, cells in way))
        found: list[Ints] = []
        together: list[Ints] = []
        for part, cells in best:
            if len(cells) > most:
                found += self.divided(part, most)
                continue
            if together and sum(map(len, together)) + len(cells) > most:
                found.append(_union(together))
                together = []
            together.append(cells)
        return [*found, _union(together)] if together else found

    def _is_loose(self, cells: Ints) -> bool:
        """Whether most of some cells can deviate while all others do not."""
        inside = np.zeros(self.size, dtype=np.bool_)
        inside[cells] = True
        entries = inside[self.sums.cells]
        members = np.bincount(self.sums.rows[entries], minlength=self.sums.count)
        alone = entries & (members[self.sums.rows] == 1)
        return len(np.unique(self.sums.cells[alone])) < _LOOSE * len(cells)


def _union(sets: Sequence[Ints]) -> Ints:
    return np.unique(np.concatenate(sets))
