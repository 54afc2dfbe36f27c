"""The finest partition that the codes of several tables have in common, dimension by dimension.

An axis is a dimension of the whole system. Its leaves are disjoint; each code of each table is a
set of leaves: bands are cut at every end that any table uses, regions at the smallest keys, periods
at every first and last month, other codes at those that nothing sums up. Leaves that no code names
alone hold what a sum may count besides its published parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import cast

from ckanext.sozialdaten.disclosure.structure._meaning import Period, Topic
from ckanext.sozialdaten.disclosure.structure._views import TOTAL, Code

__all__ = ["Axis", "Sums", "axis_of"]

#: Sums among codes: the code that is the sum, and its parts.
Sums = Sequence[tuple[Code, tuple[Code, ...]]]
_MAX_FAMILIES = 3
_MAX_LEAVES = 20_000


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of the whole system.

    Args:
        topic: what its codes speak of.
        sets: the leaves of each code; ``TOTAL`` has all of them.
        rests: leaves that no code names alone, with the code whose sum they complete.
        lost: codes that found no place; their figures are left out.
    """

    topic: Topic
    sets: Mapping[Code, frozenset[int]]
    rests: Mapping[int, Code]
    lost: frozenset[Code] = frozenset()

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self.sets[TOTAL])


def axis_of(topic: Topic, codes: Iterable[Code], sums: Sums, *, flows: bool = True) -> Axis:
    """The axis of some codes.

    Args:
        topic: what they speak of.
        codes: all codes of all tables.
        sums: which of them sum up others, as labels, keys, declarations or numbers say.
        flows: whether periods add up; else each period is a state of its own.
    """
    plain = sorted({code for code in codes if code != TOTAL}, key=repr)
    sums = [(total, parts) for total, parts in sums if total == TOTAL or total in set(plain)]
    if topic is Topic.AGE:
        spans = [code for code in plain if isinstance(code, tuple)]
        return _of_spans(topic, plain, {code: code for code in spans}, sums)
    if topic is Topic.TIME and flows:
        periods: dict[Code, tuple[float, float]] = {
            code: (code.start, code.end) for code in plain if isinstance(code, Period)
        }
        return _of_spans(topic, plain, periods, sums)
    if topic is Topic.REGION:
        return _of_regions(plain, sums)
    return _of_codes(topic, plain, sums)


def _of_spans(
    topic: Topic,
    codes: Sequence[Code],
    spans: Mapping[Code, tuple[float, float]],
    sums: Sums,
) -> Axis:
    """Spans of a number line, cut at every end; what a sum leaves out of its total holds nobody."""
    cuts = sorted({cut for low, high in spans.values() for cut in (low, high)})
    pieces = [(low, high) for low, high in pairwise(cuts)]
    pieces += [(low, high) for low, high in set(spans.values()) if low == high]
    sets: dict[Code, frozenset[int]] = {}
    for code, (low, high) in spans.items():
        inside = (
            i
            for i, (a, b) in enumerate(pieces)
            if (low <= a and b <= high and a < b) or (a, b) == (low, high)
        )
        sets[code] = frozenset(inside)
    empty = _left_out(sets, sums)
    sets = {code: leaves - empty for code, leaves in sets.items()}
    others = [code for code in codes if code not in spans]
    for code in others:
        sets[code] = frozenset((len(pieces) + others.index(code),))
    count = len(pieces) + len(others)
    named = frozenset[int]().union(*sets.values())
    rests: dict[int, Code] = {leaf: TOTAL for leaf in range(count) if leaf not in named | empty}
    rests[count] = TOTAL
    return Axis(topic, {**sets, TOTAL: frozenset(range(count + 1)) - empty}, rests)


def _left_out(sets: Mapping[Code, frozenset[int]], sums: Sums) -> frozenset[int]:
    """Leaves of a sum that none of its parts and no smaller code holds: an age of nobody."""
    empty = frozenset[int]()
    for total, parts in sums:
        if total in sets and all(part in sets for part in parts):
            gap = sets[total] - frozenset[int]().union(*(sets[part] for part in parts))
            empty |= gap.difference(*(s for s in sets.values() if not sets[total] <= s))
    return empty


def _of_regions(codes: Sequence[Code], sums: Sums) -> Axis:
    """Keys nest by their heads; names nest only where a sum says so."""
    if _crosses(sums) and not any(str(code).startswith("#") for code in codes):
        return _of_codes(Topic.REGION, codes, sums)
    above = _parents(sums)
    keys = {str(code)[1:]: code for code in codes if str(code).startswith("#")}
    for key, code in keys.items():
        heads = (key[:length] for length in range(len(key) - 1, -1, -1))
        head = next((keys[h] for h in heads if h in keys and h != key), None)
        if head is not None:
            above.setdefault(code, head)
    return _of_tree(Topic.REGION, codes, above)


