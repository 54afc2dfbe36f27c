"""Dates of birth to the day: with sex and postcode they name most people."""

import datetime as dt
import re
from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import column_finding, loose_finding
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "identifier-birth-date"
_IN_COLUMN = "The column {column} holds dates of birth ({rows} rows)."
_OUTSIDE = Message("A date of birth stands outside the table.")
_REMEDY = Message("Publish the year of birth or an age group instead of the day.")
_GERMAN = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")
_IN_TEXT = re.compile(
    r"(?:\bgeb\.?|\bgeboren(?: am)?|\bborn(?: on)?"
    r"|Geburtsdatum:?|\*)\s*\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}",
    re.IGNORECASE,
)
_MANY_DAYS, _LONG_SPAN = 365, 40


def _day(text: str) -> dt.date | None:
    german, iso = _GERMAN.match(text), _ISO.match(text)
    parts = german.groups()[::-1] if german else iso.groups() if iso else None
    try:
        return dt.date(*map(int, parts)) if parts else None
    except ValueError:
        return None


def _life_span(profile: Profile) -> bool:
    """Whether a column of days spans ages: more than 365 days over more than 40 years."""
    if profile.dates < 0.9 or profile.distinct <= _MANY_DAYS:
        return False
    days = sorted(day for value in profile.sample() if (day := _day(value)))
    inner = days[len(days) // 20 : -len(days) // 20 or None]
    return bool(inner) and inner[0].year >= 1900 and inner[-1].year - inner[0].year > _LONG_SPAN


def _find(subject: Subject) -> Iterator[Finding]:
    for profile in subject.profiles.values():
        values = list(profile.values)
        if lexicon().speaks_of(profile.name, "birth") or (
            subject.known.person_level and _life_span(profile)
        ):
            hits = [value for value in values if _day(value)]
        else:
            hits = [value for value in values if _IN_TEXT.search(value)]
        if hits:
            yield column_finding(subject, _ID, _IN_COLUMN, profile.name, hits, remedy=_REMEDY)
    for loose in subject.sheet.loose:
        if _IN_TEXT.search(loose.text):
            yield loose_finding(_ID, _OUTSIDE, loose.row, Severity.BLOCK)


RULE = Rule(_ID, Message("Dates of birth"), _find)
