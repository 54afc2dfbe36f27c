"""The words that tables are understood by, from ``schemas/formats/table_words.yaml``."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import cast

import yaml

__all__ = ["Words", "fold", "words"]

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009]+")
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Words:
    """What captions and texts mean.

    Args:
        roles: role -> regular expression over folded captions.
        units: regular expression of a unit as printed.
        silent_sheets: sheets that never hold figures.
        footers: where a table ends.
        sentinels: folded cells that say where a table ends and nothing else.
        persons: captions of columns that only lists of persons have.
        laender: folded names of the Länder and of Germany -> key.
        months: folded names -> number.
    """

    roles: dict[str, re.Pattern[str]]
    units: re.Pattern[str]
    silent_sheets: re.Pattern[str]
    footers: re.Pattern[str]
    sentinels: frozenset[str]
    persons: re.Pattern[str]
    laender: dict[str, str]
    months: dict[str, int]


@cache
def words() -> Words:
    """The list, read once."""
    source = resources.files("ckanext.sozialdaten.schemas.formats") / "table_words.yaml"
    data = cast("dict[str, object]", yaml.safe_load(source.read_text(encoding="utf-8")))
    roles = cast("dict[str, list[str]]", data["roles"])
    laender = cast("dict[str, list[str]]", data["laender"])
    months = cast("list[list[str]]", data["months"])
    return Words(
        {role: _any(patterns) for role, patterns in roles.items()},
        _any(cast("list[str]", data["units"])),
        _any(cast("list[str]", data["silent_sheets"])),
        _any(cast("list[str]", data["footers"])),
        frozenset(fold(text) for text in cast("list[str]", data["sentinels"])),
        _any(cast("list[str]", data["persons"])),
        {fold(name): key for key, names in laender.items() for name in names},
        {fold(name): number for number, names in enumerate(months, 1) for name in names},
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """A caption or name for comparing: no hyphenation at line ends, one blank, no umlauts.

    >>> fold("Text-\\nkenn  zeichen ")
    'textkenn zeichen'
    """
    joined = text.replace("\r\n", "\n").replace("-\n", "")
    return _BLANKS.sub(" ", joined).strip().casefold().translate(_FOLDS)
