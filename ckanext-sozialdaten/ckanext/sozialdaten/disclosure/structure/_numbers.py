"""Sums that numbers alone tell: runs of neighbours, the first or last of all, some of several."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.structure._cells import Cells
from ckanext.sozialdaten.disclosure.structure._model import Kind, Relation
from ckanext.sozialdaten.disclosure.structure._nesting import spans

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.uint64]

__all__ = ["Floats", "by_place", "by_subsets", "by_sums", "filled", "matrix_of", "with_sums"]

_MAX_CODES = 300
_MAX_WORK = 20_000_000
_EVIDENCE = 2
_MAX_SUBSET, _MAX_HALVED, _MOST_TIES = 12, 30, 4
_MAX_FILLED = 200_000
_SUBSET_COLUMNS = 60
_SPARE_BITS = 12
_MOST_ALONE, _LEAST_ALONE, _FEWEST = 3, 20, 2
_GAP, _MOSTLY = 4, 0.5  # the largest count that each suppressed part may be; the share shown


def matrix_of(cells: Cells, position: int, *, absent: float = np.nan) -> Floats:
    """Values by code and combination of the other dimensions; NaN where withheld or absent."""
    combos, inverse = np.unique(cells.others(position), return_inverse=True)
    size = len(cells.dimensions[position].labels)
    matrix = np.full((size, len(combos)), absent)
    matrix[cells.dimensions[position].codes, inverse] = cells.values
    return matrix


def filled(cells: Cells, position: int, known: Sequence[Relation]) -> Floats | None:
    """The matrix of a dimension with the sums over the others that the table leaves out worked out.

    "EU: old 10, young 5" beside the countries over all ages says how many the EU has.

    Args:
        cells: the table.
        position: of the dimension.
        known: the sums of the other dimensions.

    Returns:
        None where nothing is left out, or too much to look at.
    """
    sizes = [len(dimension.labels) for dimension in cells.dimensions]
    if len(sizes) < 2 or np.prod(sizes, dtype=np.float64) > _MAX_FILLED:
        return None
    values, shown = np.full(sizes, np.nan), np.zeros(sizes, dtype=np.bool_)
    place = tuple(dimension.codes for dimension in cells.dimensions)
    values[place], shown[place] = cells.values, True
    told = False
    for relation in known:
        if relation.exact and relation.dimension != position:
            view, there = (np.moveaxis(x, relation.dimension, 0) for x in (values, shown))
            parts = list(relation.parts)
            absent = ~there[relation.total] & there[parts].all(axis=0)
            view[relation.total][absent] = view[parts].sum(axis=0)[absent]
            told = told or bool(np.isfinite(view[relation.total][absent]).any())
    if not told:
        return None
    return np.moveaxis(values, position, 0).reshape(sizes[position], -1)


def with_sums(cells: Cells, position: int) -> Floats:
    """The same with the totals over a second dimension that the table leaves out worked out.

    "EU: old 10, young 5" beside the countries over all ages says how many the EU has.
    """
    matrix = matrix_of(cells, position)
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


def by_sums(cells: Cells, position: int) -> Iterator[Relation]:
    """Codes whose values are the sum of a run of neighbours or of all other codes."""
    size = len(cells.dimensions[position].labels)
    if not 3 <= size <= _MAX_CODES or size * size * (len(cells) // size + 1) > _MAX_WORK:
        return
    matrix = matrix_of(cells, position)
    meant = spans(cells.dimensions[position])
    bands = {c for c, label in enumerate(cells.dimensions[position].labels) if label in meant}
    for total in range(size):
        for run in _runs(matrix, total):
            # Bands say themselves which are parts of which: numbers that fit are an accident.
            if not bands.issuperset((total, *run)):
                yield Relation(position, total, run, Kind.SUM)
                break


def by_place(cells: Cells, position: int, named: int | None = None) -> Iterator[Relation]:
    """The first or last code, where it is the sum of all others as far as they are shown.

    "Kreis Musterland 68" below its parts says so by its place and its number alone. Suppressed
    parts leave a gap: it must be such as small counts leave, and the figures that come out right so
    must be far less likely by accident.

    Args:
        cells: the table.
        position: of the dimension.
        named: the code that names a place which holds others; larger gaps are believed there.
    """
    size = len(cells.dimensions[position].labels)
    if size <= (_MOST_ALONE if named is None else _FEWEST) or size > _MAX_CODES:
        return
    if size * len(cells) > _MAX_WORK:
        return
    matrix = matrix_of(cells, position)
    for total in (0, size - 1):
        parts = tuple(code for code in range(size) if code != total)
        if _holds_all(matrix[total], matrix[list(parts)], said=total == named):
            yield Relation(position, total, parts, Kind.PLACE)


def _holds_all(total: Floats, parts: Floats, *, said: bool) -> bool:
    """Whether a code may be the sum of all others, and is unlikely to be so by accident."""
    known = ~np.isnan(total)
    hidden = np.isnan(parts).sum(axis=0)[known]
    whole, shown = total[known], np.nansum(parts, axis=0)[known]
    gap, close = whole - shown, 1e-6 * np.maximum(1, np.abs(whole))
    several = (np.nan_to_num(parts) > 0).sum(axis=0).max(initial=0) > 1
    if not several or (gap < -close).any() or (gap[hidden == 0] > close[hidden == 0]).any():
        return False
    if said and shown.sum() >= _MOSTLY * whole.sum():
        return True
    open_ = _GAP * hidden
    bits = np.log2(np.maximum(whole, 1) / (open_ + 1))
    return bool((gap <= open_ + close).all() and bits.clip(0).sum() >= np.log2(_LEAST_ALONE))


def by_subsets(
    cells: Cells, position: int, kind: Kind = Kind.SUM, known: Floats | None = None
) -> Iterator[Relation]:
    """Subtotals among some codes that only the numbers tell, such as EU = Spain + Portugal.

    A subset counts only if the numbers say so with far more bits than there are subsets to choose
    from.

    Args:
        cells: the table.
        position: of the dimension.
        kind: what the relations rest on.
        known: its values by code and combination of the other dimensions, where more is known than
            the table shows.
    """
    labels, said = cells.dimensions[position].labels, cells.dimensions[position].totals
    plain = [code for code, label in enumerate(labels) if label not in said]
    if not 3 <= len(plain) <= _MAX_HALVED:
        return
    matrix = matrix_of(cells, position) if known is None else known
    search = _few if len(plain) <= _MAX_SUBSET else _halved
    for total, parts in search(matrix[plain][:, :_SUBSET_COLUMNS]):
        yield Relation(position, plain[total], tuple(plain[part] for part in parts), kind)


def _few(matrix: Floats) -> Iterator[tuple[int, list[int]]]:
    """Every subset of a few codes, also where some of the figures are unknown."""
    size = len(matrix)
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
            yield index, np.flatnonzero(choices[best]).tolist()


def _halved(matrix: Floats) -> Iterator[tuple[int, list[int]]]:
    """The same for more codes, by whole numbers in columns without an unknown figure.

    Each subset is one of the first half of the codes and one of the second: all sums of a half are
    sorted by a number that stands for all their columns, and what a half leaves of the total is
    looked up among those of the other one (Horowitz and Sahni, 1974).
    """
    size = len(matrix)
    whole = matrix[:, ~np.isnan(matrix).any(axis=0)]
    if not whole.size or (whole != np.rint(whole)).any():
        return
    # years of one place are alike: each further column tells half as much as the largest
    bits = np.sort(np.log2(1 + np.abs(whole)), axis=1)
    told = bits.sum(axis=1) / 2 + bits[:, -1] / 2
    random = np.random.default_rng(size)
    weights = cast("Marks", random.integers(1, 1 << 62, whole.shape[1], dtype=np.uint64))
    marks: Marks = (whole.astype(np.int64).astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64)
    half = size // 2
    first, second = _sums_of(marks[:half]), _sums_of(marks[half:])
    order = np.argsort(second)
    for index in np.flatnonzero(told >= size + _SPARE_BITS).tolist():
        for chosen in sorted(
            _pairs(np.uint64(marks[index]), first, second[order], order, half), key=_size
        ):
            parts = [code for code in range(size) if chosen >> code & 1]
            if len(parts) > 1 and index not in parts:
                if (whole[parts].sum(axis=0) == whole[index]).all():
                    yield index, parts
                break


def _sums_of(marks: Marks) -> Marks:
    """The sum of each subset, by the number whose bits name its members."""
    sums = np.zeros(1, dtype=np.uint64)
    for mark in marks:
        sums = np.concatenate([sums, sums + mark])
    return sums


def _pairs(total: np.uint64, first: Marks, second: Marks, order: Ints, half: int) -> list[int]:
    """Subsets with a sum, as numbers whose bits name their members.

    Args:
        total: the sum.
        first: the sums of the first half.
        second: those of the second half, sorted.
        order: subset of each of these.
        half: size of the first half.
    """
    wanted = total - first
    low, high = np.searchsorted(second, wanted, "left"), np.searchsorted(second, wanted, "right")
    return [
        one | int(order[place]) << half
        for one in np.flatnonzero(high > low).tolist()
        for place in range(int(low[one]), min(int(high[one]), int(low[one]) + _MOST_TIES))
    ]


def _size(chosen: int) -> int:
    return chosen.bit_count()


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
