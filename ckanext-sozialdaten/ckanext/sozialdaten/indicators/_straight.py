"""The straight line through a time series, and how sure its slope is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.indicators._intervals import student

__all__ = ["Straight", "straight"]

_LEAST = 4


@dataclass(frozen=True, slots=True)
class Straight:
    """A line of least squares.

    Args:
        slope: change of the figure per unit of time.
        low: lower end of the slope's 95 % confidence interval.
        high: its upper end.
        middle: mean of the times.
        level: the line's figure there.
    """

    slope: float
    low: float
    high: float
    middle: float
    level: float

    @property
    def certain(self) -> bool:
        """Whether the direction is sure: the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    def at(self, time: float) -> float:
        """The line's figure at a time."""
        return self.level + self.slope * (time - self.middle)


def straight(points: Sequence[tuple[float, float]]) -> Straight | None:
    """The line through pairs of time and figure; None of fewer than four.

    The interval is that of Student's distribution with two degrees of freedom less than points
    (Draper, N. R.; Smith, H. (1998): Applied Regression Analysis, section 1.4). It takes the
    deviations from the line as independent of each other.

    >>> line = straight([(0, 1.0), (1, 2.1), (2, 2.9), (3, 4.0)])
    >>> round(line.slope, 2), round(line.low, 2), round(line.high, 2)
    (0.98, 0.8, 1.16)
    """
    count = len(points)
    if count < _LEAST:
        return None
    middle = math.fsum(time for time, _ in points) / count
    level = math.fsum(value for _, value in points) / count
    size = math.fsum((time - middle) ** 2 for time, _ in points)
    if not size:
        return None
    slope = math.fsum((time - middle) * (value - level) for time, value in points) / size
    rest = math.fsum((value - level - slope * (time - middle)) ** 2 for time, value in points)
    reach = student(count - 2) * math.sqrt(rest / (count - 2) / size)
    return Straight(slope, slope - reach, slope + reach, middle, level)
