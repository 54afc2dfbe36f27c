"""The attack on a table together with earlier releases and linked tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.attack import (
    Answer,
    Bounds,
    Interval,
    Statement,
    Status,
    Target,
    mark_bounds,
    solve,
)
from ckanext.sozialdaten.disclosure.attack._published import Published, published
from ckanext.sozialdaten.disclosure.rules._precision import precision_of
from ckanext.sozialdaten.disclosure.rules._tables import Attack, attack, holds
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
        groups: small groups that no table shows, known from differences, and suppressed cells of
            released tables that these alone do not give away.
        partly: names of its tables where only their common margins were attacked.
    """

    statements: tuple[Statement, ...]
    floor: float
    hidden: Mapping[Place, tuple[Target, Answer]]
    groups: tuple[tuple[Target, Answer], ...]
    partly: tuple[str, ...] = ()


def joint(
    linked: Sequence[tuple[View, ...]],
    policy: Policy,
    marks: Mapping[str, Bounds],
    precision: Precision | None,
    *,
    own: int = 1,
    keep: bool = False,
) -> Iterator[Joint]:
    """Attack systems of linked tables.

    Args:
        linked: the tables of each system: those attacked, then released ones, the newest first.
        policy: the numbers.
        marks: what marks mean, beside what legends say.
        precision: how published counts stand for true ones; None: as the numbers look.
        own: how many of the tables are attacked.
        keep: whether to keep the tables that prove the intervals.

    Raises:
        NotSupportedError: more atoms than one attack can take on.
    """
    for views in linked:
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
    earlier = tuple(_earlier(system, answers, views, policy, own))
    names = () if system.common else tuple(dict.fromkeys(view.place for view in views))
    return Joint(system.statements, floor, hidden, groups + earlier, names)


def _is_small(interval: Interval, minimum: float) -> bool:
    return interval.proven and _SMALL < interval.high < minimum - _SMALL


def _earlier(
    system: Published, answers: Sequence[Answer], views: Sequence[View], policy: Policy, own: int
) -> Iterator[tuple[Target, Answer]]:
    """Suppressed cells of released tables that these alone keep, and all tables together do not."""
    alone: dict[int, Attack] = {}
    for target, spot, answer in zip(system.hidden, system.spots, answers, strict=False):
        view, interval = views[spot.view], answer.interval
        small = interval.low < policy.frequency.minimum or view.role is not Role.COUNT
        if view.release < own or not small or not _known(interval):
            continue
        if spot.view not in alone:
            known = mark_bounds(view.subject, view.cells, {})
            alone[spot.view] = attack(view.cells, view.role, policy, known=known)
        own_table = alone[spot.view]
        mark = own_table.known.get(spot.cell)
        kept = own_table.holds(spot.cell, view.role, policy)
        if kept and not holds(interval, view.role, policy, mark):
            yield target, answer


def _known(interval: Interval) -> bool:
    return interval.status not in (Status.TIME_OUT, Status.CONTRADICTION)
