"""What the operator reads: progress on standard error, results on standard output."""

import contextlib
import sys
import time
from collections.abc import Iterator

__all__ = ["PortalError", "note", "result", "step"]


class PortalError(Exception):
    """A failure that the operator can act upon.

    Args:
        message: what failed, in a sentence.
        hint: what to do about it; may have several lines.
        code: the exit code of the command.
    """

    def __init__(self, message: str, hint: str = "", *, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        lines = [self.message, *(f"  hint: {line}" for line in self.hint.splitlines())]
        return "\n".join(lines)


def note(text: str) -> None:
    """Write a line of progress to standard error."""
    sys.stderr.write(f"portal: {text}\n")
    sys.stderr.flush()


def result(text: str = "") -> None:
    """Write a line of the command's result to standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step and, at its end, the seconds that it took."""
    note(f"{name} ...")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        note(f"{name}: failed after {time.monotonic() - started:.1f} s")
        raise
    note(f"{name}: {time.monotonic() - started:.1f} s")
