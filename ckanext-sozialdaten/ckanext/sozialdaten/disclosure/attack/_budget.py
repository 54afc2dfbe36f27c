"""What an attack may cost: counted in the solver's work, so that a busy machine decides nothing."""

import time

__all__ = ["Budget"]

#: Work of one nominal second: simplex iterations times rows and columns of the program.
_PER_SECOND = 60_000_000.0
#: Entries of a system that are set up in one nominal second.
_SET_UP = 500_000.0
_START = 2e-4
_PATIENCE = 4.0
_BUSY = 5.0


class Budget:
    """Work that is left, in seconds of an idle machine of today.

    Processor time that programs took is looked at as a last resort, at a multiple of the nominal
    seconds, and the clock as the very last, for one program that runs for ever.

    Args:
        seconds: nominal seconds.
    """

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self._patience = _PATIENCE * seconds
        self._start = time.thread_time()

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0 or self._patience <= 0

    def part(self, share: float) -> "Budget":
        """A budget of its own, with a share of what is left."""
        return Budget(max(self.left, 0.0) * share)

    def iterations(self, size: int) -> int:
        """How many iterations of a program with so many rows and columns are left."""
        return max(1, int(max(self.left, 0.0) * _PER_SECOND / max(size, 1)))

    def patience(self) -> float:
        """Seconds on the clock that the program that starts now may take as the last resort."""
        self._start = time.thread_time()
        return max(_BUSY * self._patience, 0.01)

    def spend(self, iterations: int, size: int) -> None:
        """Take away what the program that ends now has cost."""
        self._patience -= time.thread_time() - self._start
        self.left -= _START + max(iterations, 0) * size / _PER_SECOND

    def set_up(self, entries: int) -> None:
        """Take away what it costs to build a system or program with so many entries."""
        self.left -= entries / _SET_UP
