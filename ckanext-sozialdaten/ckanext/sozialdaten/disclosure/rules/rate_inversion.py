"""Rates that give back a small count, because their denominator stands in the same table."""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._engine import ROW
from ckanext.sozialdaten.disclosure._lexicon import normal
from ckanext.sozialdaten.disclosure._measures import COLUMN, VALUE
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._numbers import decimals
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "inverted"]

_ID = "rate-inversion"
_MESSAGE = (
    "The rate {column} and the count {denominator} give back {cells} counts below the minimum "
    "frequency"
    " of {minimum}."
)
_REMEDY = Message("Suppress these rates, round them more coarsely, or leave the denominator out.")
_PER = re.compile(r"(?:je|pro|per)\s+(1\s?0{1,6}|1)\b|(‰|promille)")
_SELECTIVE = 0.5

Floats = npt.NDArray[np.float64]


def _factor(column: str) -> float:
    """What a rate of one whole would be: 100 for percent, 1000 for "je 1000"."""
    match = _PER.search(normal(column).replace("1 000", "1000").replace("10 000", "10000"))
    if not match:
        return 100.0
    return 1000.0 if match.group(2) else float(match.group(1).replace(" ", ""))


def inverted(
    rates: Floats, denominators: Floats, digits: int, factor: float, evidence: int
) -> Floats:
    """The count behind each rate where only one fits; NaN elsewhere.

    Args:
        rates: published rates.
        denominators: the counts they may be shares of.
        digits: decimals of the published rates.
        factor: rate of one whole.
        evidence: rows that must fit before the denominator counts as the right one.

    >>> inverted(np.array([3.7]), np.array([54.0]), 1, 100.0, 1).tolist()
    [2.0]
    """
    result = np.full(len(rates), np.nan)
    good = ~np.isnan(rates) & ~np.isnan(denominators) & (denominators > 0) & (rates >= 0)
    half = 0.5 * 10.0**-digits * denominators / factor + 1e-9
    exact = rates * denominators / factor
    count = np.round(exact)
    fits = np.abs(exact - count) <= half
    selective = good & (2 * half < _SELECTIVE)
    if selective.sum() < evidence or not fits[selective].all():
        return result
    alone = good & fits & (half < 0.5)
    result[alone] = count[alone]
    return result


def _columns(subject: Subject, name: str) -> tuple[Floats, npt.NDArray[np.int64]]:
    assert subject.measures is not None  # noqa: S101  the caller has looked
    long = subject.measures.long
    table = subject.engine.table(long.filter(long[COLUMN] == name).order_by(ROW))
    rows = np.asarray(table.column(ROW).to_numpy(), dtype=np.int64)
    return np.asarray(table.column(VALUE).to_numpy(), dtype=np.float64), rows


def _digits(subject: Subject, name: str) -> int:
    profile = subject.profiles[name]
    return max((decimals(value, profile.decimal) for value in profile.sample()), default=0)


def _find(subject: Subject) -> Iterator[Finding]:
    measures, policy = subject.measures, subject.policy
    if not policy.rates.check or measures is None:
        return
    for rate in measures.of(Role.RATE):
        rates, rows = _columns(subject, rate)
        for denominator in measures.of(Role.COUNT):
            counts, _ = _columns(subject, denominator)
            found = inverted(
                rates, counts, _digits(subject, rate), _factor(rate), policy.rates.evidence_rows
            )
            small = (found > 0) & (found < policy.frequency.minimum)
            if small.any():
                numbers: dict[str, str | int | float] = {
                    "column": rate,
                    "denominator": denominator,
                    "cells": int(small.sum()),
                    "minimum": policy.frequency.minimum,
                }
                yield Finding(
                    _ID,
                    Severity.BLOCK,
                    Message(_MESSAGE, numbers),
                    _REMEDY,
                    column=rate,
                    cells=subject.rows(rows[small].tolist()),
                )


RULE = Rule(_ID, Message("Rates that give back small counts"), _find)
