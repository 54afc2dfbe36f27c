"""The curve of third degree through a time series, and how much of the ups and downs it tells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Curve", "cubic"]

_DEGREE = 3
_LEAST = 6  # two more than it has coefficients: any four points lie on such a curve


@dataclass(frozen=True, slots=True)
class Curve:
    """A polynomial of least squares, as a sum of polynomials that are orthogonal on its times.

    Args:
        terms: of each polynomial, the lowest degree first: its two numbers of the recursion, and
            its factor in the sum.
        explained: share of the variance that the curve tells, adjusted for its degree; 0 to 1.
    """

    terms: tuple[tuple[float, float, float], ...]
    explained: float = 0.0

    def at(self, time: float) -> float:
        """The curve's figure at a time."""
        last, this, figure = 0.0, 1.0, 0.0
        for shift, back, factor in self.terms:
            figure += factor * this
            last, this = this, (time - shift) * this - back * last
        return figure


def cubic(points: Sequence[tuple[float, float]]) -> Curve | None:
    """The curve through pairs of time and figure; None of fewer than six.

    The recursion of Forsythe, G. E. (1957): Generation and use of orthogonal polynomials for
    data-fitting, J. SIAM 5, 74-88, since the normal equations of years like 2024 cannot be solved.
    The share of the variance is the adjusted R² of Theil, H. (1961): Economic Forecasts and Policy.

    >>> curve = cubic([(t, t**3 - t) for t in range(-3, 4)])
    >>> round(curve.at(2.0), 6), round(curve.explained, 6)
    (6.0, 1.0)
    """
    count = len(points)
    if count < _LEAST or len({time for time, _ in points}) <= _DEGREE:
        return None
    terms = _terms([time for time, _ in points], [figure for _, figure in points])
    level = terms[0][2]  # the mean
    whole = math.fsum((figure - level) ** 2 for _, figure in points)
    curve = Curve(terms)
    rest = math.fsum((figure - curve.at(time)) ** 2 for time, figure in points)
    unexplained = rest / (count - _DEGREE - 1) / (whole / (count - 1)) if whole else 0.0
    return Curve(terms, max(0.0, 1 - unexplained))


def _terms(
    times: Sequence[float], figures: Sequence[float]
) -> tuple[tuple[float, float, float], ...]:
    terms: list[tuple[float, float, float]] = []
    last, this, before = [0.0] * len(times), [1.0] * len(times), 0.0
    for _ in range(_DEGREE + 1):
        size = math.fsum(value * value for value in this)
        shift = math.fsum(t * p * p for t, p in zip(times, this, strict=True)) / size
        back = size / before if before else 0.0
        factor = math.fsum(y * p for y, p in zip(figures, this, strict=True)) / size
        terms.append((shift, back, factor))
        before = size
        last, this = (
            this,
            [(t - shift) * p - back * q for t, p, q in zip(times, this, last, strict=True)],
        )
    return tuple(terms)
