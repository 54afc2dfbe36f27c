"""Which codes of a level lie in which of the level above, where each level has a column of its own.

Each code lies in exactly one code above it. Equal texts and age bands say which; where they do not,
the numbers do, if they leave one possibility alone. What stays open is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension
from ckanext.sozialdaten.disclosure.structure._meaning import OPEN_END, bands

__all__ = ["nesting", "spans"]

Floats = npt.NDArray[np.float64]
Band = tuple[int, int]
_MAX_FREE = 12
_NUMBER = re.compile(r"\d+")


def spans(dimension: Dimension) -> dict[str, Band]:
    """The age bands among a dimension's codes, level by level.

    A single number right after the last band ("65-84", "85") is open to the end, and so is the last
    code of each level as soon as that of one level is; "3 to under 4" says where it ends.
    """
    levels = dimension.levels or ({label: label for label in dimension.labels},)
    found: list[dict[str, Band]] = []
    for level in levels:
        meant = bands(level.values())
        own = {label: meant[text] for label, text in level.items() if text in meant}
        found.append(own)
        single = [
            label
            for label, (low, high) in own.items()
            if high == low + 1 and len(_NUMBER.findall(level[label])) == 1
        ]
        ends = {high for low, high in own.values() if high > low + 1}
        if len(single) == 1 and own[single[0]][0] == max(ends, default=-1):
            own[single[0]] = own[single[0]][0], OPEN_END
    if any(high == OPEN_END for own in found for _, high in own.values()):
        for own in found if dimension.levels else ():
            last = max(own, key=lambda label: own[label][0], default=None)
            if last is not None:
                own[last] = own[last][0], OPEN_END
    return {label: band for own in found for label, band in own.items()}


def nesting(dimension: Dimension, matrix: Floats) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each code that has codes of the next level below it, and these.

    Args:
        dimension: with levels.
        matrix: values by code and combination of the other dimensions; NaN where unknown.
    """
    place = {label: code for code, label in enumerate(dimension.labels)}
    meant = spans(dimension)
    shown = [{x: text for x, text in level.items() if x in place} for level in dimension.levels]
    for upper, lower in pairwise(shown):
        rows = {label: matrix[place[label]] for label in (*upper, *lower)}
        found = _Assignment(rows, upper, lower, meant).done()
        below: dict[str, list[str]] = {}
        for child, parents in found.items():
            if len(parents) == 1:
                below.setdefault(next(iter(parents)), []).append(child)
        torn = {parent for parents in found.values() if len(parents) > 1 for parent in parents}
        for parent, children in below.items():
            if parent not in torn:
                yield parent, tuple(children)


@dataclass(slots=True)
class _Assignment:
    """The codes above each code that are still possible."""

    rows: Mapping[str, Floats]
    upper: Mapping[str, str]
    lower: Mapping[str, str]
    spans: Mapping[str, Band]
    above: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def done(self) -> dict[str, set[str]]:
        """What is left when nothing more can be ruled out."""
        again = {child: x for child in self.lower for x in self.upper if self._again(child, x)}
        taken = set(again.values())
        self.above = {
            child: {again[child]} if child in again else self._said(child) - taken
            for child in self.lower
        }
        told = True
        while told:
            told = sum(self._narrow(parent) for parent in self.upper) > 0
        return self.above

    def _again(self, child: str, parent: str) -> bool:
        """Whether a code is printed again on the next level because nothing divides it."""
        if self.lower[child] != self.upper[parent]:
            return False
        gap = np.abs(self.rows[child] - self.rows[parent])
        return not (gap > 1e-6 * (1 + np.abs(self.rows[parent]))).any()

    def _said(self, child: str) -> set[str]:
        """The codes above one that bands and sizes allow."""
        band = self.spans.get(child)
        around = {
            x
            for x in self.upper
            if band and x in self.spans
            if self.spans[x][0] <= band[0] and band[1] <= self.spans[x][1]
        }
        fits = {x for x in self.upper if not (self.rows[child] > self.rows[x] + 1e-6).any()}
        return around & fits if len(around & fits) == 1 else fits

    def _narrow(self, parent: str) -> bool:
        """Rule out what the sums of one code do not allow; whether that told anything."""
        sure = [child for child, above in self.above.items() if above == {parent}]
        free = [child for child, above in self.above.items() if parent in above and len(above) > 1]
        if not free or len(free) > _MAX_FREE:
            return False
        possible = [chosen for chosen in _subsets(free) if self._possible(parent, sure, chosen)]
        if not possible:
            return False
        told = False
        for child in free:
            if all(child in chosen for chosen in possible):
                self.above[child], told = {parent}, True
            elif not any(child in chosen for chosen in possible):
                self.above[child].discard(parent)
                told = True
        return told

    def _possible(self, parent: str, sure: Sequence[str], chosen: Sequence[str]) -> bool:
        """Whether a code may be the sum of some others."""
        if not sure and not chosen:
            return False
        value = self.rows[parent]
        parts = np.stack([self.rows[child] for child in (*sure, *chosen)])
        close = 1e-6 * (1 + np.abs(np.nan_to_num(value)))
        gap = value - np.nansum(parts, axis=0)
        whole = ~np.isnan(parts).any(axis=0)
        return not ((gap < -close) | (whole & (gap > close))).any()


def _subsets(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(items) + 1):
        yield from combinations(items, size)
