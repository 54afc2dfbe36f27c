"""The interval of every target over all that is published: see :func:`solve`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure.attack._answers import Answer, Interval, Table
from ckanext.sozialdaten.disclosure.attack._budget import Budget
from ckanext.sozialdaten.disclosure.attack._component import Aims, Component, Demand
from ckanext.sozialdaten.disclosure.attack._program import Floats
from ckanext.sozialdaten.disclosure.attack._reduce import (
    Known,
    Row,
    known_atoms,
    rows_of,
    sparse,
)
from ckanext.sozialdaten.disclosure.attack._statements import Statement, Target

__all__ = ["Part", "parts_of", "solve", "solve_part"]


def solve(
    statements: Sequence[Statement],
    targets: Sequence[Target],
    *,
    floor: float = 0.0,
    enough: Callable[[Target, Interval], bool] | None = None,
    seconds: float = 60.0,
    integer_width: float = 0.0,
    keep: bool = False,
    exact: bool = False,
    budget: Budget | None = None,
) -> list[Answer]:
    """The feasible interval of every target, given all statements at once.

    Args:
        statements: what is published.
        targets: what must stay open.
        floor: lowest value of every atom; -inf where values may be negative.
        enough: whether a proven interval suffices already; None: intervals are computed exactly.
        exact: compute intervals exactly although ``enough`` is given; what suffices is what counts
            where the time runs out.
        seconds: work for the whole attack, in seconds of an idle machine.
        budget: what is left of a larger attack, in their stead.
        integer_width: intervals of counts narrower than this are computed in whole numbers.
        keep: whether to return the tables in which targets take their ends.

    Returns:
        One answer for each target, in their order.
    """
    demand = Demand(enough, integer_width, budget or Budget(seconds), keep, exact)
    demand.budget.set_up(sum(len(statement.atoms) for statement in statements))
    known = known_atoms(statements)
    answers: dict[int, Answer] = {}
    for piece in parts_of(statements, targets, known):
        part = _component(piece, targets, known, floor)
        intervals = part.solve(demand)
        for aim, target in enumerate(part.aims.targets):
            low = _table(part.atoms, part.witness(aim, highest=False)) if keep else None
            high = _table(part.atoms, part.witness(aim, highest=True)) if keep else None
            answers[target] = Answer(intervals[aim], low, high)
    return [answers.get(number) or _published(goal, known) for number, goal in enumerate(targets)]


def _table(atoms: Sequence[int], values: Floats | None) -> Table | None:
    return None if values is None else dict(zip(atoms, values.tolist(), strict=True))


def _published(goal: Target, known: Mapping[int, Known]) -> Answer:
    """The answer for a target of which all atoms are published."""
    value = sum(f * known[a].value for a, f in zip(goal.atoms, goal.coefficients, strict=True))
    return Answer(Interval(value, value), {}, {})


class _Union:
    """Disjoint sets of atoms."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def root(self, atom: int) -> int:
        parent = self._parent
        while parent.setdefault(atom, atom) != atom:
            parent[atom] = parent[parent[atom]]
            atom = parent[atom]
        return atom

    def join(self, atoms: Sequence[int]) -> None:
        for atom in atoms[1:]:
            self._parent[self.root(atom)] = self.root(atoms[0])


@dataclass(slots=True)
class Part:
    """What hangs together: nothing said of another part tells anything about this one.

    Args:
        atoms: unknown atoms, ascending.
        rows: what is published of them, without the atoms that are known.
        targets: positions of the targets among them.
    """

    atoms: list[int]
    rows: list[Row]
    targets: list[int]


def solve_part(
    part: Part,
    targets: Sequence[Target],
    known: Mapping[int, Known],
    demand: Demand,
    floor: float,
) -> list[Interval]:
    """The intervals of the targets that ``part.targets`` names, in their order."""
    return _component(part, targets, known, floor).solve(demand)


def parts_of(
    statements: Sequence[Statement], targets: Sequence[Target], known: Mapping[int, Known]
) -> list[Part]:
    """Rows and targets that share atoms, the smallest first; parts without target left out."""
    rows = rows_of(statements, known)
    union = _Union()
    open_atoms = [[a for a in target.atoms if a not in known] for target in targets]
    for row in rows:
        union.join(list(row.terms))
    for atoms in open_atoms:
        union.join(atoms)
    parts: dict[int, Part] = {}
    for number, atoms in enumerate(open_atoms):
        if atoms:
            parts.setdefault(union.root(atoms[0]), Part([], [], [])).targets.append(number)
    for row in rows:
        part = parts.get(union.root(next(iter(row.terms))))
        if part:
            part.rows.append(row)
    members = {atom for row in rows for atom in row.terms}.union(*open_atoms)
    for atom in sorted(members):
        part = parts.get(union.root(atom))
        if part:
            part.atoms.append(atom)
    return sorted(parts.values(), key=lambda part: len(part.atoms))


def _component(
    part: Part, targets: Sequence[Target], known: Mapping[int, Known], floor: float
) -> Component:
    column = {atom: place for place, atom in enumerate(part.atoms)}
    goals = [targets[number] for number in part.targets]
    starts: list[int] = []
    columns: list[int] = []
    factors: list[float] = []
    offsets: list[float] = []
    for goal in goals:
        starts.append(len(columns))
        offset = 0.0
        for atom, factor in zip(goal.atoms, goal.coefficients, strict=True):
            if atom in known:
                offset += factor * known[atom].value
            else:
                columns.append(column[atom])
                factors.append(factor)
        offsets.append(offset)
    aims = Aims(
        tuple(part.targets),
        np.array(starts, dtype=np.int64),
        np.array(columns, dtype=np.int32),
        np.array(factors, dtype=np.float64),
        np.array(offsets, dtype=np.float64),
    )
    whole = all(goal.whole for goal in goals)
    return Component(tuple(part.atoms), sparse(part.rows), aims, goals, floor, whole)
