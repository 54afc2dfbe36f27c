"""What the attack answers: an interval for each target, with the tables that prove its ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Answer", "Interval", "Status", "Table"]

#: A feasible table: the value of each atom that is not published by itself.
Table = Mapping[int, float]


class Status(StrEnum):
    """What is known about an interval."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    OUTER = "outer"
    TIME_OUT = "time_out"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Interval:
    """What an attacker derives for one target.

    Args:
        low: lowest feasible value.
        high: highest feasible value.
        status: ``exact``; ``at_least`` if the true interval may be wider still, which suffices;
            ``outer`` if the ends hold for fractions but nobody has found out whether whole numbers
            reach them; ``time_out`` or ``contradiction`` if nothing is proven.
    """

    low: float
    high: float
    status: Status = Status.EXACT

    @property
    def width(self) -> float:
        """High minus low."""
        return self.high - self.low

    @property
    def proven(self) -> bool:
        """Whether feasible tables prove that the interval is at least as wide as said."""
        return self.status in (Status.EXACT, Status.AT_LEAST)


@dataclass(frozen=True, slots=True)
class Answer:
    """The interval of a target and the tables in which it takes its ends.

    Args:
        interval: the interval.
        lowest: a feasible table with the lowest value; None if not kept or without end.
        highest: the same for the highest value.
    """

    interval: Interval
    lowest: Table | None = None
    highest: Table | None = None
