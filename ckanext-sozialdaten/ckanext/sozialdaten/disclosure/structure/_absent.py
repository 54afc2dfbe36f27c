"""Combinations of codes that a table leaves out: nobody there, or a figure that was not published.

Statistics leave out rows without cases, others leave out what they do not want to show, and totals
of a table may be missing because they follow. The numbers tell which: where sums come out right
without them again and again, what is absent is empty.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ckanext.sozialdaten.disclosure.structure._cells import Cells
from ckanext.sozialdaten.disclosure.structure._relations import Relation, groups

__all__ = ["completed", "leaves_out_empty"]

_MAX_CELLS = 20_000
_EVIDENCE = 3
_CLOSE = 1e-6


def leaves_out_empty(cells: Cells, relations: Sequence[Relation]) -> bool:
    """Whether published sums show, and none denies, that absent combinations are empty."""
    confirmed = 0
    for relation in relations:
        for group in groups(cells, relation):
            if len(group.parts) == len(relation.parts):
                continue
            gap = float(cells.values[group.total] - cells.values[list(group.parts)].sum())
            if abs(gap) <= _CLOSE * max(1.0, abs(float(cells.values[group.total]))):
                confirmed += 1
            elif gap > 0:
                return False
    return confirmed >= _EVIDENCE


def completed(cells: Cells) -> Cells | None:
    """The table with every combination of its codes, those that it leaves out as withheld.

    Returns:
        Further cells stand after all others, with -1 as their row; None where nothing is left out,
        or too much to look at.
    """
    sizes = [len(dimension.labels) for dimension in cells.dimensions]
    whole = int(np.prod(sizes, dtype=np.float64)) if sizes else 0
    if len(sizes) < 2 or whole > _MAX_CELLS or whole == len(cells):
        return None
    shown = np.ravel_multi_index([d.codes for d in cells.dimensions], sizes)
    absent = np.setdiff1d(np.arange(whole), shown)
    codes = np.unravel_index(absent, sizes)
    size = len(absent)
    return Cells(
        tuple(
            replace(dimension, codes=np.append(dimension.codes, own))
            for dimension, own in zip(cells.dimensions, codes, strict=True)
        ),
        np.append(cells.values, np.full(size, np.nan)),
        np.append(cells.withheld, np.ones(size, dtype=np.bool_)),
        np.append(cells.rows, np.full(size, -1, dtype=np.int64)),
        (*cells.columns, *("" for _ in range(size))),
    )
