"""Changes and index figures that give back a small count, because another count is known.

"6 cases, +200 percent" were two a year ago. The other count may stand in the same row, a year apart
in the same table, or in one that is public already. A change q with d decimals from a to b says
``|100 * (b / a - 1) - q| <= 0.5 * 10**-d``; an index is the same without the 1.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._numbers import decimals
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._figures import Floats, Ints, values_of
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules.minimum_frequency import of_things
from ckanext.sozialdaten.disclosure.rules.rate_inversion import Denominator, aligned
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "changes_of_released"]

_ID = "rate-inversion"
_TEXT = (
    "The changes in {column} and the count {denominator} give back {cells} counts below the"
    " minimum frequency of {minimum}."
)
_REMEDY = Message("Suppress these changes, round them more coarsely, or give no count beside them.")
_CHANGE = re.compile(
    r"veränderung|veraenderung|änderungsrate|zuwachs|zunahme|abnahme|wachstum|zum vorjahr"
    r"|zum vormonat|zum vorquartal|gegenüber|ggü\.?|\bchange|growth",
    re.IGNORECASE,
)
_NO_CHANGE = re.compile(r"saldo|punkte|\bpp\b|durchschnitt|mittel", re.IGNORECASE)
_PERCENT = re.compile(r"%|prozent|percent|\bv\. ?h\.|\brate", re.IGNORECASE)
_INDEX = re.compile(r"(?:=|≙|:)\s*100\b|\bindex\b", re.IGNORECASE)
_SELECTIVE, _CHANCE, _SLACK = 0.5, 0.1, 1e-9
_LEAST_ROWS = 3


@dataclass(frozen=True, slots=True)
class _Growth:
    """A column of changes.

    Args:
        column: its name.
        factors: the later count as a multiple of the earlier one, row by row; NaN for absolute
            changes.
        steps: the later count minus the earlier one; NaN for relative changes.
        half: half a unit of the last digit of a factor.
    """

    column: str
    factors: Floats
    steps: Floats
    half: float


def _growths(subject: Subject) -> Iterator[_Growth]:
    measures = subject.measures
    for name in measures.columns if measures else ():
        index = bool(_INDEX.search(name))
        said = index or _CHANGE.search(name)
        if not said or _NO_CHANGE.search(name) or of_things(name):
            continue
        profile = subject.profiles[name]
        values = values_of(subject, [name])[name]
        digits = max((decimals(text, profile.decimal) for text in profile.sample()), default=0)
        nothing = np.full(len(values), np.nan)
        if index:
            yield _Growth(name, values / 100, nothing, 0.005 * 10.0**-digits)
        elif digits or _PERCENT.search(name) or any("%" in text for text in profile.sample()):
            yield _Growth(name, 1 + values / 100, nothing, 0.005 * 10.0**-digits)
        else:
            yield _Growth(name, nothing, values, 0.0)


def _other(growth: _Growth, known: Floats, *, known_is_later: bool) -> tuple[Floats, Floats] | None:
    """The fewest and most that the other count may be; None if a change does not fit the count."""
    if np.isfinite(growth.steps).any():
        found = known - growth.steps if known_is_later else known + growth.steps
        shown = found[np.isfinite(found)]
        return (found, found) if len(shown) >= _LEAST_ROWS and (shown >= 0).all() else None
    least = np.maximum(growth.factors - growth.half, 0)
    most = growth.factors + growth.half
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = (known / most, known / least) if known_is_later else (known * least, known * most)
        low, high = np.ceil(ends[0] - _SLACK), np.floor(ends[1] + _SLACK)
        width = ends[1] - ends[0]
    telling = np.isfinite(width) & (width < _SELECTIVE) & (growth.factors != 1)
    if telling.sum() < _LEAST_ROWS or (high[telling] < low[telling]).any():
        return None
    chance = float(np.prod(np.clip(width[telling] + 2 * _SLACK, 0, 1)))
    return (low, high) if chance <= _CHANCE else None


@dataclass(frozen=True, slots=True)
class _Known:
    """A count that is known.

    Args:
        count: what readers know it by, and its values.
        later: whether it is the later of the two; None: nobody says, the numbers must.
    """

    count: Denominator
    later: bool | None


def _small(growth: _Growth, known: _Known, minimum: float) -> Ints:
    """Rows whose other count is below the minimum frequency, by the first reading that fits."""
    relative = np.isfinite(growth.factors).any()
    readings = (True, False) if known.later is None or relative else (known.later,)
    for later in readings if relative or known.later is not None else ():
        found = _other(growth, known.count.values, known_is_later=later)
        if found is not None:
            with np.errstate(invalid="ignore"):
                return np.flatnonzero((found[0] >= 1) & (found[1] < minimum))
    return np.zeros(0, dtype=np.int64)


def _findings(subject: Subject, growth: _Growth, counts: Sequence[_Known]) -> Iterator[Finding]:
    minimum = subject.policy.frequency.minimum
    for known in counts:
        rows = _small(growth, known, minimum)
        if len(rows):
            numbers: dict[str, str | int | float] = {
                "column": growth.column,
                "denominator": known.count.name,
                "cells": len(rows),
                "minimum": minimum,
            }
            yield Finding(
                _ID,
                Severity.BLOCK,
                Message(_TEXT, numbers),
                _REMEDY,
                column=growth.column,
                cells=subject.rows(rows.tolist()),
            )
            return


def _is_count(name: str) -> bool:
    return not (_CHANGE.search(name) or _INDEX.search(name) or lexicon().speaks_of(name, "change"))


def _find(subject: Subject) -> Iterator[Finding]:
    """Changes beside a count in the same row, or in that of the year before."""
    measures = subject.measures
    if not subject.policy.rates.check or measures is None:
        return
    counts = [name for name in measures.of(Role.COUNT) if _is_count(name)]
    for growth in _growths(subject):
        here = [_Known(Denominator(n, v), True) for n, v in values_of(subject, counts).items()]
        earlier = aligned(subject, subject, Role.COUNT, -1)
        before = [_Known(one, False) for one in earlier if one.name in counts]
        yield from _findings(subject, growth, [*here, *before])


def changes_of_released(subject: Subject, released: Sequence[Subject]) -> Iterator[Finding]:
    """Changes whose other count another table shows for the same regions."""
    if not released or not subject.policy.rates.check or subject.measures is None:
        return
    for growth in _growths(subject):
        counts = [
            _Known(one, later)
            for other in released
            for years, later in ((0, None), (-1, False))
            for one in aligned(subject, other, Role.COUNT, years)
            if _is_count(one.name)
        ]
        yield from _findings(subject, growth, counts)


RULE = Rule(_ID, Message("Changes that give back small counts"), _find)