def _crosses(sums: Sums) -> bool:
    """Whether one code lies in two others of which neither holds the other."""
    inner = [(total, frozenset(parts)) for total, parts in sums if total != TOTAL]
    return any(
        one != two and first & second and not (first < second or second < first)
        for number, (one, first) in enumerate(inner)
        for two, second in inner[:number]
    )


def _parents(sums: Sums) -> dict[Code, Code]:
    """The code above each code; the smallest sum that holds it, the total left out."""
    above: dict[Code, Code] = {}
    for total, parts in sorted(sums, key=lambda s: len(s[1])):
        if total != TOTAL:
            for part in parts:
                above.setdefault(part, total)
    return above


def _of_tree(topic: Topic, codes: Sequence[Code], above: Mapping[Code, Code]) -> Axis:
    """Each code with codes below it holds their leaves and a rest; the others are leaves."""
    known = set(codes)
    below: dict[Code, list[Code]] = {}
    for code in codes:
        head = above.get(code)
        below.setdefault(head if head in known and head != code else TOTAL, []).append(code)
    sets: dict[Code, frozenset[int]] = {}
    rests: dict[int, Code] = {}
    count = 0

    def fill(code: Code, path: frozenset[Code]) -> frozenset[int]:
        nonlocal count
        inner = [child for child in below.get(code, []) if child not in path]
        leaves = [leaf for child in inner for leaf in fill(child, path | {child})]
        own = count
        count += 1
        if inner or code == TOTAL:
            rests[own] = code
        sets[code] = frozenset((*leaves, own))
        return sets[code]

    fill(TOTAL, frozenset((TOTAL,)))
    lost = frozenset(code for code in codes if code not in sets)
    return Axis(topic, sets, rests, lost)


def _of_codes(topic: Topic, codes: Sequence[Code], sums: Sums) -> Axis:
    """Codes that sums relate; two ways to divide the same total are crossed."""
    parts_of: dict[Code, list[tuple[Code, ...]]] = {}
    for total, parts in sums:
        parts_of.setdefault(total, []).append(parts)
    above = {part: t for t, ways in parts_of.items() for way in ways for part in way}

    def base(code: Code, path: frozenset[Code]) -> frozenset[Code]:
        ways = [w for w in parts_of.get(code, []) if not path & set(w)] if code != TOTAL else []
        if not ways:
            return frozenset((code,))
        best = max(ways, key=len)
        return frozenset[Code]().union(*(base(part, path | {part}) for part in best))

    expanded = {code: base(code, frozenset((code,))) for code in codes}
    families = _families(expanded, parts_of.get(TOTAL, []), above)
    if len(families) > _MAX_FAMILIES or _size(families) > _MAX_LEAVES:
        families = families[:1]
    return _crossed(topic, expanded, families)


def _size(families: Sequence[Sequence[Code]]) -> int:
    size = 1
    for family in families:
        size *= len(family) + 1
    return size


def _families(
    expanded: Mapping[Code, frozenset[Code]],
    divisions: Sequence[tuple[Code, ...]],
    above: Mapping[Code, Code],
) -> list[list[Code]]:
    """Ways to divide the total: those that sums show, else all codes that are no sums."""
    bases = sorted({code for found in expanded.values() for code in found}, key=repr)
    families: list[list[Code]] = []
    left = set(bases)
    for division in sorted(divisions, key=len, reverse=True):
        parts = {b for part in division for b in expanded.get(part, frozenset((part,)))}
        if parts <= left:
            families.append(sorted(parts, key=repr))
            left -= parts
    if not families:
        return [bases]
    loose = sorted((code for code in left if above.get(code, TOTAL) == TOTAL), key=repr)
    return [*families, *([code] for code in loose)]


def _crossed(
    topic: Topic, expanded: Mapping[Code, frozenset[Code]], families: Sequence[Sequence[Code]]
) -> Axis:
    """The product of all ways to divide the total."""
    coordinates = [range(len(family) + 1) for family in families]
    points = {point: leaf for leaf, point in enumerate(product(*coordinates))}
    where = {code: (f, n) for f, family in enumerate(families) for n, code in enumerate(family)}
    sets: dict[Code, frozenset[int]] = {TOTAL: frozenset(points.values())}
    lost: set[Code] = set()
    for code, bases in expanded.items():
        places = {where[b] for b in bases if b in where}
        if len(places) < len(bases):
            lost.add(code)
            continue
        sets[code] = frozenset(
            leaf for point, leaf in points.items() if any(point[f] == n for f, n in places)
        )
    ends = tuple(len(family) for family in families)
    rests = {
        leaf: TOTAL
        for point, leaf in points.items()
        if any(
            n == end and len(families[f]) > 1
            for f, (n, end) in enumerate(zip(point, ends, strict=True))
        )
    }
    return Axis(topic, sets, cast("Mapping[int, Code]", rests), frozenset(lost))
