"""Published cells as arrays: the codes of each dimension, the value, and whether it is withheld."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension, Ints
from ckanext.sozialdaten.disclosure.structure._levels import stacked
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Cells", "Dimension", "Ints", "cells_of"]

_SAMPLE = 5_000


@dataclass(frozen=True, slots=True)
class Cells:
    """All value cells of one role.

    Args:
        dimensions: together they name a cell.
        values: the values, NaN where withheld.
        withheld: whether a cell is suppressed, blank or not yet known.
        rows: position of each cell's row in its table.
        columns: value column of each cell.
        memo: what was derived from these cells before, by a name; a copy starts without it.
    """

    dimensions: tuple[Dimension, ...]
    values: npt.NDArray[np.float64]
    withheld: npt.NDArray[np.bool_]
    rows: Ints
    columns: tuple[str, ...]
    memo: dict[str, Any] = field(
        init=False, default_factory=dict[str, Any], repr=False, compare=False
    )

    def __len__(self) -> int:
        return len(self.values)

    def others(self, skip: int) -> Ints:
        """A number for each combination of codes of all dimensions but one."""
        name = f"others {skip}"
        if name not in self.memo:
            self.memo[name] = self._others(skip)
        return self.memo[name]

    def _others(self, skip: int) -> Ints:
        result = np.zeros(len(self), dtype=np.int64)
        for index, dimension in enumerate(self.dimensions):
            if index != skip:
                result = result * (len(dimension.labels) + 1) + dimension.codes
                if result.size and result.max() > 1 << 40:
                    result = np.unique(result, return_inverse=True)[1].astype(np.int64)
        return result

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Cells":
        """Some of the cells; codes that none of them has are dropped."""
        dimensions: list[Dimension] = []
        for dimension in self.dimensions:
            kept, codes = np.unique(dimension.codes[chosen], return_inverse=True)
            chosen_codes: list[int] = kept.tolist()
            labels = tuple(dimension.labels[code] for code in chosen_codes)
            dimensions.append(replace(dimension, labels=labels, codes=codes.astype(np.int64)))
        columns = tuple(c for c, use in zip(self.columns, chosen.tolist(), strict=True) if use)
        return Cells(
            tuple(dimensions),
            self.values[chosen],
            self.withheld[chosen],
            self.rows[chosen],
            columns,
        )

    def unique(self) -> bool:
        """Whether the dimensions name each cell once."""
        return len(np.unique(self.others(-1))) == len(self)

    def keys(self) -> list[tuple[str, ...]]:
        """The codes of each cell as text."""
        columns: list[list[str]] = [
            [dimension.labels[code] for code in dimension.codes.tolist()]
            for dimension in self.dimensions
        ]
        return list(zip(*columns, strict=True)) if columns else [()] * len(self)


def _attribute_of(one: Dimension, two: Dimension, picked: Ints) -> bool:
    """Whether each code of ``one`` always goes with the same code of ``two``."""
    pairs = np.unique(np.stack([one.codes[picked], two.codes[picked]]), axis=1)
    return pairs.shape[1] == len(np.unique(pairs[0]))


def _naming(dimensions: Sequence[Dimension], size: int) -> list[Dimension]:
    """Without the columns that only describe another one, such as the name beside the key."""
    picked = np.unique(np.linspace(0, max(size - 1, 0), min(size, _SAMPLE)).astype(np.int64))
    order = sorted(
        dimensions,
        key=lambda d: (
            not d.region,
            -len(d.labels),
            not d.totals,
            d.name,
        ),
    )
    dropped: dict[str, Dimension] = {}
    parents: dict[str, Dimension] = {}
    for index, one in enumerate(order):
        if one.name in dropped:
            continue
        for two in order[index + 1 :]:
            if two.name not in dropped and _attribute_of(one, two, picked):
                dropped[two.name] = two
                parents[one.name] = _above(parents.get(one.name, one), two)
    return [parents.get(d.name, d) for d in dimensions if d.name not in dropped]


def _above(one: Dimension, two: Dimension) -> Dimension:
    """``one`` with the codes of its attribute ``two`` as those above it, if they group them."""
    pairs: dict[int, int] = dict(zip(one.codes.tolist(), two.codes.tolist(), strict=True))
    if not 1 < len(set(pairs.values())) < len(pairs):
        return one
    above = {code: two.labels[place] for code, place in pairs.items()}
    taken = set(above.values())
    labels = tuple(f"{x} ({one.name})" if x in taken else x for x in one.labels)
    parents = {labels[code]: parent for code, parent in above.items() if labels[code] != parent}
    totals = {label for label in taken if lexicon().is_total(label)}
    kept = {child: parent for child, parent in parents.items() if parent not in totals}
    return replace(one, labels=labels, parents={**kept, **one.parents})


def _declared(dimension: Dimension, subject: Subject) -> Dimension:
    """The dimension with the hierarchy that somebody declared for its column."""
    parents = subject.hierarchies.get(dimension.name)
    return replace(dimension, parents=parents) if parents else dimension


def cells_of(subject: Subject, role: Role, *, constants: bool = False) -> Cells | None:
    """The value cells of a role; None if there are none or if nothing names them uniquely.

    Args:
        subject: the table.
        role: counts or magnitudes.
        constants: whether columns with a single code count as dimensions, which matters only where
            another table holds more of them.
    """
    name = f"cells {role.value} {constants}"
    if name not in subject.shared:
        subject.shared[name] = _read(subject, role, constants)
    return subject.shared[name]


def _read(subject: Subject, role: Role, constants: bool) -> Cells | None:
    measures = subject.measures
    names = measures.of(role) if measures else []
    if measures is None or not names:
        return None
    long = measures.long(names)
    if not long.size:
        return None
    regions = set(subject.known.columns(Role.REGION))
    found = [
        Dimension(key, codes.labels, long.repeated(codes.codes), key in regions)
        for key, codes in measures.keys.items()
    ]
    varied = [_declared(d, subject) for d in found if len(d.labels) > 1]
    dimensions = stacked(_naming(varied, long.size))
    if constants:
        dimensions += [d for d in found if len(d.labels) == 1 and d.labels[0]]
    if len(names) > 1:
        numbers = np.repeat(np.arange(len(names), dtype=np.int64), long.size)
        dimensions.append(Dimension(COLUMN, long.names, numbers, False))
    if not _names_rows(dimensions, long.size):
        return None
    return Cells(tuple(dimensions), long.values, long.withheld, long.rows, long.columns)


def _names_rows(dimensions: Sequence[Dimension], size: int) -> bool:
    """Whether each row has its own codes: then each cell has, whose column is one of them."""
    none = np.zeros(size)
    first = [replace(d, codes=d.codes[:size]) for d in dimensions if d.name != COLUMN]
    return Cells(tuple(first), none, none.astype(np.bool_), np.arange(size), ()).unique()
