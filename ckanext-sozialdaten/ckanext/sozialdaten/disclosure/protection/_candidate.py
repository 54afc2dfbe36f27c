"""What every way of protecting a table hands over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa

from ckanext.sozialdaten.disclosure.structure import Precision

__all__ = ["Candidate", "Method"]


class Method(StrEnum):
    """Ways to protect a table."""

    SUPPRESS = "suppress"
    MERGE = "merge"
    ROUND = "round"
    CELL_KEY = "cell-key"
    RECODE = "recode"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A protected table that nobody has judged yet.

    Args:
        table: the table as it would be published.
        method: how it was made.
        parameters: the numbers that the method used.
        changed: row, counted from 0, and column of each cell that differs; empty if rows differ.
        lost: measures of information loss, each between 0 and 1 unless its name says otherwise.
        precision: how exactly its counts stand for the true ones.
        small_base: base to which small counts of the finest level alone were rounded, 0 if none: an
            attacker knows that all other counts of that level are true.
        notes: counts of what was done, such as ``primary`` and ``secondary``.
    """

    table: pa.Table
    method: Method
    parameters: Mapping[str, float | str] = field(default_factory=dict[str, float | str])
    changed: tuple[tuple[int, str], ...] = ()
    lost: Mapping[str, float] = field(default_factory=dict[str, float])
    precision: Precision = field(default_factory=Precision)
    small_base: int = 0
    notes: Mapping[str, int] = field(default_factory=dict[str, int])
