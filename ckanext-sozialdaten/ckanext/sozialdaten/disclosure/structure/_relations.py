"""Which codes of a dimension are sums of others: by labels, keys, bands, or the numbers alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure.structure._cells import Cells
from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension
from ckanext.sozialdaten.disclosure.structure._meaning import period, region_key
from ckanext.sozialdaten.disclosure.structure._model import Group, Kind, Relation
from ckanext.sozialdaten.disclosure.structure._named import families, headed, told, torn
from ckanext.sozialdaten.disclosure.structure._nesting import nesting, spans
from ckanext.sozialdaten.disclosure.structure._numbers import (
    Floats,
    by_place,
    by_subsets,
    by_sums,
    filled,
    matrix_of,
    with_sums,
)
from ckanext.sozialdaten.disclosure.structure._partitions import divisions

__all__ = ["Group", "Kind", "Relation", "groups", "relations"]

_MAX_CODES = 300
_CHAIN, _MAX_CHAIN = 3, 12
_YEAR = frozenset({"jahr", "gesamtjahr", "ganzes jahr", "jahr gesamt", "jahr insgesamt", "year"})
_SURE = frozenset(Kind) - {Kind.PREFIX, Kind.NAMED, Kind.SUM}
_TOLD = frozenset({Kind.LABEL, Kind.MEANING})
_ASKED = frozenset({Kind.PREFIX, Kind.NAMED, Kind.SUM})


def _nested(keys: dict[int, str], dimension: int, kind: Kind) -> Iterator[Relation]:
    """Each key with the keys of the next level below it."""
    by_key: dict[str, int] = {}
    for code, key in keys.items():
        by_key.setdefault(key, code)
    children: dict[int, list[int]] = {}
    for code, key in keys.items():
        for length in range(len(key) - 1, -1, -1):
            above = key[:length]
            if by_key.get(above, code) != code and not (
                kind is Kind.PREFIX and _counts_on(key, length)
            ):
                children.setdefault(by_key[above], []).append(code)
                break
    for parent, parts in children.items():
        if len(parts) > 1 or kind is Kind.REGION:
            yield Relation(dimension, parent, tuple(parts), kind)


def _counts_on(label: str, length: int) -> bool:
    """Whether a label goes on where its beginning ends within a number: "Ort 1" in "Ort 12".

    Codes without blanks do nest so: "C10" and "C101".
    """
    inside = label[length - 1 : length].isdigit() and label[length : length + 1].isdigit()
    return inside and " " in label[:length].strip()


def _declared(dimension: Dimension, position: int) -> Iterator[Relation]:
    """Each code with the nearest codes that a declared hierarchy puts below it."""
    place = {label: code for code, label in enumerate(dimension.labels)}
    children: dict[int, list[int]] = {}
    for label, code in place.items():
        above, seen = dimension.parents.get(label), {label}
        while above is not None and above not in place and above not in seen:
            seen.add(above)
            above = dimension.parents.get(above)
        if above in place and place[above] != code:
            children.setdefault(place[above], []).append(code)
    for parent, parts in children.items():
        yield Relation(position, parent, tuple(parts), Kind.DECLARED)


def _bands(dimension: Dimension, position: int) -> Iterator[Relation]:
    """Bands that are tiled by finer bands, and running sums that each hold the one before."""
    meant = spans(dimension)
    if all(label.strip().isdigit() for label in meant):
        meant = _periods(dimension)
    found = {code: meant[label] for code, label in enumerate(dimension.labels) if label in meant}
    for code, (low, high) in found.items():
        inner = {
            other: band
            for other, band in found.items()
            if low <= band[0] and band[1] <= high and band != (low, high)
        }
        tiles: list[int] = []
        at = low
        while at < high:
            steps = [(band[1], other) for other, band in inner.items() if band[0] == at]
            if not steps:
                break
            at, tile = max(steps)
            tiles.append(tile)
        if at == high and len(tiles) > 1:
            yield Relation(position, code, tuple(tiles), Kind.BANDS)
    yield from _running(found, position)


def _running(found: Mapping[int, tuple[int, int]], position: int) -> Iterator[Relation]:
    """Bands that begin together, three and more: each holds at least what the one before does."""
    chains: dict[int, dict[int, int]] = {}
    for code, (low, high) in found.items():
        chains.setdefault(low, {}).setdefault(high, code)
    for chain in chains.values():
        ends = sorted(chain) if len(chain) >= _CHAIN else []
        for one, two in combinations(ends, 2) if len(ends) <= _MAX_CHAIN else pairwise(ends):
            yield Relation(position, chain[two], (chain[one],), Kind.RUNNING, exact=False)


def _periods(dimension: Dimension) -> dict[str, tuple[int, int]]:
    """Months that the labels of a dimension speak of, where periods of several lengths do."""
    found = {label: period(label) for label in dimension.labels}
    if not any(found.values()):
        return {}
    said = dimension.totals
    labels = [label for label in dimension.labels if label not in said]
    found = {label: found[label] for label in labels}
    meant = {
        label: (int(p.start), int(p.end))
        for label, p in found.items()
        if p is not None and p.end > p.start
    }
    if any(low < 12 for low, _ in meant.values()):  # labels that name no year
        meant |= {label: (0, 12) for label in labels if normal(label) in _YEAR}
    several = len({end - start for start, end in meant.values()}) > 1
    return meant if several and len(meant) == len(found) else {}


def _named(labels: Mapping[int, str], position: int) -> Iterator[Relation]:
    """Sums that the meaning of labels tells."""
    for one in told(labels):
        sure = Kind.LABEL if one.alone else Kind.MEANING
        kind = sure if one.sure else Kind.NAMED
        yield Relation(position, one.total, one.parts, kind, exact=one.exact)


def _by_names(dimension: Dimension, position: int) -> Iterator[Relation]:
    """Sums that the names of value columns tell, family by family."""
    for members in families(dimension.labels):
        yield from _named(members, position)
        codes = list(members)
        labels = tuple(members.values())
        if len(set(labels)) == len(labels):
            spoken = [
                n for n, label in enumerate(labels) if period(label) or normal(label) in _YEAR
            ]
            for chosen in (range(len(labels)), spoken):
                own = Dimension("", tuple(labels[n] for n in chosen), np.zeros(0, np.int64))
                for found in _bands(own, position):
                    whole = codes[chosen[found.total]]
                    parts = tuple(codes[chosen[part]] for part in found.parts)
                    yield replace(found, total=whole, parts=parts)


def _label_total(dimension: Dimension, position: int, inner: set[int]) -> Iterator[Relation]:
    """The code that says "insgesamt", over all codes that are not part of another one."""
    said = dimension.totals
    totals = [code for code, label in enumerate(dimension.labels) if label in said]
    for total in totals[:1]:
        parts = [
            code
            for code in range(len(dimension.labels))
            if code not in totals and code not in inner
        ]
        if parts:
            kind = Kind.NAMED if torn([dimension.labels[code] for code in parts]) else Kind.LABEL
            yield Relation(position, total, tuple(parts), kind)


def _column_totals(dimension: Dimension, position: int) -> Iterator[Relation]:
    """Value columns named "… insgesamt" over the columns that share the rest of their name."""
    words = lexicon()
    stems: dict[str, list[int]] = {}
    totals: dict[str, int] = {}
    for code, label in enumerate(dimension.labels):
        parts = re.split(
            r"\s*[|/_-]\s*|\s+(?=insgesamt$|gesamt$|total$)", label, flags=re.IGNORECASE
        )
        stem = " | ".join(parts[:-1])
        if words.is_total(parts[-1]) or words.is_total(label):
            totals.setdefault(stem if not words.is_total(label) else "", code)
        else:
            stems.setdefault(stem, []).append(code)
    for stem, total in totals.items():
        found = stems.get(stem, [])
        if len(found) > 1:
            kind = Kind.NAMED if torn([dimension.labels[code] for code in found]) else Kind.SUM
            yield Relation(position, total, tuple(found), kind)


def _by_divisions(cells: Cells, position: int) -> list[Relation]:
    """A labelled total that its codes divide several times over."""
    labels, said = cells.dimensions[position].labels, cells.dimensions[position].totals
    totals = [code for code, label in enumerate(labels) if label in said]
    plain = [code for code in range(len(labels)) if code not in totals]
    if not totals:
        return []
    matrix = with_sums(cells, position)
    return [
        Relation(
            position,
            totals[0] if division.total < 0 else plain[division.total],
            tuple(plain[part] for part in division.parts),
            Kind.DIVISION,
        )
        for division in divisions(matrix[totals[0]], matrix[plain])
    ]


def _by_levels(cells: Cells, position: int) -> Iterator[Relation]:
    """The total over the coarsest level, each code over those of the next level below it.

    A level that is not sorted into the one above it as a whole sums up to the total by itself.
    """
    dimension = cells.dimensions[position]
    place = {label: code for code, label in enumerate(dimension.labels)}
    below = dict(nesting(dimension, matrix_of(cells, position, absent=0.0)))
    inside = {child for children in below.values() for child in children}
    for parent, children in below.items():
        yield Relation(position, place[parent], tuple(place[x] for x in children), Kind.LEVEL)
    said = dimension.totals
    totals = [code for code, label in enumerate(dimension.labels) if label in said]
    for level in dimension.levels if totals else ():
        codes = [label for label in level if label in place]
        if codes and not inside.issuperset(codes):
            parts = tuple(place[label] for label in codes)
            yield Relation(position, totals[0], parts, Kind.LEVEL)


def _candidates(cells: Cells, position: int) -> list[Relation]:
    """All relations that a dimension may have, before the numbers are asked."""
    dimension = cells.dimensions[position]
    found: list[Relation] = []
    if dimension.name == COLUMN:
        names = list(_by_names(dimension, position))
        sure = {relation.total for relation in names if relation.kind in _TOLD}
        totals = (r for r in _column_totals(dimension, position) if r.total not in sure)
        return [*names, *totals, *by_sums(cells, position), *by_place(cells, position)]
    if dimension.region:
        keys = {
            c: k
            for c, label in enumerate(dimension.labels)
            if (k := region_key(label, small=True)) is not None
        }
        found += _nested(keys, position, Kind.REGION)
    found += _declared(dimension, position)
    if dimension.levels and not found:
        return list(_by_levels(cells, position))
    found += _bands(dimension, position)
    if not found and len(dimension.labels) <= _MAX_CODES:
        said = dimension.totals
        codes = {
            code: label
            for code, label in enumerate(dimension.labels)
            if label not in said and not label.isdigit()
        }
        found += _nested(codes, position, Kind.PREFIX)
    names = list(_named(dict(enumerate(dimension.labels)), position))
    if not found:
        several = _by_divisions(cells, position)
        if several:
            return [*several, *names]
    if not any(relation.kind is Kind.REGION for relation in found):
        found += by_subsets(cells, position)
    found += names
    said = {relation.total for relation in names if relation.kind in _TOLD}
    inner = {part for relation in found for part in relation.parts if relation.total not in said}
    found += (r for r in _label_total(dimension, position, inner) if r.total not in said)
    plain = [relation for relation in found if relation.kind is Kind.PREFIX]
    if plain:
        found += _label_total(dimension, position, set())
    if not any(relation.kind is not Kind.PREFIX for relation in found):
        found += by_sums(cells, position)
        found += by_place(cells, position, headed(dimension.labels))
    return found


def groups(cells: Cells, relation: Relation) -> list[Group]:
    """The relation at each combination of the other dimensions where its total is published."""
    codes = cells.dimensions[relation.dimension].codes
    others = cells.others(relation.dimension)
    totals = np.flatnonzero(codes == relation.total)
    members = np.flatnonzero(np.isin(codes, np.asarray(relation.parts)))
    by_combo: dict[int, list[int]] = {}
    for cell, combo in zip(members.tolist(), others[members].tolist(), strict=True):
        by_combo.setdefault(combo, []).append(cell)
    return [
        Group(relation, cell, tuple(parts))
        for cell, combo in zip(totals.tolist(), others[totals].tolist(), strict=True)
        if (parts := by_combo.get(combo))
    ]


def _accepted(cells: Cells, relation: Relation, share: float) -> Relation | None:
    """The relation as the numbers confirm it: as equality, as upper bound, or not at all."""
    total, parts = _sums(cells, relation)
    known = ~np.isnan(total) & ~np.isnan(parts)
    if not known.any():
        sure = relation.kind in _SURE or (
            relation.kind is Kind.SUM and cells.dimensions[relation.dimension].name == COLUMN
        )
        return relation if sure and _possible(cells, relation) else None
    difference = total[known] - parts[known]
    tolerance = 1e-6 * np.maximum(1, np.abs(total[known]))
    if float((np.abs(difference) <= tolerance).mean()) >= share:
        return relation
    below = bool((difference < -tolerance).any())
    if below and relation.kind in _SURE and _rounded(difference, len(relation.parts)):
        return relation
    if relation.kind in _ASKED or below:
        return None
    return Relation(relation.dimension, relation.total, relation.parts, relation.kind, exact=False)


def _rounded(difference: Floats, parts: int) -> bool:
    """Whether sums miss their totals by no more than rounding every number to a whole one does."""
    return bool((np.abs(difference) <= parts + 1e-6).all())


def _possible(cells: Cells, relation: Relation) -> bool:
    """Whether the parts that are known leave room in the total wherever that is known."""
    bare = replace(cells, values=np.nan_to_num(cells.values))
    shown, least = _sums(bare, relation)[1], _sums(cells, relation)[0]
    known = ~np.isnan(least) & ~np.isnan(shown)
    negative = bool((cells.values < 0).any())
    return negative or bool((shown[known] <= least[known] * (1 + 1e-6) + 1e-6).all())


def _sums(cells: Cells, relation: Relation) -> tuple[Floats, Floats]:
    """Total and sum of parts by combination; NaN where a number is missing."""
    codes = cells.dimensions[relation.dimension].codes
    chosen = np.isin(codes, np.asarray((relation.total, *relation.parts)))
    combos, inverse = np.unique(cells.others(relation.dimension)[chosen], return_inverse=True)
    is_total = codes[chosen] == relation.total
    values = cells.values[chosen]
    total = np.full(len(combos), np.nan)
    total[inverse[is_total]] = values[is_total]
    parts: Floats = np.bincount(
        inverse[~is_total], values[~is_total], minlength=len(combos)
    ).astype(np.float64)
    present = np.bincount(inverse[~is_total], minlength=len(combos)) > 0
    parts[~present] = np.nan
    return total, parts


def relations(cells: Cells, share: float) -> list[Relation]:
    """All sums in a table that its own numbers do not contradict.

    Args:
        cells: the table.
        share: share of complete groups in which a sum must fit to count as an equality.
    """
    name = f"relations {share}"
    if name not in cells.memo:
        cells.memo[name] = _found(cells, share)
    return list(cells.memo[name])


def _found(cells: Cells, share: float) -> list[Relation]:
    found: list[Relation] = []
    for position in range(len(cells.dimensions)):
        seen: set[tuple[int, tuple[int, ...]]] = set()
        for candidate in _candidates(cells, position):
            key = (candidate.total, tuple(sorted(candidate.parts)))
            if key in seen:
                continue
            seen.add(key)
            accepted = _accepted(cells, candidate, share)
            if accepted:
                found.append(accepted)
    found += _across(cells, share, found)
    return [relation for relation in found if not _reversed(cells, relation, found)]


def _across(cells: Cells, share: float, found: Sequence[Relation]) -> Iterator[Relation]:
    """Sums of codes that stand at other levels of the other dimensions than the code itself.

    "Westraum, 0 to 6: 31" beside two places by single bands: what the places have from 0 to 6
    follows, and only then do numbers tell which of them the west is made of.
    """
    for position in range(len(cells.dimensions)):
        if any(relation.dimension == position for relation in found):
            continue
        matrix = filled(cells, position, found)
        if matrix is not None:
            for candidate in by_subsets(cells, position, Kind.ACROSS, matrix):
                accepted = _accepted(cells, candidate, share)
                if accepted:
                    yield accepted


def _reversed(cells: Cells, relation: Relation, found: Sequence[Relation]) -> bool:
    """Whether it takes a labelled total for a part of one of its own parts.

    "Insgesamt 8, männlich 8, weiblich 0" in all rows that are shown also reads as men = all +
    women; both together would say that there are no women anywhere.
    """
    said = cells.dimensions[relation.dimension].totals
    labels = cells.dimensions[relation.dimension].labels
    return relation.kind is Kind.SUM and any(
        other.dimension == relation.dimension
        and labels[other.total] in said
        and other.total in relation.parts
        and relation.total in other.parts
        for other in found
    )
