"""How long to wait before asking a busy service again."""

import time
from email.utils import parsedate_to_datetime

__all__ = ["backoff", "retry_after"]

_LONGEST = 300.0


def retry_after(header: str) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, given as a number or a date (RFC 9110)."""
    text = header.strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def backoff(first: float, tries: int) -> float:
    """Ever longer waits, doubled each time, five minutes at most."""
    return min(first * 2.0**tries, _LONGEST)
