"""Several tables as one system: which belong together, and what only all of them give away.

Used by ``check --released``, ``attack --released`` and ``audit``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.attack import Interval
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.rules._leaks import Leak, Leaks, Stranger, What, opened
from ckanext.sozialdaten.disclosure.rules._precision import precision_of
from ckanext.sozialdaten.disclosure.rules._system import System
from ckanext.sozialdaten.disclosure.structure import (
    Key,
    Kin,
    Kinship,
    Precision,
    Space,
    Sum,
    View,
    dated,
    kinship,
    space_of,
    views,
)
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Leak", "Leaks", "Linked", "Stranger", "What", "linked", "systems", "unattacked"]


def linked(
    subjects: Sequence[Subject],
    policy: Policy,
    precision: Precision | None = None,
    *,
    own: int = 0,
    demands: Mapping[int, Demands] | None = None,
) -> Leaks:
    """Attack all tables that belong together as one system.

    Args:
        subjects: the tables, the newest first.
        policy: the numbers.
        precision: how published counts stand for true ones; found from the numbers if None.
        own: how many of the first tables are to be published; systems without them do not count.
            Two of these belong together only where figures say so: nobody named one as the earlier
            state of the other. 0: all tables are public already.
        demands: what must stay open of the magnitudes of some tables, by their identity; of others
            the flat percentage of the policy.
    """
    leaks: list[Leak] = []
    strangers: list[Stranger] = []
    systems: list[tuple[View, ...]] = []
    for one in _systems(subjects, policy, precision, own):
        strangers += one.strangers
        leaks += one.near
        for members in one.families:
            systems.append(tuple(members))
            found = System(one.space, members, one.sums, policy, precision, max(own, 1))
            leaks += found.leaks(demands or {})
    return Leaks(tuple(leaks), tuple(strangers), tuple(systems))


@dataclass(frozen=True, slots=True)
class Linked:
    """Tables that belong together, without the attack.

    Args:
        systems: the tables of each system.
        near: what two states of a figure give away side by side.
    """

    systems: tuple[tuple[View, ...], ...]
    near: tuple[Leak, ...]


def systems(
    subjects: Sequence[Subject], policy: Policy, precision: Precision | None, own: int
) -> list[tuple[View, ...]]:
    """The tables of each system, without the attack: see :func:`linked`."""
    return list(unattacked(subjects, policy, precision, own).systems)


def unattacked(
    subjects: Sequence[Subject], policy: Policy, precision: Precision | None, own: int
) -> Linked:
    """What belongs together, without the attack: see :func:`linked`."""
    found = list(_systems(subjects, policy, precision, own))
    families = tuple(tuple(members) for one in found for members in one.families)
    return Linked(families, tuple(leak for one in found for leak in one.near))


@dataclass(frozen=True, slots=True)
class _Systems:
    """The views of one role that belong together."""

    space: Space
    sums: Mapping[int, Mapping[Key, Sum]]
    families: Sequence[Sequence[View]]
    near: Sequence[Leak]
    strangers: Sequence[Stranger]


def _systems(
    subjects: Sequence[Subject], policy: Policy, precision: Precision | None, own: int
) -> Iterator[_Systems]:
    for role in (Role.COUNT, Role.MAGNITUDE):
        found = dated(views(subjects, role))
        if len({view.release for view in found}) < 2:
            continue
        space = space_of(found)
        sums = {id(view): space.sums(view) for view in found}
        families, near, apart = _families(space, found, sums, policy, precision, own)
        several = [members for members in families if len({v.release for v in members}) > 1]
        yield _Systems(space, sums, several, near, apart)


def _families(
    space: Space,
    found: Sequence[View],
    sums: Mapping[int, Mapping[Key, Sum]],
    policy: Policy,
    precision: Precision | None,
    own: int,
) -> tuple[list[list[View]], list[Leak], list[Stranger]]:
    """Views that belong together, small differences between them, and pairs that do not fit."""
    parent = {id(view): id(view) for view in found}

    def root(key: int) -> int:
        while parent[key] != key:
            key = parent[key]
        return key

    def reach(view: View) -> float:
        return precision_of(view, precision).bounds(100.0)[1] - 100.0

    near: list[Leak] = []
    strangers: list[Stranger] = []
    for one, two in combinations(found, 2):
        if one.release == two.release and one.what != two.what:
            continue
        unsaid = two.release < own
        kin = kinship(
            space, one, two, sums, policy.releases.minimum_difference, reach, unsaid=unsaid
        )
        if kin.kin is Kin.SAME:
            parent[root(id(two))] = root(id(one))
        elif one.release != two.release and not unsaid and (not own or one.release < own):
            strangers.append(Stranger(one, two, kin.kin))
        if not own or one.release < own:
            near += _directly(one, two, kin, sums, exact=not (reach(one) or reach(two)))
    families: dict[int, list[View]] = {}
    for view in found:
        families.setdefault(root(id(view)), []).append(view)
    chosen = [f for f in families.values() if not own or any(v.release < own for v in f)]
    return chosen, near, strangers


def _directly(
    one: View,
    two: View,
    kin: Kinship,
    sums: Mapping[int, Mapping[Key, Sum]],
    *,
    exact: bool,
) -> Iterator[Leak]:
    """What two states of a figure give away side by side."""
    if one.release == two.release:
        return
    related = kin.kin in (Kin.SAME, Kin.REVISED)
    if related and exact and kin.near and one.role is Role.COUNT:
        gaps = {cell: abs(a.value - b.value) for a, b in kin.near for cell in a.cells}
        found = tuple(Interval(gap, gap) for _, gap in sorted(gaps.items()))
        yield Leak(What.NEAR, one, tuple(sorted(gaps)), (two,), found)
    if kin.kin is Kin.REVISED:
        yield from opened(one, two, sums)
