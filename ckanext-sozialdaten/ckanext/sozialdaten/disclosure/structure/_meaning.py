"""What a label says: an age band, a sex, a period, a region key, or the sum over everything.

Periods are half-open intervals of months since year 0; a reference date is a point between two.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal

__all__ = ["OPEN_END", "Period", "Topic", "bands", "period", "periods_in", "region_key", "sex"]

OPEN_END = 1_000
_BAND = re.compile(
    r"^(?:von |ab )?(\d{1,3})\s*(?:-|–|\.\.|bis|to)\s*"
    r"(?:einschl\.? |unter |u\.? |under )?(\d{1,3})$"
)
_EXCLUSIVE = re.compile(r"unter|\bu\.? ?\d|under|<")
_UNDER = re.compile(r"^(?:unter|under|u\.?|<|bis unter|0 bis unter)\s*(\d{1,3})$")
_UP_TO = re.compile(r"^(?:bis|<=|≤|höchstens|up to)\s*(\d{1,3})$")
_OVER = re.compile(
    r"^(?:ab|>=|≥|über|over|from)?\s*(\d{1,3})\s*"
    r"(?:\+|und (?:mehr|älter|aelter|darüber|ü\.?|über)|u\. ?(?:m|ä)\.?"
    r"|and (?:over|more|older)|plus)?$"
)
_SINGLE = re.compile(r"^(\d{1,3})$")
_UNITS = re.compile(r"\b(jahren|jahre|jahr|j\.?|years|year|yrs|lebensjahre|jährige|alter|age)\b\.?")
_SEXES = {
    "m": (
        "m",
        "männlich",
        "maennlich",
        "männer",
        "maenner",
        "male",
        "males",
        "men",
        "mann",
        "jungen",
        "junge",
    ),
    "w": (
        "w",
        "f",
        "weiblich",
        "frauen",
        "female",
        "females",
        "women",
        "frau",
        "mädchen",
        "maedchen",
    ),
    "d": ("d", "divers", "diverse", "x"),
}
_SEX_CODES = {"1": "m", "2": "w", "3": "d"}
_MONTHS = (
    ("jan", "jän"),
    ("feb",),
    ("mär", "mar", "mrz", "maerz"),
    ("apr",),
    ("mai", "may"),
    ("jun",),
    ("jul",),
    ("aug",),
    ("sep",),
    ("okt", "oct"),
    ("nov",),
    ("dez", "dec"),
)
_MONTH = (
    r"(?:jan(?:uar|uary|ner)?|jänner|feb(?:ruar|ruary)?|mär(?:z)?|maerz|mar(?:ch|z)?|mrz|apr(?:il)?|mai|may"
    r"|jun[ie]?|jul[iy]?|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?"
    r"|de[zc](?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d{2}"
_TO = r"\s*(?:-|–|bis|to|/)\s*"
_DAY = re.compile(rf"\b(?:(\d{{1,2}})\.(\d{{1,2}})\.({_YEAR})|({_YEAR})-(\d{{2}})-(\d{{2}}))\b")
_NAMED = re.compile(
    rf"\b(?:(bis|kumuliert bis|seit jahresbeginn bis)\s+)?"
    rf"({_MONTH})(?:{_TO}({_MONTH}))?\s*({_YEAR})?\b"
)
_ORDINAL = r"([1-4]|iv|i{1,3}|erste[ns]?|zweite[ns]?|dritte[ns]?|vierte[ns]?)"
_QUARTER = re.compile(
    rf"\b(?:({_YEAR})[\s_-]*q([1-4])|q([1-4])[\s_/-]*({_YEAR})?"
    rf"|{_ORDINAL}\.?\s*(?:quartal|vierteljahr|vj\.?)\s*({_YEAR})?)(?!\d)"
)
_QUARTERS = re.compile(
    rf"\b(?:{_ORDINAL}\.?(?:\s*(?:quartal|vierteljahr|vj\.?))?\s*(?:-|–|bis(?: zum)?|und)"
    rf"\s*{_ORDINAL}\.?\s*(?:quartale?|vierteljahre?|vj\.?)\s*({_YEAR})?"
    rf"|(?:bis|bis zum)\s+{_ORDINAL}\.?\s*(?:quartal|vierteljahr)\s*({_YEAR})?"
    rf"|({_YEAR})?[\s_-]*q([1-4])\s*(?:-|–|bis|/)\s*q?([1-4])\s*({_YEAR})?)(?!\d)"
)
_ORDINALS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "ers": 1, "zwe": 2, "dri": 3, "vie": 4}
_HALF = re.compile(rf"\b([12]|i{{1,2}}|erstes|zweites)\.?\s*(?:halbjahr|hj)\s*({_YEAR})?(?!\d)")
_NUMERIC = re.compile(
    rf"(?<!\d)(?:({_YEAR})-(0[1-9]|1[0-2])(?:{_TO}({_YEAR})-(0[1-9]|1[0-2]))?"
    rf"|(?:(0?[1-9]|1[0-2]){_TO})?(0?[1-9]|1[0-2])/({_YEAR}))(?!\d)"
)
_PLAIN_YEAR = re.compile(rf"(?<!\d)({_YEAR})(?:\s*(?:-|–|bis)\s*({_YEAR}))?(?!\d)")
_CAPTURED = re.compile(
    rf"(?:stand|datenstand|erfasst|captured|version|export|vom|veröffentlicht|released)"
    rf"[\s_:-]*(?:am )?[\d.\-_]*{_YEAR}[\d.\-_]*"
)


class Topic(StrEnum):
    """What the codes of a dimension speak of."""

    REGION = "region"
    AGE = "age"
    SEX = "sex"
    TIME = "time"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of time.

    Args:
        start: months since year 0; the day as a fraction for a reference date.
        end: the same; equal to ``start`` for a reference date.
    """

    start: float
    end: float


