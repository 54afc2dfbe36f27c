"""What this table and earlier releases together give away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ckanext.sozialdaten.disclosure._model import Finding
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.attack import Status
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules._tables import (
    Attack,
    attack,
    by_column,
    finding,
    holds,
    small_differences,
)
from ckanext.sozialdaten.disclosure.structure import Cells, Dimension, cells_of
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "compare"]

_ID = "release-difference"
_REMEDY = Message(
    "Suppress the same cells as the earlier release, or correct the table with the earlier "
    "release in view."
)
_Key = tuple[str, ...]


def _keyed(cells: Cells) -> dict[_Key, int]:
    """Positions of cells by their codes and value column."""
    names = cells.columns
    return {(*key, names[position]): position for position, key in enumerate(cells.keys())}


def _aligned(subject: Subject, earlier: Subject, role: Role) -> tuple[Cells, Cells] | None:
    """The cells of two tables over the same dimensions; None if one has none.

    Raises:
        NotSupportedError: both have cells, but their dimensions differ.
    """
    now, then = cells_of(subject, role), cells_of(earlier, role)
    if now is None or then is None:
        return None
    names = [dimension.name for dimension in now.dimensions]
    if sorted(names) != sorted(d.name for d in then.dimensions):
        raise NotSupportedError(
            Message(
                "The release has other dimensions than the table, which cannot be compared yet."
            ),
            Message("Give both tables the same columns, or leave this release out."),
            Place(file=earlier.sheet.resource, sheet=earlier.sheet.name),
        )
    order = {dimension.name: dimension for dimension in then.dimensions}
    return now, replace(then, dimensions=tuple(order[name] for name in names))


def _union(now: Cells, then: Cells) -> Cells:
    """One table of both: what either publishes is known, also rows that are gone."""
    known, earlier = _keyed(now), _keyed(then)
    gone = [position for key, position in earlier.items() if key not in known]
    values, withheld = now.values.copy(), now.withheld.copy()
    for key, position in known.items():
        old = earlier.get(key)
        if withheld[position] and old is not None and not then.withheld[old]:
            values[position], withheld[position] = then.values[old], False
    dimensions: list[Dimension] = []
    for one, two in zip(now.dimensions, then.dimensions, strict=True):
        labels = list(dict.fromkeys((*one.labels, *two.labels)))
        place = {label: code for code, label in enumerate(labels)}
        moved = np.array([place[two.labels[code]] for code in two.codes[gone]], dtype=np.int64)
        codes = np.concatenate([one.codes, moved])
        dimensions.append(Dimension(one.name, tuple(labels), codes, one.region))
    return Cells(
        tuple(dimensions),
        np.concatenate([values, then.values[gone]]),
        np.concatenate([withheld, then.withheld[gone]]),
        np.concatenate([now.rows, np.full(len(gone), -1, dtype=np.int64)]),
        now.columns + tuple(then.columns[position] for position in gone),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A table beside an earlier release of it."""

    subject: Subject
    earlier: Subject
    now: Cells
    then: Cells
    role: Role

    def finding(self, text: str, column: str, rows: list[int]) -> Finding:
        release = self.earlier.sheet.resource
        numbers: dict[str, str | int | float] = {
            "column": column,
            "cells": len(rows),
            "release": release,
        }
        shown = [row for row in rows if row >= 0]
        return finding(self.subject, _ID, Message(text, numbers), _REMEDY, column, shown)

    def same_cells(self) -> Iterator[Finding]:
        """Cells that both tables have: withheld in one alone, or differing by a small count."""
        minimum = self.subject.policy.releases.minimum_difference
        earlier = _keyed(self.then)
        given: list[int] = []
        near: list[int] = []
        for key, position in _keyed(self.now).items():
            old = earlier.get(key)
            if old is None:
                continue
            now, then = float(self.now.values[position]), float(self.then.values[old])
            if self.now.withheld[position] and not self.then.withheld[old]:
                given.append(position)
            elif self.role is Role.COUNT and 0.5 < abs(now - then) < minimum - 0.5:
                near.append(position)
        for column, rows in by_column(self.now, given):
            text = (
                "In the column {column} {cells} suppressed cells stand open in the release "
                "{release}."
            )
            yield self.finding(text, column, rows)
        for column, rows in by_column(self.now, near):
            text = (
                "In the column {column} {cells} counts differ from the release {release} by a "
                "small count."
            )
            yield self.finding(text, column, rows)

    def together(self) -> Iterator[Finding]:
        """Sums over both tables that neither gives away alone."""
        policy = self.subject.policy
        union = attack(_union(self.now, self.then), self.role, policy)
        alone = attack(self.now, self.role, policy)
        keys = union.cells.keys()
        earlier = _keyed(self.then)
        own = {c for c, i in alone.intervals.items() if not holds(i, self.role, policy)}
        narrow = [
            cell
            for cell, interval in union.intervals.items()
            if interval.status is not Status.CONTRADICTION
            and not holds(interval, self.role, policy)
            and cell not in own
        ]
        narrow += self._reopened(union, keys, earlier)
        for column, rows in by_column(union.cells, narrow):
            text = (
                "In the column {column} {cells} suppressed cells follow from sums over this "
                "table and the release {release}."
            )
            yield self.finding(text, column, rows)
        if self.role is Role.COUNT:
            before = small_differences(alone, policy.frequency.minimum)
            after = small_differences(union, policy.frequency.minimum)
            fresh = [total for total in after if total not in before]
            for column, rows in by_column(union.cells, fresh):
                text = (
                    "In the column {column} {cells} totals of this table and parts of the release "
                    "{release} differ by a small count."
                )
                yield self.finding(text, column, rows)

    def _reopened(self, union: Attack, keys: Sequence[_Key], earlier: dict[_Key, int]) -> list[int]:
        """Cells that the earlier release withheld and that stand open, below the minimum, now."""
        result: list[int] = []
        for position in range(len(self.now)):
            old = earlier.get((*keys[position], union.cells.columns[position]))
            value = float(union.cells.values[position])
            if old is not None and self.then.withheld[old] and self.role is Role.COUNT:
                small = not np.isnan(value) and self.subject.policy.is_small(value)
                if small and not self.now.withheld[position]:
                    result.append(position)
        return result


def compare(subject: Subject, released: Sequence[Subject]) -> Iterator[Finding]:
    """Findings on a table beside earlier releases of the same figures.

    Raises:
        NotSupportedError: no release has the table's dimensions, so nothing was compared.
    """
    if not subject.policy.releases.check or subject.measures is None:
        return
    refused: NotSupportedError | None = None
    compared = False
    for earlier in released:
        for role in (Role.COUNT, Role.MAGNITUDE):
            try:
                pair = _aligned(subject, earlier, role)
            except NotSupportedError as error:
                refused = error
                continue
            if pair:
                compared = True
                beside = _Pair(subject, earlier, *pair, role)
                yield from beside.same_cells()
                yield from beside.together()
    if refused and not compared:
        raise refused


def _nothing(_subject: Subject) -> Iterator[Finding]:
    """Without releases there is nothing to compare; :func:`compare` is called where there are."""
    return iter(())


RULE = Rule(_ID, Message("Differences between releases"), _nothing)
