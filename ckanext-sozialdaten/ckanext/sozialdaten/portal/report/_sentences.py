"""Sentences about a figure, by rule from the data: what is uncertain is not told as a fact.

The rules, in this order: what the figure is, what it became since an earlier period, how it lies to
the figures of the regions above. A difference is told where the 95 % intervals allow it: of two own
figures both have one, and a change counts where they do not overlap; the figures of the regions
above are taken as fixed (see `indicators.verdict`). Figures without an interval, as complete counts
have, are compared as they are shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.indicators import Verdict, verdict
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview import Cell, cell_text, format_number, kind_text

__all__ = ["Peer", "Piece", "Story", "Target", "Way", "change_text", "tell", "way", "with_unit"]

_MARKED = re.compile("\x02([a-z]+)\x1f([^\x03]*)\x03")


class Target(StrEnum):
    """Which view of the indicator's page shows a number of a sentence."""

    FIGURE = "figure"
    SERIES = "series"
    COMPARISON = "comparison"


class Way(StrEnum):
    """What became of a figure."""

    RISEN = "risen"
    FALLEN = "fallen"
    UNCHANGED = "unchanged"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Peer:
    """A figure to compare with.

    Args:
        kind: ``kreis``, ``land`` or ``bund``.
        cell: the figure of the same period.
    """

    kind: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of an indicator in a region.

    Args:
        period: in words.
        cell: the figure of the period.
        unit: in the reader's language.
        decimals: of the figures.
        before: an earlier period in words, and its figure.
        peers: of the same period.
        latest: where there is no figure, the last period that has one, in words, and that figure.
        place: name of the region above that the figure is told for; empty: for the region itself.
        asked: the year asked for, where the figure is of an earlier one.
    """

    period: str
    cell: Cell
    unit: str
    decimals: int
    before: tuple[str, Cell] | None = None
    peers: tuple[Peer, ...] = ()
    latest: tuple[str, Cell] | None = None
    place: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence: plain text, or a number with the view that shows it."""

    text: str
    target: Target | None = None


def way(before: Cell, now: Cell) -> Way | None:
    """What became of a figure; None where one of the two is not known."""
    if before.value is None or now.value is None:
        return None
    if before.low is not None and before.high is not None and None not in (now.low, now.high):
        if before.low <= (now.high or 0) and (now.low or 0) <= before.high:
            return Way.UNCERTAIN
    elif before.value == now.value:
        return Way.UNCHANGED
    return Way.RISEN if now.value > before.value else Way.FALLEN


def tell(story: Story, language: str) -> tuple[Piece, ...]:
    """The sentences of a figure.

    Args:
        story: what is known.
        language: ``de`` or ``en``.
    """
    parts = _parts(story, language)
    return tuple(_pieces(" ".join(part for part in parts if part)))


def _parts(story: Story, language: str) -> Iterator[str]:
    if story.cell.value is None:
        yield from _nothing(story, language)
        return
    value = _number(story, story.cell, Target.FIGURE, language)
    if story.place:
        told = Message(
            "In {place} the figure was {value} in {period}; there is none for single "
            "municipalities.",
            {"place": story.place, "value": value, "period": story.period},
        )
    else:
        told = Message(
            "In {period} the figure was {value}.", {"period": story.period, "value": value}
        )
    yield told.text(language)
    yield _interval(story, language)
    if story.asked:
        yield Message("There is none yet for {year}.", {"year": story.asked}).text(language)
    yield _change(story, language)
    yield from _comparison(story, language)


def _nothing(story: Story, language: str) -> Iterator[str]:
    reason = kind_text(story.cell.kind, language)
    told = Message(
        "For {period} there is no figure: {reason}.", {"period": story.period, "reason": reason}
    )
    yield told.text(language)
    if story.latest:
        period, cell = story.latest
        value = with_unit(cell_text(cell, language, story.decimals), story.unit, language)
        value = _marked(Target.SERIES, value)
        known = Message(
            "The last one known is {value} in {period}.", {"value": value, "period": period}
        )
        yield known.text(language)


def _interval(story: Story, language: str) -> str:
    cell, told = story.cell, ""
    if cell.low is not None and cell.high is not None:
        low, high = (
            _marked(Target.FIGURE, format_number(end, language, story.decimals))
            for end in (cell.low, cell.high)
        )
        told = Message(
            "Allowing for chance, it lies between {low} and {high}.", {"low": low, "high": high}
        ).text(language)
    if cell.pooled < 2:
        return told
    mean = Message(
        "Because the numbers are small, it is the mean of {count} years.", {"count": cell.pooled}
    )
    return f"{told} {mean.text(language)}".lstrip()