def sex(label: str, *, coded: bool = False) -> str | None:
    """``m``, ``w`` or ``d``; None if the label speaks of no sex.

    >>> sex("Männlich"), sex("female"), sex("2", coded=True), sex("Hafen")
    ('m', 'w', 'w', None)
    """
    word = normal(label)
    for code, words in _SEXES.items():
        if word in words:
            return code
    return _SEX_CODES.get(word) if coded else None


def region_key(label: str, *, small: bool = False) -> str | None:
    """A region key as AGS without trailing zeros of higher levels; "" for Germany.

    Args:
        label: the text.
        small: whether keys of areas within a municipality count as well, such as the 4, 6 and 8
            digits of Berlin's planning areas (LOR), which nest by their heads.

    >>> region_key("010560000000"), region_key("DG"), region_key("Nord")
    ('01056', '', None)
    """
    key = "".join(label.split())
    if key == "DG":
        return ""
    if not (key.isascii() and key.isdigit()):
        return None
    if small and len(key) in (4, 6, 10):
        return key
    if len(key) not in (2, 3, 5, 8, 9, 12):
        return None
    if len(key) == 12:
        key = key[:9] if key[9:] == "000" and key[5:9] != "0000" else key[:5] + key[9:]
    if len(key) == 8 and key.endswith("000"):
        key = key[:5]
    if len(key) == 5 and key.endswith("000"):
        return key[:2]
    return key[:3] if len(key) == 5 and key.endswith("00") and key[2] != "0" else key


