"""Numbers and quality signs as German tables print them.

A cell of a table of counts has one of five states, and they must never be mixed up: a value,
nothing
(`-`), secret or unknown (`.`, `*`, `x`, `/`, empty), not yet known (`...`), and text. ``.`` is
also the group character of numbers: alone it is a sign.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "FOOTNOTE",
    "LATER_SIGNS",
    "NIL_SIGNS",
    "SECRET_SIGNS",
    "Decimal",
    "Number",
    "State",
    "decimal_of",
    "decimals",
    "parse",
    "written_count",
]

SECRET_SIGNS = frozenset(
    {
        "",
        ".",
        "*",
        "**",
        "***",
        "x",
        "X",
        "/",
        "•",
        "·",
        "∙",
        ":",
        "geheim",
        "geh.",
        "g.h.",
        "vertraulich",
        "gesperrt",
    }
    | {"k.A.", "k. A.", "k.a.", "n/a", "N/A", "NA", "NaN", "nan", "null", "NULL", "None"}
    | {"#NV", "#N/A", "<NA>"}
)
NIL_SIGNS = frozenset({"-", "–", "—", "−"})
LATER_SIGNS = frozenset({"...", "…"})

FOOTNOTE = r"([0-9])(?:\s*[¹²³⁰⁴-⁹]+\)?|\s+[0-9a-z]{1,2}\)|\s*\[[0-9a-z]{1,2}\]|\s*[*†‡]+)\s*$"
"""A note behind a number: 12¹, 12 1), 12*; the number alone is ``\\1``."""

_BLANKS = re.compile(r"[\s\u00a0\u202f]+")
# (1 234,5) r: a value of limited reliability, revised, preliminary, estimated
_DRESSED = re.compile(r"^\(?\s*([-+−]?[\d.,' \u00a0\u202f]+?)\s*\)?\s*([a-z]|%|€)?$")
# n = 12 and 12 (40,0 %): a count with its share
_COUNTED = re.compile(r"^(?:[nN]\s*=\s*)?([\d.' \u00a0\u202f]+?)\s*(?:\([\d.,]+\s*%\))?$")
# < 3, 1-2, 1 oder 2: a sign that says how small the count is
_BOUND = re.compile(
    r"^(?:(?:<|<=|≤|unter|weniger als|kleiner als|less than|fewer than)\s*(?:[1-9]|10)"
    r"|[0-3]\s*(?:-|–|bis|to|oder|or)\s*(?:[1-9]|10))$",
    re.IGNORECASE,
)
_NOTE = re.compile(FOOTNOTE)
_UNIT = re.compile(r"\s*[%‰€]$")
_COMMA = re.compile(r"^[-+−]?(\d+|\d{1,3}([.']\d{3})+)(,\d+)?$")
_POINT = re.compile(r"^[-+−]?(\d+|\d{1,3}([,']\d{3})+)(\.\d+)?([eE][-+]?\d{1,2})?$")


_SMALL_WORDS = {"kein": 0, "ein": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5}
_LARGE_WORDS = ("sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dreizehn", "vierzehn")
_WORDS = {
    **_SMALL_WORDS,
    **{word: number for number, word in enumerate(_LARGE_WORDS, 6)},
    "fünfzehn": 15,
    "sechzehn": 16,
    "siebzehn": 17,
    "achtzehn": 18,
    "neunzehn": 19,
    "zwanzig": 20,
    "dreißig": 30,
    "one": 1,
    "two": 2,
    "three": 3,
    "none": 0,
}
_ENDING = r"(?:e|en|er|es|em|s)?"
_WRITTEN = re.compile(
    r"(?:(?:nur|genau|insgesamt|lediglich|only|ca\.|rund|etwa)\s+)?"
    rf"(?P<n>[0-9]{{1,6}}|(?:{'|'.join(_WORDS)}){_ENDING})"
    r"(?P<of>\s+[a-zäöüß]{3,}(?:[:*/-]?[a-zäöüß]+)*)?",
    re.IGNORECASE,
)
_PART = re.compile(r"(?P<n>[0-9]{1,6}) (?:von|of|aus) (?:insgesamt )?[0-9]{1,6}")
_NO_COUNT = re.compile(
    r"(?:jahr|monat|woche|tag|stunde|minute|uhr|zimmer|meter|euro|cent|prozent|grad|stufe|klasse"
    r"|quartal|und mehr|year|month|day|hour|room|st\b|th\b)",
    re.IGNORECASE,
)


def written_count(text: str) -> float | None:
    """The count in a cell that writes it in words or names what it counts; None if there is none.

    >>> written_count("nur ein Fall"), written_count("2 Kinder"), written_count("zwölf")
    (1.0, 2.0, 12.0)
    >>> written_count("3 von 41")
    3.0
    >>> written_count("2 Zimmer"), written_count("Nord"), written_count("2 bis 3 Kinder")
    (None, None, None)
    """
    plain = " ".join(text.split())
    if part := _PART.fullmatch(plain):
        return float(part["n"])
    found = _WRITTEN.fullmatch(plain)
    if found is None or _NO_COUNT.match((found["of"] or "").strip()):
        return None
    number = found["n"].lower()
    if number.isdigit():
        return float(number)
    stems = [number.removesuffix(end) for end in ("e", "en", "er", "es", "em", "s", "")]
    return float(next(_WORDS[stem] for stem in stems if stem in _WORDS))


class State(StrEnum):
    """What a cell says."""

    VALUE = "value"
    NIL = "nil"
    SECRET = "secret"  # noqa: S105  a quality sign, no password
    LATER = "later"
    TEXT = "text"


class Decimal(StrEnum):
    """The decimal character of a table."""

    COMMA = ","
    POINT = "."


@dataclass(frozen=True, slots=True)
class Number:
    """One cell: its state, its value (0 for nothing, NaN if there is none)."""

    state: State
    value: float = float("nan")


def parse(text: str | None, decimal: Decimal = Decimal.COMMA) -> Number:
    """Read one cell.

    >>> parse("1.234,5").value, parse(".").state.value, parse("-").value
    (1234.5, 'secret', 0.0)
    >>> parse("(12)").value, parse("7 r").value, parse("1.234", Decimal.POINT).value
    (12.0, 7.0, 1.234)
    >>> parse("12 (40,0 %)").value, parse("< 3").state.value
    (12.0, 'secret')
    >>> parse("12 1)").value, parse("2¹").value
    (12.0, 2.0)
    """
    if text and text.isascii() and text.isdigit():
        return Number(State.VALUE, float(text))
    cell = _NOTE.sub(r"\1", _BLANKS.sub(" ", text or "").strip())
    if cell in SECRET_SIGNS:
        return Number(State.SECRET)
    if cell in NIL_SIGNS:
        return Number(State.NIL, 0.0)
    if cell in LATER_SIGNS:
        return Number(State.LATER)
    bare = cell
    pattern = _COMMA if decimal is Decimal.COMMA else _POINT
    if not pattern.match(bare):
        dressed = _DRESSED.match(cell) or _COUNTED.match(cell)
        bare = dressed.group(1).replace(" ", "") if dressed else ""
        if not pattern.match(bare):
            return Number(State.SECRET if _BOUND.match(cell) else State.TEXT)
    groups = ".'" if decimal is Decimal.COMMA else ",'"
    for group in groups:
        bare = bare.replace(group, "")
    return Number(State.VALUE, float(bare.replace(",", ".").replace("−", "-")))


def decimal_of(cells: Iterable[str]) -> Decimal:
    """The decimal character that a sample of cells was written with.

    A comma before one, two or four digits is decimal for certain, and so is a point; ``1.234``
    alone says
    nothing, and then a comma is assumed where any number has grouped points in a plausible way.

    >>> decimal_of(["1.234", "17,5"]).value, decimal_of(["0.25", "3"]).value
    (',', '.')
    >>> decimal_of(["48,0 %", "25"]).value
    ','
    """
    commas = points = grouped = 0
    for cell in cells:
        if "," not in cell and "." not in cell:
            continue
        text = _UNIT.sub("", cell.strip())
        if re.fullmatch(r"[-+]?[\d.]*,\d+", text) and not re.fullmatch(
            r"[-+]?[1-9]\d{0,2},\d{3}", text
        ):
            commas += 1
        elif re.fullmatch(r"[-+]?[\d,]*\.\d+", text):
            if re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}", text):
                grouped += 1
            else:
                points += 1
    if commas != points:
        return Decimal.COMMA if commas > points else Decimal.POINT
    return Decimal.COMMA if grouped else Decimal.POINT


def decimals(text: str, decimal: Decimal) -> int:
    """How many digits stand after the decimal character.

    >>> decimals("12,50 %", Decimal.COMMA), decimals("12", Decimal.COMMA)
    (2, 0)
    """
    _, mark, fraction = _UNIT.sub("", text.strip()).rpartition(decimal.value)
    return len(fraction) if mark and fraction.isdigit() else 0
