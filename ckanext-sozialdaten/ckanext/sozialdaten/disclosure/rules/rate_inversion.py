"""Rates, means and shares that give back a small count, because their denominator is known.

The denominator may stand in the same row, in the row of the total, in a heading (``n = 54``), in a
title, or in a table that is public already.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._numbers import decimals
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._figures import Floats, Ints, keys_of, values_of
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules._shares import Inversion, inverse, inverted
from ckanext.sozialdaten.disclosure.rules.minimum_frequency import of_things
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = [
    "RULE",
    "Denominator",
    "Fit",
    "aligned",
    "fits_of",
    "inverted",
    "rates_of_released",
    "revealed",
]

_ID = "rate-inversion"
_MESSAGE = (
    "The rate {column} and the count {denominator} give back {cells} counts below the minimum "
    "frequency"
    " of {minimum}."
)
_REMEDY = Message("Suppress these rates, round them more coarsely, or leave the denominator out.")
_PER = re.compile(r"(?:je|pro|per|auf|von)\s+(1\s?0{1,6}|1|hundert|tausend)\b|(‰|promille)")
_WORDS = {"hundert": 100.0, "tausend": 1000.0, "1": 1.0}
_N = re.compile(r"\b[nN]\s*=\s*(\d{1,3}(?:[. ]\d{3})+|\d+)")
_ASKED = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[. ]\d{3})+|\d+) "
    r"(?:befragte|personen|teilnehm\w+|kinder|antworten|antwortende)\b",
    re.IGNORECASE,
)
_MEAN = re.compile(r"durchschnitt|mittel|mean|average|ø|pro kopf|je fall|pro fall|je person")
_PLAIN_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_BASE = re.compile(r"^(?:n|basis|base|befragte|antwortende|anzahl(?: \(?n\)?)?|zahl der .*)$")
_FACTORS = (100.0, 1.0, 1000.0, 10_000.0, 100_000.0)
_NAMED, _GUESSED = 0.1, 0.001
_CLOSE, _MOST_COUNTS = 1e-9, 40


@dataclass(frozen=True, slots=True)
class Denominator:
    """What a rate may be a share of, row by row.

    Args:
        name: what readers know it by.
        values: the denominator of each row.
        rows: row in which the column of this name shows it, -1 where none does; None: no column.
    """

    name: str
    values: Floats
    rows: Ints | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A rate and a denominator that enough rows say is the right one.

    Args:
        column: the rate.
        denominator: what it is a share of.
        factor: rate of one whole: 100 for percent.
        digits: decimals of the rate.
        counts: the counts behind the rates.
    """

    column: str
    denominator: Denominator
    factor: float
    digits: int
    counts: Inversion

    def small(self, minimum: float) -> Ints:
        """Rows of which a count below the minimum frequency, or a rest below it, is known."""
        counts = self.counts
        rest = counts.rest(self.denominator.values, minimum)
        return np.flatnonzero(counts.small(minimum) | rest)


def _factors(column: str) -> tuple[float, ...]:
    """What a rate of one whole would be: 100 for percent, 1000 for "je 1000"."""
    name = re.sub(r"(?<=\d) (?=0)", "", normal(column))
    match = _PER.search(name)
    if match:
        word = match.group(1)
        return (1000.0 if match.group(2) else _WORDS.get(word) or float(word.replace(" ", "")),)
    if "%" in name or "prozent" in name or "percent" in name:
        return (100.0,)
    return _FACTORS


def _digits(subject: Subject, name: str) -> int:
    profile = subject.profiles[name]
    return max((decimals(value, profile.decimal) for value in profile.sample()), default=0)


def _fit(subject: Subject, column: str, rates: Floats, denominator: Denominator) -> Fit | None:
    """The counts behind a rate, if enough rows say that the denominator is the right one."""
    digits = _digits(subject, column)
    factors = _factors(column)
    if len(factors) > 1 and np.nanmax(rates, initial=0) <= 1:
        factors = (1.0, *(factor for factor in factors if factor != 1.0))
    for place, factor in enumerate(factors):
        found = inverse(rates, denominator.values, digits, factor)
        if found is None:
            continue
        shown = int((np.isfinite(rates) & (rates > 0)).sum())
        enough = min(subject.policy.rates.evidence_rows, shown)
        sure = _NAMED if place == 0 else _GUESSED
        told = found.rows >= max(enough, 1) and found.chance <= sure
        if told or (len(factors) == 1 and _shown(subject, rates, denominator, digits, factor)):
            return Fit(column, denominator, factor, digits, found)
    return None


def _shown(
    subject: Subject, rates: Floats, denominator: Denominator, digits: int, factor: float
) -> bool:
    """Whether a count that stands beside them is that share wherever all three are shown."""
    columns = subject.measures.of(Role.COUNT) if subject.measures else []
    counts = values_of(subject, columns if len(columns) <= _MOST_COUNTS else [])
    shown = rates[np.isfinite(rates)]
    accident = min(1.0, 10.0**-digits / max(float(np.ptp(shown)), _CLOSE)) if shown.size else 1.0
    for name, values in counts.items():
        whole = denominator.values
        known = np.isfinite(rates) & np.isfinite(values) & (whole > 0) & (values > 0)
        if name == denominator.name or accident ** len(np.unique(rates[known])) > _GUESSED:
            continue
        gap = np.abs(factor * values[known] / whole[known] - rates[known])
        if (gap <= 0.5 * 10.0**-digits + _CLOSE).all():
            return True
    return False


