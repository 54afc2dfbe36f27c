"""What every way of protecting a table hands over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ckanext.sozialdaten.disclosure.structure import Precision
from ckanext.sozialdaten.lake.layouts import Role

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
        witnesses: counts, in the order of the table's cells, that the method says to fit the
            published ones; the attack verifies them. They tell the truth: never written anywhere.
        notes: counts of what was done, such as ``primary`` and ``secondary``.
        roles: roles that columns now have, where these are no longer those of the table.
    """

    table: pa.Table
    method: Method
    parameters: Mapping[str, float | str] = field(default_factory=dict[str, float | str])
    changed: tuple[tuple[int, str], ...] = ()
    lost: Mapping[str, float] = field(default_factory=dict[str, float])
    precision: Precision = field(default_factory=Precision)
    small_base: int = 0
    witnesses: tuple[npt.NDArray[np.float64], ...] = field(default=(), repr=False, compare=False)
    notes: Mapping[str, int] = field(default_factory=dict[str, int])
    roles: Mapping[str, Role] = field(default_factory=dict[str, Role])
