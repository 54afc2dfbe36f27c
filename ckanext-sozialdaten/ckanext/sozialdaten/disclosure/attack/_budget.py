"""What an attack may cost: counted in the solver's work, so that a busy machine decides nothing."""

import time

__all__ = ["Budget"]

#: Work of one nominal second: simplex iterations times rows and columns of the program.
_PER_SECOND = 60_000_000.0
_START = 2e-4
_PATIENCE = 20.0


class Budget:
    """Work that is left, in seconds of an idle machine of today.

    The clock is looked at as the very last resort, at many times the nominal seconds.

    Args:
        seconds: nominal seconds.
    """

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self._end = time.monotonic() + _PATIENCE * seconds

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0 or time.monotonic() > self._end

    def part(self, share: float) -> "Budget":
        """A budget of its own, with a share of what is left."""
        return Budget(max(self.left, 0.0) * share)

    def iterations(self, size: int) -> int:
        """How many iterations of a program with so many rows and columns are left."""
        return max(1, int(max(self.left, 0.0) * _PER_SECOND / max(size, 1)))

    def patience(self) -> float:
        """Seconds on the clock until the last resort."""
        return max(self._end - time.monotonic(), 0.01)

    def spend(self, iterations: int, size: int) -> None:
        """Take away what a run has cost."""
        self.left -= _START + max(iterations, 0) * size / _PER_SECOND
