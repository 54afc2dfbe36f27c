"""From a rate and its denominator back to the count: which counts round to the rate.

A rate q with d decimals of N, as so many of ``factor``, leaves the counts k with
``|factor * k / N - q| <= 0.5 * 10**-d``: one alone if ``N < factor * 10**d``.
"""

from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure.rules._figures import Flags, Floats

__all__ = ["Inversion", "inverse", "inverted"]

_CLOSE = 1e-9
_SELECTIVE = 0.5


@dataclass(frozen=True, slots=True)
class Inversion:
    """The counts behind rates.

    Args:
        low: fewest that round to the rate; NaN where nothing is known.
        high: most.
        rows: rows that tell whether the denominator is the right one.
        chance: how probable it is that all of them fit by accident.
    """

    low: Floats
    high: Floats
    rows: int
    chance: float

    def small(self, minimum: float) -> Flags:
        """Rates behind which only counts below the minimum frequency can stand."""
        with np.errstate(invalid="ignore"):
            return (self.low >= 1) & (self.high < minimum)

    def rest(self, denominators: Floats, minimum: float) -> Flags:
        """Shares that leave only a count below the minimum frequency of their denominator."""
        with np.errstate(invalid="ignore"):
            return (denominators - self.high >= 1) & (denominators - self.low < minimum)


def inverse(rates: Floats, denominators: Floats, digits: int, factor: float) -> Inversion | None:
    """The counts behind rates; None if a rate does not fit its denominator.

    Args:
        rates: published rates; NaN where there is none.
        denominators: what they may be shares of.
        digits: decimals of the published rates.
        factor: rate of one whole: 100 for percent.
    """
    good = np.isfinite(rates) & np.isfinite(denominators) & (denominators > 0) & (rates >= 0)
    half = 0.5 * 10.0**-digits * denominators / factor
    exact = rates * denominators / factor
    slack = _CLOSE * np.maximum(1.0, np.abs(exact))
    low, high = np.ceil(exact - half - slack), np.floor(exact + half + slack)
    telling = good & (rates > 0) & (rates != factor) & (2 * half < _SELECTIVE)
    if (high[telling] < low[telling]).any():
        return None
    low = np.where(good & (high >= low), np.maximum(low, 0), np.nan)
    chance = float(np.prod(np.clip(2 * (half + slack)[telling], 0, 1))) if telling.any() else 1.0
    return Inversion(low, np.where(np.isfinite(low), high, np.nan), int(telling.sum()), chance)


def inverted(
    rates: Floats, denominators: Floats, digits: int, factor: float, evidence: int
) -> Floats:
    """The count behind each rate where only one fits; NaN elsewhere.

    >>> inverted(np.array([3.7]), np.array([54.0]), 1, 100.0, 1).tolist()
    [2.0]
    """
    found = inverse(rates, denominators, digits, factor)
    if found is None or found.rows < evidence:
        return np.full(len(rates), np.nan)
    return np.where(found.low == found.high, found.low, np.nan)
