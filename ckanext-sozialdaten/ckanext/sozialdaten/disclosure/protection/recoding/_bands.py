"""Bands of ages, years and other numbers: read from labels, joined, and written as labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ckanext.sozialdaten.disclosure.structure._meaning import OPEN_END, bands

__all__ = ["AGE_EDGES", "Band", "bands_of", "cut", "ends", "joined", "nice"]

# The bands of SGB II, SGB VIII and of population statistics, each level within the next one.
AGE_EDGES: tuple[tuple[int, ...], ...] = (
    (3, 6, 10, 15, 18, 21, 25, *range(30, 90, 5)),
    (3, 6, 15, 18, 25, 35, 45, 55, 65, 75),
    (6, 18, 25, 45, 65),
    (18, 65),
)


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


def bands_of(labels: Sequence[str]) -> dict[str, Band] | None:
    """The bands that labels name, in order, if they follow each other without gap or overlap.

    >>> list(bands_of(["65 und mehr", "18 bis unter 65", "unter 18"]))
    ['unter 18', '18 bis unter 65', '65 und mehr']
    >>> bands_of(["0-3", "10-15"]) is None
    True
    """
    found = bands(labels)
    order = sorted(found, key=lambda label: found[label])
    whole = all(found[one][1] == found[two][0] for one, two in pairwise(order))
    if len(found) < max(len(set(labels)), 2) or not whole:
        return None
    ends = {label: found[label] for label in order}
    return {
        label: Band(low, None if high == OPEN_END else high) for label, (low, high) in ends.items()
    }


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


def ends(counts: Mapping[int, int], least: int) -> tuple[int, int]:
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
    first, last = ends(counts, least)
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
