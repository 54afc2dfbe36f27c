"""What quality signs say about a figure, as bits that can be put together."""

from ckanext.sozialdaten.indicators._grid import MISSING, NOT_APPLICABLE, SUPPRESSED, VALUE
from ckanext.sozialdaten.lake.signs import SignKind, signs_of

__all__ = ["sign_table", "text_of"]

_MARKS = {
    SignKind.LIMITED: "()",
    SignKind.PRELIMINARY: "p",
    SignKind.REVISED: "r",
    SignKind.ESTIMATED: "s",
    SignKind.ROUNDED_TO_ZERO: "0",
    SignKind.UNKNOWN_OR_SECRET: ".",
    SignKind.SUPPRESSED: ".",
    SignKind.NOT_YET: "...",
    SignKind.UNRELIABLE: "/",
    SignKind.BLOCKED: "x",
}
"""Kinds that a result shows, with the sign of official practice; nothing and final say no more."""
_STATES = {
    SignKind.UNKNOWN_OR_SECRET: SUPPRESSED,
    SignKind.SUPPRESSED: SUPPRESSED,
    SignKind.NOT_YET: MISSING,
    SignKind.UNRELIABLE: MISSING,
    SignKind.BLOCKED: NOT_APPLICABLE,
}
"""“Unknown or secret” counts as secret: what may be secret must not be computed around."""
_BITS = {kind: 1 << place for place, kind in enumerate(_MARKS)}


def sign_table(convention: str) -> dict[str, tuple[int, int]]:
    """State and bit of each sign of a convention; unknown conventions are those of DIN 55301."""
    return {
        text: (_STATES.get(sign.kind, VALUE), _BITS.get(sign.kind, 0))
        for text, sign in signs_of(convention or "din-55301").items()
    }


def text_of(bits: int) -> str:
    """The signs of some bits, in a fixed order.

    >>> text_of(0b110)
    'p r'
    """
    found = [_MARKS[kind] for kind, bit in _BITS.items() if bits & bit]
    return " ".join(dict.fromkeys(found))
