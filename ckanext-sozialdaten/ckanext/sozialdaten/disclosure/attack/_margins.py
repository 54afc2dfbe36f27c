"""Many tables as one system without their common partition: each with atoms of its own, and with
what they have in common said as equations.

The finest common partition of tables with many different dimensions grows as the product of all of
them. Here tables that speak of the same dimensions share atoms; two such groups agree on every sum
over what only one of them distinguishes. Whatever follows here is true; a common partition may tell
still more. Source of the model: the linked tables of GaussSuppression (Langsrud 2024).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ckanext.sozialdaten.disclosure.attack._partition import Partition, partition
from ckanext.sozialdaten.disclosure.structure import TOTAL, Key, Space, Sum, View

__all__ = ["Atoms", "atoms_of"]

_MAX_JOINT = 20_000
_MAX_APART = 400_000


@dataclass(frozen=True, slots=True)
class Atoms:
    """The atoms of several tables.

    Args:
        members: for each view, by its identity, the atoms of each of its keys.
        count: number of atoms.
        links: sums of atoms that are equal.
        common: whether all tables share one partition; else less may follow than is true.
    """

    members: Mapping[int, Mapping[Key, tuple[int, ...]]]
    count: int
    links: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    common: bool = True


@dataclass(frozen=True, slots=True)
class _Part:
    """Views of the same dimensions, their partition, and its first atom among all."""

    named: frozenset[int]
    views: Sequence[View]
    found: Partition
    first: int

    def atoms(self, key: Key) -> tuple[int, ...]:
        return tuple(self.first + atom for atom in self.found.members[key])


def atoms_of(
    space: Space, views: Sequence[View], sums: Mapping[int, Mapping[Key, Sum]], share: float
) -> Atoms:
    """The atoms of all figures of some views.

    Args:
        space: their common space.
        views: the tables, the newest first.
        sums: figures and sums of each view, by its identity.
        share: share of complete sums that must fit for the others to count as additive.

    Raises:
        NotSupportedError: more atoms than one attack can take on.
    """
    groups = _groups(space, views)
    most = _MAX_JOINT if len(groups) > 1 else _MAX_APART
    joint = partition(space, views, sums, share, most=most)
    if joint is not None:
        return Atoms({id(view): joint.members for view in views}, joint.count)
    parts: list[_Part] = []
    first = 0
    for named, members in groups.items():
        shared = {named & other for other in groups if other != named}
        asked = {key for places in shared for key in _projected(space, members, places)}
        found = partition(space, members, sums, share, asked=asked)
        if found is None:
            continue
        parts.append(_Part(named, members, found, first))
        first += found.count
    members_of = {
        id(view): {key: part.atoms(key) for key in part.found.members}
        for part in parts
        for view in part.views
    }
    return Atoms(members_of, first, tuple(_links(space, parts)), common=False)


def _groups(space: Space, views: Sequence[View]) -> dict[frozenset[int], list[View]]:
    """Views by their axes; those whose axes are some of another group's belong to it."""
    axes = {id(view): frozenset(space.places[id(view)]) for view in views}
    largest = [a for a in dict.fromkeys(axes.values()) if not any(a < b for b in axes.values())]
    groups: dict[frozenset[int], list[View]] = {named: [] for named in largest}
    for view in views:
        groups[next(named for named in largest if axes[id(view)] <= named)].append(view)
    return groups


def _projected(space: Space, views: Sequence[View], places: frozenset[int]) -> set[Key]:
    """The keys of some views, summed up over all axes but a few."""
    whole = [axis.sets[TOTAL] for axis in space.axes]
    return {
        tuple(part if n in places else whole[n] for n, part in enumerate(key))
        for view in views
        for key in space.keys(view)
        if key is not None
    }


def _links(
    space: Space, parts: Sequence[_Part]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    for one, two in combinations(parts, 2):
        places = one.named & two.named
        both = _projected(space, one.views, places) & _projected(space, two.views, places)
        for key in sorted(both, key=lambda k: tuple(tuple(sorted(part)) for part in k)):
            first, second = one.atoms(key), two.atoms(key)
            if first and second:
                yield first, second
