"""The counts of a table as a grid of codes, on which categories are merged."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Ints
from ckanext.sozialdaten.disclosure.protection.recoding._partition import Floats, Merging
from ckanext.sozialdaten.disclosure.protection.recoding._tree import Tree
from ckanext.sozialdaten.disclosure.structure import Cells

__all__ = ["Grid", "Plan", "bits_lost", "grid_of"]

Plan = Mapping[int, Merging]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells by their codes.

    Args:
        codes: one row for each cell, one column for each dimension.
        values: the counts.
    """

    codes: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    def merged(self, position: int, tree: Tree, merging: Merging) -> "Grid":
        """The grid after merging codes of one dimension.

        Merged codes stand under the first of them; where they make up all that is below a
        published code, or lie below merged ones, they are gone.
        """
        target = np.arange(len(tree.labels), dtype=np.int64)
        for parent, members in merging.groups:
            whole = parent >= 0 and len(members) == len(tree.children(parent))
            target[list(members)] = -1 if whole else members[0]
        target[sorted(merging.gone)] = -1
        codes = self.codes.copy()
        codes[:, position] = target[codes[:, position]]
        kept = codes[:, position] >= 0
        found, inverse = np.unique(codes[kept], axis=0, return_inverse=True)
        sums = np.bincount(inverse.ravel(), self.values[kept], minlength=len(found))
        return Grid(found, np.asarray(sums, dtype=np.float64))

    def by_code(self, position: int, size: int) -> Floats:
        """Counts by code of one dimension and combination of the others; 0 where none is."""
        others = np.delete(self.codes, position, axis=1)
        combos, inverse = np.unique(others, axis=0, return_inverse=True)
        matrix = np.zeros((size, max(len(combos), 1)))
        matrix[self.codes[:, position], inverse.ravel()] = self.values
        return matrix


def grid_of(cells: Cells) -> Grid:
    """The grid of a table whose counts are all known."""
    codes = [dimension.codes for dimension in cells.dimensions]
    stacked = np.stack(codes, axis=1) if codes else np.zeros((len(cells), 0), dtype=np.int64)
    return Grid(stacked.astype(np.int64), cells.values)


def bits_lost(grid: Grid, trees: Mapping[int, Tree], plan: Plan) -> float:
    """Share of the bits that tell in which leaf a person counts that merging loses.

    Non-uniform entropy (Gionis and Tassa 2009) over the cells without parts.
    """
    inner = np.ones(len(grid), dtype=bool)
    group = grid.codes.copy()
    for position, tree in trees.items():
        inner &= np.isin(grid.codes[:, position], _leaves(tree))
        group[:, position] = _ends(tree, plan.get(position, Merging()))[group[:, position]]
    values = np.maximum(grid.values[inner], 0)
    if not values.sum():
        return 0.0
    places = np.unique(group[inner], axis=0, return_inverse=True)[1].ravel()
    sums = np.bincount(places, values)[places]
    known = values > 0
    # fsum: the same to the last digit in whatever order the rows come
    lost = math.fsum((values[known] * np.log2(sums[known] / values[known])).tolist())
    most = math.fsum((values[known] * np.log2(values.sum() / values[known])).tolist())
    return lost / most if most else 0.0


def _leaves(tree: Tree) -> Sequence[int]:
    return [code for code in range(len(tree.labels)) if not tree.children(code)]


def _ends(tree: Tree, merging: Merging) -> Ints:
    """For each code the first of those that it can no longer be told from."""
    ends = np.arange(len(tree.labels), dtype=np.int64)
    for _, members in merging.groups:
        leaves = [leaf for member in members for leaf in tree.leaves(member)]
        ends[leaves] = leaves[0]
    return ends
