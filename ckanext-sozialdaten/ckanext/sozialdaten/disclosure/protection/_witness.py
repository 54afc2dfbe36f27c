"""Tables that fit a copy with noise, as proofs for the attack that no count in it is proven small.

Whoever made the noise knows such tables: the true one, and true ones with a few persons moved. The
attack takes none of them on trust, it checks each against what is published. They are never kept.
"""

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.protection._sums import Sums

__all__ = ["fitting_tables"]

Floats = npt.NDArray[np.float64]
_WHOLE = 1e-6


def fitting_tables(
    sums: Sums, low: Floats, high: Floats, minimum: int, most: int
) -> tuple[Floats, ...]:
    """The true table, and others in which its small counts are 0 or no longer small.

    Args:
        sums: the true table; its leaves must make all sums true.
        low: for each cell the lowest count that its published one allows.
        high: the highest.
        minimum: counts from here on are not small.
        most: how many tables to make.
    """
    if sums.loose or np.isnan(sums.values).any():
        return ()
    holders: list[list[int]] = [[] for _ in range(len(sums))]
    for cell, leaves in enumerate(sums.leaves):
        for leaf in leaves:
            holders[int(leaf)].append(cell)
    held = [np.array(cells, dtype=np.int64) for cells in holders]
    leaf = sums.is_leaf
    values = sums.values
    open_cells = (values >= minimum - _WHOLE) | ((values < _WHOLE) & (low < _WHOLE))
    tables = [values.copy()]
    for _ in range(most):
        moved = values.copy()
        for one in np.flatnonzero(leaf & ~open_cells).tolist():
            cells = held[one]
            for aim in (0.0, float(minimum)):
                after = moved[cells] + (aim - moved[one])
                if (after >= low[cells]).all() and (after <= high[cells]).all():
                    moved[cells] = after
                    break
        news = (moved >= minimum - _WHOLE) | (moved < 1 - _WHOLE)
        if not (news & ~open_cells).any():
            break
        open_cells |= news
        tables.append(moved)
    return tuple(tables)
