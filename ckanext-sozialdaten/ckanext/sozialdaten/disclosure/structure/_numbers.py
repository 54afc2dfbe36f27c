"""Sums that numbers alone tell: runs of neighbours, the first or last of all, some of several."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.structure._cells import Cells
from ckanext.sozialdaten.disclosure.structure._model import Kind, Relation
from ckanext.sozialdaten.disclosure.structure._nesting import spans

Floats = npt.NDArray[np.float64]

__all__ = ["Floats", "by_place", "by_subsets", "by_sums", "matrix_of", "with_sums"]

_MAX_CODES = 300
_MAX_WORK = 20_000_000
_EVIDENCE = 2
_MAX_SUBSET = 12
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
    matrix = matrix_of(cells, position)
    if matrix.size > _MAX_WORK:
        return
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


def by_subsets(cells: Cells, position: int) -> Iterator[Relation]:
    """Subtotals among a few codes that only the numbers tell, such as EU = Spain + Portugal.

    A subset counts only if the numbers say so with far more bits than there are subsets to choose
    from.
    """
    labels, said = cells.dimensions[position].labels, cells.dimensions[position].totals
    plain = [code for code, label in enumerate(labels) if label not in said]
    size = len(plain)
    if not 3 <= size <= _MAX_SUBSET:
        return
    matrix = matrix_of(cells, position)[plain][:, :_SUBSET_COLUMNS]
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
