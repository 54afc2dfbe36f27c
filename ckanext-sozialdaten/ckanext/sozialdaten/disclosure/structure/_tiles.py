"""Figures of one table as sums of cells of another one that is printed at finer levels.

A Kreis by age is the sum of its Gemeinden by age, in a table that shows no Kreise.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from math import prod

from ckanext.sozialdaten.disclosure.structure._space import Key, Space, Sum
from ckanext.sozialdaten.disclosure.structure._views import View

__all__ = ["tiled"]

_MOST = 2_000

_Set = frozenset[int]


def tiled(space: Space, view: View, wanted: Iterable[Key]) -> dict[Key, Sum]:
    """The wanted figures that a view does not show and that its finest cells add up to.

    What nothing names, such as the rest of a Kreis beside its Gemeinden, is taken to be empty:
    whether the figures agree with those of the other table is for the caller to see.
    """
    cells = {key: cell for cell, key in enumerate(space.keys(view)) if key is not None}
    shown: list[set[_Set]] = [{key[place] for key in cells} for place in range(len(space.axes))]
    finest = [[s for s in sets if not any(o < s for o in sets)] for sets in shown]
    known: dict[tuple[int, _Set], Sequence[_Set]] = {}

    def parts(place: int, part: _Set) -> Sequence[_Set]:
        if (place, part) not in known:
            whole = [part] if part in shown[place] else _cover(space, place, part, finest[place])
            known[place, part] = whole
        return known[place, part]

    found: dict[Key, Sum] = {}
    for key in wanted:
        if key in cells or key in found:
            continue
        sides = [parts(place, part) for place, part in enumerate(key)]
        if not 0 < prod(map(len, sides)) <= _MOST:
            continue
        members = [cells.get(one) for one in product(*sides)]
        chosen = [cell for cell in members if cell is not None]
        if len(chosen) == len(members):
            values = view.cells.values[chosen]
            found[key] = Sum(float(values.sum()), tuple(chosen))
    return found


def _cover(space: Space, place: int, part: _Set, finest: Sequence[_Set]) -> Sequence[_Set]:
    """Disjoint codes that make up a part of an axis, but for its unnamed rests; else none."""
    inside = [one for one in finest if one < part]
    union = _Set().union(*inside)
    whole = part <= union | space.axes[place].rests.keys()
    return inside if whole and sum(map(len, inside)) == len(union) else ()
