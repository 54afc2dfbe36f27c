"""The attack on a table together with earlier releases and linked tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.attack import (
    Answer,
    Bounds,
    Interval,
    Statement,
    Target,
    mark_bounds,
    solve,
)
from ckanext.sozialdaten.disclosure.attack._published import Published, published
from ckanext.sozialdaten.disclosure.rules._linked import systems
from ckanext.sozialdaten.disclosure.rules._precision import precision_of
from ckanext.sozialdaten.disclosure.rules._tables import holds
from ckanext.sozialdaten.disclosure.structure import Precision, View, space_of
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Joint", "Place", "joint"]

#: A cell of a table that is attacked: number of the table, role, row position, value column.
Place = tuple[int, Role, int, str]
_SMALL = 1e-6


@dataclass(frozen=True, slots=True)
class Joint:
    """What one system of linked tables says.

    Args:
        statements: everything that they publish.
        floor: lowest value of an atom.
        hidden: suppressed cells of the attacked tables.
        groups: small groups that no table shows, known from differences.
        partly: names of its tables where only their common margins were attacked.
    """

    statements: tuple[Statement, ...]
    floor: float
    hidden: Mapping[Place, tuple[Target, Answer]]
    groups: tuple[tuple[Target, Answer], ...]
    partly: tuple[str, ...] = ()


def joint(
    subjects: Sequence[Subject],
    policy: Policy,
    marks: Mapping[str, Bounds],
    precision: Precision | None,
    *,
    own: int = 1,
    keep: bool = False,
) -> Iterator[Joint]:
    """The systems that the first of some tables belong to.

    Args:
        subjects: the attacked tables, then the released ones, the newest first.
        policy: the numbers.
        marks: what marks mean, beside what legends say.
        precision: how published counts stand for true ones; None: as the numbers look.
        own: how many of the tables are attacked.
        keep: whether to keep the tables that prove the intervals.

    Raises:
        NotSupportedError: more atoms than one attack can take on.
    """
    for views in systems(subjects, policy, precision, own):
        known = {
            id(view): mark_bounds(view.subject, view.cells, marks)
            for view in views
            if view.cells.withheld.any()
        }

        def bounds(
            view: View,
            cell: int,
            known: Mapping[int, Mapping[int, tuple[float, float]]] = known,
        ) -> tuple[float, float] | None:
            return known.get(id(view), {}).get(cell)

        space = space_of(views)
        system = published(
            space,
            views,
            {id(view): space.sums(view) for view in views},
            policy.frequency.total_share,
            bounds=bounds,
            precision=lambda view: precision_of(view, precision),
        )
        yield _solved(system, views, policy, own=own, keep=keep)


def _solved(
    system: Published, views: Sequence[View], policy: Policy, *, own: int, keep: bool
) -> Joint:
    floor = -np.inf if any(s.low < 0 for s in system.statements) else 0.0
    goals = [*system.hidden, *system.groups]
    role, minimum = views[0].role, policy.frequency.minimum

    def enough(_target: Target, interval: Interval) -> bool:
        return holds(interval, role, policy) and interval.high >= minimum

    answers = solve(
        system.statements,
        goals,
        floor=floor,
        enough=enough,
        exact=True,
        seconds=policy.suppression.seconds,
        integer_width=policy.suppression.integer_width,
        keep=keep,
    )
    hidden: dict[Place, tuple[Target, Answer]] = {}
    for target, spot, answer in zip(system.hidden, system.spots, answers, strict=False):
        view = views[spot.view]
        if view.release < own:
            row, column = int(view.cells.rows[spot.cell]), view.cells.columns[spot.cell]
            hidden[view.release, view.role, row, column] = (target, answer)
    shown = {
        atom
        for statement in system.statements
        if statement.high < policy.frequency.minimum - _SMALL
        for atom in statement.atoms
    }
    groups = tuple(
        (target, answer)
        for target, answer in zip(system.groups, answers[len(system.hidden) :], strict=True)
        if target.atoms[0] not in shown and _is_small(answer.interval, policy.frequency.minimum)
    )
    names = () if system.common else tuple(dict.fromkeys(view.place for view in views))
    return Joint(system.statements, floor, hidden, groups, names)


def _is_small(interval: Interval, minimum: float) -> bool:
    return interval.proven and _SMALL < interval.high < minimum - _SMALL
