"""The rows of a table of counts after its categories are merged."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure._numbers import Decimal, decimals
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.protection.recoding._grid import Plan
from ckanext.sozialdaten.disclosure.protection.recoding._partition import Merging
from ckanext.sozialdaten.disclosure.protection.recoding._tree import Tree
from ckanext.sozialdaten.disclosure.readers._common import cell_text
from ckanext.sozialdaten.disclosure.structure import Cells, cells_of
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["merged_table"]

Name = tuple[str, ...]
_OTHER_NAME = " (zusammengefasst)"


def merged_table(subject: Subject, cells: Cells, trees: Mapping[int, Tree], plan: Plan) -> pa.Table:
    """The table after merging: a merged row stands where the first of its rows stood.

    Args:
        subject: the table.
        cells: its counts.
        trees: the codes of its dimensions.
        plan: what is merged.
    """
    names = {
        place: _names(trees[place], merging, cells.dimensions[place].labels)
        for place, merging in plan.items()
    }
    members: dict[tuple[Name | int, ...], list[int]] = {}
    labels: dict[int, Mapping[int, str]] = {}
    for row, codes in _codes(cells).items():
        targets = {place: names[place].get(codes[place], "") for place in names}
        if None in targets.values():
            continue
        merged = {place: label for place, label in targets.items() if label}
        others = tuple(merged.get(place, "") or f"#{code}" for place, code in enumerate(codes))
        key: tuple[Name | int, ...] = (others,) if merged else (row,)
        first = members.setdefault(key, [])
        first.append(row)
        labels.setdefault(first[0], merged)
    ordered = sorted(members.values(), key=lambda rows: rows[0])
    return _table(subject, cells, ordered, labels)


def _names(tree: Tree, merging: Merging, known: Sequence[str]) -> dict[int, str | None]:
    """The new label of each merged code; None for those that go."""
    found: dict[int, str | None] = dict.fromkeys(merging.gone)
    for parent, members in merging.groups:
        if parent >= 0 and len(members) == len(tree.children(parent)):
            found |= dict.fromkeys(members)
            continue
        label = tree.name(parent, members)
        gone = {known[code] for code in members}
        label = label + _OTHER_NAME if label in known and label not in gone else label
        found |= dict.fromkeys(members, label)
    return found


def _codes(cells: Cells) -> dict[int, list[int]]:
    """The codes of each row of the table, by dimension; 0 for that of the value columns."""
    columns = [
        np.zeros(len(cells), dtype=np.int64) if dimension.name == COLUMN else dimension.codes
        for dimension in cells.dimensions
    ]
    stacked = np.stack(columns, axis=1).tolist()
    return dict(zip(cells.rows.tolist(), stacked, strict=True))


def _table(
    subject: Subject,
    cells: Cells,
    groups: Sequence[Sequence[int]],
    labels: Mapping[int, Mapping[int, str]],
) -> pa.Table:
    """The columns, from the rows that become one and the labels of those that are merged."""
    numbers = _numbers(subject, cells)
    places = {dimension.name: place for place, dimension in enumerate(cells.dimensions)}
    source = subject.sheet.table
    columns: dict[str, pa.Array] = {}
    for name in source.column_names:
        kind = source.schema.field(name).type
        role = subject.known.guesses[name].role
        old = source.column(name).to_pylist()
        if role in (Role.COUNT, Role.MAGNITUDE):
            printed = _printer(subject, name, kind)
            own = numbers.get(name, {})
            joined = [printed(sum(own.get(row, np.nan) for row in rows)) for rows in groups]
        elif role is Role.RATE or name in subject.known.quality_of:
            joined = [None] * len(groups)
        else:
            joined = [
                _label(labels[rows[0]], places.get(name), [old[row] for row in rows])
                for rows in groups
            ]
        values = [
            new if labels[rows[0]] else old[rows[0]]
            for rows, new in zip(groups, joined, strict=True)
        ]
        columns[name] = _array(values, kind)
    return pa.table(columns)


def _label(merged: Mapping[int, str], place: int | None, old: Sequence[object]) -> object:
    """What a column that counts nothing says of a merged row."""
    if place is not None:
        return merged.get(place, old[0])
    return old[0] if len(set(old)) == 1 else next(iter(merged.values()), None)


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """A column of its type, or of texts where labels no longer fit it."""
    if any(isinstance(value, str) for value in values) and not pa.types.is_string(kind):
        return pa.array([None if v is None else cell_text(v) for v in values], pa.string())
    return pa.array(values, type=kind)


def _numbers(subject: Subject, cells: Cells) -> dict[str, dict[int, float]]:
    """The numbers of each value column by row."""
    found: dict[str, dict[int, float]] = {}
    amounts = cells_of(subject, Role.MAGNITUDE)
    for part in (cells, amounts):
        if part is not None:
            for row, column, value in zip(
                part.rows.tolist(), part.columns, part.values.tolist(), strict=True
            ):
                found.setdefault(column, {})[row] = value
    return found


def _printer(subject: Subject, column: str, kind: pa.DataType) -> Callable[[float], object]:
    """How a column prints sums; nothing where a summand is not known."""
    profile = subject.profiles[column]
    digits = max((decimals(v, profile.decimal) for v in profile.sample()), default=0)

    def printed(total: float) -> object:
        if np.isnan(total):
            return None
        if pa.types.is_integer(kind):
            return round(total)
        if pa.types.is_floating(kind):
            return total
        text = f"{total:.{digits}f}" if digits else str(round(total))
        return text.replace(".", ",") if profile.decimal is Decimal.COMMA else text

    return printed
