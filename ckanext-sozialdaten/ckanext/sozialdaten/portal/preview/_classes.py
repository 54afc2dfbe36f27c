"""Classes of a choropleth: few, of one colour ramp, with breaks that hold for all years."""

import math
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import jenkspy

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview._numbers import decimals_needed, format_number

__all__ = ["Classes", "Method", "Scheme", "classify"]

MOST_CLASSES = 5
# natural breaks take time that grows with the square of the number of values
_MOST_FOR_JENKS = 2000
# ColorBrewer YlGnBu: of the sequential ramps, the one furthest apart for colour-blind readers
_RAMPS = {
    1: ("#41b6c4",),
    2: ("#a1dab4", "#2c7fb8"),
    3: ("#edf8b1", "#7fcdbb", "#2c7fb8"),
    4: ("#ffffcc", "#a1dab4", "#41b6c4", "#225ea8"),
    5: ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
}
# ColorBrewer PuOr: neither end is the good one, and colour-blind readers tell them apart
_BELOW = {0: (), 1: ("#f1a340",), 2: ("#e66101", "#fdb863")}
_ABOVE = {0: (), 1: ("#998ec3",), 2: ("#b2abd2", "#5e3c99")}
_DARK = frozenset({"#2c7fb8", "#225ea8", "#253494", "#5e3c99"})


class Method(StrEnum):
    """How the breaks between classes are found."""

    QUANTILE = "quantil"
    EQUAL = "gleich"
    JENKS = "jenks"
    SCATTER = "streuung"
    MANUAL = "manuell"
    DIVERGING = "abweichung"