def _change(story: Story, language: str) -> str:
    if story.before is None:
        return ""
    period, cell = story.before
    before = _number(story, cell, Target.SERIES, language)
    change = _marked(Target.SERIES, change_text(story, language, signed=False))
    values = {"period": period, "before": before, "change": change}
    patterns = {
        Way.RISEN: Message("Since {period} it has risen by {change}, from {before}.", values),
        Way.FALLEN: Message("Since {period} it has fallen by {change}, from {before}.", values),
        Way.UNCHANGED: Message("It is the same as in {period}.", values),
        Way.UNCERTAIN: Message(
            "No certain change since {period} can be seen; then it was {before}.", values
        ),
    }
    found = way(cell, story.cell)
    return patterns[found].text(language) if found else ""


def change_text(story: Story, language: str, *, signed: bool = True) -> str:
    """The difference to the earlier figure, of shares in percentage points; empty without one."""
    if story.before is None or story.before[1].value is None or story.cell.value is None:
        return ""
    difference = story.cell.value - story.before[1].value
    text = format_number(difference if signed else abs(difference), language, story.decimals)
    if signed and difference > 0:
        text = f"+{text}"
    if story.unit.startswith("%"):
        return f"{text}\u00a0{Message('percentage points').text(language)}"
    return text


def _comparison(story: Story, language: str) -> Iterator[str]:
    grouped: dict[Verdict, list[Peer]] = {}
    for peer in story.peers:
        told = verdict(story.cell.value, story.cell.low, story.cell.high, peer.cell.value)
        grouped.setdefault(told, []).append(peer)
    for told in (Verdict.HIGHER, Verdict.LOWER, Verdict.NOT_DISTINGUISHABLE):
        if told in grouped:
            places = _listed([_place(story, peer, language) for peer in grouped[told]], language)
            certain = story.cell.low is None
            yield _compared(told, places, certain=certain).text(language)


def _compared(told: Verdict, places: str, *, certain: bool) -> Message:
    values = {"places": places}
    if told is Verdict.HIGHER:
        return Message("It is higher than {places}.", values)
    if told is Verdict.LOWER:
        return Message("It is lower than {places}.", values)
    if certain:
        return Message("It is as high as {places}.", values)
    return Message("It cannot be told apart with certainty from that {places}.", values)


def _place(story: Story, peer: Peer, language: str) -> str:
    values = {"value": _number(story, peer.cell, Target.COMPARISON, language)}
    patterns = {
        "kreis": Message("in the county ({value})", values),
        "land": Message("in the Land ({value})", values),
        "bund": Message("in Germany ({value})", values),
    }
    return patterns[peer.kind].text(language)


def _listed(parts: Sequence[str], language: str) -> str:
    if len(parts) == 1:
        return parts[0]
    values = {"first": ", ".join(parts[:-1]), "last": parts[-1]}
    return Message("{first} and {last}", values).text(language)


def with_unit(number: str, unit: str, language: str) -> str:
    """A number with its unit, kept on one line where the unit is short.

    >>> with_unit("5.4", "%", "en")
    '5.4%'
    """
    if not unit:
        return number
    if language == "en" and unit.startswith("%"):
        return f"{number}{unit}"
    return f"{number}\u00a0{unit}"


def _number(story: Story, cell: Cell, target: Target, language: str) -> str:
    number = cell_text(cell, language, story.decimals)
    # the unit is said once; a bare number could only be read as one of it, a share could not
    if target is Target.FIGURE or story.unit.startswith("%"):
        number = with_unit(number, story.unit, language)
    return _marked(target, number)


def _marked(target: Target, text: str) -> str:
    """A number on its way through a translation, which may put it anywhere."""
    return f"\x02{target}\x1f{text}\x03"


def _pieces(text: str) -> Iterator[Piece]:
    place = 0
    text = text.replace(".\x03.", ".\x03")  # a unit such as "Einw." ends the sentence with its own
    for found in _MARKED.finditer(text):
        if found.start() > place:
            yield Piece(text[place : found.start()])
        yield Piece(found[2], Target(found[1]))
        place = found.end()
    if place < len(text):
        yield Piece(text[place:])
