"""Times inside captions, titles and cells, as official tables print them."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ckanext.sozialdaten.harvesters.core._periods import Span, month_span, parse_time
from ckanext.sozialdaten.harvesters.core.readers._cells import Cell
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words

__all__ = ["Time", "bare_month", "bare_year", "find_time", "is_year", "time_of"]


@dataclass(frozen=True, slots=True)
class Time:
    """A time and the words it was read from.

    Args:
        start: first day.
        end: last day; the same for a key date.
        label: as printed where that says more than the days (school year, average); else empty.
    """

    start: dt.date
    end: dt.date
    label: str = ""


_MONTHS = "|".join(sorted((re.escape(name) for name in words().months), key=len, reverse=True))
_NOISE = re.compile(
    r"gegenueber.*|veraenderung.*|(?:basisjahr |basis:? )?(?:19|20)\d{2} ?[=≙≜] ?100|ausgabe \d{4}"
    # when a file was made says nothing of its figures
    r"|\b(?:erstell|erzeugt|gedruckt|druckdatum|abgerufen|abruf|export|ausgegeben|aktualisier"
    r"|veroeffentlicht|erschienen|heruntergeladen|created|generated|printed|retrieved)"
    r"[^;,)\d]{0,20}(?:\d{1,2}\. ?(?:\d{1,2}\.|[a-z]+) ?\d{2,4}|[a-z]* ?\d{4}(?:-\d{2}){0,2})"
    r"|gebietsstand[^;,)]*|zensus ?(?:19|20)\d{2}|(?:bis|ab|seit|vor|unter|nach) (?:19|20)\d{2}",
)
_LONGEST = 40
_DIGITS = re.compile(r"\d{2}")
_REST = re.compile(
    r"\b(am|zum|im|vom|stand|stichtag|jahr|monat|berichts(jahr|monat)|ende|quartal)\b|[\s:.,()\[\]*-]"
)
_DAY = re.compile(r"(?<!\d)(\d{1,2})\. ?(\d{1,2})\. ?((?:19|20)\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)")
_WORD_DAY = re.compile(rf"(?<!\d)(\d{{1,2}})\. ?({_MONTHS}) ((?:19|20)\d{{2}})")
_QUARTER = re.compile(r"(?:vj\.?|q|quartal) ?([1-4]) ?[/ ] ?((?:19|20)?\d{2})(?!\d)")
_QUARTER_OF = re.compile(r"([1-4])\. ?(?:quartal|vierteljahr|vj\.?|q\.?) ?((?:19|20)\d{2})")
_YEAR_QUARTER = re.compile(r"((?:19|20)\d{2})[-_ ]?q([1-4])(?!\d)")
_SEASON = re.compile(r"(?<!\d)((?:19|20)\d{2}) ?/ ?(\d{4}|\d{2})(?!\d)")
_TERM = re.compile(r"\b(ws|wise|wintersemester|ss|sose|sommersemester) ?((?:19|20)\d{2})")
_MONTH = re.compile(rf"\b({_MONTHS}) ?((?:19|20)\d{{2}})(?!\d)")
_SHORT_MONTH = re.compile(rf"({_MONTHS})[ ./'-]+(\d{{2}})")
_YEAR_MONTH = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})(?!\d)")
_AVERAGE = re.compile(r"(?<!\d)((?:19|20)\d{2}) ?j?d(?!\w)")
_YEAR = re.compile(r"(?<![\d.,-])((?:19|20)\d{2})(?![\d,]|-\d|\.\d)")


def is_year(cell: Cell) -> bool:
    """Whether a cell is a year: four digits as number or text."""
    if isinstance(cell, str):
        return bool(re.fullmatch(r"\s*(19|20)\d{2}\s*", cell))
    return isinstance(cell, int | float) and 1900 <= cell <= 2100 and float(cell).is_integer()


def bare_year(cell: Cell) -> int | None:
    """The year that a cell is and nothing else."""
    return int(cell) if is_year(cell) and isinstance(cell, str | int | float) else None


def bare_month(cell: Cell) -> int | None:
    """The number of the month that a cell names without its year."""
    return words().months.get(fold(cell)) if isinstance(cell, str) else None


def time_of(cell: Cell) -> Time | None:
    """The time that a cell is, as a whole."""
    if isinstance(cell, dt.datetime):
        return Time(cell.date(), cell.date())
    if isinstance(cell, dt.date):
        return Time(cell, cell)
    year = bare_year(cell)
    if year is not None:
        return Time(dt.date(year, 1, 1), dt.date(year, 12, 31))
    return _whole(cell.strip()) if isinstance(cell, str) else None


@lru_cache(maxsize=1 << 16)
def _whole(text: str) -> Time | None:
    short = _SHORT_MONTH.fullmatch(fold(text))
    if short:
        year = int(short[2]) + (1900 if int(short[2]) >= 70 else 2000)
        return Time(*month_span(year, words().months[short[1]], 1))
    span = parse_time(text)
    if span:
        return Time(*span, label=text if re.search(r"D$|/", text) else "")
    if len(text) > _LONGEST or not _DIGITS.search(text):
        return None
    return find_time(text) if not _REST.sub("", _without(fold(text))) else None


def _without(folded: str) -> str:
    """What a text says beside its time."""
    for pattern, _ in _RULES:
        match = pattern.search(folded)
        if match:
            return folded[: match.start()] + folded[match.end() :]
    return folded


def find_time(text: str) -> Time | None:
    """The time that a caption or title speaks of; comparisons and index bases are no such time.

    >>> find_time("Bevölkerung am 31.12.1990 in 1000").end.isoformat()
    '1990-12-31'
    >>> find_time("Index (2015 = 100)") is None
    True
    """
    plain = _NOISE.sub(" ", fold(text))
    for pattern, rule in _RULES:
        match = pattern.search(plain)
        if match:
            try:
                start, end = rule(match)
            except ValueError:
                continue
            labelled = pattern in (_SEASON, _TERM, _AVERAGE)
            return Time(start, end, text.strip() if labelled and len(text) < 40 else "")
    return None


def _day(year: int, month: int, day: int) -> Span:
    found = dt.date(year, month, day)
    return found, found


def _quarter(year: str, quarter: str) -> Span:
    full = int(year) if len(year) == 4 else 2000 + int(year)
    return month_span(full, 3 * int(quarter) - 2, 3)


def _season(match: re.Match[str]) -> Span:
    span = parse_time(match[0].replace(" ", ""))
    if span is None:
        raise ValueError(match[0])
    return span


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Span]], ...] = (
    (_DAY, lambda m: _day(int(m[3]), int(m[2]), int(m[1]))),
    (_ISO, lambda m: _day(int(m[1]), int(m[2]), int(m[3]))),
    (_WORD_DAY, lambda m: _day(int(m[3]), words().months[m[2]], int(m[1]))),
    (_QUARTER, lambda m: _quarter(m[2], m[1])),
    (_QUARTER_OF, lambda m: _quarter(m[2], m[1])),
    (_YEAR_QUARTER, lambda m: _quarter(m[1], m[2])),
    (_TERM, lambda m: month_span(int(m[2]), 10 if m[1].startswith("w") else 4, 6)),
    (_SEASON, _season),
    (_MONTH, lambda m: month_span(int(m[2]), words().months[m[1]], 1)),
    (_YEAR_MONTH, lambda m: month_span(int(m[1]), int(m[2]), 1)),
    (_AVERAGE, lambda m: month_span(int(m[1]), 1, 12)),
    (_YEAR, lambda m: month_span(int(m[1]), 1, 12)),
)
