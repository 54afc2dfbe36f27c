"""The atoms of several tables: the cells of the finest partition that they have in common.

An atom is a point of the common space. Points that no figure tells apart are one atom. Points that
would hold what no table names ("unknown") exist only where some total exceeds its parts, and points
of rows that a table leaves out are empty where its totals are the sums of the rows it shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.structure import TOTAL, Key, Space, Sum, View
from ckanext.sozialdaten.messages import Message

__all__ = ["Partition", "partition"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_MAX_POINTS = 400_000
_MAX_WORK = 4_000_000_000
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class _Group:
    """A sum over one axis: where it lies, what it holds beyond its parts, and its parts."""

    key: Key
    place: int
    rests: frozenset[int]
    parts: tuple[Key, ...]
    excess: float


@dataclass(frozen=True, slots=True)
class Partition:
    """Atoms.

    Args:
        members: for each key that was asked for the atoms in it.
        count: number of atoms.
        points: one point of each atom: a leaf on each axis.
    """

    members: Mapping[Key, tuple[int, ...]]
    count: int
    points: Ints


def partition(
    space: Space,
    views: Sequence[View],
    sums: Mapping[int, Mapping[Key, Sum]],
    share: float,
    *,
    most: int | None = None,
    asked: Iterable[Key] = (),
) -> Partition | None:
    """The atoms of all figures of some views; None if there are more points than wanted.

    Args:
        space: their common space.
        views: the tables, the newest first.
        sums: figures and sums of each view, by its identity.
        share: share of complete sums that must fit for the others to count as additive.
        most: how many points are wanted; None: as many as there are.
        asked: further sets whose atoms are asked for.

    Raises:
        NotSupportedError: more atoms than one attack can take on.
    """
    keys = list({key for view in views for key in space.keys(view) if key is not None} | {*asked})
    points = _points(space, keys, most)
    if points is None:
        return None
    groups = _groups(space, views, sums)
    exact = sum(abs(g.excess) <= _CLOSE for g in groups)
    known = sum(not np.isnan(g.excess) for g in groups)
    additive = known == 0 or exact >= share * known
    points = points[_alive(space, groups, points, additive=additive)]
    return _merged(keys, points)


def _groups(
    space: Space, views: Sequence[View], sums: Mapping[int, Mapping[Key, Sum]]
) -> list[_Group]:
    """Every sum over an axis that some view shows beside its parts, in this or another view."""
    whole: dict[Key, float] = {}
    for view in views:
        for key, entry in sums[id(view)].items():
            if len(entry.cells) == 1:
                whole.setdefault(key, entry.value)
    shown = frozenset(key for key, value in whole.items() if not np.isnan(value))
    for view in views:
        for key, entry in sums[id(view)].items():
            if key not in shown:
                whole[key] = float(np.fmax(whole.get(key, np.nan), entry.value))
    found: list[_Group] = []
    for view in views:
        entries = sums[id(view)]
        for place in set(space.places[id(view)]):
            axis = space.axes[place]
            for code in {TOTAL, *axis.rests.values()}:
                outer = axis.sets[code]
                rests = frozenset(leaf for leaf in axis.rests if leaf in outer)
                found += _sums_below(entries, whole, place, outer, rests)
    return found


def _sums_below(
    entries: Mapping[Key, Sum],
    whole: Mapping[Key, float],
    place: int,
    outer: frozenset[int],
    rests: frozenset[int],
) -> list[_Group]:
    """The groups of one axis under one code."""
    inner = {key[place] for key in entries if key[place] < outer}
    smallest = {s for s in inner if not any(o < s for o in inner)}
    if not smallest or not outer - rests <= frozenset().union(*smallest):
        return []
    parts: dict[Key, list[Key]] = {}
    for key in entries:
        if key[place] in smallest:
            parts.setdefault((*key[:place], outer, *key[place + 1 :]), []).append(key)
    result: list[_Group] = []
    for key, members in parts.items():
        if key in whole:
            excess = whole[key] - sum(entries[part].value for part in members)
            result.append(_Group(key, place, rests, tuple(members), excess))
    return result


def _points(space: Space, keys: Sequence[Key], most: int | None) -> Ints | None:
    """All points of the space, if so many are wanted; leaves that no key tells apart are one."""
    columns: list[Ints] = []
    size = 1
    for place, axis in enumerate(space.axes):
        sets = list({key[place] for key in keys})
        seen: dict[tuple[bool, ...], int] = {}
        for leaf in sorted(axis.sets[TOTAL]):
            held = (leaf in axis.rests, *(leaf in s for s in sets))
            if any(held[1:]):
                seen.setdefault(held, leaf)
        columns.append(np.array(sorted(seen.values()), dtype=np.int64))
        size *= max(len(columns[-1]), 1)
    if most is not None and size > most:
        return None
    if size > _MAX_POINTS or size * len(keys) > _MAX_WORK:
        raise NotSupportedError(
            Message("The tables together have more cells than one check can attack."),
            Message("Compare fewer tables at once, or split them by year or region."),
        )
    grid = np.meshgrid(*columns, indexing="ij")
    return np.stack([axis.ravel() for axis in grid], axis=1)


class _Masks:
    """Which points lie in a set of leaves, remembered."""

    def __init__(self, points: Ints) -> None:
        self._points = points
        self._known: dict[tuple[int, frozenset[int]], Bools] = {}

    def of(self, place: int, leaves: frozenset[int]) -> Bools:
        key = place, leaves
        if key not in self._known:
            column = self._points[:, place]
            self._known[key] = np.isin(column, np.fromiter(leaves, np.int64, len(leaves)))
        return self._known[key]

    def inside(self, key: Key) -> Bools:
        """The points in a key."""
        result = np.ones(len(self._points), dtype=np.bool_)
        for place, leaves in enumerate(key):
            result &= self.of(place, leaves)
        return result


def _alive(space: Space, groups: Iterable[_Group], points: Ints, *, additive: bool) -> Bools:
    """Points that may hold somebody."""
    masks = _Masks(points)
    alive = np.ones(len(points), dtype=np.bool_)
    loose = np.zeros((len(points), len(space.axes)), dtype=np.bool_)
    tight = np.zeros((len(points), len(space.axes)), dtype=np.bool_)
    for group in groups:
        exact = abs(group.excess) <= _CLOSE
        if not exact and not additive:
            continue
        held = masks.inside(group.key)
        unnamed = held & masks.of(group.place, group.rests)
        if exact or np.isnan(group.excess):
            tight[unnamed, group.place] = True
            covered = np.zeros(len(points), dtype=np.bool_)
            for part in group.parts:
                covered |= masks.inside(part)
            alive &= ~(held & ~unnamed & ~covered)
        elif group.excess > 0:
            loose[unnamed, group.place] = True
    for place, axis in enumerate(space.axes):
        unnamed = masks.of(place, frozenset(axis.rests))
        if unnamed.all():
            continue
        alive &= ~(unnamed & ~loose[:, place] if additive else unnamed & tight[:, place])
    return alive


def _merged(keys: Sequence[Key], points: Ints) -> Partition:
    """Points in the same keys are one atom."""
    masks = _Masks(points)
    random = np.random.default_rng(0)
    marks = np.zeros(len(points), dtype=np.uint64)
    for key in keys:
        weight = random.integers(1, 1 << 63, dtype=np.uint64)
        marks[masks.inside(key)] += weight
    _, first, atoms = np.unique(marks, return_index=True, return_inverse=True)
    members = {key: tuple(np.unique(atoms[masks.inside(key)]).tolist()) for key in keys}
    return Partition(members, len(first), points[first])