# Denominators --------------------------------------------------------------------------------


def _number(text: str) -> float | None:
    match = _N.search(text)
    return float(re.sub(r"[. ]", "", match.group(1))) if match else None


def _asked(text: str) -> float | None:
    """How many persons a text says that shares are of: "(30 Personen)", "27 Befragte"."""
    match = _ASKED.search(text)
    return float(re.sub(r"[. ]", "", match.group(1))) if match else None


def _in_texts(subject: Subject, column: str, size: int) -> Iterator[Denominator]:
    """Denominators in a heading, in the labels of rows, or in a title."""
    number = _number(column)
    if number:
        yield Denominator(column, np.full(size, number))
        return
    for key in subject.measures.keys if subject.measures else ():
        beside = _number(key)
        if beside:
            yield Denominator(key, np.full(size, beside))
        numbers = [_number(text) or np.nan for text in keys_of(subject, key)]
        if np.isfinite(numbers).any():
            yield Denominator(key, np.asarray(numbers, dtype=np.float64))
        whole = [_asked(text) for text in keys_of(subject, key) if lexicon().totals_of([text])]
        if len(whole) == 1 and whole[0]:  # "Insgesamt (30 Personen)"
            yield Denominator(key, np.full(size, whole[0]))
        bases = [bool(_BASE.match(normal(text))) for text in keys_of(subject, key)]
        if sum(bases) == 1 and len(bases) > 1:  # "Anzahl (n)" below the shares
            row = bases.index(True)
            base = values_of(subject, [column])[column][row]
            yield Denominator(key, np.where(np.arange(size) == row, np.nan, base))
    for loose in subject.sheet.loose:
        number = (
            (_number(loose.text) or _asked(loose.text))
            if loose.kind in ("title", "footer")
            else None
        )
        if number:
            yield Denominator("n", np.full(size, number))


def _of_totals(subject: Subject, counts: dict[str, Floats]) -> Iterator[Denominator]:
    """For each row the count in the row of the total over one dimension."""
    words = lexicon()
    keys = list(subject.measures.keys) if subject.measures else []
    texts = {key: keys_of(subject, key) for key in keys}
    for key in keys:
        totals = [words.is_total(text) for text in texts[key]]
        if not any(totals) or all(totals):
            continue
        others = list(zip(*(texts[name] for name in keys if name != key), strict=True))
        others = others or [()] * len(totals)
        known = {combo: row for row, combo in enumerate(others) if totals[row]}
        rows = np.array(
            [
                -1 if total else known.get(combo, -1)
                for combo, total in zip(others, totals, strict=True)
            ]
        )
        for name, values in counts.items():
            yield Denominator(name, np.where(rows < 0, np.nan, values[rows]), rows)


def _columns(subject: Subject) -> list[str]:
    """Columns of rates, and figures up to 100 under a heading that says n."""
    measures = subject.measures
    if measures is None:
        return []
    rates = measures.of(Role.RATE)
    odd = [name for name in measures.columns if name not in rates and _number(name)]
    for name, values in values_of(subject, odd).items():
        if np.nanmax(values, initial=0) <= 100 and _digits(subject, name):
            rates.append(name)
    return rates


# Findings ------------------------------------------------------------------------------------


def _finding(subject: Subject, column: str, denominator: str, rows: Ints) -> Finding:
    minimum = subject.policy.frequency.minimum
    numbers: dict[str, str | int | float] = {
        "column": column,
        "denominator": denominator,
        "cells": len(rows),
        "minimum": minimum,
    }
    return Finding(
        _ID,
        Severity.BLOCK,
        Message(_MESSAGE, numbers),
        _REMEDY,
        column=column,
        cells=subject.rows(rows.tolist()),
    )


def _against(
    subject: Subject, column: str, rates: Floats, denominators: Sequence[Denominator]
) -> Iterator[Finding]:
    minimum = subject.policy.frequency.minimum
    for denominator in denominators:
        found = _fit(subject, column, rates, denominator)
        rows = found.small(minimum) if found else ()
        if len(rows):
            yield _finding(subject, column, denominator.name, np.asarray(rows))
            return


def _denominators(subject: Subject) -> Iterator[tuple[str, Floats, list[Denominator]]]:
    """The rates of a table, and what each of them may be a share of."""
    assert subject.measures is not None  # noqa: S101  the callers have looked
    counts = values_of(subject, subject.measures.of(Role.COUNT))
    for column, rates in values_of(subject, _columns(subject)).items():
        if not of_things(column):
            here = np.arange(len(rates))
            same_row = [Denominator(n, v, here) for n, v in counts.items() if n != column]
            texts = _in_texts(subject, column, len(rates))
            yield column, rates, [*same_row, *_of_totals(subject, counts), *texts]


