"""Intervals for small counts: how far a figure may lie from the rate behind it by chance alone.

All intervals are two-sided at 95 %. They take the events of a year as one outcome of a process that
could have gone otherwise; also a complete count has this uncertainty when it is read as a risk.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXACT_BELOW", "byar", "poisson", "poisson_exact", "student", "wilson"]

Floats = NDArray[np.float64]

Z = 1.959963984540054
_TAIL = 0.025
EXACT_BELOW = 100
"""Below this count the limits are exact, from here on those of Byar, which then agree to 0.1 %."""


def wilson(part: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """Limits of a share by Wilson's score method, as numbers between 0 and 1.

    Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212; recommended by Newcombe, R. G.
    (1998), Statistics in Medicine 17, 857-872 (method 3).

    >>> low, high = wilson(np.array([81.0]), np.array([263.0]))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.2553, 0.3662)
    """
    with np.errstate(all="ignore"):
        share = part / whole
        middle = share + Z**2 / (2 * whole)
        reach = Z * np.sqrt(share * (1 - share) / whole + Z**2 / (4 * whole**2))
        scale = 1 + Z**2 / whole
        low, high = (middle - reach) / scale, (middle + reach) / scale
    low = np.where(part == 0, 0.0, low)
    return low, np.where(part == whole, 1.0, high)


def poisson(count: Floats) -> tuple[Floats, Floats]:
    """Limits of an expected count: exact for small counts, by Byar's method for larger ones.

    >>> low, high = poisson(np.array([0.0, 10.0]))
    >>> [round(float(item), 3) for item in (*low, *high)]
    [0.0, 4.795, 3.689, 18.39]
    """
    low, high = byar(count)
    small = np.isfinite(count) & (count < EXACT_BELOW) & (count == np.floor(count)) & (count >= 0)
    for number in np.unique(count[small]):
        here = small & (count == number)
        low[here], high[here] = poisson_exact(int(number))
    return low, high


def byar(count: Floats) -> tuple[Floats, Floats]:
    """Limits of an expected count by Byar's approximation.

    Breslow, N. E.; Day, N. E. (1987): Statistical Methods in Cancer Research, volume II. IARC
    Scientific Publications 82, page 69, equations 2.13 and 2.14.

    >>> low, high = byar(np.array([100.0]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (81.36, 121.63)
    """
    with np.errstate(all="ignore"):
        low = count * (1 - 1 / (9 * count) - Z / (3 * np.sqrt(count))) ** 3
        more = count + 1
        high = more * (1 - 1 / (9 * more) + Z / (3 * np.sqrt(more))) ** 3
    return np.where(count == 0, 0.0, np.maximum(low, 0.0)), high


@cache
def poisson_exact(count: int) -> tuple[float, float]:
    """Exact limits of an expected count.

    Garwood, F. (1936): Fiducial limits for the Poisson distribution. Biometrika 28, 437-442: the
    expected counts under which so many events, or so few, have a chance of 2.5 %.
    """
    low = 0.0 if count == 0 else _expected(count - 1, 1 - _TAIL)
    return low, _expected(count, _TAIL)


@cache
def student(freedom: int) -> float:
    """The reach of 95 % of Student's distribution to either side, by degrees of freedom.

    Abramowitz, M.; Stegun, I. A. (1964): Handbook of Mathematical Functions, 26.7.3 and 26.7.4.

    >>> [round(student(freedom), 3) for freedom in (1, 4, 5, 30)]
    [12.706, 2.776, 2.571, 2.042]
    """
    low, high = 0.0, math.pi / 2
    for _ in range(100):
        middle = (low + high) / 2
        if _within(middle, freedom) < 1 - 2 * _TAIL:
            low = middle
        else:
            high = middle
    return math.sqrt(freedom) * math.tan((low + high) / 2)


def _within(angle: float, freedom: int) -> float:
    """The chance to lie within ``sqrt(freedom) * tan(angle)`` to either side."""
    odd = freedom % 2
    term, total = (math.cos(angle), 0.0) if odd else (1.0, 0.0)
    for power in range(1 + odd, freedom, 2):
        total += term
        term *= power / (power + 1) * math.cos(angle) ** 2
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total


def _expected(count: int, chance: float) -> float:
    """The mean of a Poisson distribution under which at most ``count`` events have this chance."""
    low, high = 0.0, 4.0 * count + 20.0
    for _ in range(200):
        middle = (low + high) / 2
        if _at_most(count, middle) > chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(count: int, mean: float) -> float:
    """The chance of at most ``count`` events."""
    if mean == 0:
        return 1.0
    logarithms = [
        number * math.log(mean) - mean - math.lgamma(number + 1) for number in range(count + 1)
    ]
    return math.fsum(math.exp(item) for item in logarithms)
