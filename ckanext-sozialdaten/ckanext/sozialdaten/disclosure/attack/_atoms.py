"""One table as statements: what its cells and sums say about the atoms, its withheld inner cells.

A published cell is an atom that is known. A withheld cell that is the sum of others is that sum; a
withheld cell that no sum explains is an atom, and so is what a total may hold beside its parts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ckanext.sozialdaten.disclosure.attack._statements import Figure, Statement, Target
from ckanext.sozialdaten.disclosure.structure import Cells, Group, Precision, Relation, groups

__all__ = ["Table", "Translated", "translate"]

_WHOLE = 1e-6
_DECIMALS = 6
_EXACT = Precision()


@dataclass(frozen=True, slots=True)
class Table:
    """A published table, as far as the attack needs it.

    Args:
        cells: its cells; those with a row below 0 are no cells of the table, but may hold somebody.
        relations: its sums.
        whole: whether its values are counts.
        floor: lowest value of a cell; -inf where values may be negative.
        precision: how published values stand for true ones.
        figure: the published figure at a position of ``cells``.
        known: bounds that the legend gives for the mark of a withheld cell, by position.
        small: published counts that may be below this are targets as well, if they are rounded.
    """

    cells: Cells
    relations: Sequence[Relation]
    whole: bool
    floor: float
    figure: Callable[[int], Figure]
    precision: Precision = _EXACT
    known: Mapping[int, tuple[float, float]] = field(default_factory=dict[int, tuple[float, float]])
    small: float = 0.0


@dataclass(frozen=True, slots=True)
class Translated:
    """A table as statements.

    Args:
        statements: what it says.
        targets: the withheld cells, and rounded ones that may be small.
        positions: position in the table of each target.
    """

    statements: list[Statement]
    targets: list[Target]
    positions: list[int]


def translate(table: Table) -> Translated:
    """The statements and targets of one table."""
    return _Translation(table).done()


_Sum = dict[int, float]


class _Translation:
    """The atoms of a table: positions of cells, above them what totals hold beside their parts."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.exact = table.precision == _EXACT
        self.sums: dict[int, list[Group]] = {}
        self.rests: dict[tuple[int, int], int] = {}
        self.atoms: dict[int, _Sum] = {}
        self.shown: set[int] = set()
        self.slack = _slack(table.cells)
        for relation in table.relations:
            if not relation.exact and table.floor < 0:
                continue  # what a total holds beside its parts may be anything
            for group in groups(table.cells, relation):
                self.sums.setdefault(group.total, []).append(group)

    def done(self) -> Translated:
        cells = self.table.cells
        goals = [*np.flatnonzero(cells.withheld & (cells.rows >= 0)).tolist(), *self._rounded()]
        statements = [row for total in self.sums for row in self._sums_of(total)]
        targets: list[Target] = []
        for cell in goals:
            found = self._expand(cell)
            figure = self.table.figure(cell)
            target = Target(tuple(found), tuple(found.values()), figure, self.table.whole)
            targets.append(target)
            if cell in self.table.known:
                low, high = self.table.known[cell]
                statements.append(Statement(target.atoms, target.coefficients, low, high, figure))
        statements += [self._value(cell) for cell in sorted(self.shown)]
        return Translated(statements, targets, goals)

    def _rounded(self) -> list[int]:
        """Published counts of which only a range is known that begins below what is small."""
        if self.exact or not self.table.small:
            return []
        cells, bounds = self.table.cells, self.table.precision.bounds
        ends = {value: bounds(value) for value in np.unique(cells.values[~cells.withheld]).tolist()}
        return [
            cell
            for cell in np.flatnonzero(~cells.withheld).tolist()
            if ends[cells.values[cell]][0] < min(self.table.small, ends[cells.values[cell]][1])
        ]

    def _sums_of(self, total: int) -> list[Statement]:
        """What all sums of one total say."""
        withheld = self.table.cells.withheld
        found: list[Statement] = []
        for number, group in enumerate(self.sums[total]):
            if self.exact and not withheld[[total, *group.parts]].any():
                continue
            if withheld[total] and number == 0 and self._defined(total):
                continue  # that sum is the cell's definition
            left = self._added(group.parts)
            if not group.relation.exact:
                left = _plus(left, {self._rest(total, number): 1.0})
            if withheld[total] or not self.exact:
                both = _plus(left, self._expand(total), -1.0)
                if both:
                    found.append(Statement(tuple(both), tuple(both.values()), 0.0, 0.0))
                continue
            value = float(self.table.cells.values[total])
            figure = self.table.figure(total)
            atoms, factors = tuple(left), tuple(left.values())
            found.append(Statement(atoms, factors, value, value, figure, slack=self.slack))
        return found

    def _rest(self, total: int, number: int) -> int:
        """The atom of what a total holds beside the parts of one of its sums."""
        fresh = len(self.table.cells) + len(self.rests)
        return self.rests.setdefault((total, number), fresh)

    def _added(self, parts: Sequence[int]) -> _Sum:
        result: _Sum = {}
        for part in parts:
            result = _plus(result, self._expand(part), into=True)
        return result

    def _defined(self, cell: int) -> bool:
        return self._expand(cell) != {cell: 1.0}

    def _expand(self, cell: int, above: frozenset[int] = frozenset()) -> _Sum:
        """A cell as a sum of atoms."""
        if self.exact and not self.table.cells.withheld[cell]:
            self.shown.add(cell)
            return {cell: 1.0}
        if cell in self.atoms:
            return self.atoms[cell]
        found: _Sum = {cell: 1.0}
        sums = self.sums.get(cell)
        if sums and not self._circular(cell, above):
            found = {}
            for part in sums[0].parts:
                found = _plus(found, self._expand(part, above | {cell}), into=True)
            if not sums[0].relation.exact:
                found = _plus(found, {self._rest(cell, 0): 1.0})
        self.atoms[cell] = found
        if not self.table.cells.withheld[cell]:
            self.shown.add(cell)
        return found

    def _circular(self, cell: int, above: frozenset[int]) -> bool:
        """Whether following the first sums down from a cell leads back to it."""
        del above
        seen: set[int] = set()
        todo = list(self.sums[cell][0].parts)
        while todo:
            part = todo.pop()
            if part == cell:
                return True
            if part in seen or part in self.atoms:
                continue
            seen.add(part)
            if part in self.sums and (not self.exact or self.table.cells.withheld[part]):
                todo += self.sums[part][0].parts
        return False

    def _value(self, cell: int) -> Statement:
        """What a published cell says."""
        found = self._expand(cell)
        low, high = self.table.precision.bounds(float(self.table.cells.values[cell]))
        figure = self.table.figure(cell)
        return Statement(tuple(found), tuple(found.values()), low, high, figure, slack=self.slack)


def _plus(one: _Sum, two: _Sum, factor: float = 1.0, *, into: bool = False) -> _Sum:
    """One sum plus a multiple of another; terms that cancel are left out."""
    result = one if into else dict(one)
    for atom, value in two.items():
        result[atom] = result.get(atom, 0.0) + factor * value
        if abs(result[atom]) < _WHOLE:
            del result[atom]
    return result


def _slack(cells: Cells) -> float:
    """Half a unit of the last decimal that a table prints."""
    values = cells.values[np.isfinite(cells.values)]
    for decimals in range(_DECIMALS):
        if np.abs(values - np.round(values, decimals)).max(initial=0.0) < 10.0 ** -(_DECIMALS + 2):
            return 0.5 * 10.0**-decimals
    return 0.0
