"""Points of time as people write them: a year, a month or a day."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

__all__ = ["Period", "covered_years", "parse_period"]

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T00:00(?::00(?:\.0+)?)?)?")
_GERMAN = re.compile(r"(?:(?:(\d{1,2})\.)?(\d{1,2})\.)(\d{4})")
_MAX_YEARS = 300


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A day, month or year.

    Args:
        first: its first day.
        last: its last day.
        text: as it is stored: ``2024``, ``2024-12`` or ``2024-12-31``.
    """

    first: dt.date
    last: dt.date
    text: str


def parse_period(text: str) -> Period | None:
    """A year, month or day, in ISO order or as Germans write it; None if it is none.

    >>> parse_period("31.12.2024").text
    '2024-12-31'
    >>> parse_period("2024-02").last
    datetime.date(2024, 2, 29)
    """
    text = text.strip()
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _GERMAN.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        return _period(int(year), int(month) if month else None, int(day) if day else None)
    except ValueError:
        return None


def _period(year: int, month: int | None, day: int | None) -> Period:
    if month is None:
        return Period(dt.date(year, 1, 1), dt.date(year, 12, 31), f"{year:04}")
    if day is None:
        first = dt.date(year, month, 1)
        last = first.replace(day=calendar.monthrange(year, month)[1])
        return Period(first, last, f"{year:04}-{month:02}")
    single = dt.date(year, month, day)
    return Period(single, single, single.isoformat())


def covered_years(start: str | None, end: str | None, today: dt.date) -> list[int]:
    """The years of a period; an open end lasts until ``today``, an open start is one year.

    >>> covered_years("2022-06", "2024", dt.date(2026, 1, 1))
    [2022, 2023, 2024]
    """
    first = parse_period(start) if start else None
    last = parse_period(end) if end else None
    if first is None and last is None:
        return []
    begin = first.first.year if first else (last.last.year if last else 0)
    stop = last.last.year if last else max(today.year, begin)
    return list(range(max(begin, stop - _MAX_YEARS), stop + 1))
