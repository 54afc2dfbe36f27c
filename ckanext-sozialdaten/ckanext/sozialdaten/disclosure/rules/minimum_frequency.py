"""Minimum frequency: a published count below the threshold speaks of single persons.

Counts of things, such as buildings, schools or vehicles, are a warning: nobody knows whose they
are.
"""

import re
from collections.abc import Iterator

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._numbers import written_count
from ckanext.sozialdaten.disclosure._parameters import Zeros
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "of_things"]

_ID = "minimum-frequency"
_REWRITE = Message(
    "Leave the count out of the text, or write that there were fewer than the minimum."
)
_LONGEST = 100_000
# "nur ein Fall", "darunter 2 Kinder": words before it say that it is a count, and of whom
_TOLD = re.compile(
    r"\b(?:nur|lediglich|bloß|genau|darunter|davon|only)\s+"
    r"(?P<n>ein(?:e[nmrs]?)?|zwei|drei|vier|[1-9]|one|two)\s+(?!(?:oder|bis|und|or|to)\b)"
    r"(?:\w+\s+)?(?:f[aä]ll(?:e|en)?|kind(?:er|ern)?|person(?:en)?|mädchen|jungen?|fraue?n?|männer|mann"
    r"|familien?|haushalte?|jugendlich\w*|empfänger\w*|bewohner\w*|betroffene\w*|todesfall|cases?"
    r"|persons?|child(?:ren)?)\b",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(r"\((?:davon|darunter|dav\.|dar\.|of which|including)\b", re.IGNORECASE)
_BRACKETED = re.compile(r"\d[\d. ]*\(\s*(\d{1,6})\s*\)")
_THOUSAND = 1_000
_THOUSANDS = re.compile(r"\b(?:tsd|tausend|1[. ]?000|thousands?)\b", re.IGNORECASE)
_REMEDY = Message(
    "Merge categories, regions or years until every count reaches {minimum}, or suppress the "
    "cell together"
    " with others, so that no sum gives it back."
)


def of_things(column: str) -> bool:
    """Whether a column counts buildings, vehicles or the like, and no people in them.

    >>> of_things("Anzahl der Apotheken"), of_things("Haushalte in Wohnungen")
    (True, False)
    """
    words, heading = lexicon(), column.split(" | ", 1)[0]
    return words.speaks_of(heading, "things") and not words.speaks_of(heading, "people")


def _tells_few(text: str, minimum: int) -> bool:
    """Whether a text tells a count of people below the minimum."""
    numbers = (written_count(match["n"]) for match in _TOLD.finditer(text[:_LONGEST]))
    return any(number is not None and 0 < number < minimum for number in numbers)


def _in_prose(subject: Subject) -> Iterator[Finding]:
    """Small counts that a heading, footer or remark tells beside the table, or a text within it."""
    minimum = subject.policy.frequency.minimum
    for name, profile in subject.profiles.items():
        if subject.measures and name in subject.measures.columns:
            continue
        told = [v for v in profile.values if " " in v and _tells_few(v, minimum)]
        if told:
            text = subject.loaded[name].cast("string").strip()
            yield _finding(subject, name, subject.positions(text.isin(told)))
    rows = [x.row for x in subject.sheet.loose if _tells_few(x.text, minimum)]
    if rows:
        message = Message(
            "A text beside the table tells a count below the minimum frequency of {minimum}.",
            {"minimum": minimum},
        )
        cells = tuple(sorted({row for row in rows if row}))
        yield Finding(_ID, Severity.BLOCK, message, _REWRITE, cells=cells)


def _in_brackets(subject: Subject) -> Iterator[Finding]:
    """Small counts that stand in brackets behind others: "Fälle (davon Kinder)", "22 (1)"."""
    minimum = subject.policy.frequency.minimum
    for name, profile in subject.profiles.items():
        if not _OF_WHICH.search(name):
            continue
        found = {value: _BRACKETED.fullmatch(value) for value in profile.values}
        small = {v for v, match in found.items() if match and 0 < int(match[1]) < minimum}
        if small:
            text = subject.loaded[name].cast("string").strip()
            yield _finding(subject, name, subject.positions(text.isin(sorted(small))))


def _in_thousands(column: str) -> bool:
    """Whether a column counts people in thousands, so that 0,002 are two."""
    counted = lexicon().speaks_of(column, "people") or lexicon().speaks_of(column, "count")
    return counted and bool(_THOUSANDS.search(column))


def _find(subject: Subject) -> Iterator[Finding]:
    rules, measures = subject.policy.frequency, subject.measures
    if rules.check and not subject.known.person_level:
        yield from _in_prose(subject)
        yield from _in_brackets(subject)
    if not rules.check or measures is None:
        return
    # results of elections are published by law, whatever they count
    votes = any(lexicon().speaks_of(name, "votes") for name in measures.columns)
    scaled = [name for name in measures.of(Role.MAGNITUDE) if _in_thousands(name)]
    for column in (*measures.of(Role.COUNT), *scaled):
        value = measures.shown(column)
        if column in scaled:
            value = np.round(value * _THOUSAND, 6)
            if (value != np.rint(value))[np.isfinite(value)].any():
                continue
        least = value >= 0 if rules.zeros is Zeros.PROTECT else value > 0
        rows = np.flatnonzero(least & (value < rules.minimum))
        if len(rows):
            severity = Severity.WARN if votes or of_things(column) else Severity.BLOCK
            yield _finding(subject, column, rows.tolist(), severity)


def _finding(
    subject: Subject, column: str, rows: list[int], severity: Severity = Severity.BLOCK
) -> Finding:
    minimum = subject.policy.frequency.minimum
    return Finding(
        _ID,
        severity,
        Message(
            "The column {column} shows {cells} counts below the minimum frequency of {minimum}.",
            {"column": column, "cells": len(rows), "minimum": minimum},
        ),
        Message(_REMEDY.msgid, {"minimum": minimum}),
        column=column,
        cells=subject.rows(rows[: subject.policy.report.max_cells]),
    )


RULE = Rule(_ID, Message("Minimum frequency"), _find)