@dataclass(frozen=True, slots=True)
class Scheme:
    """What classes the reader wants.

    Args:
        method: how breaks are found.
        count: how many classes, 2 to 5.
        breaks: the reader's own breaks (``MANUAL``).
        centre: the reference from which values depart (``DIVERGING``), such as that of the Kreis.
    """

    method: Method = Method.QUANTILE
    count: int = MOST_CLASSES
    breaks: tuple[float, ...] = ()
    centre: float | None = None


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes from ``low`` to ``high``.

    Args:
        breaks: lower bounds of the second and each further class, ascending. A value on a bound
            belongs to the class above it.
        low: the smallest value of all periods.
        high: the greatest one.
        decimals: decimals with which the bounds are written.
        colours: one fill per class, from low to high.
    """

    breaks: tuple[float, ...]
    low: float
    high: float
    decimals: int
    colours: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.colours:
            object.__setattr__(self, "colours", _RAMPS[len(self.breaks) + 1])

    def index(self, value: float) -> int:
        """The class of ``value``, counted from 0."""
        return bisect_right(self.breaks, value)

    def fill(self, value: float) -> str:
        """The colour of ``value``."""
        return self.colours[self.index(value)]

    def ink(self, value: float) -> str:
        """The colour in which text stays readable on the fill of ``value``."""
        return "#ffffff" if self.fill(value) in _DARK else "#1b1b1b"

    @property
    def inks(self) -> tuple[str, ...]:
        """The colour of text on each class."""
        return tuple("#ffffff" if colour in _DARK else "#1b1b1b" for colour in self.colours)

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


def classify(values: Iterable[float], scheme: Scheme | None = None) -> Classes | None:
    """Classes of ``values``, given for all periods at once, with rounded breaks.

    Values of all periods go in, so that the legend does not jump when the year changes. None where
    there is nothing to classify.

    Args:
        values: all numbers of the regions on the map.
        scheme: method, number of classes, own breaks or centre; default: five quantiles.

    Sources: Jenks, "The Data Model Concept in Statistical Mapping" (1967), computed exactly as by
    Fisher (1958).
    """
    wanted = scheme or Scheme()
    ordered = sorted(values)
    if not ordered:
        return None
    if wanted.method is Method.DIVERGING and wanted.centre is not None:
        return _diverging(ordered, wanted.centre)
    if wanted.method is Method.MANUAL and wanted.breaks:
        breaks = sorted(set(wanted.breaks))[: MOST_CLASSES - 1]
        return Classes(tuple(breaks), ordered[0], ordered[-1], decimals_needed(breaks))
    count = min(max(wanted.count, 2), MOST_CLASSES, len(set(ordered)))
    raw = _METHODS.get(wanted.method, _quantiles)(ordered, count)
    # quantiles may be rounded boldly; other breaks would lose what they were found for
    exact = 0 if wanted.method is Method.QUANTILE else 1
    breaks = _rounded(raw, ordered[0], ordered[-1], exact)
    decimals = decimals_needed(breaks) if breaks else decimals_needed((ordered[0], ordered[-1]))
    return Classes(tuple(breaks), ordered[0], ordered[-1], decimals)


def _quantiles(ordered: Sequence[float], count: int) -> list[float]:
    return [_quantile(ordered, k / count) for k in range(1, count)]


def _quantile(ordered: Sequence[float], share: float) -> float:
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _equal(ordered: Sequence[float], count: int) -> list[float]:
    step = (ordered[-1] - ordered[0]) / count
    return [ordered[0] + step * place for place in range(1, count)]


def _jenks(ordered: Sequence[float], count: int) -> list[float]:
    """Natural breaks; of very many values every n-th in order of size stands for its neighbours."""
    if count < 2:
        return []
    stride = math.ceil(len(ordered) / _MOST_FOR_JENKS)
    sample = [*ordered[::stride], ordered[-1]]
    count = min(count, len(set(sample)))
    upper = jenkspy.jenks_breaks(sample, n_classes=count)[1:-1]
    # the method names the greatest value of a class, the legend the smallest of the next
    return [(end + ordered[min(bisect_right(ordered, end), len(ordered) - 1)]) / 2 for end in upper]


def _scatter(ordered: Sequence[float], count: int) -> list[float]:
    """Breaks a standard deviation apart, as many below the mean as above it."""
    wide = statistics.pstdev(ordered)
    middle = statistics.fmean(ordered)
    breaks = (middle + (place - count / 2) * wide for place in range(1, count))
    return [value for value in breaks if ordered[0] < value <= ordered[-1]]


_METHODS: Mapping[Method, Callable[[Sequence[float], int], list[float]]] = {
    Method.QUANTILE: _quantiles,
    Method.EQUAL: _equal,
    Method.JENKS: _jenks,
    Method.SCATTER: _scatter,
}


def _diverging(ordered: Sequence[float], centre: float) -> Classes:
    """Two classes below and two above ``centre``, at equal distances on both sides."""
    low, high = ordered[0], ordered[-1]
    reach = max(centre - low, high - centre)
    step = _rounded_step(reach / 2) if reach else 0.0
    offsets = [-step, 0.0, step] if step else [0.0]
    breaks = [centre + offset for offset in offsets if low < centre + offset <= high or not offset]
    below = sum(1 for value in breaks if value < centre) + 1
    colours = (*_BELOW[below], *_ABOVE[len(breaks) + 1 - below])
    digits = decimals_needed([round(value, 2) for value in breaks])
    return Classes(tuple(round(value, 6) for value in breaks), low, high, digits, colours)


def _rounded_step(value: float) -> float:
    unit = 10.0 ** math.floor(math.log10(value))
    return next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= value * 0.75)


def _rounded(raw: Sequence[float], low: float, high: float, exact: int = 0) -> list[float]:
    """Breaks with as few digits as keep them apart and inside the range of the values.

    Args:
        raw: the breaks as computed.
        low: the smallest value.
        high: the greatest one.
        exact: how many digits more than two are kept at least.
    """
    wanted = len(set(raw))
    span = max(abs(low), abs(high)) or 1.0
    magnitude = math.floor(math.log10(span))
    best: list[float] = []
    for digits in range(1 - magnitude + exact, 7 - magnitude):
        best = sorted({round(value, digits) for value in raw})
        best = [value for value in best if low < value <= high]
        if len(best) == wanted:
            break
    return best
