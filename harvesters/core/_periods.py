"""Times as official tables write them, as first and last day."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

__all__ = ["Span", "compact_time", "month_span", "parse_time", "part_of_year"]

Span = tuple[date, date]

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_GERMAN_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_YEAR = re.compile(r"([12]\d{3})(?: ?J?D)?")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_SPELL = re.compile(r"(\d{4})(?:-(\d{2}))?P(\d{1,3})([MY])")
_QUARTER = re.compile(r"(\d{4})-?[QK]([1-4])")
# reporting periods of SDMX 2.1: year A1, half S1, third T1, month M01, week W01, day D001
_REPORTED = re.compile(r"((?:19|20)\d{2})-?(?:(A)1?|([ST])([123])|M(0[1-9]|1[0-2]))")
_WEEK = re.compile(r"((?:19|20)\d{2})-?W(\d{2})")
_DAY_OF_YEAR = re.compile(r"((?:19|20)\d{2})-?D(\d{3})")
_MOMENT = re.compile(
    r"((?:19|20)\d{2})-(\d{2})-(\d{2})T00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
)
_RANGE = re.compile(r"((?:19|20)\d{2})-(\d{2})-01(?:T00:00:00)?/P(\d{1,3})([MY])")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})?")
_TERM = re.compile(r"(WS|WiSe|SS|SoSe) ?(\d{4})(?:/\d{2,4})?")
_SEASON = re.compile(r"(\d{4})/(\d{2}|\d{4})")
_YEARS = re.compile(r"((?:19|20)\d{2})(?:/(\d{2})|[-–/]((?:19|20)\d{2}))")
_PART = re.compile(r"MONAT(0[1-9]|1[0-2])|QUARTG?([1-4])|HALBJ(?:AHR)?G?([12])")


def parse_time(text: str) -> Span | None:
    """First and last day of a time, the same day for a key date; None if it is not understood.

    >>> parse_time("2023-10P6M")
    (datetime.date(2023, 10, 1), datetime.date(2024, 3, 31))
    >>> parse_time("31.12.2024")
    (datetime.date(2024, 12, 31), datetime.date(2024, 12, 31))
    """
    for pattern, span in _RULES:
        match = pattern.fullmatch(text.strip())
        if match:
            try:
                return span(match)
            except ValueError:
                continue
    return None


def part_of_year(span: Span, code: str) -> Span:
    """The month, quarter or half-year of a year that the code of a second variable names.

    >>> part_of_year(month_span(2023, 1, 12), "MONAT03")
    (datetime.date(2023, 3, 1), datetime.date(2023, 3, 31))
    """
    match = _PART.fullmatch(code)
    if match is None or span != month_span(span[0].year, 1, 12):
        return span
    months = 1 if match[1] else 3 if match[2] else 6
    number = int(match[match.lastindex or 1])
    return month_span(span[0].year, months * (number - 1) + 1, months)


def compact_time(text: str) -> Span | None:
    """A day or month in digits alone, which only a column of times may hold.

    >>> compact_time("20231231"), compact_time("202313")
    ((datetime.date(2023, 12, 31), datetime.date(2023, 12, 31)), None)
    """
    match = _COMPACT.fullmatch(text.strip())
    try:
        if match and match[3]:
            return _day(match)
        return month_span(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        return None


def month_span(year: int, month: int, count: int) -> Span:
    """``count`` whole months from ``month`` on."""
    last = year * 12 + month - 2 + count
    end_year, end_month = last // 12, last % 12 + 1
    return (
        date(year, month, 1),
        date(end_year, end_month, calendar.monthrange(end_year, end_month)[1]),
    )


def _day(match: re.Match[str]) -> Span:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    return day, day


def _german_day(match: re.Match[str]) -> Span:
    day = date(int(match[3]), int(match[2]), int(match[1]))
    return day, day


def _spell(match: re.Match[str]) -> Span:
    count = int(match[3]) * (12 if match[4] == "Y" else 1)
    return month_span(int(match[1]), int(match[2] or 1), count)


def _term(match: re.Match[str]) -> Span:
    """Winter terms run from October, summer terms from April, six months each."""
    return month_span(int(match[2]), 10 if match[1].startswith("W") else 4, 6)


def _season(match: re.Match[str]) -> Span:
    """School years and their like: August to July."""
    start = date(int(match[1]), 8, 1)
    if (int(match[2]) - int(match[1])) % 100 != 1:
        raise ValueError(match[0])
    return start, date(start.year + 1, 8, 1) - timedelta(days=1)


def _years(match: re.Match[str]) -> Span:
    """Several years taken together, as life tables do."""
    start, end = int(match[1]), int(match[3] or match[1][:2] + match[2])
    if not 0 < end - start < 20:
        raise ValueError(match[0])
    return month_span(start, 1, 12 * (end - start + 1))


def _reported(match: re.Match[str]) -> Span:
    """A year, half-year, third of a year or month."""
    if match[3]:
        months = 6 if match[3] == "S" else 4
        return month_span(int(match[1]), months * (int(match[4]) - 1) + 1, months)
    return month_span(int(match[1]), int(match[5] or 1), 1 if match[5] else 12)


def _week(match: re.Match[str]) -> Span:
    start = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return start, start + timedelta(days=6)


def _day_of_year(match: re.Match[str]) -> Span:
    day = date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)
    if day.year != int(match[1]):
        raise ValueError(match[0])
    return day, day


def _range(match: re.Match[str]) -> Span:
    count = int(match[3]) * (12 if match[4] == "Y" else 1)
    return month_span(int(match[1]), int(match[2]), count)


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Span]], ...] = (
    (_DAY, _day),
    (_GERMAN_DAY, _german_day),
    (_YEAR, lambda match: month_span(int(match[1]), 1, 12)),
    (_MONTH, lambda match: month_span(int(match[1]), int(match[2]), 1)),
    (_SPELL, _spell),
    (_QUARTER, lambda match: month_span(int(match[1]), 3 * int(match[2]) - 2, 3)),
    (_TERM, _term),
    (_SEASON, _season),
    (_YEARS, _years),
    (_REPORTED, _reported),
    (_WEEK, _week),
    (_DAY_OF_YEAR, _day_of_year),
    (_MOMENT, _day),
    (_RANGE, _range),
)
