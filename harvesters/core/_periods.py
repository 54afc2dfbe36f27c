"""Times as official tables write them, as first and last day."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

__all__ = ["Span", "month_span", "parse_time"]

Span = tuple[date, date]

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_GERMAN_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_YEAR = re.compile(r"([12]\d{3})(?: ?J?D)?")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_SPELL = re.compile(r"(\d{4})(?:-(\d{2}))?P(\d{1,3})([MY])")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])")
_TERM = re.compile(r"(WS|WiSe|SS|SoSe) ?(\d{4})(?:/\d{2,4})?")
_SEASON = re.compile(r"(\d{4})/(\d{2}|\d{4})")


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
                return None
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


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Span]], ...] = (
    (_DAY, _day),
    (_GERMAN_DAY, _german_day),
    (_YEAR, lambda match: month_span(int(match[1]), 1, 12)),
    (_MONTH, lambda match: month_span(int(match[1]), int(match[2]), 1)),
    (_SPELL, _spell),
    (_QUARTER, lambda match: month_span(int(match[1]), 3 * int(match[2]) - 2, 3)),
    (_TERM, _term),
    (_SEASON, _season),
)