def bands(labels: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Age bands as [from, to) years, of those labels that are such.

    Bands that share their ends ("0-3", "3-6") leave the upper one out.

    >>> bands(["0-3", "3-6"]), bands(["0 bis 2 Jahre"]), bands(["65 und älter"])
    ({'0-3': (0, 3), '3-6': (3, 6)}, {'0 bis 2 Jahre': (0, 3)}, {'65 und älter': (65, 1000)})
    """
    plain: dict[str, tuple[int, int]] = {}
    found: dict[str, tuple[int, int]] = {}
    for label in labels:
        text = " ".join(_UNITS.sub(" ", label.lower().replace("_", " ")).split())
        if match := _BAND.match(text):
            low, high = int(match.group(1)), int(match.group(2))
            if high <= low and not (high == low and not _EXCLUSIVE.search(text)):
                continue
            (found if _EXCLUSIVE.search(text) else plain)[label] = (low, high)
        elif match := _UNDER.match(text):
            found[label] = 0, int(match.group(1))
        elif match := _UP_TO.match(text):
            found[label] = 0, int(match.group(1)) + 1
        elif match := _SINGLE.match(text):
            found[label] = int(match.group(1)), int(match.group(1)) + 1
        elif match := _OVER.match(text):
            first = int(match.group(1)) + (1 if text.startswith(("über", "over")) else 0)
            found[label] = first, OPEN_END
    starts = {low for low, _ in (*plain.values(), *found.values())}
    touching = [high for low, high in plain.values() if high in starts and high > low]
    apart = [high for _, high in plain.values() if high + 1 in starts]
    exclusive = len(touching) > len(apart)
    for label, (low, high) in plain.items():
        found[label] = (low, high) if exclusive else (low, high + 1)
    return found


def _month(word: str) -> int:
    return next(n for n, heads in enumerate(_MONTHS) if word.startswith(heads))


def _named(match: re.Match[str], default: int) -> Period:
    base = int(match.group(4) or default) * 12
    first = _month(match.group(2))
    if match.group(1) and not match.group(3):
        return Period(base, base + first + 1)
    last = _month(match.group(3)) if match.group(3) else first
    return Period(base + first, base + last + 1)


def _ordinal(said: str) -> int:
    return int(said) if said.isdigit() else _ORDINALS.get(said) or _ORDINALS[said[:3]]


def _quarters(match: re.Match[str], default: int) -> Period:
    """From one quarter to the end of another one; from January on where it names but the last."""
    first, last = match.group(1) or match.group(7) or "1", match.group(2) or match.group(8)
    year = next(filter(None, (match.group(n) for n in (3, 5, 6, 9))), default)
    base = int(year) * 12
    return Period(base + 3 * (_ordinal(first) - 1), base + 3 * _ordinal(last or match.group(4)))


def _quarter(match: re.Match[str], default: int) -> Period:
    said = next(filter(None, (match.group(2), match.group(3), match.group(5))))
    number = _ordinal(said)
    year = next(filter(None, (match.group(1), match.group(4), match.group(6))), default)
    base = int(year) * 12 + 3 * (number - 1)
    return Period(base, base + 3)


def _numeric(match: re.Match[str]) -> Period:
    if match.group(1):
        start = int(match.group(1)) * 12 + int(match.group(2)) - 1
        last = match.group(3)
        end = int(last) * 12 + int(match.group(4)) if last else start + 1
        return Period(start, end)
    base = int(match.group(7)) * 12
    first = int(match.group(5) or match.group(6))
    return Period(base + first - 1, base + int(match.group(6)))


def _day(match: re.Match[str]) -> Period:
    if match.group(1):
        day, month, year = int(match.group(1)), int(match.group(2)), int(match.group(3))
    else:
        year, month, day = int(match.group(4)), int(match.group(5)), int(match.group(6))
    point = year * 12 + month - 1 + day / 32
    return Period(point, point)


def period(label: str, year: int = 0) -> Period | None:
    """The period or reference date that a label names.

    Args:
        label: such as ``2023``, ``Q1 2023``, ``Januar-März``, ``bis Juni 2023``, ``31.12.2023``.
        year: the year of labels that name none.

    >>> period("Januar-März 2023") == Period(24276, 24279)
    True
    >>> period("bis März", 2023) == period("2023-01 bis 2023-03")
    True
    >>> period("1. bis 3. Quartal", 2023) == period("Q1-Q3 2023") == period("bis September 2023")
    True
    """
    text = " ".join(label.lower().replace("_", " ").split())
    if match := _DAY.search(text):
        return _day(match)
    if match := _NAMED.search(text):
        return _named(match, year)
    if match := _QUARTERS.search(text):
        return _quarters(match, year)
    if match := _QUARTER.search(text):
        return _quarter(match, year)
    if match := _HALF.search(text):
        base = int(match.group(2) or year) * 12 + 6 * (_ordinal(match.group(1)) - 1)
        return Period(base, base + 6)
    if match := _NUMERIC.search(text):
        return _numeric(match)
    if match := _PLAIN_YEAR.search(text):
        return Period(int(match.group(1)) * 12, int(match.group(2) or match.group(1)) * 12 + 12)
    return None


def periods_in(texts: Sequence[str]) -> Period | None:
    """The one period that titles and file names speak of; None if they name none or several.

    Days on which a table was captured or published are no reference dates.
    """
    for text in texts:
        bare = _CAPTURED.sub(" ", text.lower().replace("_", " "))
        found = period(bare)
        if found and len(set(_PLAIN_YEAR.findall(bare))) <= 1:
            return found
    return None


def total(label: str) -> bool:
    """Whether a label stands for the sum over its dimension."""
    return lexicon().is_total(label)
