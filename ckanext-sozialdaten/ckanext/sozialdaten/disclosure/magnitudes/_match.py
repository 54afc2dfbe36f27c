"""Which contributors stand behind each cell of a published table.

A published code stands for the contributors that have it in the column of the same name, or in
another column (its hierarchy: ``private`` and ``Industry`` in one dimension), for everybody if it
says "total", for the codes it is the sum of, or for all regions whose key it begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.magnitudes._contributors import Contributors
from ckanext.sozialdaten.disclosure.structure import cells_of, relations
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Matched", "match"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_REGION_KEY = 2


@dataclass(frozen=True, slots=True)
class Matched:
    """The cells of a table with the contributors behind each.

    Args:
        rows: position of each cell's row in its table.
        columns: value column of each cell.
        values: published values, NaN where suppressed.
        groups: number of the group of contributors of each cell.
        members: group and contributor of each membership.
    """

    rows: Ints
    columns: tuple[str, ...]
    values: Floats
    groups: Ints
    members: tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class _Dimension:
    """A column of the table: code of each cell, and the contributors of each code."""

    codes: Ints
    members: tuple[Ints, ...]


def match(subject: Subject, contributors: Contributors) -> Matched:
    """Find the contributors of each value cell of a table.

    Raises:
        NotSupportedError: a column that tells cells apart says nothing about contributors.
    """
    assert subject.measures is not None  # noqa: S101  the caller has looked
    measures = subject.measures
    long = measures.long(list(measures.columns))
    sums = _sums(subject)
    found: dict[str, _Dimension] = {}
    left: list[str] = []
    for key, coded in measures.keys.items():
        labels, codes = coded.labels, long.repeated(coded.codes)
        members = _members(key, labels, contributors, sums.get(key, {}))
        if members is not None:
            found[key] = _Dimension(codes, members)
        elif len(labels) > 1:
            left.append(key)
    dimensions = list(found.values())
    columns = long.columns
    if not _unique(dimensions, columns):
        raise NotSupportedError(
            Message(
                "The contributors have no column that matches {column}.",
                {"column": ", ".join(left) or "-"},
            ),
            Message("Name the columns of the contributors as in the table."),
            contributors.place,
        )
    groups, members = _grouped(dimensions, len(long.values), len(contributors))
    return Matched(long.rows, columns, long.values, groups, members)


def _sums(subject: Subject) -> dict[str, dict[str, list[str]]]:
    """For each column the codes that are sums of others, as the table itself shows."""
    result: dict[str, dict[str, list[str]]] = {}
    for role in (Role.MAGNITUDE, Role.COUNT):
        cells = cells_of(subject, role)
        for relation in relations(cells, subject.policy.frequency.total_share) if cells else ():
            dimension = cells.dimensions[relation.dimension] if cells else None
            if dimension is not None and dimension.name != COLUMN:
                parts = [dimension.labels[part] for part in relation.parts]
                result.setdefault(dimension.name, {}).setdefault(
                    dimension.labels[relation.total], parts
                )
    return result


def _columns_for(
    key: str, labels: Sequence[str], contributors: Contributors
) -> list[dict[str, list[int]]]:
    """Columns of the contributors with codes of this column: the one of its name comes first."""
    wanted = {normal(label) for label in labels}
    indexed: list[tuple[bool, int, dict[str, list[int]]]] = []
    for name, cells in contributors.labels.items():
        same = normal(name) == normal(key)
        if name in contributors.values and not same:
            continue
        if not same and not wanted & {normal(cell) for cell in set(cells)}:
            continue
        index: dict[str, list[int]] = {}
        for row, cell in enumerate(cells):
            index.setdefault(normal(cell), []).append(row)
        indexed.append((same, len(wanted & set(index)), index))
    indexed.sort(key=lambda entry: (not entry[0], -entry[1]))
    return [index for _, hits, index in indexed if hits]


def _members(
    key: str,
    labels: Sequence[str],
    contributors: Contributors,
    sums: Mapping[str, Sequence[str]],
) -> tuple[Ints, ...] | None:
    """The contributors of each code; None if the column says nothing about them."""
    indexes = _columns_for(key, labels, contributors)
    words = lexicon()
    known: dict[str, Ints] = {}
    for label in labels:
        name = normal(label)
        index = next((index for index in indexes if name in index), None)
        if index is not None:
            known[label] = np.asarray(index[name], dtype=np.int64)
        elif words.is_total(label):
            known[label] = np.arange(len(contributors), dtype=np.int64)
        elif indexes and label.isdigit() and len(label) >= _REGION_KEY:
            below = [rows for code, rows in indexes[0].items() if code.startswith(name)]
            if below:
                known[label] = np.unique(np.concatenate([np.asarray(rows) for rows in below]))
    if not indexes and not (known and len(known) == len(labels)):
        return None
    for _ in range(len(sums)):
        for total, parts in sums.items():
            if total not in known and all(part in known for part in parts):
                known[total] = np.unique(np.concatenate([known[part] for part in parts]))
    nobody = np.zeros(0, dtype=np.int64)
    return tuple(known.get(label, nobody) for label in labels)


def _unique(dimensions: Sequence[_Dimension], columns: Sequence[str]) -> bool:
    """Whether the matched columns name each cell once."""
    names = {name: code for code, name in enumerate(dict.fromkeys(columns))}
    key = np.fromiter((names[name] for name in columns), np.int64, len(columns))
    for dimension in dimensions:
        key = np.unique(key * len(dimension.members) + dimension.codes, return_inverse=True)[1]
    return len(np.unique(key)) == len(columns)


def _grouped(
    dimensions: Sequence[_Dimension], cells: int, contributors: int
) -> tuple[Ints, tuple[Ints, Ints]]:
    """Cells by combination of codes, and every contributor with every combination it is in."""
    wanted = np.zeros(cells, dtype=np.int64)
    keys = np.zeros(contributors, dtype=np.int64)
    rows = np.arange(contributors, dtype=np.int64)
    for dimension in dimensions:
        size = len(dimension.members)
        wanted = wanted * size + dimension.codes
        reached = np.concatenate([*dimension.members, np.zeros(0, dtype=np.int64)])
        codes = np.repeat(np.arange(size), [len(members) for members in dimension.members])
        order = np.argsort(reached, kind="stable")
        reached, codes = reached[order], codes[order]
        first = np.searchsorted(reached, rows, "left")
        many = np.searchsorted(reached, rows, "right") - first
        places = np.repeat(first, many) + _steps(many)
        keys = np.repeat(keys, many) * size + codes[places]
        rows = np.repeat(rows, many)
    combos, groups = np.unique(wanted, return_inverse=True)
    place = np.searchsorted(combos, keys)
    good = (place < len(combos)) & (combos[np.minimum(place, len(combos) - 1)] == keys)
    return groups.astype(np.int64), (place[good], rows[good])


def _steps(many: Ints) -> Ints:
    """0, 1, ..., n-1 for each n, one after another."""
    ends = np.cumsum(many)
    return np.arange(ends[-1] if len(ends) else 0, dtype=np.int64) - np.repeat(ends - many, many)
