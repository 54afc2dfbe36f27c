"""Detectors of direct identifiers: what they share.

A column is reported if its name and values agree, or if so many values pass a test that chance
alone would hardly explain it. A text outside the table (title, footer, sheet, file, header,
metadata) is
reported for each hit. Values never leave this module: only their number and their rows do.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = [
    "DROP_COLUMN",
    "LONGEST",
    "Detector",
    "binomial_tail",
    "column_finding",
    "is_imprint",
    "loose_finding",
    "restored",
]

DROP_COLUMN = Message(
    "Remove the column from the table that is to be published, or publish an aggregate instead."
)
REMOVE_TEXT = Message("Remove the text, or rename the sheet or file, before publishing.")
_IMPRINT = re.compile(r"impressum|imprint|zeichenerkl(?:ä|ae)rung|herausgeber", re.IGNORECASE)
_FEW_VALUES = 1_000
_FLOAT = re.compile(r"^\d{6,}[.,]0+$|^\d[.,]?\d*[eE]\+?\d{1,2}$")
_FLOATS = re.compile(_FLOAT.pattern, re.MULTILINE)
_LONG_FLOAT = 30
LONGEST = 100_000
"""Letters of one text that are looked at."""
_SOME = 5  # codes of a classification have few values
_NAMES = frozenset({"file", "sheet"})
_PROSE = frozenset({"title", "footer", "metadata", "author"})


def binomial_tail(tested: int, chance: float, hits: int) -> float:
    """The probability of at least ``hits`` hits in ``tested`` trials by chance alone.

    >>> round(binomial_tail(10, 0.1, 3), 4)
    0.0702
    """
    if hits <= 0:
        return 1.0
    if tested > 1_000:
        mean, deviation = tested * chance, math.sqrt(tested * chance * (1 - chance))
        return 0.5 * math.erfc((hits - 0.5 - mean) / (deviation * math.sqrt(2) or 1.0))
    return sum(
        math.comb(tested, k) * chance**k * (1 - chance) ** (tested - k)
        for k in range(hits, tested + 1)
    )


def column_finding(
    subject: Subject,
    rule: str,
    message: str,
    column: str,
    hits: list[str],
    *,
    severity: Severity = Severity.BLOCK,
    remedy: Message = DROP_COLUMN,
) -> Finding:
    """A finding on a column whose distinct values ``hits`` are the trouble."""
    profile = subject.profiles[column]
    rows = sum(profile.values[value] for value in hits)
    cells: tuple[int, ...] = ()
    if len(hits) <= _FEW_VALUES and 2 * rows < max(profile.rows, 3):
        text = subject.loaded[column].cast("string").strip()
        cells = subject.rows(subject.positions(text.isin(hits)))
    return Finding(
        rule,
        severity,
        Message(message, {"column": column, "rows": rows}),
        remedy,
        column=column,
        cells=cells,
    )


def loose_finding(rule: str, message: Message, row: int, severity: Severity) -> Finding:
    """A finding on a text outside the table."""
    return Finding(rule, severity, message, REMOVE_TEXT, cells=(row,) if row else ())


def is_imprint(subject: Subject) -> bool:
    """Whether a sheet tells who publishes and what the signs mean."""
    texts = (subject.sheet.name, *subject.profiles)
    return not subject.known.person_level and any(_IMPRINT.search(text) for text in texts)


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds one kind of identifier by the form of its values.

    Args:
        id: id of the rule.
        title: what it looks for.
        in_column: English message with ``{column}`` and ``{rows}``.
        outside: English message for a text outside the table.
        topic: key of the lexicon for column names; empty: none.
        pattern: finds candidates within a text.
        valid: whether a candidate is one.
        chance: share of candidates that are valid by chance.
        rarity: how rare candidates are in harmless columns; 1 if their form says nothing.
        context: words that must stand before a candidate where the column's name does not tell.
        majority: without a telling name, share of values that must be candidates as a whole.
        prose: how much a hit in a title, footer or metadata weighs; None: it is not looked for.
        regions: whether columns of region keys are looked at too.
        lax: with a telling column name, candidates need not be valid: a number with a typing error,
            or a fictitious one, is an identifier all the same.
        named: finds candidates where the column's name tells; ``pattern`` if None. Spreadsheets
            drop leading zeros and print long numbers as 1.23457E+11.
        quiet: names of columns under which the form means something else.
    """

    id: str
    title: Message
    in_column: str
    outside: Message
    topic: str
    pattern: re.Pattern[str]
    valid: Callable[[str], bool]
    chance: float = 0.0
    rarity: float = 1.0
    context: re.Pattern[str] | None = None
    majority: float = 0.0
    prose: Severity | None = Severity.BLOCK
    regions: bool = False
    lax: bool = False
    named: re.Pattern[str] | None = None
    quiet: re.Pattern[str] | None = None
    remedy: Message = field(default=DROP_COLUMN)

    def rule(self) -> Rule:
        """The detector as a rule."""
        return Rule(self.id, self.title, self.find)

    def find(self, subject: Subject) -> Iterator[Finding]:
        """All findings on a subject."""
        for profile in subject.profiles.values():
            if not self.regions and subject.known.guesses[profile.name].role is Role.REGION:
                continue
            hits = self.hits(profile, subject)
            if hits:
                # a cover sheet names whom to ask; a whole column of numbers is no cover sheet
                cover = subject.known.prose and 2 * len(hits) <= profile.distinct
                open_rows = subject.known.institutions or cover or is_imprint(subject)
                public = open_rows and self.prose is not Severity.BLOCK
                yield column_finding(
                    subject,
                    self.id,
                    self.in_column,
                    profile.name,
                    hits,
                    severity=Severity.INFO if public else Severity.BLOCK,
                    remedy=self.remedy,
                )
        for loose in subject.sheet.loose:
            severity = self.prose if loose.kind in _PROSE else Severity.BLOCK
            text = loose.text.replace("_", " ") if loose.kind in _NAMES else loose.text
            if severity and self._in_text(text[:LONGEST]):
                yield loose_finding(self.id, self.outside, loose.row, severity)

    def _in_text(self, text: str) -> bool:
        for match in self.pattern.finditer(text):
            before = text[max(0, match.start() - 40) : match.start()]
            told = self.context is None or bool(self.context.search(before))
            whole = self.majority > 0 and self.context is None
            if told and not whole and self.valid(match.group()):
                return True
        return False

    def hits(self, profile: Profile, subject: Subject) -> list[str]:
        """The distinct values that are or hold an identifier; empty if chance explains them."""
        named = bool(self.topic) and lexicon().names(profile.name, self.topic)
        lines = "\n".join(profile.values)
        if not named and self.quiet and self.quiet.search(profile.name):
            return []
        if self.context and not (named or self.majority) and lines.upper() == lines.lower():
            return []  # words must stand before a candidate, and nothing here has a letter
        if not (named or self.pattern.search(lines) or _FLOATS.search(lines)):
            return []
        found, tested, whole = self._scan(profile, named)
        if not found:
            return []
        if named:
            return found
        mostly = whole >= max(_SOME, self.majority * profile.distinct)
        if self.majority and not mostly:
            found = [value for value in found if self._told(profile.name, value)]
            if not found:
                return []
        free = subject.known.guesses[profile.name].role is Role.FREE_TEXT
        significant = (
            free
            or not self.chance
            or (self.topic and any(lexicon().speaks_of(value, self.topic) for value in found))
            or self.rarity * binomial_tail(tested, self.chance, len(found))
            < subject.policy.identifiers.significance
        )
        return found if significant else []

    def _told(self, column: str, value: str) -> bool:
        """Whether words before a candidate, or the name of its column, say what it is."""
        if self.context is None:
            return False
        return any(
            self.context.search(value[max(0, match.start() - 40) : match.start()])
            or (len(match.group()) == len(value) and self.context.search(column))
            for match in self.pattern.finditer(value)
        )

    def _scan(self, profile: Profile, named: bool) -> tuple[list[str], int, int]:
        """Values with a hit, candidates tested, values that are a candidate as a whole."""
        found: list[str] = []
        tested = whole = 0
        pattern = self.named if named and self.named else self.pattern
        for value in profile.values:
            text = restored(value)
            for match in pattern.finditer(text):
                candidate = match.group()
                tested += 1
                complete = len(candidate) == len(text)
                whole += complete
                if self.context and not named and not (self.majority and complete):
                    before = text[max(0, match.start() - 40) : match.start()]
                    if not self.context.search(before):
                        continue
                if (named and self.lax) or self.valid(candidate):
                    found.append(value)
                    break
        return found, tested, whole


def restored(value: str) -> str:
    """A value as it was before a spreadsheet made it a float; long texts are cut.

    >>> restored("36574261809.0"), restored("3.6574261809E+10"), restored("1.5")
    ('36574261809', '36574261809', '1.5')
    """
    if len(value) <= _LONG_FLOAT and _FLOAT.match(value):
        number = float(value.replace(",", "."))
        return str(int(number)) if number.is_integer() else value
    return value[:LONGEST]
