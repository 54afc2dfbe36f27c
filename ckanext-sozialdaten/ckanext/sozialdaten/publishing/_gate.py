"""The key of the gate: a context variable that only the release and the withdrawal turn.

It is no entry of CKAN's context dictionary, which every caller fills as they like.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["is_open", "opened"]

_OPEN: ContextVar[bool] = ContextVar("sozialdaten_gate_open", default=False)


def is_open() -> bool:
    """Whether this very call comes from inside a release or a withdrawal."""
    return _OPEN.get()


@contextmanager
def opened() -> Iterator[None]:
    """Let a release write. Used by ``_release`` and ``_withdrawal`` alone."""
    token = _OPEN.set(True)
    try:
        yield
    finally:
        _OPEN.reset(token)
