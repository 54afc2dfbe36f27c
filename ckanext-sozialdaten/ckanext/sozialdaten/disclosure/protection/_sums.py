"""The sums of a table, complete: what a total holds beyond its parts is a cell of its own.

Methods that change all counts need to know which cells the others are made of. Cells come in an
order of their own, by column and codes, so that the order of rows in a file decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.structure import Cells, Relation, groups

__all__ = ["Sum", "Sums", "sums_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Sum:
    """The first cell is the sum of the others."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """Cells by position: first those of the table, then the rests of totals.

    Args:
        values: what they hold; NaN where a cell of the table is withheld.
        names: what names a cell, for keys and for breaking ties.
        order: for each cell of the table its position there.
        sums: what adds up; sums around withheld cells are left out.
        leaves: for each cell the cells without parts that it is made of; itself if it is one.
        loose: sums that the leaves alone do not make true, for totals are summed up in two ways.
    """

    values: Floats
    names: tuple[tuple[str, ...], ...]
    order: Ints
    sums: tuple[Sum, ...] = field(repr=False)
    leaves: tuple[Ints, ...] = field(repr=False)
    loose: tuple[Sum, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def published(self) -> int:
        """How many cells are those of the table."""
        return len(self.order)

    @property
    def is_leaf(self) -> npt.NDArray[np.bool_]:
        """Whether a cell has no parts and is known."""
        single = [len(leaves) == 1 and int(leaves[0]) == c for c, leaves in enumerate(self.leaves)]
        return np.array(single, dtype=bool) & ~np.isnan(self.values)

    def spread(self, of_leaves: Floats) -> Floats:
        """Each cell as the sum of its leaves."""
        result = of_leaves.copy()
        for cell, leaves in enumerate(self.leaves):
            if len(leaves) != 1 or int(leaves[0]) != cell:
                result[cell] = of_leaves[leaves].sum()
        return result


def sums_of(cells: Cells, found: Sequence[Relation]) -> Sums:
    """The sums of a table.

    Args:
        cells: the table.
        found: relations that its numbers do not contradict.
    """
    keys = cells.keys()
    order = np.array(
        sorted(range(len(cells)), key=lambda c: (cells.columns[c], keys[c])), dtype=np.int64
    )
    place = np.empty(len(cells), dtype=np.int64)
    place[order] = np.arange(len(cells))
    values = list(cells.values[order].tolist())
    positions: list[int] = order.tolist()
    names: list[tuple[str, ...]] = [(cells.columns[c], *keys[c]) for c in positions]
    rows = {
        (int(place[group.total]), tuple(sorted(int(place[p]) for p in group.parts))): relation
        for relation in found
        for group in groups(cells, relation)
    }
    sums: list[Sum] = []
    for (total, parts), relation in sorted(rows.items(), key=lambda item: item[0]):
        gap = values[total] - sum(values[part] for part in parts)
        if not gap >= -_WHOLE:
            continue
        if gap > _WHOLE:
            dimension = cells.dimensions[relation.dimension].name
            names.append((*names[total], "rest", dimension))
            values.append(gap)
            parts = (*parts, len(values) - 1)
        sums.append(Sum(total, parts))
    return _linked(np.array(values), tuple(names), order, sums)


def _linked(
    values: Floats, names: tuple[tuple[str, ...], ...], order: Ints, sums: Sequence[Sum]
) -> Sums:
    """Find the leaves of every cell, from the smallest totals upwards."""
    by_total: dict[int, list[Sum]] = {}
    for one in sums:
        by_total.setdefault(one.total, []).append(one)
    leaves: list[Ints | None] = [None] * len(values)

    def of(cell: int) -> Ints:
        known = leaves[cell]
        if known is None:
            ways = by_total.get(cell, [])
            first = ways[0].parts if ways else ()
            leaves[cell] = np.array([cell], dtype=np.int64)
            known = np.sort(np.concatenate([of(p) for p in first])) if first else leaves[cell]
            leaves[cell] = known
        return known if known is not None else np.zeros(0, dtype=np.int64)

    complete = tuple(of(cell) for cell in range(len(values)))
    loose = [
        one
        for ways in by_total.values()
        for one in ways[1:]
        if not np.array_equal(
            np.sort(np.concatenate([complete[p] for p in one.parts])), complete[one.total]
        )
    ]
    return Sums(values, names, order, tuple(sums), complete, tuple(loose))
