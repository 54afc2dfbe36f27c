"""One figure with its quality sign: what is known about it, and in which words we say so.

Suppressed, not available, not applicable and zero are four different things. They stay apart from
here to the last pixel: each has a kind, a sign, words, and on the map a pattern of its own.
"""

from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview._numbers import format_number

__all__ = ["ABSENT", "Cell", "Kind", "cell_text", "kind_text", "read_cell", "remark_text"]


class Kind(StrEnum):
    """What a cell of a published table says."""

    VALUE = "value"
    NOTHING = "nothing"
    ROUNDED_ZERO = "rounded_zero"
    SUPPRESSED = "suppressed"
    SECRET_OR_UNKNOWN = "secret_or_unknown"  # noqa: S105 - the official sign has both meanings
    NOT_AVAILABLE = "not_available"
    LATER = "later"
    UNRELIABLE = "unreliable"
    NOT_APPLICABLE = "not_applicable"
    INCOMPLETE = "incomplete"


_MISSING = {
    ".": Kind.SECRET_OR_UNKNOWN,
    "·": Kind.SECRET_OR_UNKNOWN,
    "...": Kind.LATER,
    "…": Kind.LATER,
    "/": Kind.UNRELIABLE,
    "x": Kind.NOT_APPLICABLE,
    "c": Kind.SUPPRESSED,
    "g": Kind.SUPPRESSED,
    "t": Kind.LATER,
    "u": Kind.UNRELIABLE,
}
_ZERO = {"-": Kind.NOTHING, "–": Kind.NOTHING, "0": Kind.ROUNDED_ZERO, "k": Kind.ROUNDED_ZERO}
_REMARKS = {
    "p": Message("provisional"),
    "r": Message("revised"),
    "s": Message("estimated"),
    "e": Message("estimated"),
    "()": Message("limited reliability"),
    "u": Message("limited reliability"),
}
_TEXTS = {
    Kind.NOTHING: Message("exactly zero"),
    Kind.ROUNDED_ZERO: Message("more than nothing, rounded to zero"),
    Kind.SUPPRESSED: Message("suppressed to protect persons"),
    Kind.SECRET_OR_UNKNOWN: Message("unknown or kept secret"),
    Kind.NOT_AVAILABLE: Message("not available"),
    Kind.LATER: Message("available later"),
    Kind.UNRELIABLE: Message("not reliable enough"),
    Kind.NOT_APPLICABLE: Message("not applicable"),
    Kind.INCOMPLETE: Message("incomplete"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure.

    Args:
        kind: what the cell says.
        value: the number in the unit of its column; None where there is none to show.
        sign: the quality sign as the source printed it.
    """

    kind: Kind
    value: float | None = None
    sign: str = ""


ABSENT = Cell(Kind.NOT_AVAILABLE)


def read_cell(value: float | None, sign: str | None) -> Cell:
    """The figure behind a value and its sign, after the signs of German official statistics.

    A sign that stands for a missing number wins over a number beside it, so that a value which was
    blanked only in part can never be shown. An unknown sign leaves an empty cell "not available".
    """
    printed = (sign or "").strip()
    if printed in _MISSING and not (printed == "u" and value is not None):
        return Cell(_MISSING[printed], None, printed)
    if printed in _ZERO and not value:
        return Cell(_ZERO[printed], 0.0, printed)
    if value is None:
        return Cell(Kind.NOT_AVAILABLE, None, printed)
    return Cell(Kind.VALUE, value, printed)


def kind_text(kind: Kind, language: str) -> str:
    """What ``kind`` means, in words; empty for an ordinary value."""
    return _TEXTS[kind].text(language) if kind in _TEXTS else ""


def remark_text(cell: Cell, language: str) -> str:
    """What a reader should know beside the number: "provisional", "exactly zero", or nothing."""
    if cell.kind is not Kind.VALUE:
        return kind_text(cell.kind, language)
    if cell.sign in _REMARKS:
        return _REMARKS[cell.sign].text(language)
    return cell.sign


def cell_text(cell: Cell, language: str, decimals: int) -> str:
    """The number, or in words why there is none."""
    if cell.value is None:
        return kind_text(cell.kind, language)
    return format_number(cell.value, language, decimals)
