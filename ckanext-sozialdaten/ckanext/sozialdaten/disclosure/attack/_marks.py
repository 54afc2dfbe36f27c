"""What a mark tells: ``*`` may mean "1 or 2", if a legend or the user says so.

Only a legend that names the mark and nothing but small values is believed. Where it adds that the
mark also stands for cells from which others could be worked out, it bounds nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ckanext.sozialdaten.disclosure._numbers import SECRET_SIGNS
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import RolesError
from ckanext.sozialdaten.disclosure.structure import Cells
from ckanext.sozialdaten.messages import Message

__all__ = ["ANY", "Bounds", "legend", "mark_bounds", "parse_marks"]

#: The name of all marks together, on the command line.
ANY = "any"

_SIGNS = "|".join(re.escape(s) for s in sorted(SECRET_SIGNS - {""}, key=len, reverse=True)) + "|#"
_BEFORE = re.compile(
    rf"(?:^|[\s(„\"'»])(?P<mark>{_SIGNS})[\"“'«]?\s*(?:\)|=|:|–|-|bedeutet|steht für|means)"
    r"\s*(?P<text>.+)$"
)
_AFTER = re.compile(
    r"(?P<text>.+?)\s(?:als|mit|durch|as|by|with)\s+(?:einem |einen |dem Zeichen |a )?"
    rf"[„\"'»(]?(?P<mark>{_SIGNS})(?=[\s\"“'«).]|$)"
)
_SECONDARY = re.compile(
    r"rechnerisch|geschlossen|rückschl|rückgerechnet|rückrechn|sekund|weitere|oder daten"
    r"|nachgewiesen|unbekannt|nicht verfügbar|infer|derive|second|complement|unknown|not available",
    re.IGNORECASE,
)
_NUMBER = r"(\d{1,3})"
_RANGE = re.compile(
    rf"\b{_NUMBER}\s*(?:oder|und|bis|or|and|to|-|–|/)\s*(?:zu\s*)?{_NUMBER}\b", re.IGNORECASE
)
_BELOW = re.compile(
    rf"(?:kleiner(?: als)?|weniger als|unter|fewer than|less than|below|under|<)\s*{_NUMBER}\b",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    rf"(?:höchstens|maximal|bis zu|at most|up to|<=|≤)\s*{_NUMBER}\b", re.IGNORECASE
)
_ABOVE = re.compile(
    rf"(?:mindestens|wenigstens|at least|>=|≥)\s*{_NUMBER}\b"
    rf"|(?:größer(?: als)?|über|more than|>)\s*{_NUMBER}\b",
    re.IGNORECASE,
)
_NOT_ZERO = re.compile(
    r"(?:nicht|ohne|außer|ungleich|not|except)\s*(?:die |der )?(?:0|null|zero)\b", re.IGNORECASE
)
_OPTION = re.compile(r"^\s*(?P<mark>\S+?)\s*=\s*(?P<low>\d+)?\s*\.\.\s*(?P<high>\d+)?\s*$")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The values that a mark may stand for.

    Args:
        low: lowest value; None if a legend leaves open whether it may be 0.
        high: highest value.
    """

    low: float | None
    high: float = float("inf")


def parse_marks(options: Iterable[str]) -> dict[str, Bounds]:
    """Marks as the command line takes them.

    >>> parse_marks(["*=1..2"])["*"], parse_marks(["any=1.."])["any"].high
    (Bounds(low=1.0, high=2.0), inf)

    Raises:
        RolesError: an option is not of the form ``MARK=LOW..HIGH``.
    """
    found: dict[str, Bounds] = {}
    for option in (part for text in options for part in text.split(",") if part.strip()):
        match = _OPTION.match(option)
        low = float(match["low"] or 0) if match else 0.0
        high = float(match["high"] or "inf") if match else 0.0
        if match is None or low > high:
            raise RolesError(
                Message("Nobody knows how to read {text}.", {"text": option.strip()}),
                Message(
                    "Write a mark and its values, such as *=1..2 or .=1.. (any for all marks)."
                ),
            )
        found[match["mark"]] = Bounds(low, high)
    return found


def legend(texts: Iterable[str]) -> dict[str, Bounds]:
    """Marks that the texts around a table explain.

    >>> legend(["* = 1 oder 2"])["*"], legend(["Werte kleiner 3 werden durch * ersetzt"])["*"]
    (Bounds(low=1.0, high=2.0), Bounds(low=None, high=2.0))
    >>> legend(["* Werte kleiner 3 und Werte, aus denen sie sich rechnerisch ergeben"])
    {}
    """
    found: dict[str, Bounds] = {}
    torn: set[str] = set()
    for text in texts:
        for line in re.split(r"[\n;]|(?<=\w\w)\.\s", text):
            match = _BEFORE.search(line) or _AFTER.search(line)
            if match is None:
                continue
            bounds = _meaning(match["text"])
            if bounds is None or _SECONDARY.search(text):
                torn.add(match["mark"])
            else:
                found[match["mark"]] = bounds
    return {mark: bounds for mark, bounds in found.items() if mark not in torn}


def _meaning(text: str) -> Bounds | None:
    """The values that a text speaks of; None if it speaks of none."""
    above = _ABOVE.search(text)
    low: float | None = None
    if above:
        low = float(above[1]) if above[1] else float(above[2]) + 1
    elif _NOT_ZERO.search(text):
        low = 1.0
    if match := _RANGE.search(text):
        ends = sorted((float(match[1]), float(match[2])))
        return Bounds(ends[0], ends[1])
    if match := _BELOW.search(text):
        return Bounds(low, float(match[1]) - 1)
    if match := _UP_TO.search(text):
        return Bounds(low, float(match[1]))
    return Bounds(low) if low else None


def mark_bounds(
    subject: Subject, cells: Cells, given: Mapping[str, Bounds]
) -> dict[int, tuple[float, float]]:
    """Bounds for withheld cells by position, from what the user says, else from the legend.

    A legend, or a mark such as ``<3``, that says "less than 3" leaves 0 out where the table prints
    zeros.
    """
    texts = [loose.text for loose in subject.sheet.loose]
    said = {**legend([*texts, *subject.sheet.table.column_names]), **given}
    shows_zero = bool((cells.values[~cells.withheld] == 0).any())
    signs = {value: sign for sign, value in subject.known.quality_of.items()}
    found: dict[int, tuple[float, float]] = {}
    for position in cells.withheld.nonzero()[0].tolist():
        column, row = cells.columns[position], int(cells.rows[position])
        mark = _text(subject, column, row) or _text(subject, signs.get(column, ""), row)
        bounds = said.get(mark) or said.get(ANY) or _meaning(mark)
        if bounds:
            low = bounds.low if bounds.low is not None else float(shows_zero)
            found[position] = (low, bounds.high)
    return found


def _text(subject: Subject, column: str, row: int) -> str:
    if column not in subject.sheet.table.column_names:
        return ""
    value: object = subject.sheet.table.column(column)[row].as_py()
    return "" if value is None else str(value).strip()
