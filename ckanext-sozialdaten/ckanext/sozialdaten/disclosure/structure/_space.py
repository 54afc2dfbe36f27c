"""The space that several views share: their axes, and where in it each figure lies."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from ckanext.sozialdaten.disclosure._lexicon import normal
from ckanext.sozialdaten.disclosure.structure._axes import Axis, axis_of
from ckanext.sozialdaten.disclosure.structure._meaning import Topic, region_key
from ckanext.sozialdaten.disclosure.structure._relations import relations
from ckanext.sozialdaten.disclosure.structure._times import flows
from ckanext.sozialdaten.disclosure.structure._views import TOTAL, Code, Side, View

__all__ = ["Key", "Space", "Sum", "space_of"]

#: Where a figure lies: a set of leaves on each axis.
Key = tuple[frozenset[int], ...]
_SAME_CODES = 0.5
_SHARE = 0.5
_MAX_SUMS = 400_000


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of cells of one view over some of its sides.

    Args:
        value: the sum.
        cells: positions of its summands.
    """

    value: float
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """Axes, and the axis of each side of each view.

    Args:
        names: of the axes.
        axes: the axes.
        places: for each view the axis of each of its sides.
        reached: for each view and axis the leaves of all its codes.
    """

    names: tuple[str, ...]
    axes: tuple[Axis, ...]
    places: Mapping[int, tuple[int, ...]]
    reached: Mapping[int, Mapping[int, frozenset[int]]]

    def keys(self, view: View) -> list[Key | None]:
        """Where each cell of a view lies; None for codes that found no place."""
        whole = [axis.sets[TOTAL] for axis in self.axes]
        columns = [
            [self.axes[place].sets.get(code) for code in side.codes]
            for side, place in zip(view.sides, self.places[id(view)], strict=True)
        ]
        codes: list[list[int]] = [dimension.codes.tolist() for dimension in view.cells.dimensions]
        result: list[Key | None] = []
        for cell in range(len(view.cells)):
            key = list(whole)
            good = True
            for place, sets, of in zip(self.places[id(view)], columns, codes, strict=True):
                leaves = sets[of[cell]]
                if leaves is None:
                    good = False
                else:
                    key[place] = leaves
            result.append(tuple(key) if good else None)
        return result

    def named(self, place: int) -> frozenset[int]:
        """The leaves of an axis that codes name."""
        axis = self.axes[place]
        return axis.sets[TOTAL] - axis.rests.keys()

    def sums(self, view: View) -> dict[Key, Sum]:
        """All figures of a view and the sums over sides that show no total themselves."""
        keys = self.keys(view)
        found = {
            key: Sum(float(view.cells.values[cell]), (cell,))
            for cell, key in enumerate(keys)
            if key is not None
        }
        open_sides = [
            place
            for side, place in zip(view.sides, self.places[id(view)], strict=True)
            if TOTAL not in side.codes
        ]
        base = list(found.items())
        for size in range(1, len(open_sides) + 1):
            for chosen in combinations(open_sides, size):
                if len(base) * len(found) > _MAX_SUMS * 50 or len(found) > _MAX_SUMS:
                    return found
                for key, entry in self._collapsed(base, chosen).items():
                    found.setdefault(key, entry)
        return found

    def _collapsed(self, base: Sequence[tuple[Key, Sum]], chosen: Sequence[int]) -> dict[Key, Sum]:
        """Sums over some axes of those codes that hold no other code of the view."""
        leaves: dict[int, frozenset[int]] = {}
        smallest: dict[int, set[frozenset[int]]] = {}
        for place in chosen:
            present = {key[place] for key, _ in base}
            smallest[place] = _smallest(present)
            union = frozenset[int]().union(*smallest[place])
            covers = self.named(place) <= union
            leaves[place] = self.axes[place].sets[TOTAL] if covers else union
        groups: dict[Key, list[tuple[Key, Sum]]] = {}
        for key, entry in base:
            if all(key[place] in smallest[place] for place in chosen):
                moved = tuple(leaves.get(place, part) for place, part in enumerate(key))
                groups.setdefault(moved, []).append((key, entry))
        return {
            key: Sum(sum(e.value for _, e in parts), tuple(c for _, e in parts for c in e.cells))
            for key, parts in groups.items()
        }


