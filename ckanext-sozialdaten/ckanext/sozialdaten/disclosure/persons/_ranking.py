"""How much a set of columns tells persons apart.

Motwani and Xu, "Efficient algorithms for masking and finding quasi-identifiers" (2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.disclosure._engine import Engine

__all__ = ["Telling", "telling"]


@dataclass(frozen=True, slots=True)
class Telling:
    """What a set of columns tells.

    Args:
        distinction: different combinations over rows.
        separation: share of all pairs of rows that differ in it.
    """

    distinction: float
    separation: float


def telling(engine: Engine, table: Any, columns: Sequence[str]) -> Telling:
    """Distinction and separation of a set of columns."""
    classes = table.group_by(list(columns)).agg(f=table.count())
    f = classes["f"].cast("float64")
    row = engine.rows(
        classes.aggregate(n=classes["f"].sum(), m=classes.count(), same=(f * (f - 1.0)).sum())
    )[0]
    rows = int(row["n"] or 0)
    if rows < 2:
        return Telling(float(rows), 0.0)
    return Telling(row["m"] / rows, 1.0 - row["same"] / (rows * (rows - 1.0)))
