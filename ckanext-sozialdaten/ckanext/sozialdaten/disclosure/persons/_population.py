"""How many persons of the population are unique, estimated from a sample.

A municipal register *is* the population: its sampling fraction is 1 and who is unique in it is
unique. For true samples: Pitman's model (Hoshino, "Applying Pitman's sampling formula to microdata
disclosure risk assessment", 2001), Zayatz (1991) and the slide negative binomial model, SNB (Chen
and Keller-McNulty, "Estimation of identification disclosure risk in microdata", 1998), chosen by
the rule of Dankar, El Emam, Neisa and Roffey, "Estimating the re-identification risk of clinical
data sets" (2012).
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

__all__ = ["pitman", "population_uniqueness", "snb", "zayatz"]

_ROUNDS = 300
_SMALL_SAMPLE = 0.1
_EXACT = 1e-9

Pair = tuple[float, float]


def population_uniqueness(classes: Mapping[int, int], fraction: float = 1.0) -> float:
    """Share of the population that is unique.

    Args:
        classes: for each size the number of classes in the sample.
        fraction: persons of the sample over persons of the population.
    """
    persons = sum(size * number for size, number in classes.items())
    if not classes.get(1):
        return 0.0
    if fraction >= 1.0:
        return classes[1] / persons
    if fraction <= _SMALL_SAMPLE:
        estimate = pitman(classes, fraction)
        return zayatz(classes, fraction) if estimate is None else estimate
    estimate = snb(classes, fraction)
    other = zayatz(classes, fraction)
    return other if estimate is None else min(estimate, other)


def zayatz(classes: Mapping[int, int], fraction: float) -> float:
    """Zayatz's estimate: classes of the population are as large as those of the sample."""
    persons = sum(size * number for size, number in classes.items())
    population = round(persons / fraction)

    def once(size: int) -> float:
        """Probability that a sample has just one of a class of some size."""
        if population - size < persons - 1:
            return 0.0
        log = math.log(size) + _choose(population - size, persons - 1)
        return math.exp(log - _choose(population, persons))

    expected = sum(number * once(size) for size, number in classes.items())
    alone = classes.get(1, 0)
    return alone * (alone * once(1) / expected) / fraction / population if expected else 0.0


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def pitman(classes: Mapping[int, int], fraction: float) -> float | None:
    """Estimate under Pitman's model; None where its likelihood has no maximum that is found."""
    persons = sum(size * number for size, number in classes.items())
    groups = sum(classes.values())
    ones, twos = classes.get(1, 0), max(classes.get(2, 0), 1)
    i, j = np.arange(1, groups, dtype=float), np.arange(1, persons, dtype=float)
    larger = np.array(sorted(size for size in classes if size > 1) or [1])
    steps = np.arange(1, larger[-1], dtype=float)
    # Classes with more persons than a step: each of them has a factor for it.
    least = np.cumsum([0, *(classes.get(size, 0) for size in larger.tolist()[::-1])])
    above = least[len(larger) - np.searchsorted(larger, steps, side="right")]

    def slopes(at: Pair) -> Pair:
        theta, alpha = at
        growth = 1.0 / (theta + i * alpha)
        return (
            float(growth.sum() - (1.0 / (theta + j)).sum()),
            float((i * growth).sum() - (above / (steps - alpha)).sum()),
        )

    c = ones * (ones - 1) / twos
    divisor = 2 * ones * groups + ones * c - persons * c
    theta = (persons * groups * c - ones * (persons - 1) * (2 * groups + c)) / (divisor or 1.0)
    alpha = (theta * (ones - persons) + (persons - 1) * ones) / (persons * groups)
    found = _root(slopes, (theta, alpha))
    if found is None or not 0.0 < found[1] < 1.0 or found[0] <= -found[1]:
        return None
    theta, alpha = found
    population = persons / fraction
    log = math.lgamma(theta + 1) - math.lgamma(theta + alpha) + alpha * math.log(population)
    return min(math.exp(log) / population, 1.0)


def snb(classes: Mapping[int, int], fraction: float) -> float | None:
    """Estimate under the slide negative binomial model; None where its equations do not solve."""
    persons = sum(size * number for size, number in classes.items())
    ones, twos = classes.get(1, 0), classes.get(2, 0)
    groups = _shlosser(classes, fraction)

    def misses(at: Pair) -> Pair:
        alpha, beta = math.exp(at[0]), 1.0 / (1.0 + math.exp(-at[1]))
        lost = (1.0 - fraction) * (1.0 - beta)
        base = groups * (beta / (1.0 - lost)) ** alpha
        first = base * fraction * (alpha * lost / (1.0 - lost) + 1.0)
        second = base * alpha * fraction**2 * (1.0 - beta) / (2.0 * (1.0 - lost) ** 2)
        second *= 2.0 - (1.0 - alpha) * lost
        return first / max(ones, 1) - 1.0, second / max(twos, 1) - 1.0

    for start in ((0.0, 0.0), (-1.0, 1.0), (-2.0, -2.0), (1.0, 2.0), (-3.0, -4.0)):
        found = _root(misses, start)
        if found is not None:
            alpha, beta = math.exp(found[0]), 1.0 / (1.0 + math.exp(-found[1]))
            return min(groups * beta**alpha * fraction / persons, 1.0)
    return None


def _shlosser(classes: Mapping[int, int], fraction: float) -> float:
    """Classes of the population (Shlosser 1981, as Haas and Stokes 1998 give it)."""
    q, more = 1.0 - fraction, 0.0
    squared = grown = missed = once = 0.0
    for size, number in classes.items():
        squared += size * fraction**2 * (1.0 - fraction**2) ** (size - 1) * number
        grown += q**size * ((1.0 + fraction) ** size - 1.0) * number
        missed += q**size * number
        once += size * fraction * q ** (size - 1) * number
    if grown and once:
        more = classes.get(1, 0) * (squared / grown) * (missed / once) ** 2
    return sum(classes.values()) + more


def _root(function: Callable[[Pair], Pair], start: Pair) -> Pair | None:
    """A zero of a function of two variables by Newton's method with halved steps."""
    at, value = np.array(start), _safe(function, start)
    for _ in range(_ROUNDS):
        size = float(np.abs(value).max())
        if not math.isfinite(size):
            return None
        if size < _EXACT:
            return float(at[0]), float(at[1])
        step = 1e-6 * np.maximum(np.abs(at), 1e-3)
        columns = [(_safe(function, at + step * unit) - value) / step.max() for unit in np.eye(2)]
        columns = [c * step.max() / step[n] for n, c in enumerate(columns)]
        matrix = np.array(columns).T
        if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-300:
            return None
        move, scale = np.linalg.solve(matrix, -value), 1.0
        while scale > 1e-8:
            ahead = _safe(function, at + scale * move)
            if np.isfinite(ahead).all() and np.abs(ahead).max() < size:
                break
            scale /= 2.0
        else:
            return (float(at[0]), float(at[1])) if size < 1e-5 else None
        at, value = at + scale * move, ahead
    return None


def _safe(function: Callable[[Pair], Pair], at: "np.ndarray | Pair") -> "np.ndarray":
    """The function's value; not a number where it has none."""
    with np.errstate(all="ignore"):
        try:
            return np.array(function((float(at[0]), float(at[1]))))
        except (OverflowError, ZeroDivisionError, ValueError):
            return np.array([math.nan, math.nan])
