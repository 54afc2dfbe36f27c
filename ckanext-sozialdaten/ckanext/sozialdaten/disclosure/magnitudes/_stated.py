"""What a table itself says of those behind its values: how many they are, what the largest hold.

Producers often keep such columns beside a sum (τ-ARGUS: frequency, largest contributions, status).
They decide which cells may not be published and must not be published themselves.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Stated", "stated", "unsafe_by_status"]

Flags = npt.NDArray[np.bool_]

#: Statuses of τ-ARGUS (letters, and the numbers of its library), of JJ files, and plain words.
_PRIMARY = frozenset(
    [*"ABCFMPUum3456789", "true", "wahr", "ja", "yes", "primary", "primär"],
)
_OTHER = frozenset(
    ["", *"VDESXZOWsxz12", "10", "11", "12", "13", "14"],
) | {"false", "falsch", "nein", "no", "safe", "secondary"}
_LETTERS = frozenset("ABCDEFMPSUVWZ")
_SECOND = re.compile(
    r"(top|max|largest|größte[rs]?|groesste[rs]?)\s*2\b|\b2\s*(top|max)|zweit|second"
)
_LEAST = re.compile(r"\bmin\b|minim|kleinst|niedrigst|jüngst")
_MOST = re.compile(r"(top|max|largest)\s*1\b|\b1\s*(top|max)")


@dataclass(frozen=True, slots=True)
class Stated:
    """Columns by what they say.

    Args:
        values: the columns of values that are published.
        numbers: how many contribute to each row.
        largest: for each value column its largest contribution, as far as one says it.
        second: the same for the second largest one.
        statuses: which cells somebody has found unsafe.
        extremes: all columns with values of single contributors, smallest ones among them.
    """

    values: tuple[str, ...]
    numbers: tuple[str, ...]
    largest: Mapping[str, str]
    second: Mapping[str, str]
    statuses: tuple[str, ...]
    extremes: tuple[str, ...]

    @property
    def private(self) -> tuple[str, ...]:
        """Columns that no copy may have."""
        return (*self.statuses, *self.extremes)


def stated(subject: Subject) -> Stated | None:
    """What the columns of a table say; None if it has no values of contributors."""
    measures, words = subject.measures, lexicon()
    if measures is None:
        return None
    figures = list(measures.columns)
    statuses = tuple(name for name in subject.sheet.table.column_names if _is_status(subject, name))
    figures = [name for name in figures if name not in statuses]
    plain = {name: normal(name) for name in figures}
    extremes = [
        name
        for name in figures
        if words.speaks_of(name, "extreme")
        or re.search(r"^(max|min) | (max|min)$", plain[name])
        or _SECOND.search(plain[name])
        or _MOST.search(plain[name])
    ]
    numbers = [
        name for name in figures if name not in extremes and words.speaks_of(name, "contributors")
    ]
    whole = [name for name in measures.of(Role.COUNT) if name in figures and name not in extremes]
    if not numbers and extremes and len(whole) == 1:
        numbers = whole
    left = [name for name in figures if name not in extremes and name not in numbers]
    values = [name for name in left if measures.columns[name] is Role.MAGNITUDE]
    if not values and numbers and extremes:
        # Whole amounts look like counts, but nobody states the largest part of a count.
        values = [name for name in left if measures.columns[name] is Role.COUNT]
    if not values:
        return None
    seconds = [name for name in extremes if _SECOND.search(plain[name])]
    firsts = [name for name in extremes if name not in seconds and not _LEAST.search(plain[name])]
    return Stated(
        tuple(values),
        tuple(numbers),
        _matched(values, firsts, plain),
        _matched(values, seconds, plain),
        statuses,
        tuple(extremes),
    )


def _matched(
    values: Sequence[str], others: Sequence[str], plain: Mapping[str, str]
) -> dict[str, str]:
    """For each value column the one of the others with most of its words; the only one for all."""
    found: dict[str, str] = {}
    for value in values:
        own = set(plain[value].split())
        best = max(others, key=lambda name: len(own & set(plain[name].split())), default=None)
        if best is not None and (len(others) == 1 or own & set(plain[best].split())):
            found[value] = best
        elif best is not None and len(values) == 1:
            found[value] = others[0]
    return found


def _is_status(subject: Subject, name: str) -> bool:
    """Whether a column says which cells are unsafe: by its name, or in the letters of τ-ARGUS."""
    texts = set(subject.profiles[name].values) if name in subject.profiles else set[str]()
    plain = {_word(text) for text in texts}
    if len(plain) < 2 or not plain <= _PRIMARY | _OTHER:
        return False
    if lexicon().speaks_of(name, "cell_status"):
        return True
    letters = texts - {""}
    return len(letters) > 1 and letters <= _LETTERS and "V" in letters


def unsafe_by_status(texts: Sequence[str]) -> Flags:
    """Which cells a column of statuses says are unsafe by themselves."""
    return np.array([_word(text) in _PRIMARY for text in texts], dtype=np.bool_)


def _word(text: str) -> str:
    """Letters are codes, and those of τ-ARGUS are capitals; words are written in any way."""
    bare = text.strip()
    return bare if len(bare) == 1 else bare.lower()
