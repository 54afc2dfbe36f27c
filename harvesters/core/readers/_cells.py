"""One cell of a table of figures: a number, a sign, or neither. Never silently zero."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

__all__ = [
    "Cell",
    "Figure",
    "Numbers",
    "as_text",
    "decimal_of",
    "is_code",
    "is_gap",
    "looks_numeric",
    "numeric",
    "plain",
]

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Figure = tuple[str, str, str]

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009\u2007']+")
_SHAPE = re.compile(r"[+\-\u2212\u2013]?[.,]?\d[\d.,]*")
_UNIT = re.compile(r"\s*(€|EUR|%)$")
_LETTER = re.compile(r"(.*\d\)?)\s?([A-Za-z]{1,2}|\(\))$", re.DOTALL)
_GAP = re.compile(r"#[A-ZÄÖÜ]+[A-ZÄÖÜ0-9/]*[!?]?")
_CODE = re.compile(r"0\d+")
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(19|20)\d{2}|(19|20)\d{2}-\d{2}(-\d{2})?")
_GERMAN = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+|[+-]?\d{1,3}(\.\d{3}){2,}")
_ENGLISH = re.compile(
    r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d+\.(\d{1,2}|\d{4,})|[+-]?\d{1,3}(,\d{3}){2,}"
)
_OPEN_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_FORMS = {
    ",": re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+|(?<=\d))"),
    ".": re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+|(?<=\d))([eE][+-]?\d+)?"),
}


def plain(number: float) -> str:
    """A number of a workbook or of JSON as text with a decimal point, as it is stored.

    >>> plain(1675.0), plain(51.72958115183247), plain(1e-07)
    ('1675', '51.72958115183247', '0.0000001')
    """
    if isinstance(number, float) and not number.is_integer():
        return format(Decimal(repr(number)), "f")
    return str(int(number))


def numeric(cell: Cell) -> bool:
    """Whether a cell is stored as a number."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell


def as_text(cell: Cell) -> str:
    """A cell that names something, on one line."""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.datetime | dt.time):
        return cell.isoformat()
    if isinstance(cell, int | float) and numeric(cell):
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    return " ".join(str(cell).split())


def is_code(text: str) -> bool:
    """Whether digits name something: they begin with a zero that a number would not have."""
    return bool(_CODE.fullmatch(text))


def decimal_of(texts: Iterable[str]) -> tuple[set[str], str]:
    """The decimal characters that a column's texts prove, and a text that leaves it open."""
    proven: set[str] = set()
    undecided = ""
    for text in texts:
        bare = _bare(text)
        if _GERMAN.fullmatch(bare) and not _ENGLISH.fullmatch(bare):
            proven.add(",")
        elif _ENGLISH.fullmatch(bare) and not _GERMAN.fullmatch(bare):
            proven.add(".")
        elif _OPEN_POINT.fullmatch(bare):
            undecided = text
    return proven, undecided


def _bare(text: str) -> str:
    bare = _BLANKS.sub("", _UNIT.sub("", text.strip()))
    return bare.replace("\u2212", "-").replace("\u2013", "-")


@dataclass(frozen=True)
class Numbers:
    """The rule for the cells of one column.

    Args:
        decimal: ``,`` or ``.``; texts that are written otherwise are no numbers.
        legend: signs -> what may stand beside them (``any``, ``zero``, ``none``).
    """

    decimal: str
    legend: Mapping[str, str]

    def read(self, cell: Cell) -> Figure | None:
        """Value with decimal point, sign and unit as printed in the cell; None: neither.

        >>> Numbers(",", {"p": "any", ".": "none"}).read("-  1 234,5 p")
        ('-1234.5', 'p', '')
        >>> Numbers(",", {".": "none"}).read(".")
        ('', '.', '')
        """
        if isinstance(cell, str):
            return self._text(cell)
        if not isinstance(cell, int | float) or not numeric(cell):
            return None
        value = plain(cell)
        return ("", value, "") if self.legend.get(value) == "none" else (value, "", "")

    def _text(self, cell: str) -> Figure | None:
        text = cell.strip(" \t\r\n\u00a0\u202f")
        found = _number(text, self.decimal)
        if found is not None:
            return found[0], "", found[1]
        if self.legend.get(text) in ("none", "zero"):
            return "", text, ""
        if text.startswith("(") and text.endswith(")") and "()" in self.legend:
            inner = _number(text[1:-1], self.decimal)
            return (inner[0], "()", inner[1]) if inner else None
        letter = _LETTER.fullmatch(text)
        if letter and self.legend.get(letter[2]) == "any":
            inner = _number(letter[1], self.decimal)
            return (inner[0], letter[2], inner[1]) if inner else None
        return None

    def takes(self, cell: Cell) -> bool:
        """Whether the cell is a number or a sign."""
        return self.read(cell) is not None


@lru_cache(maxsize=65536)
def _number(text: str, decimal: str) -> tuple[str, str] | None:
    unit = _UNIT.search(text)
    bare = _bare(text)
    if not bare or not _FORMS[decimal].fullmatch(bare) or not any(map(str.isdigit, bare)):
        return None
    group = "." if decimal == "," else ","
    value = bare.replace(group, "").replace(",", ".").removeprefix("+")
    if "e" in value.lower():
        value = format(Decimal(value), "f")
    if value.startswith((".", "-.")):
        value = value.replace(".", "0.", 1)
    return value, unit[1] if unit else ""


def is_gap(text: str) -> bool:
    """Whether a text stands where a spreadsheet has an error, or a formula without its result."""
    return bool(_GAP.fullmatch(text))


@lru_cache(maxsize=1 << 16)
def looks_numeric(text: str) -> bool:
    """Whether a text has the shape of a number in some locale."""
    bare = _bare(text)
    return bool(_SHAPE.fullmatch(bare)) and not is_code(bare) and not _DATE.fullmatch(bare)
