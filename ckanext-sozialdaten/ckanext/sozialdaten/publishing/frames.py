"""Which sites may show an answer in a frame: this portal alone, unless a page says otherwise."""

from flask import g

__all__ = ["ancestors", "embeddable"]

_OWN = "'self'"


def embeddable(sites: str) -> None:
    """Let other sites show this answer in a frame.

    Args:
        sites: which, as the policy ``frame-ancestors`` writes them; ``*`` is any.
    """
    g.sozialdaten_frame_ancestors = sites


def ancestors() -> str:
    """The sites that may show this answer in a frame."""
    sites: str = g.get("sozialdaten_frame_ancestors", _OWN)
    return sites
