"""Limits of a funnel plot: how far the figure of a small region lies from a common rate by chance.

Spiegelhalter, D. J. (2005): Funnel plots for comparing institutional performance. Statistics in
Medicine 24, 1185-1202: limits of 95 % and 99.8 % around a target, by the exact distribution with
interpolated quantiles (appendix A.1.1) where few events are expected, else by the normal one with a
correction for its skewness (Cornish, E. A.; Fisher, R. A. (1938)), which meets the exact one. Here
the chance of a count is spread over half a count to either side, not over the count below it: so
the limits of events and those of non-events agree, and are mid-p limits.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Funnel", "Limits", "Standing", "dispersion", "funnel", "standing"]

EXACT_BELOW = 50
_NORMAL = (-3.090232306167813, -1.959963984540054, 1.959963984540054, 3.090232306167813)
_CHANCES = (0.001, 0.025, 0.975, 0.999)
_TRIMMED = 0.1
_LEAST_FOR_DISPERSION = 5


class Standing(StrEnum):
    """Where a figure lies: inside of 95 %, outside of it, or outside of 99.8 % too."""

    FAR_BELOW = "far_below"
    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    FAR_ABOVE = "far_above"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits at one size of population, as rates: events per unit of the denominator.

    Args:
        far_low: 0.1 % of regions with the target's rate lie below by chance.
        low: 2.5 % do.
        high: 2.5 % lie above.
        far_high: 0.1 % do.
    """

    far_low: float
    low: float
    high: float
    far_high: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """What all regions are held against.

    Args:
        target: the common rate, events per unit of the denominator.
        share: whether events are a part of the denominator (binomial) or not (Poisson).
    """

    target: float
    share: bool


def funnel(around: Funnel, size: float) -> Limits:
    """The limits for a region with a denominator of ``size``.

    >>> limits = funnel(Funnel(0.01, share=False), 1000)
    >>> round(limits.low * 1000, 1), round(limits.high * 1000, 1)
    (4.3, 16.7)
    """
    if around.share:
        found = _binomial(around.target, round(size))
    else:
        expected = around.target * size
        if expected < EXACT_BELOW:
            counts = _quantiles(_poisson_chances(expected))
        else:
            counts = [expected + z * math.sqrt(expected) + (z * z - 1) / 6 for z in _NORMAL]
        found = [max(count, 0.0) / size for count in counts]
    return Limits(*found)


def standing(rate: float, limits: Limits) -> Standing:
    """Where a rate lies against its limits."""
    if rate < limits.far_low:
        return Standing.FAR_BELOW
    if rate < limits.low:
        return Standing.BELOW
    if rate > limits.far_high:
        return Standing.FAR_ABOVE
    return Standing.ABOVE if rate > limits.high else Standing.WITHIN


def dispersion(around: Funnel, known: Iterable[tuple[float, float]]) -> float | None:
    """How many times more the regions scatter than chance alone makes them: near 1 is chance.

    The mean of squared z-scores, of which the outer tenth on either side is drawn in to the next
    (Spiegelhalter 2005, section 5.1). None of fewer than five regions.

    Args:
        around: what they are held against.
        known: rate and denominator of each region.
    """
    spread = around.target * (1 - around.target if around.share else 1)
    pairs = list(known)
    if len(pairs) < _LEAST_FOR_DISPERSION or spread <= 0:
        return None
    scores = sorted((rate - around.target) / math.sqrt(spread / size) for rate, size in pairs)
    cut = int(len(scores) * _TRIMMED)
    low, high = scores[cut], scores[-1 - cut]
    return math.fsum(min(max(score, low), high) ** 2 for score in scores) / len(scores)


def _binomial(target: float, size: int) -> list[float]:
    """Limits of a share; where nearly all are events, those of the others turned round."""
    if target > 0.5:
        return [1 - limit for limit in reversed(_binomial(1 - target, size))]
    if target * size < EXACT_BELOW:
        limits = [count / size for count in _quantiles(_binomial_chances(target, size))]
    else:
        reach = math.sqrt(target * (1 - target) / size)
        skew = (1 - 2 * target) / 6 / size
        limits = [target + z * reach + (z * z - 1) * skew for z in _NORMAL]
    return [min(max(limit, 0.0), 1.0) for limit in limits]


def _quantiles(chances: Iterator[float]) -> list[float]:
    """The interpolated counts below which `_CHANCES` of a distribution lie."""
    found: list[float] = []
    count, chance = 0, next(chances)
    total = chance
    for wanted in _CHANCES:
        while total < wanted:
            count, chance = count + 1, next(chances)
            total += chance
        found.append(max(count + 0.5 - (total - wanted) / chance, 0.0))
    return found


def _poisson_chances(mean: float) -> Iterator[float]:
    chance, count = math.exp(-mean), 0
    while True:
        yield chance
        count += 1
        chance *= mean / count


def _binomial_chances(share: float, size: int) -> Iterator[float]:
    """The chances of 0, 1, 2 … events; zeros without end after ``size``."""
    chance = math.exp(size * math.log1p(-share))
    odds = share / (1 - share)
    for count in range(size + 1):
        yield chance
        chance *= (size - count) / (count + 1) * odds
    while True:
        yield 1.0