def _smallest(present: Set[frozenset[int]]) -> set[frozenset[int]]:
    """The sets that hold no other one: whatever a set holds, it holds that one's first leaf."""
    if frozenset[int]() in present:
        return {frozenset[int]()}
    first: dict[int, list[frozenset[int]]] = {}
    for one in present:
        first.setdefault(min(one), []).append(one)
    return {s for s in present if not any(o < s for leaf in s for o in first.get(leaf, ()))}


def space_of(views: Sequence[View]) -> Space:
    """The common space of some views."""
    names, places = _axes_of_sides(views)
    axes: list[Axis] = []
    for number in range(len(names)):
        sides = [
            (view, position)
            for view in views
            for position, place in enumerate(places[id(view)])
            if place == number
        ]
        topics = {view.sides[position].topic for view, position in sides}
        topic = topics.pop() if len(topics) == 1 else Topic.OTHER
        codes = {code for view, position in sides for code in view.sides[position].codes}
        sums = _sums(sides, exact=topic in (Topic.AGE, Topic.TIME))
        additive = topic is not Topic.TIME or flows(views)
        axes.append(axis_of(topic, codes, sums, flows=additive))
    reached = {
        id(view): {
            place: frozenset[int]().union(*(axes[place].sets.get(code, ()) for code in side.codes))
            for side, place in zip(view.sides, places[id(view)], strict=True)
        }
        for view in views
    }
    return Space(tuple(names), tuple(axes), places, reached)


def _axes_of_sides(views: Sequence[View]) -> tuple[list[str], dict[int, tuple[int, ...]]]:
    """Sides of one topic, one name or mostly the same codes are one axis."""
    names: list[str] = []
    seen: list[set[Code]] = []
    topics: list[Topic] = []
    places: dict[int, tuple[int, ...]] = {}
    for view in views:
        own: list[int] = []
        for side in view.sides:
            fit = next(
                (
                    n
                    for n in range(len(names))
                    if n not in own and _same_axis(side, topics[n], names[n], seen[n])
                ),
                None,
            )
            if fit is None:
                fit = len(names)
                names.append(side.name)
                seen.append(set())
                topics.append(side.topic)
            seen[fit] |= side.plain
            own.append(fit)
        places[id(view)] = tuple(own)
    return names, places


def _same_axis(side: Side, topic: Topic, name: str, codes: set[Code]) -> bool:
    if side.topic is not topic:
        return _named_alike(side, topic, codes)
    if topic is not Topic.OTHER or (
        name and normal(side.name) == name and not name.startswith("column")
    ):
        return True
    both = side.plain & codes
    return len(both) > 1 and len(both) >= _SAME_CODES * min(len(side.plain), len(codes))


def _named_alike(side: Side, topic: Topic, codes: set[Code]) -> bool:
    """Whether one table calls a region what another one calls a group: by the names alone."""
    if {side.topic, topic} != {Topic.REGION, Topic.OTHER}:
        return False
    names = {code for code in side.plain if not str(code).startswith("#")}
    both = names & codes
    return len(both) > 1 and len(both) >= _SAME_CODES * min(len(side.plain), len(codes))


def _sums(sides: Sequence[tuple[View, int]], *, exact: bool) -> list[tuple[Code, tuple[Code, ...]]]:
    """Sums that labels, declarations or numbers of any view show."""
    found: Counter[tuple[Code, tuple[Code, ...]]] = Counter()
    for view, position in sides:
        codes = view.sides[position].codes
        for relation in relations(view.cells, _SHARE):
            additive = relation.exact or not (exact or len(relation.parts) == 1)
            if relation.dimension == position and additive:
                parts = tuple(codes[part] for part in relation.parts)
                found[codes[relation.total], parts] += 1
        labels = {label: codes[n] for n, label in enumerate(view.cells.dimensions[position].labels)}
        found.update(
            _declared(view.cells.dimensions[position].parents, labels, view.sides[position])
        )
    return list(found)


def _declared(
    parents: Mapping[str, str], labels: Mapping[str, Code], side: Side
) -> Iterator[tuple[Code, tuple[Code, ...]]]:
    """Declared sums, also over codes that only other tables show."""
    below: dict[Code, list[Code]] = {}
    for child, parent in parents.items():
        pair = [labels.get(x) or _code(x, side.topic) for x in (parent, child)]
        below.setdefault(pair[0], []).append(pair[1])
    for parent, parts in below.items():
        if parent != TOTAL:
            yield parent, tuple(parts)


def _code(label: str, topic: Topic) -> Code:
    key = region_key(label, small=True) if topic is Topic.REGION else None
    return normal(label) if key is None else f"#{key}"
