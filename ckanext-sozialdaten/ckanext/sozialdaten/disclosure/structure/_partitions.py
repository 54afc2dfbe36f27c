"""Codes that divide one total several times over: countries and EU/non-EU, places and counties.

Where all codes of a dimension together exceed the total, they must be several divisions of it, the
coarser ones made of the finest. Which, only the numbers tell: this looks for the divisions that all
published numbers allow and that most of them confirm. An attacker reads the same from a code list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Division", "divisions"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CLOSE = 1e-6
_MAX_CODES = 20
_MAX_GUESS = 9
_MAX_COLUMNS = 12
_MAX_SUMS = 1 << 22
_MAX_BASES = 4_000
_MAX_CHILDREN = 4_000
_MIN_BITS = 6.0


@dataclass(frozen=True, slots=True)
class Division:
    """One code and those that it is the sum of, by position; -1 is the total."""

    total: int
    parts: tuple[int, ...]


def divisions(total: Floats, parts: Floats) -> list[Division]:
    """The divisions of a total that numbers show; nothing if one division suffices or none fits.

    Args:
        total: the total in each column, NaN where withheld.
        parts: the codes (rows) in each column, NaN where withheld or not shown.
    """
    size = len(parts)
    known = ~np.isnan(total)
    if not 3 <= size <= _MAX_CODES or not known.any():
        return []
    most = min(_MAX_COLUMNS, max(1, _MAX_SUMS >> size))
    order = np.argsort(-(np.isfinite(parts) & known).sum(axis=0), kind="stable")[:most]
    search = _Search(total[order], parts[:, order])
    return search.best() if search.several() else []


class _Search:
    """All subsets of the codes as bit masks, with their sums in each column."""

    def __init__(self, total: Floats, parts: Floats) -> None:
        self.size = len(parts)
        self.values = np.vstack([parts, total])
        sums = np.zeros((1, parts.shape[1]))
        gaps = np.zeros((1, parts.shape[1]), dtype=np.int8)
        for row in parts:
            gap = np.isnan(row)
            sums = np.vstack([sums, sums + np.where(gap, 0.0, row)])
            gaps = np.vstack([gaps, gaps + gap.astype(np.int8)])
        self.sums, self.gaps = sums, gaps
        self.all = (1 << self.size) - 1

    def several(self) -> bool:
        """Whether all codes together are more than the total."""
        total = self.values[self.size]
        known = ~np.isnan(total)
        return bool((self.sums[-1][known] > total[known] * (1 + _CLOSE) + _CLOSE).any())

    def fitting(self, code: int) -> tuple[Ints, Floats]:
        """Subsets that may sum up to a code (or the total), and how many bits confirm each."""
        value = self.values[code]
        known = ~np.isnan(value)
        close = _CLOSE * (1 + np.abs(np.where(known, value, 0.0)))
        difference = self.sums - np.where(known, value, 0.0)
        whole = (self.gaps == 0) & known
        bad = (whole & (np.abs(difference) > close)) | (known & (difference > close))
        good = ~bad.any(axis=1)
        good[0] = False
        if code < self.size:
            good &= (np.arange(len(good)) >> code) & 1 == 0
        masks = np.flatnonzero(good)
        bits = np.where(whole[masks], np.log2(1 + np.abs(self.sums[masks])), 0.0).sum(axis=1)
        if self.size > _MAX_GUESS:
            masks, bits = masks[bits > 0], bits[bits > 0]
        best = np.argsort(-bits, kind="stable")[: max(_MAX_CHILDREN, _MAX_BASES)]
        return masks[best].astype(np.int64), bits[best]

    def best(self) -> list[Division]:
        """The divisions that most numbers confirm."""
        bases, weights = self.fitting(self.size)
        if not len(bases):
            return []
        of_total = dict(zip(bases.tolist(), weights.tolist(), strict=True))
        children = [self.fitting(code) for code in range(self.size)]
        found: list[Division] = []
        score = _MIN_BITS
        ranked = sorted(of_total, key=lambda mask: (-of_total[mask], -mask.bit_count()))
        for base in ranked[:_MAX_BASES]:
            above = [code for code in range(self.size) if not base >> code & 1]
            inside = {code: _within(children[code], base) for code in above}
            if not above or base.bit_count() < 2 or not all(inside.values()):
                continue
            for bits, chosen in _covers(base, inside, of_total):
                if bits + of_total[base] > score:
                    score = bits + of_total[base]
                    found = self._divisions(base, chosen)
        return found

    def _divisions(self, base: int, chosen: Sequence[dict[int, int]]) -> list[Division]:
        """The base and each coarser division as sums."""
        result = [Division(-1, self._codes(base))]
        for group in chosen:
            if len(group) > 1:
                result.append(Division(-1, tuple(sorted(group))))
            result += [Division(code, self._codes(mask)) for code, mask in group.items()]
        return result

    def _codes(self, mask: int) -> tuple[int, ...]:
        return tuple(code for code in range(self.size) if mask >> code & 1)


def _within(children: tuple[Ints, Floats], base: int) -> list[tuple[int, float]]:
    """The subsets of a base among those that may sum up to a code, the best confirmed first."""
    masks, bits = children
    inside = (masks & ~base) == 0
    return list(zip(masks[inside].tolist(), bits[inside].tolist(), strict=True))[:64]


def _covers(
    base: int, inside: dict[int, list[tuple[int, float]]], of_total: dict[int, float]
) -> Iterator[tuple[float, list[dict[int, int]]]]:
    """Ways to sort all coarser codes into divisions of the base, with the bits of each."""
    steps = 0

    def extend(
        left: int, covered: int, group: dict[int, int], groups: list[dict[int, int]], bits: float
    ) -> Iterator[tuple[float, list[dict[int, int]]]]:
        nonlocal steps
        steps += 1
        if steps > 2_000:
            return
        if covered == base:
            mask = sum(1 << code for code in group)
            if mask not in of_total:
                return
            done, more = [*groups, group], bits + of_total[mask]
            if left == 0:
                yield more, done
            else:
                yield from extend(left, 0, {}, done, more)
            return
        leaf = (base & ~covered) & -(base & ~covered)
        for code in inside:
            if not left >> code & 1:
                continue
            for mask, weight in inside[code]:
                if mask & leaf and not mask & covered:
                    yield from extend(
                        left & ~(1 << code),
                        covered | mask,
                        {**group, code: mask},
                        groups,
                        bits + weight,
                    )

    yield from extend(sum(1 << code for code in inside), 0, {}, [], 0.0)
