"""Dates of birth to the day: with sex and postcode they name most people."""

import datetime as dt
import re
from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import (
    LONGEST,
    column_finding,
    loose_finding,
    restored,
)
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "identifier-birth-date"
_IN_COLUMN = "The column {column} holds dates of birth ({rows} rows)."
_OUTSIDE = Message("A date of birth stands outside the table.")
_REMEDY = Message("Publish the year of birth or an age group instead of the day.")
_MONTHS = (
    "jan", "feb", "mär|mae|mrz|mar", "apr", "mai|may", "jun", "jul", "aug", "sep", "okt|oct", "nov",
    "dez|dec",
)  # fmt: skip
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-zä]*"
_NUMERIC = re.compile(
    r"^(\d{1,2})[./-] ?(\d{1,2})[./-] ?(\d{4}|\d{2})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?$"
)
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:$|[T ])")
_COMPACT = re.compile(r"^(18|19|20)(\d{2})(\d{2})(\d{2})$")
_WORDY = re.compile(rf"^(\d{{1,2}})\.? ({_MONTH})\.? (\d{{4}})$", re.IGNORECASE)
_ENGLISH = re.compile(rf"^({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})$", re.IGNORECASE)
_NO_YEAR = re.compile(r"^(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.?$")  # 03.02.

_SERIAL = re.compile(r"^\d{4,5}$")
_SERIAL_START, _SERIALS = dt.date(1899, 12, 30), range(3_000, 60_000)
_DATE = (
    rf"(?:\d{{1,2}}\.\s?(?:\d{{1,2}}\.\s?|{_MONTH}\.? )\d{{2,4}}"
    rf"|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|\d{{1,2}}\.\d{{1,2}}\.)"
)
_IN_TEXT = re.compile(
    r"(?:\bgeb\.?(?:\s*am)?|\bgeboren(?: am)?:?|\bborn(?: on)?|\bdob:?|\bdate of birth:?"
    r"|\bgeb\.?-?dat(?:um|\.)?:?"
    rf"|Geburtsdatum:?|Geburtstag:?|doğum tarihi:?|дата рождения:?|\*)\s*{_DATE}(?!\d)",
    re.IGNORECASE,
)
_MANY_DAYS, _LONG_SPAN, _SOME_DAYS = 365, 30, 5


def _parts(text: str) -> tuple[int, int, int] | None:
    """Year, month and day in any usual notation; None if there are none."""
    if found := _ISO.match(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NUMERIC.match(text):
        year = int(found[3])
        first, second = int(found[1]), int(found[2])
        day, month = (second, first) if second > 12 else (first, second)
        return (year + (1900 if year > 30 else 2000) if year < 100 else year), month, day
    if found := _COMPACT.match(text):
        return int(found[1] + found[2]), int(found[3]), int(found[4])
    if found := _WORDY.match(text):
        return int(found[3]), _month(found[2]), int(found[1])
    if found := _ENGLISH.match(text):
        return int(found[3]), _month(found[1]), int(found[2])
    return None


def _month(word: str) -> int:
    return next(i for i, stem in enumerate(_MONTHS, 1) if re.match(stem, word.lower()))


def _day(text: str, *, serial: bool = False) -> dt.date | None:
    """The day that a text tells; ``serial``: also as the number that a spreadsheet stores."""
    bare = restored(text.strip())
    if serial and _SERIAL.match(bare) and int(bare) in _SERIALS and not 1900 <= int(bare) <= 2100:
        return _SERIAL_START + dt.timedelta(days=int(bare))
    parts = _parts(bare)
    try:
        return dt.date(*parts) if parts else None
    except ValueError:
        return None


def _life_span(profile: Profile) -> bool:
    """Whether a column of days spans ages: many days over more than 30 years."""
    many = profile.distinct > min(_MANY_DAYS, max(_SOME_DAYS, profile.rows // 2))
    if profile.dates < 0.9 or not many:
        return False
    days = sorted(day for value in profile.sample() if (day := _day(value)))
    inner = days[len(days) // 20 : -len(days) // 20 or None]
    return bool(inner) and inner[0].year >= 1900 and inner[-1].year - inner[0].year > _LONG_SPAN


def _find(subject: Subject) -> Iterator[Finding]:
    for profile in subject.profiles.values():
        values = list(profile.values)
        named = lexicon().speaks_of(profile.name, "birth")
        if named or (subject.known.person_level and _life_span(profile)):
            hits = [v for v in values if _day(v, serial=named) or (named and _NO_YEAR.match(v))]
        else:
            hits = [value for value in values if _IN_TEXT.search(value[:LONGEST])]
        if hits:
            yield column_finding(subject, _ID, _IN_COLUMN, profile.name, hits, remedy=_REMEDY)
    for loose in subject.sheet.loose:
        # in names of files and sheets underscores stand for blanks
        if _IN_TEXT.search(loose.text[:LONGEST].replace("_", " ")):
            yield loose_finding(_ID, _OUTSIDE, loose.row, Severity.BLOCK)


RULE = Rule(_ID, Message("Dates of birth"), _find)
