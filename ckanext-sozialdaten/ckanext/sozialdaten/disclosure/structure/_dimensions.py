"""One dimension of a table: its codes, and which of them lie in which."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import lexicon

__all__ = ["Dimension", "Ints"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of a table.

    Args:
        name: its column; ``__column`` for the value columns themselves.
        labels: its codes in order of appearance.
        codes: for each cell the position of its code in ``labels``.
        region: whether the codes are region keys.
        parents: the code above a code, where somebody declared it or the table itself shows it.
        levels: codes that the table prints in several columns, one for each level, the coarsest
            first: the text that is printed for each; empty where there is but one column.
    """

    name: str
    labels: tuple[str, ...]
    codes: Ints
    region: bool = False
    parents: Mapping[str, str] = field(default_factory=dict[str, str])
    levels: tuple[Mapping[str, str], ...] = ()

    @property
    def totals(self) -> frozenset[str]:
        """The labels that stand for the sum over the dimension."""
        return lexicon().totals_of(self.labels)
