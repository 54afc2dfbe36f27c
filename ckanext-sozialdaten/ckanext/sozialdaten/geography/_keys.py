"""The form of region keys: what can be said without knowing which regions exist.

AGS: 2 digits Land, 3 Regierungsbezirk, 5 Kreis, 8 Gemeinde; a Verband has 9 (the head of its ARS);
Germany is ``DG``. An ARS has 12 digits: Land 2, Regierungsbezirk 1, Kreis 2, Verband 4, Gemeinde 3.
A small area (Ortsteil, Planungsraum) has the key of its Gemeinde or Kreis, a hyphen, and the
county's own key: ``99001001-03``. So keys of two counties never meet.
"""

import re
from enum import StrEnum

from ckanext.sozialdaten.geography.errors import BadRegionKey
from ckanext.sozialdaten.messages import Message

__all__ = [
    "GERMANY",
    "Level",
    "ars_to_ags",
    "candidates",
    "canonical_key",
    "key_level",
    "small_area_key",
]

GERMANY = "DG"
_SPREADSHEET = re.compile(r"\d+[.,]\d+|\d+([.,]\d+)?[eE]\+?\d+")
_LOST_ZERO = (1, 4, 7, 11)
_ARS = 12
_SMALL = re.compile(r"(\d{5}|\d{8})-([A-Za-z0-9._]{1,24})")


class Level(StrEnum):
    """Levels of regions, from the largest to the smallest."""

    BUND = "bund"
    LAND = "land"
    REGIERUNGSBEZIRK = "regierungsbezirk"
    KREIS = "kreis"
    VERBAND = "verband"
    GEMEINDE = "gemeinde"
    ORTSTEIL = "ortsteil"

    @property
    def rank(self) -> int:
        """0 for the Bund, larger for smaller regions."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}
_LENGTHS = {
    2: Level.LAND,
    3: Level.REGIERUNGSBEZIRK,
    5: Level.KREIS,
    8: Level.GEMEINDE,
    9: Level.VERBAND,
}


def key_level(key: str) -> Level:
    """The level of a canonical key, by its form alone.

    Raises:
        BadRegionKey: ``key`` is not canonical.
    """
    if key == GERMANY:
        return Level.BUND
    if key.isascii() and key.isdigit() and len(key) in _LENGTHS:
        return _LENGTHS[len(key)]
    if _SMALL.fullmatch(key) and key.isascii():
        return Level.ORTSTEIL
    raise BadRegionKey(Message("“{key}” is no region key.", {"key": key}), _hint(key))


def small_area_key(parent: str, own: str) -> str:
    """The canonical key of a small area: that of its Gemeinde or Kreis, and the county's own.

    >>> small_area_key("99001001", "03")
    '99001001-03'

    Raises:
        BadRegionKey: the parent is neither Gemeinde nor Kreis, or the own key holds other signs
            than letters, digits, dot and underscore (blanks and slashes become an underscore).
    """
    key = f"{parent}-{re.sub(r'[ /-]+', '_', own.strip())}"
    if _SMALL.fullmatch(key) is None or not key.isascii():
        raise BadRegionKey(
            Message("“{key}” is no key of a small area.", {"key": own}),
            Message(
                "The key of its Gemeinde or Kreis, a hyphen, and up to 24 letters or digits, for "
                "instance “99001001-03”."
            ),
        )
    return key


def ars_to_ags(ars: str) -> str:
    """The AGS (8 digits) of a Gemeinde's ARS (12 digits).

    >>> ars_to_ags("010565642001")
    '01056001'
    """
    return ars[:5] + ars[9:]


def candidates(key: object, level: Level | None = None) -> tuple[str, ...]:
    """All canonical keys that ``key`` may mean, the longest first.

    Only ``01056000`` and its like mean more than one: the single Gemeinde of a kreisfreie Stadt, or
    the Kreis padded with zeros. Where ``level`` is declared, a lost leading zero is put back.

    Raises:
        BadRegionKey: not text, no key at all, or none of ``level``.
    """
    text = _clean(key)
    if text.upper() == GERMANY or (text and not text.strip("0")):
        found: tuple[str, ...] = (GERMANY,)
    elif _SMALL.fullmatch(text) and text.isascii():
        found = (text,)
    else:
        found = _digits(text, level)
    if level is None:
        return found
    fitting = tuple(item for item in found if key_level(item) is level)
    if not fitting:
        raise BadRegionKey(
            Message("“{key}” is no key of level {level}.", {"key": text, "level": level}),
            Message(
                "It is a key of level {level}: subtotals and other levels need a column or rows "
                "of their own.",
                {"level": key_level(found[-1])},
            ),
        )
    return fitting


def canonical_key(key: object, level: Level | None = None) -> str:
    """The canonical key by form alone, for regions that no register on this machine knows.

    Trailing zeros are taken as padding: ``01001000`` gives ``01001`` unless ``level`` is Gemeinde.

    >>> canonical_key("010560000000")
    '01056'
    >>> canonical_key("1056025", Level.GEMEINDE)
    '01056025'

    Raises:
        BadRegionKey: no key at all, or not of ``level``.
    """
    return candidates(key, level)[-1]


def _clean(key: object) -> str:
    if not isinstance(key, str):
        raise BadRegionKey(
            Message("A region key is text, not {type}.", {"type": type(key).__name__}),
            Message("Read the column as text: as numbers the keys lose their leading zeros."),
        )
    text = "".join(key.split())
    if not text:
        raise BadRegionKey(
            Message("The region key is empty."),
            Message("Every figure needs a region; Germany as a whole is “DG”."),
        )
    return text


def _digits(text: str, level: Level | None) -> tuple[str, ...]:
    if text.isascii() and text.isdigit():
        if level is not None and len(text) in _LOST_ZERO:
            text = "0" + text
        if len(text) == _ARS:
            return _from_ars(text)
        if len(text) in _LENGTHS:
            return _padded(text)
    raise BadRegionKey(Message("“{key}” is no region key.", {"key": text}), _hint(text))


def _from_ars(ars: str) -> tuple[str, ...]:
    """An ARS with a Verband but no Gemeinde names the Verband."""
    if ars[9:] == "000" and ars[5:9] != "0000":
        return (ars[:9],)
    return _padded(ars_to_ags(ars))


def _padded(key: str) -> tuple[str, ...]:
    """``key`` and what remains of it when zeros at its end are only padding."""
    found = [key]
    if len(key) == 8 and key.endswith("000"):
        found.append(key := key[:5])
    if len(key) == 5 and key.endswith("000"):
        found.append(key[:2])
    elif len(key) == 5 and key.endswith("00"):
        found.append(key[:3])
    return tuple(found)


def _hint(text: str) -> Message:
    if _SPREADSHEET.fullmatch(text):
        return Message(
            "A spreadsheet has turned the key into a number. Format the column as text and enter "
            "the keys again, with their leading zeros."
        )
    if text.isascii() and text.isdigit() and len(text) in _LOST_ZERO:
        return Message("The leading zero seems lost: did you mean “0{key}”?", {"key": text})
    return Message(
        "Keys are text: “DG”, an AGS of 2, 3, 5 or 8 digits, or an ARS of 12 digits, for instance "
        "“{example}”.",
        {"example": "01056"},
    )
