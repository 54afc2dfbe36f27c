"""Levels of one hierarchy that a table writes into several columns, as one dimension again.

Two habits: the column of the finer level says "total" in the rows of the coarser one (Kreis,
Gemeinde); or each row fills one of the columns alone (``age_l``, ``age_m``, ``age_h``).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension

__all__ = ["stacked"]

Bools = npt.NDArray[np.bool_]
_LEVEL = re.compile(r"[_\s-]*[a-z0-9]{1,2}$", re.IGNORECASE)


def stacked(dimensions: Sequence[Dimension]) -> list[Dimension]:
    """The dimensions, with columns that are levels of one hierarchy put together."""
    result: list[Dimension] = []
    for dimension in dimensions:
        place, joined = next(
            ((i, both) for i, known in enumerate(result) if (both := _joined(known, dimension))),
            (-1, None),
        )
        if joined is None:
            result.append(dimension)
        else:
            result[place] = joined
    return result


def _totals(dimension: Dimension) -> Bools:
    """Which cells show the dimension's total."""
    totals = dimension.totals
    said = np.array([label in totals for label in dimension.labels], dtype=np.bool_)
    return said[dimension.codes]


def _joined(one: Dimension, two: Dimension) -> Dimension | None:
    """Both as one dimension; None if they are no levels of one hierarchy."""
    first, second = _totals(one), _totals(two)
    if not first.any() or not second.any():
        return None
    if not (~first & ~second).any():
        return _merge(one, two, second, nested=False) if _same_stem(one, two) else None
    for upper, lower, above, below in ((one, two, first, second), (two, one, second, first)):
        if _below(upper, lower, above, below):
            return _merge(upper, lower, below, nested=True)
    return None


def _same_stem(one: Dimension, two: Dimension) -> bool:
    stem = _LEVEL.sub("", one.name)
    return len(stem) > 1 and stem == _LEVEL.sub("", two.name) and one.name != stem


def _below(upper: Dimension, lower: Dimension, above: Bools, below: Bools) -> bool:
    """Whether each code of ``lower`` lies in one code of ``upper`` alone."""
    if (above & ~below).any() or not (below & ~above).any():
        return False
    pairs = np.unique(np.stack([lower.codes[~below], upper.codes[~below]]), axis=1)
    codes, counts = np.unique(pairs[0], return_counts=True)
    inside = len(np.unique(pairs[1]))
    return bool((counts == 1).all()) and 1 < inside < len(codes)


def _merge(upper: Dimension, lower: Dimension, below: Bools, *, nested: bool) -> Dimension:
    """The code of ``lower`` where it says one, else that of ``upper``."""
    taken = set(upper.labels)
    renamed = {x: f"{x} ({lower.name})" if x in taken else x for x in lower.labels}
    labels = np.array([*upper.labels, *renamed.values()], dtype=object)
    codes = np.where(below, upper.codes, lower.codes + len(upper.labels))
    kept, moved = np.unique(codes, return_inverse=True)
    parents = {**upper.parents, **lower.parents}
    if nested:
        pairs = zip(lower.codes[~below].tolist(), upper.codes[~below].tolist(), strict=True)
        for child, parent in set(pairs):
            parents[renamed[lower.labels[child]]] = upper.labels[parent]
    above, beneath = upper.totals, lower.totals
    levels = upper.levels or ({x: x for x in upper.labels if x not in above},)
    finer = {renamed[x]: x for x in lower.labels if x not in beneath}
    return replace(
        upper,
        labels=tuple(str(label) for label in labels[kept]),
        codes=moved.astype(np.int64),
        region=upper.region or lower.region,
        parents=parents,
        levels=() if nested else tuple(sorted((*levels, finer), key=len)),
    )
