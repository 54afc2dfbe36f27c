"""Generalisation hierarchies: what each value of a column becomes, level by level."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["ALL", "Hierarchy", "Ints", "read_hierarchy"]

Ints = npt.NDArray[np.int64]
ALL = "*"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The levels of one column, from its values to ``*``.

    Each level only joins groups of the level before: two values that share a label at one level
    share their labels at all higher ones.

    Args:
        column: the column.
        levels: for each value its labels, the value itself first, the same number for all.
        lowest: the first level that may be published, such as the year of a date of birth.
    """

    column: str
    levels: Mapping[str, tuple[str, ...]]
    lowest: int = 0

    @property
    def height(self) -> int:
        """How many levels there are, the values themselves among them."""
        return max((len(labels) for labels in self.levels.values()), default=1)

    @classmethod
    def of(
        cls, column: str, steps: Sequence[Mapping[str, str]], values: Iterable[str], lowest: int = 0
    ) -> "Hierarchy":
        """A hierarchy from one mapping of all values for each level above the values.

        Levels that join nothing are left out. The last level is the first at which all values
        share a label, else ``*``.
        """
        names = sorted(set(values))
        columns = [names]
        for level, step in enumerate((*steps, dict.fromkeys(names, ALL)), 1):
            parts = len(set(columns[-1]))
            labels = [step[name] for name in names]
            if level <= lowest or len(set(labels)) < parts:
                columns.append(labels)
        return cls(column, dict(zip(names, zip(*columns, strict=True), strict=True)), lowest)

    @property
    def parents(self) -> dict[str, str]:
        """The label above each value and label, without ``*``."""
        return {
            child: parent
            for labels in self.levels.values()
            for child, parent in pairwise(labels)
            if child != parent and parent != ALL
        }

    def labels(self, values: Sequence[str], level: int) -> list[str]:
        """The values at a level."""
        return [self.levels[value][level] for value in values]

    def codes(self, values: Sequence[str]) -> list[Ints]:
        """For each level the label of each value as a number."""
        found: list[Ints] = []
        for level in range(self.height):
            places: dict[str, int] = {}
            found.append(
                np.array(
                    [places.setdefault(x, len(places)) for x in self.labels(values, level)],
                    dtype=np.int64,
                )
            )
        return found

    def covering(self, values: Iterable[str]) -> "Hierarchy":
        """The same hierarchy, in which further values stand alone until ``*``.

        Where the hierarchy does not end in a single label, ``*`` is put on top.
        """
        new = [value for value in set(values) if value not in self.levels]
        known = dict(self.levels)
        tops = {labels[-1] for labels in known.values()}
        if len(tops) > 1:
            known = {value: (*labels, ALL) for value, labels in known.items()}
        height = max((len(labels) for labels in known.values()), default=2)
        top = tops.pop() if len(tops) == 1 else ALL
        rest = {value: (*[value] * max(height - 1, 1), top) for value in new}
        return Hierarchy(self.column, {**known, **rest}, self.lowest)


def read_hierarchy(column: str, path: str | Path) -> Hierarchy:
    """A hierarchy from a CSV file as ARX writes it: ``value;level 1;level 2;…`` without a header.

    Tables of correspondence, which run from coarse to fine, are read as well.

    Raises:
        NotSupportedError: no such file, rows of different length, a value twice, or a level
            that parts again what a level before has joined.
    """
    place = Place(file=str(path))
    file = Path(path)
    if not file.is_file():
        raise NotSupportedError(Message("There is no hierarchy file here."), place=place)
    text = file.read_text("utf-8-sig")
    mark = ";" if ";" in text else ","
    rows = [tuple(x.strip() for x in row) for row in csv.reader(text.splitlines(), delimiter=mark)]
    rows = [row for row in rows if any(row)]
    if len({row[0] for row in rows}) < len(rows) == len({row[-1] for row in rows}):
        rows = [row[::-1] for row in rows]
    levels = {row[0]: row for row in rows}
    if len({len(row) for row in rows}) > 1 or len(levels) < len(rows) or not rows:
        raise NotSupportedError(
            Message("A hierarchy has one row for each value, all with the same levels."),
            Message("Write value;level 1;level 2 and so on, without a header."),
            place,
        )
    for level in range(1, len(rows[0])):
        if len({row[level - 1 : level + 1] for row in rows}) > len(
            {row[level - 1] for row in rows}
        ):
            raise NotSupportedError(
                Message("Level {level} parts what the level before joins.", {"level": level}),
                place=place,
            )
    return Hierarchy(column, levels)
