"""One figure with its quality sign: what is known about it, and in which words we say so.

Suppressed, not available, not applicable and zero are four different things. They stay apart from
here to the last pixel: each has a kind, a sign, words, and on the map a pattern of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.lake.signs import Sign, SignKind
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview._numbers import format_number

__all__ = [
    "ABSENT",
    "Cell",
    "Kind",
    "cell_text",
    "interval_text",
    "kind_text",
    "read_cell",
    "remark_text",
]


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
    PARTS_SUPPRESSED = "parts_suppressed"
    FILTERED = "filtered"


_KINDS = {
    SignKind.NOTHING: Kind.NOTHING,
    SignKind.ROUNDED_TO_ZERO: Kind.ROUNDED_ZERO,
    SignKind.UNKNOWN_OR_SECRET: Kind.SECRET_OR_UNKNOWN,
    SignKind.SUPPRESSED: Kind.SUPPRESSED,
    SignKind.NOT_YET: Kind.LATER,
    SignKind.UNRELIABLE: Kind.UNRELIABLE,
    SignKind.BLOCKED: Kind.NOT_APPLICABLE,
}
_ZEROS = (Kind.NOTHING, Kind.ROUNDED_ZERO)
_REMARKS = {
    SignKind.PRELIMINARY: Message("provisional"),
    SignKind.REVISED: Message("revised"),
    SignKind.ESTIMATED: Message("estimated"),
    SignKind.LIMITED: Message("limited reliability"),
    SignKind.FINAL: Message("final result"),
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
    Kind.PARTS_SUPPRESSED: Message("incomplete: parts are suppressed"),
    Kind.FILTERED: Message("outside of your filter"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure.

    Args:
        kind: what the cell says.
        value: the number in the unit of its column; None where there is none to show.
        sign: the quality sign as the source printed it.
        note: what a sign beside the number says, such as "preliminary".
        low: lower end of the 95 % interval; None where there is none.
        high: its upper end.
        pooled: how many years were taken together, because a single one has too few cases.
    """

    kind: Kind
    value: float | None = None
    sign: str = ""
    note: SignKind | None = None
    low: float | None = None
    high: float | None = None
    pooled: int = 1

    @property
    def plain(self) -> bool:
        """Whether it is a number that nothing has to be remarked of."""
        return self.kind is Kind.VALUE and not self.sign and self.note is None and self.pooled < 2

    @property
    def bare(self) -> "Cell":
        """The same figure without its interval."""
        if self.low is None and self.high is None:
            return self
        # `dataclasses.replace` takes ten times as long, and a map has ten thousand cells
        return Cell(self.kind, self.value, self.sign, self.note, None, None, self.pooled)


ABSENT = Cell(Kind.NOT_AVAILABLE)


def read_cell(value: float | None, sign: str | None, known: Mapping[str, Sign]) -> Cell:
    """The figure behind a value and its sign, after the convention of its source.

    A sign that stands for a missing number wins over a number beside it, so that a value which was
    blanked only in part can never be shown. An unknown sign leaves an empty cell "not available".

    Args:
        value: the number.
        sign: the sign as printed.
        known: the signs of the convention.
    """
    printed = (sign or "").strip()
    meaning = known.get(printed)
    kind = _KINDS.get(meaning.kind) if meaning else None
    if kind is not None and kind not in _ZEROS:
        return Cell(kind, None, printed)
    if kind is not None and not value:
        return Cell(kind, 0.0, printed)
    if value is None:
        return Cell(Kind.NOT_AVAILABLE, None, printed)
    return Cell(Kind.VALUE, value, printed, meaning.kind if meaning and not kind else None)


def kind_text(kind: Kind, language: str) -> str:
    """What ``kind`` means, in words; empty for an ordinary value."""
    return _TEXTS[kind].text(language) if kind in _TEXTS else ""


def remark_text(cell: Cell, language: str) -> str:
    """What a reader should know beside the number: "provisional", "exactly zero", or nothing."""
    if cell.kind is not Kind.VALUE:
        return kind_text(cell.kind, language)
    known = _REMARKS.get(cell.note) if cell.note else None
    told = known.text(language) if known else cell.sign
    if cell.pooled < 2:
        return told
    mean = Message("mean of {count} years", {"count": cell.pooled}).text(language)
    return f"{mean}; {told}" if told else mean


def cell_text(cell: Cell, language: str, decimals: int) -> str:
    """The number, or in words why there is none."""
    if cell.value is None:
        return kind_text(cell.kind, language)
    return format_number(cell.value, language, decimals)


def interval_text(cell: Cell, language: str, decimals: int) -> str:
    """The 95 % interval as "8.1 to 10.6"; empty where there is none."""
    if cell.low is None or cell.high is None:
        return ""
    low, high = (format_number(end, language, decimals) for end in (cell.low, cell.high))
    return Message("{low} to {high}", {"low": low, "high": high}).text(language)
