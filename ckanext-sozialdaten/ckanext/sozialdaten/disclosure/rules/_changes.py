"""Columns of changes: how far one column of counts lies above another, row by row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._figures import Flags, values_of
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Change", "changes"]

_EVIDENCE, _NAMED_EVIDENCE = 3, 2
_NAMED = re.compile(
    r"änder|differenz|diff\.|zunahme|abnahme|zuwachs|change|[+]/[-−]|±", re.IGNORECASE
)
_WHOLE = 1e-6
_MOST = 40


@dataclass(frozen=True, slots=True)
class Change:
    """A column that is the difference of two others wherever all three are shown.

    Args:
        column: the differences.
        before: what is subtracted.
        after: from what.
        opened: rows that show the difference and one of both, and hide the other.
    """

    column: str
    before: str
    after: str
    opened: Flags


def changes(subject: Subject) -> Iterator[Change]:
    """The columns of changes of a table; a few rows that differ must tell."""
    measures = subject.measures
    names = measures.of(Role.COUNT) if measures else []
    if measures is None or not 1 < len(names) <= _MOST:
        return
    shown = values_of(subject, list(measures.columns))
    for column, differences in shown.items():
        if measures.columns[column] is Role.RATE:
            continue
        needed = _NAMED_EVIDENCE if _NAMED.search(column) else _EVIDENCE
        for before, after in permutations([name for name in names if name != column], 2):
            one, two = shown[before], shown[after]
            fits = np.isfinite(one) & np.isfinite(two) & np.isfinite(differences)
            exact = np.abs(two[fits] - one[fits] - differences[fits]) < _WHOLE
            telling = (differences[fits] != 0) & (one[fits] != 0) & (two[fits] != 0)
            if telling.sum() >= needed and exact.all():
                opened = np.isfinite(differences) & (np.isfinite(one) != np.isfinite(two))
                yield Change(column, before, after, opened)
