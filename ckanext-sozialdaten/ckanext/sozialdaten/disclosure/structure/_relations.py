"""Which codes of a dimension are sums of others: by labels, keys, bands, or the numbers alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure.structure._cells import Cells
from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension
from ckanext.sozialdaten.disclosure.structure._meaning import period, region_key
from ckanext.sozialdaten.disclosure.structure._nesting import nesting, spans
from ckanext.sozialdaten.disclosure.structure._partitions import divisions

Floats = npt.NDArray[np.float64]

__all__ = ["Group", "Kind", "Relation", "groups", "relations"]

_MAX_CODES = 300
_MAX_WORK = 20_000_000
_EVIDENCE = 2
_MAX_SUBSET = 12
_SUBSET_COLUMNS = 60
_SPARE_BITS = 12
_MOST_ALONE, _LEAST_ALONE = 3, 20


class Kind(StrEnum):
    """What a relation rests on."""

    LABEL = "label"
    REGION = "region"
    BANDS = "bands"
    PREFIX = "prefix"
    DECLARED = "declared"
    LEVEL = "level"
    DIVISION = "division"
    SUM = "sum"


_SURE = (Kind.LABEL, Kind.REGION, Kind.BANDS, Kind.DECLARED, Kind.LEVEL, Kind.DIVISION)


@dataclass(frozen=True, slots=True)
class Relation:
    """One code is the sum of others, or at least as large.

    Args:
        dimension: position of the dimension.
        total: position of the code that is the sum.
        parts: positions of the summands.
        kind: what it rests on.
        exact: whether it is an equality; else the total may hold more.
    """

    dimension: int
    total: int
    parts: tuple[int, ...]
    kind: Kind
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A relation at one combination of the other dimensions: cells by position."""

    relation: Relation
    total: int
    parts: tuple[int, ...]


def _nested(keys: dict[int, str], dimension: int, kind: Kind) -> Iterator[Relation]:
    """Each key with the keys of the next level below it."""
    by_key: dict[str, int] = {}
    for code, key in keys.items():
        by_key.setdefault(key, code)
    children: dict[int, list[int]] = {}
    for code, key in keys.items():
        for length in range(len(key) - 1, -1, -1):
            if key[:length] in by_key and by_key[key[:length]] != code:
                children.setdefault(by_key[key[:length]], []).append(code)
                break
    for parent, parts in children.items():
        if len(parts) > 1 or kind is Kind.REGION:
            yield Relation(dimension, parent, tuple(parts), kind)


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
    """Bands that are tiled by finer bands."""
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


def _periods(dimension: Dimension) -> dict[str, tuple[int, int]]:
    """Months that the labels of a dimension speak of, where periods of several lengths do."""
    found = {label: period(label) for label in dimension.labels}
    meant = {
        label: (int(p.start), int(p.end))
        for label, p in found.items()
        if p is not None and p.end > p.start
    }
    several = len({end - start for start, end in meant.values()}) > 1
    return meant if several and len(meant) == len(found) else {}


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
            yield Relation(position, total, tuple(parts), Kind.LABEL)


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
            yield Relation(position, total, tuple(found), Kind.SUM)


def _matrix(cells: Cells, position: int, *, absent: float = np.nan) -> Floats:
    """Values by code and combination of the other dimensions; NaN where withheld or absent."""
    combos, inverse = np.unique(cells.others(position), return_inverse=True)
    size = len(cells.dimensions[position].labels)
    matrix = np.full((size, len(combos)), absent)
    matrix[cells.dimensions[position].codes, inverse] = cells.values
    return matrix


def _with_sums(cells: Cells, position: int) -> Floats:
    """The same with the totals over a second dimension that the table leaves out worked out.

    "EU: old 10, young 5" beside the countries over all ages says how many the EU has.
    """
    matrix = _matrix(cells, position)
    if len(cells.dimensions) != 2:
        return matrix
    other = cells.dimensions[1 - position]
    said = other.totals
    totals = [code for code, label in enumerate(other.labels) if label in said]
    parts = [code for code in range(len(other.labels)) if code not in totals]
    if len(totals) != 1 or not parts or matrix.shape[1] != len(other.labels):
        return matrix
    shown = np.zeros(matrix.shape, dtype=np.bool_)
    shown[cells.dimensions[position].codes, other.codes] = True
    left_out = ~shown[:, totals[0]] & shown[:, parts].any(axis=1)
    matrix[left_out, totals[0]] = matrix[left_out][:, parts].sum(axis=1)
    return matrix


def _agrees(total: Floats, parts: Floats) -> bool:
    """Whether a sum fits wherever all its numbers are known, often enough to be no accident."""
    known = ~np.isnan(total) & ~np.isnan(parts)
    if not known.any():
        return False
    fits = np.abs(total[known] - parts[known]) <= 1e-6 * np.maximum(1, np.abs(total[known]))
    return bool(fits.all()) and len(np.unique(total[known & (total > 0)])) >= _EVIDENCE