def fits_of(subject: Subject) -> Iterator[Fit]:
    """Every rate of a table with every denominator in it that fits."""
    if subject.measures is not None:
        for column, rates, denominators in _denominators(subject):
            for denominator in denominators:
                found = _fit(subject, column, rates, denominator)
                if found is not None:
                    yield found


def revealed(subject: Subject) -> Iterator[tuple[int, str]]:
    """Row and column of the rates that give back a small count; some of them several times."""
    if not subject.policy.rates.check or subject.measures is None:
        return
    for fit in fits_of(subject):
        yield from ((int(row), fit.column) for row in fit.small(subject.policy.frequency.minimum))
    for column, rates in values_of(subject, _columns(subject)).items():
        for _, rows in _of_means(subject, column, rates, _sums(subject)):
            yield from ((int(row), column) for row in rows)


def _find(subject: Subject) -> Iterator[Finding]:
    if not subject.policy.rates.check or subject.measures is None:
        return
    for column, rates, denominators in _denominators(subject):
        yield from _against(subject, column, rates, denominators)
        for name, rows in _of_means(subject, column, rates, _sums(subject)):
            yield _finding(subject, column, name, rows)


def _sums(subject: Subject) -> Iterator[tuple[str, Floats, float]]:
    """The sums in a table, each with half a unit of its last digit."""
    if subject.measures is not None:
        for name, sums in values_of(subject, subject.measures.of(Role.MAGNITUDE)).items():
            yield name, sums, 0.5 * 10.0 ** -_digits(subject, name)


def _of_means(
    subject: Subject, column: str, means: Floats, shown: Iterable[tuple[str, Floats, float]]
) -> Iterator[tuple[str, Ints]]:
    """Sum divided by mean is the number of persons: the sum, and the rows that tell a small one."""
    if not _MEAN.search(normal(column)) or of_things(column):
        return
    minimum = subject.policy.frequency.minimum
    half = 0.5 * 10.0 ** -_digits(subject, column)
    for name, sums, unit in shown:
        good = np.isfinite(sums) & np.isfinite(means) & (means > half) & (sums > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            low = np.ceil((sums - unit) / (means + half) - 1e-9)
            high = np.floor((sums + unit) / (means - half) + 1e-9)
        narrow = good & (high - low <= 1)
        if not narrow.any() or (high[good] < low[good]).any():
            continue
        rows = np.flatnonzero(narrow & (low >= 1) & (high < minimum))
        if len(rows):
            yield name, rows
            return


def rates_of_released(subject: Subject, released: Sequence[Subject]) -> Iterator[Finding]:
    """Rates and means whose denominator or sum another table shows for the same regions, times."""
    measures = subject.measures
    if not released or not subject.policy.rates.check or measures is None:
        return
    rates = values_of(subject, _columns(subject))
    for other in released if rates else ():
        denominators = list(aligned(subject, other, Role.COUNT))
        enough = subject.policy.rates.evidence_rows
        sums = [
            (one.name, one.values, 0.5 * 10.0 ** -_digits(other, one.name))
            for one in aligned(subject, other, Role.MAGNITUDE)
        ]
        for column, values in rates.items():
            if not of_things(column):
                yield from _against(subject, column, values, denominators)
            fit = [s for s in sums if np.isfinite(s[1] + values).sum() >= enough]
            for name, rows in _of_means(subject, column, values, fit):
                yield _finding(subject, column, name, rows)


def aligned(subject: Subject, other: Subject, role: Role, years: int = 0) -> Iterator[Denominator]:
    """Values of another table at the regions and times of this one, where they are unique.

    Args:
        subject: this table.
        other: the other one, or the same.
        role: of the values.
        years: how many years later than here the other table's times are.
    """

    def here(column: str) -> list[str]:
        texts = keys_of(subject, column)
        if not years or column not in subject.known.columns(Role.TIME):
            return texts
        return [_PLAIN_YEAR.sub(lambda year: str(int(year.group()) + years), t) for t in texts]

    if other.measures is None or subject.measures is None:
        return
    shared = [
        (mine, theirs)
        for key in (Role.REGION, Role.TIME)
        for mine in subject.known.columns(key)
        for theirs in other.known.columns(key)
        if set(here(mine)) & set(keys_of(other, theirs))
    ]
    if not any(mine in subject.known.columns(Role.REGION) for mine, _ in shared):
        return
    mine = list(zip(*(here(one) for one, _ in shared), strict=True))
    theirs = list(zip(*(keys_of(other, two) for _, two in shared), strict=True))
    for name, values in values_of(other, other.measures.of(role)).items():
        known: dict[tuple[str, ...], float] = {}
        for combo, value in zip(theirs, values.tolist(), strict=True):
            known[combo] = np.nan if combo in known else value
        found = np.asarray([known.get(combo, np.nan) for combo in mine], dtype=np.float64)
        yield Denominator(name, found)


RULE = Rule(_ID, Message("Rates that give back small counts"), _find)
