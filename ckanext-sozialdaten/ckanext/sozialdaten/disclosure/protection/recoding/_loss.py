"""Measures of what recoding loses, column by column: each between 0 and 1.

Both grow with every level, so that the loss of a node bounds the loss of all nodes above it.

* non-uniform entropy (Gionis and Tassa 2009; Prasser, Bild and Kuhn 2016): how many bits the
  recoded value leaves open about the value, as a share of the bits that the column holds.
* domain share (Iyengar 2002): the share of the column's values that a recoded value stands for.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Hierarchy, Ints

__all__ = ["Floats", "Metric", "column_loss"]

Floats = npt.NDArray[np.float64]


class Metric(StrEnum):
    """How loss is measured, and how that of several columns is put together.

    ``balanced``, the default, takes the root mean square of the entropies lost, so that three
    coarse columns are better than one that is gone; ``entropy`` and ``share`` take the mean;
    ``rank`` compares the largest share lost by any column first, then the next largest.
    """

    BALANCED = "balanced"
    ENTROPY = "entropy"
    SHARE = "share"
    RANK = "rank"


def column_loss(
    metric: Metric, hierarchy: Hierarchy, values: Sequence[str], counts: Ints
) -> Floats:
    """The loss of one column at each level.

    Args:
        metric: the measure.
        hierarchy: the levels.
        values: the distinct values of the column.
        counts: rows of each value.
    """
    total = float(counts.sum())
    losses: list[float] = []
    for codes in hierarchy.codes(values):
        if metric in (Metric.ENTROPY, Metric.BALANCED):
            groups = np.bincount(codes, counts)[codes]
            bits = float((counts * np.log2(groups / np.maximum(counts, 1))).sum())
            most = float((counts * np.log2(total / np.maximum(counts, 1))).sum())
            losses.append(bits / most if most else 0.0)
        else:
            sizes = _leaves(hierarchy, values, len(losses))
            losses.append(float((counts * sizes).sum() / total) if total else 0.0)
    return np.array(losses)


def _leaves(hierarchy: Hierarchy, values: Sequence[str], level: int) -> Floats:
    """For each value the share of all values of the hierarchy that its label stands for."""
    sizes: dict[str, int] = {}
    for labels in hierarchy.levels.values():
        sizes[labels[level]] = sizes.get(labels[level], 0) + 1
    most = max(len(hierarchy.levels) - 1, 1)
    return np.array([(sizes[label] - 1) / most for label in hierarchy.labels(values, level)])