def _by_sums(cells: Cells, position: int) -> Iterator[Relation]:
    """Codes whose values are the sum of a run of neighbours or of all other codes."""
    size = len(cells.dimensions[position].labels)
    if not 3 <= size <= _MAX_CODES or size * size * (len(cells) // size + 1) > _MAX_WORK:
        return
    matrix = _matrix(cells, position)
    yield from _first_or_last(matrix, position)
    meant = spans(cells.dimensions[position])
    bands = {c for c, label in enumerate(cells.dimensions[position].labels) if label in meant}
    for total in range(size):
        for run in _runs(matrix, total):
            # Bands say themselves which are parts of which: numbers that fit are an accident.
            if not bands.issuperset((total, *run)):
                yield Relation(position, total, run, Kind.SUM)
                break


def _first_or_last(matrix: Floats, position: int) -> Iterator[Relation]:
    """The first or last of a single column of numbers, where it is the sum of all others.

    "Kreis Musterland 68" below its parts says so by its place and its number alone.
    """
    size, columns = matrix.shape
    if columns != 1 or size <= _MOST_ALONE:
        return
    for total in (0, size - 1):
        parts = tuple(code for code in range(size) if code != total)
        value, rest = matrix[total, 0], matrix[list(parts), 0].sum()
        if value == rest and value >= _LEAST_ALONE and (matrix[list(parts), 0] > 0).sum() > 1:
            yield Relation(position, total, parts, Kind.SUM)


def _by_subsets(cells: Cells, position: int) -> Iterator[Relation]:
    """Subtotals among a few codes that only the numbers tell, such as EU = Spain + Portugal.

    A subset counts only if the numbers say so with far more bits than there are subsets to choose
    from.
    """
    labels, said = cells.dimensions[position].labels, cells.dimensions[position].totals
    plain = [code for code, label in enumerate(labels) if label not in said]
    size = len(plain)
    if not 3 <= size <= _MAX_SUBSET:
        return
    matrix = _matrix(cells, position)[plain][:, :_SUBSET_COLUMNS]
    choices = ((np.arange(1 << size)[:, None] >> np.arange(size)) & 1).astype(np.float64)
    choices = choices[choices.sum(axis=1) > 1]
    sums = choices @ np.nan_to_num(matrix)
    known = choices @ np.isnan(matrix) == 0
    for index in range(size):
        valid = known & ~np.isnan(matrix[index])
        fits = np.abs(sums - np.nan_to_num(matrix[index])) <= 1e-6 * (1 + np.abs(sums))
        bits = np.where(valid, np.log2(1 + np.abs(sums)), 0).sum(axis=1)
        good = (fits | ~valid).all(axis=1) & (choices[:, index] == 0) & (bits >= size + _SPARE_BITS)
        if good.any():
            best = int(np.flatnonzero(good)[np.argmin(choices[good].sum(axis=1))])
            parts = tuple(plain[i] for i in np.flatnonzero(choices[best]).tolist())
            yield Relation(position, plain[index], parts, Kind.SUM)


def _by_divisions(cells: Cells, position: int) -> list[Relation]:
    """A labelled total that its codes divide several times over."""
    labels, said = cells.dimensions[position].labels, cells.dimensions[position].totals
    totals = [code for code, label in enumerate(labels) if label in said]
    plain = [code for code in range(len(labels)) if code not in totals]
    if not totals:
        return []
    matrix = _with_sums(cells, position)
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
    below = dict(nesting(dimension, _matrix(cells, position, absent=0.0)))
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


def _runs(matrix: Floats, total: int) -> Iterator[tuple[int, ...]]:
    size = len(matrix)
    others = [code for code in range(size) if code != total]
    if _agrees(matrix[total], matrix[others].sum(axis=0)):
        yield tuple(others)
    for step in (1, -1):
        parts = np.zeros(matrix.shape[1])
        run: list[int] = []
        code = total + step
        while 0 <= code < size:
            parts = parts + matrix[code]
            run.append(code)
            if len(run) > 1 and _agrees(matrix[total], parts):
                yield tuple(run)
            code += step


def _candidates(cells: Cells, position: int) -> list[Relation]:
    """All relations that a dimension may have, before the numbers are asked."""
    dimension = cells.dimensions[position]
    found: list[Relation] = []
    if dimension.name == COLUMN:
        return [*_column_totals(dimension, position), *_by_sums(cells, position)]
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
    if not found:
        several = _by_divisions(cells, position)
        if several:
            return several
    if not any(relation.kind is Kind.REGION for relation in found):
        found += _by_subsets(cells, position)
    inner = {part for relation in found for part in relation.parts}
    found += _label_total(dimension, position, inner)
    plain = [relation for relation in found if relation.kind is Kind.PREFIX]
    if plain:
        found += _label_total(dimension, position, set())
    if not any(relation.kind is not Kind.PREFIX for relation in found):
        found += _by_sums(cells, position)
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
    if relation.kind in (Kind.PREFIX, Kind.SUM) or below:
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
    return found
