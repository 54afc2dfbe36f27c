"""Bands of ages, years and other numbers: read from labels, joined, and written as labels."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["AGE_EDGES", "Band", "band_of", "cut", "joined", "nice", "runs"]

# The bands of SGB II, SGB VIII and of population statistics, each level within the next one.
AGE_EDGES: tuple[tuple[int, ...], ...] = (
    (3, 6, 10, 15, 18, 21, 25, *range(30, 90, 5)),
    (3, 6, 15, 18, 25, 35, 45, 55, 65, 75),
    (6, 18, 25, 45, 65),
    (18, 65),
)

_LEAD = r"^(?:ab\s+|von\s+)?"
_BAND = re.compile(
    _LEAD + r"(\d{1,6})\s*(?:-|–|bis(?:\s+unter)?|to)\s*(u(?:nter)?\.?\s*)?(\d{1,6})$"
)
_UNDER = re.compile(r"^(?:unter|under|<|u)\s*(\d{1,6})$")
_OVER = re.compile(
    r"^(?:(?:ab|>=|≥)\s*(\d{1,6})|(?:über\s*)?(\d{1,6})\s*"
    r"(?:\+|(?:und|u\.|and)\s*(?:mehr|älter|ä\.|über|over|more|older)))$"
)
_UNITS = re.compile(r"\b(?:jahren|jahre|jahr|years|year|euro|eur|€)\b|€")
_SINGLE = re.compile(r"^(\d{1,6})$")


@dataclass(frozen=True, slots=True)
class Band:
    """Whole numbers from ``low`` to below ``high``; None where it is open."""

    low: int | None
    high: int | None

    def label(self) -> str:
        """How a table prints it.

        >>> Band(None, 3).label(), Band(3, 6).label(), Band(7, 8).label(), Band(65, None).label()
        ('unter 3', '3 bis unter 6', '7', '65 und mehr')
        """
        if self.low is None:
            return "*" if self.high is None else f"unter {self.high}"
        if self.high is None:
            return f"{self.low} und mehr"
        return str(self.low) if self.high == self.low + 1 else f"{self.low} bis unter {self.high}"

    def meets(self, other: "Band") -> bool:
        """Whether the other band begins where this one ends."""
        return self.high is not None and self.high == other.low


def band_of(label: str) -> Band | None:
    """The band that a label names.

    >>> band_of("18 bis unter 25 Jahre"), band_of("18-24"), band_of("unter 3")
    (Band(low=18, high=25), Band(low=18, high=25), Band(low=None, high=3))
    >>> band_of("65+"), band_of("7"), band_of("Kreis 7")
    (Band(low=65, high=None), Band(low=7, high=8), None)
    """
    text = " ".join(_UNITS.sub(" ", label.lower()).split())
    if match := _BAND.match(text):
        low, high = int(match.group(1)), int(match.group(3))
        high += 0 if "unter" in text or match.group(2) else 1
        return Band(low, high) if low < high else None
    if match := _UNDER.match(text):
        return Band(None, int(match.group(1)))
    if match := _OVER.match(text):
        return Band(int(match.group(1) or match.group(2)), None)
    if match := _SINGLE.match(text):
        return Band(int(match.group(1)), int(match.group(1)) + 1)
    return None


def joined(bands: Sequence[Band]) -> Band:
    """The band over a run of neighbours."""
    return Band(bands[0].low, bands[-1].high)


def nice(width: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 and so on that is no smaller.

    >>> nice(0.3), nice(3), nice(70)
    (1, 5, 100)
    """
    step = 1
    while True:
        for factor in (1, 2, 5):
            if factor * step >= width:
                return factor * step
        step *= 10


def _tails(counts: Mapping[int, int], least: int) -> tuple[int, int]:
    """First and last bin, such that it and those beyond it hold enough rows."""
    order = sorted(counts)

    def end(bins: Sequence[int]) -> int:
        rows = 0
        for place in bins:
            rows += counts[place]
            if rows >= least:
                return place
        return bins[-1]

    return end(order), end(order[::-1])


def cut(
    numbers: Mapping[str, float],
    rows: Mapping[str, int],
    bin_of: Callable[[float], int],
    edges: Callable[[int], tuple[int, int]],
    least: int,
) -> dict[str, str]:
    """The bin of each value, with the ends joined until each holds enough rows.

    Args:
        numbers: the number of each value.
        rows: rows of each value.
        bin_of: the bin of a number.
        edges: from where to below where a bin reaches.
        least: rows that the first and the last bin must hold.
    """
    counts: dict[int, int] = {}
    for value, number in numbers.items():
        counts[bin_of(number)] = counts.get(bin_of(number), 0) + rows[value]
    first, last = _tails(counts, least)
    if first >= last:
        return dict.fromkeys(numbers, "*")
    labels: dict[str, str] = {}
    for value, number in numbers.items():
        place = min(max(bin_of(number), first), last)
        low, high = edges(place)
        below = place == first and first != min(counts)
        above = place == last and last != max(counts)
        labels[value] = Band(None if below else low, None if above else high).label()
    return labels


def runs(bands: Mapping[str, Band]) -> list[str] | None:
    """The labels in order, if their bands follow each other without gap or overlap."""
    order = sorted(bands, key=lambda label: -1 if (low := bands[label].low) is None else low)
    whole = all(bands[one].meets(bands[two]) for one, two in pairwise(order))
    return order if whole and len(order) > 1 else None
