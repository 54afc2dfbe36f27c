"""Waiting for what the portal's workers do."""

import time
from collections.abc import Callable
from typing import TypeVar

from ckanext.sozialdaten.demo._portal import DemoError
from ckanext.sozialdaten.messages import Message

__all__ = ["wait_for"]

_POLL_SECONDS = 1.0
T = TypeVar("T")


def wait_for(what: str, seconds: float, ready: Callable[[], T | None]) -> T:
    """Ask once a second until there is an answer.

    Args:
        what: named in the error.
        seconds: how long to ask.
        ready: the answer, or None as long as there is none.

    Raises:
        DemoError: there was none in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (answer := ready()) is not None:
            return answer
        time.sleep(_POLL_SECONDS)
    raise DemoError(
        Message("{what} was not done within {seconds} s.", {"what": what, "seconds": int(seconds)}),
        Message("See `deployment/portal status` and `deployment/portal logs`."),
    )
