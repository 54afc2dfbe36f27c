"""k, l and t of one set where the rows fit into memory: the classes as a matrix of counts.

The same numbers as the expressions of ``_classes`` give, without the fixed cost of a query: a
table of some thousand persons takes milliseconds.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ckanext.sozialdaten.disclosure.persons._coding import coded
from ckanext.sozialdaten.disclosure.persons._limits import Sizes, Values

__all__ = ["counted"]

_WORD = 1 << 62
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def counted(
    table: pa.Table,
    quasi: list[str],
    column: str,
    k: int,
    recursive_l: int = 0,
    *,
    ordered: bool = False,
) -> Values:
    """Size and diversity of the classes of one set, and their distance to everybody.

    Args:
        table: one row for each person; an empty cell is a value of its own.
        quasi: columns in which the persons of a class are alike.
        column: the sensitive column.
        k: smaller classes are unsafe.
        recursive_l: the l of recursive diversity.
        ordered: whether the sensitive values are numbers, one step apart from the next.
    """
    sensitive = coded(table.column(column), _number if ordered else None)
    kinds = len(sensitive.values)
    if not kinds:
        return Values(Sizes(0, 0, 0, 0, 0), 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    classes, number = _classes(table, quasi)
    flat = classes * kinds + np.asarray(sensitive.codes)
    n = np.bincount(flat, minlength=number * kinds).reshape(number, kinds)
    size = n.sum(axis=1)
    parts, everybody = n / size[:, None], np.asarray(sensitive.shares)
    ranked = np.sort(n, axis=1)[:, ::-1]
    top, tail = ranked[:, 0], ranked[:, max(recursive_l - 1, 0) :].sum(axis=1)
    logs = np.where(n > 0, n * np.log(np.maximum(n, 1)), 0.0).sum(axis=1)
    ratios = parts / everybody
    return Values(
        Sizes(
            number,
            int(size.sum()),
            int(size.min()),
            int((size == 1).sum()),
            int(size[size < k].sum()),
        ),
        int((n > 0).sum(axis=1).min()),
        float(np.exp((np.log(size) - logs / size).min())),
        float("inf") if (tail == 0).any() else float((top / np.maximum(tail, 1)).max()),
        float((top / size).max()),
        float(_distance(parts - everybody, ordered=ordered).max()),
        float(ratios.max() - 1.0),
        float(np.abs(np.log(np.where(ratios > 0, ratios, 1.0))).max()),
    )


def _number(text: str) -> float:
    """A value's place in the order; an empty cell comes first."""
    return float(text) if text else -np.inf


def _classes(table: pa.Table, quasi: list[str]) -> tuple[Ints, int]:
    """The number of each row's class, and how many there are."""
    key, places = np.zeros(table.num_rows, dtype=np.int64), 1
    for name in quasi:
        codes = coded(table.column(name))
        if places * max(len(codes.values), 1) > _WORD:
            key = np.unique(key, return_inverse=True)[1]
            places = int(key.max(initial=0)) + 1
        key = key * len(codes.values) + np.asarray(codes.codes)
        places *= max(len(codes.values), 1)
    found, inverse = np.unique(key, return_inverse=True)
    return inverse.astype(np.int64), len(found)


def _distance(excess: Floats, *, ordered: bool) -> Floats:
    """Earth mover's distance of each class: see ``_ground``."""
    if not ordered:
        return np.abs(excess).sum(axis=1) / 2.0
    steps = excess.shape[1] - 1
    if steps < 1:
        return np.zeros(len(excess))
    return np.abs(np.cumsum(excess, axis=1)[:, :-1]).sum(axis=1) / steps
