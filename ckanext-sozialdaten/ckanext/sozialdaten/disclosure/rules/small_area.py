"""Social figures for areas with too few inhabitants."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._figures import keys_of, values_of
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "small_areas"]

_ID = "small-area"
_REMEDY = Message("Merge the area with its neighbours, or leave it out.")


def _regions(subject: Subject) -> list[str]:
    return subject.known.columns(Role.REGION)


def _populations(subject: Subject) -> dict[str, float]:
    """Inhabitants by area, as a table gives them in a column or in rows."""
    measures = subject.measures
    if measures is None:
        return {}
    words = lexicon()
    regions = [keys_of(subject, name) for name in _regions(subject)]
    columns = [name for name in measures.of(Role.COUNT) if words.speaks_of(name, "population")]
    result: dict[str, float] = {}
    for values in values_of(subject, columns[:1]).values():
        for cells in regions:
            for area, value in zip(cells, values.tolist(), strict=True):
                if area and value == value:
                    result[area] = max(value, result.get(area, 0.0))
    if columns:
        return result
    return _in_rows(subject, regions, measures.of(Role.COUNT))


def _in_rows(
    subject: Subject, regions: Sequence[Sequence[str]], counts: Sequence[str]
) -> dict[str, float]:
    """The same where a row says in another column that it counts inhabitants."""
    result: dict[str, float] = {}
    words = lexicon()
    measures = subject.measures
    for key in measures.keys if measures else ():
        if key in _regions(subject):
            continue
        telling = [words.speaks_of(text, "population") for text in keys_of(subject, key)]
        if not any(telling) or all(telling):
            continue
        for values in values_of(subject, counts[:1]).values():
            for cells in regions:
                for area, value, good in zip(cells, values.tolist(), telling, strict=True):
                    if good and area and value == value:
                        result[area] = max(value, result.get(area, 0.0))
    return result


def small_areas(subject: Subject, released: Sequence[Subject]) -> Iterator[Finding]:
    """Findings on rows of areas that are too small, as this table or another one shows."""
    rules, measures = subject.policy.small_areas, subject.measures
    if not rules.check or measures is None:
        return
    known: dict[str, float] = {}
    for other in (*released, subject):
        known.update(_populations(other))
    social = [name for name in measures.columns if not lexicon().speaks_of(name, "population")]
    yield from _rows(subject, known, social)


def _rows(subject: Subject, known: Mapping[str, float], social: Sequence[str]) -> Iterator[Finding]:
    minimum = subject.policy.small_areas.minimum_population
    regions = [keys_of(subject, name) for name in _regions(subject)]
    small = np.zeros(subject.sheet.table.num_rows, dtype=np.bool_)
    for cells in regions:
        small |= np.asarray([0 < known.get(area, np.inf) < minimum for area in cells])
    for column, values in values_of(subject, social).items():
        rows = np.flatnonzero(small & (values > 0))
        if len(rows):
            text = (
                "The column {column} shows figures for {cells} areas with fewer than {minimum} "
                "inhabitants."
            )
            numbers = {"column": column, "cells": len(rows), "minimum": minimum}
            yield Finding(
                _ID,
                Severity.BLOCK,
                Message(text, numbers),
                _REMEDY,
                column=column,
                cells=subject.rows(rows.tolist()),
            )


def _find(subject: Subject) -> Iterator[Finding]:
    return small_areas(subject, ())


RULE = Rule(_ID, Message("Figures for very small areas"), _find)
