"""Classes of a choropleth: few, of one colour ramp, with breaks that hold for all years."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview._numbers import decimals_needed, format_number

__all__ = ["Classes", "classify"]

MOST_CLASSES = 5
# ColorBrewer YlGnBu: of the sequential ramps, the one furthest apart for colour-blind readers
_RAMPS = {
    1: ("#41b6c4",),
    2: ("#a1dab4", "#2c7fb8"),
    3: ("#edf8b1", "#7fcdbb", "#2c7fb8"),
    4: ("#ffffcc", "#a1dab4", "#41b6c4", "#225ea8"),
    5: ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
}
_DARK = frozenset({"#2c7fb8", "#225ea8", "#253494"})


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes from ``low`` to ``high``.

    Args:
        breaks: lower bounds of the second and each further class, ascending. A value on a bound
            belongs to the class above it.
        low: the smallest value of all periods.
        high: the greatest one.
        decimals: decimals with which the bounds are written.
    """

    breaks: tuple[float, ...]
    low: float
    high: float
    decimals: int

    @property
    def colours(self) -> tuple[str, ...]:
        """One fill per class, light to dark."""
        return _RAMPS[len(self.breaks) + 1]

    def index(self, value: float) -> int:
        """The class of ``value``, counted from 0."""
        return bisect_right(self.breaks, value)

    def fill(self, value: float) -> str:
        """The colour of ``value``."""
        return self.colours[self.index(value)]

    def ink(self, value: float) -> str:
        """The colour in which text stays readable on the fill of ``value``."""
        return "#ffffff" if self.fill(value) in _DARK else "#1b1b1b"

    def labels(self, language: str) -> list[str]:
        """The legend: one text per class, numbers in the reader's format."""

        def number(value: float) -> str:
            return format_number(value, language, self.decimals)

        if not self.breaks:
            return [f"{number(self.low)} – {number(self.high)}"]
        middle = [
            Message("{low} to under {high}", {"low": number(a), "high": number(b)})
            for a, b in zip(self.breaks, self.breaks[1:], strict=False)
        ]
        first = Message("under {high}", {"high": number(self.breaks[0])})
        last = Message("{low} and more", {"low": number(self.breaks[-1])})
        return [message.text(language) for message in (first, *middle, last)]


def classify(values: Iterable[float]) -> Classes | None:
    """Quantile classes of ``values``, given for all periods at once, with rounded breaks.

    Values of all periods go in, so that the legend does not jump when the year changes. None where
    there is nothing to classify.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    distinct = len(set(ordered))
    count = min(MOST_CLASSES, distinct)
    raw = [_quantile(ordered, k / count) for k in range(1, count)]
    breaks = _rounded(raw, ordered[0], ordered[-1])
    decimals = decimals_needed(breaks) if breaks else decimals_needed((ordered[0], ordered[-1]))
    return Classes(tuple(breaks), ordered[0], ordered[-1], decimals)


def _quantile(ordered: Sequence[float], share: float) -> float:
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _rounded(raw: Sequence[float], low: float, high: float) -> list[float]:
    """Breaks with as few digits as keep them apart and inside the range of the values."""
    wanted = len(set(raw))
    span = max(abs(low), abs(high)) or 1.0
    magnitude = math.floor(math.log10(span))
    best: list[float] = []
    for digits in range(2 - magnitude - 1, 2 - magnitude + 5):
        best = sorted({round(value, digits) for value in raw})
        best = [value for value in best if low < value <= high]
        if len(best) == wanted:
            break
    return best
