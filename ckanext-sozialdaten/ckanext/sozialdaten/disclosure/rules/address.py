"""Addresses: a street with a house number, or a column whose name says so."""

import re
from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import Detector, column_finding, restored
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules.minimum_frequency import of_things
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "identifier-address"
_IN_COLUMN = "The column {column} holds addresses with house numbers ({rows} rows)."
_SUFFIX = (
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|pfad|stieg|twiete"
    r"|kamp|redder|markt)"
)
_HOUSE = re.compile(r"^\s*\d{1,4}\s?[a-zA-Z]?(?:\s?[-/+]\s?\d{1,4}\s?[a-zA-Z]?)?\s*$")
_NUMBER = r"\s*\d{1,3}\s?[a-zA-Z]?(?:\s?[-/]\s?\d{1,3}\s?[a-z]?)?(?![\w.,]*\d)(?!\w)"

_STREET = Detector(
    id=_ID,
    title=Message("Addresses with house numbers"),
    in_column=_IN_COLUMN,
    outside=Message("An address with a house number stands outside the table."),
    topic="address",
    pattern=re.compile(
        rf"(?<!\w)(?:[A-ZÄÖÜ][\w.-]*{_SUFFIX}|(?:[A-ZÄÖÜ][\w.-]+[ -]){{1,3}}(?i:{_SUFFIX})"
        r"|[A-ZÄÖÜ]{2}[A-ZÄÖÜ-]*(?:STRASSE|STRAßE|STR\.|WEG|PLATZ|ALLEE|GASSE|RING)"
        r"|(?:Am|An der|An den|Im|In der|In den|Auf dem|Auf der|Zum|Zur|Unter den|Hinter dem)"
        r" [A-ZÄÖÜ]\w+)"
        rf"{_NUMBER}"
    ),
    valid=lambda _: True,
    prose=Severity.INFO,
    regions=True,
)
# hauptstraße 3: in small letters only where a column holds nothing else
_SMALL = Detector(
    id=_ID,
    title=_STREET.title,
    in_column=_IN_COLUMN,
    outside=_STREET.outside,
    topic="",
    pattern=re.compile(rf"(?<!\w)[a-zäöüß-]+{_SUFFIX}{_NUMBER}"),
    valid=lambda _: True,
    regions=True,
    majority=0.8,
)


def _find(subject: Subject) -> Iterator[Finding]:
    """Streets with a number, and columns of house numbers beside a column of streets."""
    yield from _STREET.find(subject)
    yield from _SMALL.find(subject)
    words, before = lexicon(), ""
    for profile in subject.profiles.values():
        last, before = before, profile.name
        number = words.speaks_of(profile.name, "row_id") or normal(profile.name) == "haus"
        beside = words.speaks_of(last, "address") and number
        if not (beside or words.speaks_of(profile.name, "house_number")):
            continue
        hits = [value for value in profile.values if _HOUSE.match(restored(value))]
        if hits and 2 * len(hits) > profile.distinct:
            told = subject.known.columns(Role.COUNT, Role.MAGNITUDE)
            public = subject.known.institutions or not (
                subject.known.person_level or not all(map(of_things, told))
            )
            severity = Severity.INFO if public else Severity.BLOCK
            yield column_finding(subject, _ID, _IN_COLUMN, profile.name, hits, severity=severity)


RULE = Rule(_ID, _STREET.title, _find)
