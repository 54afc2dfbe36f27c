"""Region keys as sources write them, as canonical text keys of their level.

``DG``, 2 digits Land, 3 Regierungsbezirk, 5 Kreis, 8 Gemeinde, 9 Verband. Keys are text; numbers of
a spreadsheet get their leading zero back by the length that they lost it from.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from ckanext.sozialdaten.geography import GeographyError, Register, ars_to_ags
from ckanext.sozialdaten.harvesters.core.readers._cells import Cell, numeric
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words

__all__ = [
    "all_kreise",
    "key_and_name",
    "key_of",
    "land_in",
    "land_of",
    "looks_like_key",
    "nuts_key",
]

_LEADING = re.compile(r"\s*(\d{2,12})\s+(\S.*)", re.DOTALL)
_NUTS = re.compile(r"DE[0-9A-Z]{0,3}")
_POST_CODE = re.compile(r"^\s*\d{5}\s+|\s*\(\d{5}\)\s*$")
_LENGTHS = (2, 3, 5, 8, 9, 12)
_AGS = 8
_CITIES = ("02", "11")
_ARS = 12
_WHOLE = frozenset({"insgesamt", "deutschland", "bund", "bundesgebiet"})


def key_of(cell: Cell, kreise: bool = False) -> str | None:
    """The canonical key that a cell is.

    Args:
        cell: as the file has it; a number has lost its leading zero.
        kreise: whether the column holds Kreise padded with zeros (see :func:`all_kreise`):
            ``01001000`` is the Kreis 01001 there, and a Gemeinde elsewhere.

    >>> key_of("010565642001"), key_of(1056025.0), key_of("010560000000", True), key_of("01056")
    ('01056001', '01056025', '01056', '01056')
    """
    text = _text(cell)
    return _canonical(text, kreise) if text else None


def all_kreise(cells: Iterable[Cell]) -> bool:
    """Whether all keys of a column are padded with zeros, as only Kreise and larger regions are."""
    found = [text for text in map(_text, cells) if len(text) in (8, 12) and text.isdigit()]
    return bool(found) and all(
        text.endswith("000" if len(text) == 8 else "0" * 7) for text in found
    )


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        bare = "".join(cell.split())
        return f"0{bare}" if bare.isdigit() and len(bare) in (4, 7, 11) else bare
    if not numeric(cell) or not isinstance(cell, int | float) or not float(cell).is_integer():
        return ""
    text = str(int(cell))
    return f"0{text}" if len(text) in (1, 4, 7, 11) else text


@lru_cache(maxsize=65536)
def _canonical(text: str, kreise: bool) -> str | None:
    if text in ("DG", "DE") or (text in ("0", "00", "000", "00000", "00000000", "0" * 12)):
        return "DG"
    if _NUTS.fullmatch(text):
        return nuts_key(text)
    if not (text.isascii() and text.isdigit()) or len(text) not in _LENGTHS:
        return words().laender.get(fold(text)) if fold(text) in _WHOLE else None
    if len(text) == _ARS:
        return _from_ars(text, kreise)
    return _shorter(text) if len(text) == _AGS and (kreise or _larger(text)) else text


def _from_ars(ars: str, kreise: bool) -> str:
    if kreise or _larger(ars):
        return _shorter(ars[:5] + "000")
    return ars[:9] if ars[9:] == "000" and ars[5:9] != "0000" else ars_to_ags(ars)


def _larger(key: str) -> bool:
    """Whether a padded key can only be a Land or Regierungsbezirk."""
    return not key[3:].strip("0") and key[:2] not in _CITIES


def _shorter(key: str) -> str:
    """A key of eight digits without the zeros that only fill it up. Hamburg and Berlin are Kreise
    as well as Länder; among Kreise they are meant as such."""
    if key[2:] == "000000" and key[:2] not in _CITIES:
        return key[:2]
    return key[:3] if key[3:] == "00000" and key[:2] not in _CITIES else key[:5]


@lru_cache(maxsize=4096)
def nuts_key(code: str) -> str:
    """The AGS of a German NUTS code where the register knows it, else the code as printed."""
    if code == "DE":
        return "DG"
    try:
        return Register.default().normalise(code)
    except GeographyError:
        return code


def key_and_name(cell: Cell) -> tuple[str, str] | None:
    """Key and name that stand in one cell: ``01001 Flensburg, Stadt``."""
    match = _LEADING.fullmatch(cell) if isinstance(cell, str) else None
    key = _canonical(match[1], False) if match and not re.fullmatch(r"\d{2,3}", match[1]) else None
    if match and key is None and match[1][0] in "01" and len(match[1]) in (2, 3):
        key = match[1]
    return (key, " ".join(match[2].split())) if match and key else None


def _short(name: str) -> str:
    """A name without “, Stadt” and the like."""
    return fold(name.split(",")[0])


@lru_cache(maxsize=65536)
def gemeinde_named(parent: str, name: str) -> str | None:
    """The key of the one Gemeinde of ``parent`` that has this name, where the register knows it.

    A post code before or after the name is no key and is left out.
    """
    wanted = _short(_POST_CODE.sub("", name))
    register = Register.default()
    try:
        inside = [region for region in register if region.ags.startswith(parent)]
    except GeographyError:
        return None
    found = [r.ags for r in inside if len(r.ags) == _AGS and _short(r.name) == wanted]
    return found[0] if len(found) == 1 else None


def land_of(text: Cell) -> str | None:
    """The key of a Land, or of Germany, that a text names and nothing else."""
    return words().laender.get(fold(text)) if isinstance(text, str) else None


def land_in(text: str) -> str | None:
    """The key of the one Land that a title speaks of."""
    folded = fold(text)
    found = {
        key: name for name, key in words().laender.items() if re.search(rf"\b{name}s?\b", folded)
    }
    found = {
        key: name
        for key, name in found.items()
        if not any(name != other and name in other for other in found.values())
    }
    return next(iter(found)) if len(found) == 1 else None


def looks_like_key(cell: Cell) -> bool:
    """Whether a cell has the form of a key: text of a key's length, or Germany."""
    return isinstance(cell, str) and (
        cell.strip() == "DG"
        or bool(re.fullmatch(r"(0\d|1[0-6])(\d|\d{3}|\d{6,7}|\d{10})?", cell.strip()))
    )
