"""Whether two views count the same thing in the same state, as far as words and numbers say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ckanext.sozialdaten.disclosure.structure._meaning import Topic
from ckanext.sozialdaten.disclosure.structure._space import Key, Space, Sum
from ckanext.sozialdaten.disclosure.structure._views import TOTAL, View

__all__ = ["Kin", "Kinship", "kinship"]

_SHARE = 0.5
_FEW = 2
_CLEAR = 10


class Kin(StrEnum):
    """How two views belong together."""

    SAME = "same"
    REVISED = "revised"
    OTHER_TOPIC = "other_topic"
    OTHER_TIME = "other_time"
    OTHER_NUMBERS = "other_numbers"
    OTHER_CODES = "other_codes"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Kinship:
    """How two views belong together.

    Args:
        kin: the verdict.
        near: figures of both that lie in the same place and differ by a small count.
    """

    kin: Kin
    near: tuple[tuple[Sum, Sum], ...] = ()


def _times(view: View) -> frozenset[object]:
    return frozenset(
        code
        for side in view.sides
        if side.topic is Topic.TIME
        for code in side.codes
        if code != TOTAL
    )


def _overlap(space: Space, one: View, two: View) -> bool:
    """Whether the times of both meet; a view without time meets every other one."""
    first, second = _times(one), _times(two)
    if not first or not second:
        return True
    place = next(n for n, axis in enumerate(space.axes) if axis.topic is Topic.TIME)
    sets = space.axes[place].sets
    held = [
        frozenset[int]().union(*(s for c, s in sets.items() if c in t)) for t in (first, second)
    ]
    return bool(held[0] & held[1])


def kinship(
    space: Space,
    one: View,
    two: View,
    sums: Mapping[int, Mapping[Key, Sum]],
    minimum: float,
    reach: Callable[[View], float] = lambda _view: 0.0,
    *,
    unsaid: bool = False,
) -> Kinship:
    """How two views belong together.

    Views are the same population where at least half of the figures that lie in the same place are
    equal, or differ by a small count while words do not speak against it.

    Args:
        space: their common space.
        one: the newer view.
        two: the other one.
        sums: figures and sums of each view, by its identity.
        minimum: differences below it are small.
        reach: how far a figure of a view may lie from the true one.
        unsaid: whether nobody says that they belong together: then equal figures must.
    """
    if not _overlap(space, one, two):
        return Kinship(Kin.OTHER_TIME)
    if not _meet(space, one, two):
        return Kinship(Kin.OTHER_CODES)
    first, second = sums[id(one)], sums[id(two)]
    pairs = [(first[key], second[key]) for key in first.keys() & second.keys()]
    known = [(a, b) for a, b in pairs if not np.isnan(a.value) and not np.isnan(b.value)]
    found = _Compared.of(known, reach(one), reach(two), minimum)
    if not known:
        apart = _strangers(one, two) or (unsaid and not _alike(one, two))
        return Kinship(Kin.OTHER_TOPIC if apart else Kin.SAME)
    if unsaid and not found.clear(len(known)):
        return Kinship(Kin.OTHER_NUMBERS)
    least = 2 * _strong(one, two) + (_strangers(one, two) and not _strong(one, two))
    if found.telling < least or (least and found.equal < _SHARE * len(known)):
        same = _same_whole(space, one, two, sums)
        return Kinship(Kin.DOUBTFUL if same else Kin.OTHER_TOPIC)
    if found.equal >= _SHARE * len(known):
        return Kinship(Kin.SAME, found.near)
    if len(known) <= _FEW or found.equal + len(found.near) >= _SHARE * len(known):
        return Kinship(Kin.SAME if found.near else Kin.OTHER_NUMBERS, found.near)
    same_shape = space.places[id(one)] == space.places[id(two)]
    return Kinship(Kin.REVISED if same_shape else Kin.OTHER_NUMBERS, found.near)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Figures of two views in the same place: how many are equal, which are nearly so."""

    equal: int
    telling: int
    largest: float
    near: tuple[tuple[Sum, Sum], ...]

    def clear(self, known: int) -> bool:
        """Whether equal figures alone say that both count the same."""
        many = self.telling >= _FEW or self.largest >= _CLEAR
        close = sum(1 for a, b in self.near if min(a.value, b.value) >= 2 * _CLEAR)
        return many and self.equal + close >= _SHARE * known

    @classmethod
    def of(
        cls, known: Sequence[tuple[Sum, Sum]], one: float, two: float, minimum: float
    ) -> "_Compared":
        equal, telling, largest = 0, 0, 0.0
        near: list[tuple[Sum, Sum]] = []
        for a, b in known:
            gap = abs(a.value - b.value)
            if gap <= one * len(a.cells) + two * len(b.cells) + 1e-6 * max(1.0, abs(a.value)):
                equal += 1
                telling += a.value > 0
                largest = max(largest, a.value)
            elif gap < minimum - 1e-6:
                near.append((a, b))
        return cls(equal, telling, largest, tuple(near))


def _same_whole(space: Space, one: View, two: View, sums: Mapping[int, Mapping[Key, Sum]]) -> bool:
    """Whether both have the same codes and the same total, whatever their columns are called."""
    if space.places[id(one)] != space.places[id(two)]:
        return False
    if any(a.plain != b.plain for a, b in zip(one.sides, two.sides, strict=True)):
        return False
    whole = tuple(axis.sets[TOTAL] for axis in space.axes)
    first, second = (sums[id(view)].get(whole) for view in (one, two))
    return (
        first is not None
        and second is not None
        and first.value >= _CLEAR
        and abs(first.value - second.value) < 1e-6
    )


def _strangers(one: View, two: View) -> bool:
    """Whether columns, titles and file names speak of different things."""
    return _strong(one, two) or bool(one.words and two.words and not one.words & two.words)


def _alike(one: View, two: View) -> bool:
    """Whether value columns, titles or file names say the same."""
    return bool(one.words & two.words) or one.what == two.what


def _strong(one: View, two: View) -> bool:
    """Whether the value columns themselves speak of different things."""
    said, other = one.named, two.named
    return bool(said and other and not said & other)


def _meet(space: Space, one: View, two: View) -> bool:
    """Whether the codes of both overlap on every axis."""
    first, second = space.reached[id(one)], space.reached[id(two)]
    return all(not first[n].isdisjoint(second[n]) for n in first.keys() & second.keys())
