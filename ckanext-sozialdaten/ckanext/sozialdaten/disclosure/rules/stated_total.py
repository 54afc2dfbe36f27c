"""Totals in a title or a note: "insgesamt 70 Fälle" gives back the one suppressed cell."""

import re
from collections.abc import Iterator

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._figures import values_of
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.structure import cells_of, relations
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "recoverable-suppression"
_TEXT = (
    "A title or note gives a total that narrows down {cells} suppressed cells of the column"
    " {column} too far."
)
_REMEDY = Message("Take the total out of the text, or suppress further cells.")
_NUMBER = re.compile(
    r"(?<![\d.,/§-])(\d{1,3}(?:[. \u202f\u00a0]\d{3})+|\d{1,7})(?![\d/%-]|[.,]\d| ?%)"
)
_DAY = re.compile(r"\b\d{1,2}\. ?(?:\d{1,2}\.|[A-Za-zä]{3,9}) ?(?:\d{4})?|\b(?:19|20)\d{2}\b")
_WORDS = re.compile(
    r"insgesamt|gesamt|zusammen|summe|total|alle\b|overall|in all|\bn\s*=", re.IGNORECASE
)


def _totals(subject: Subject) -> Iterator[float]:
    """Numbers of the texts around the table that speak of a total."""
    for loose in subject.sheet.loose:
        if loose.kind in ("title", "footer") and _WORDS.search(loose.text):
            text = _DAY.sub(" ", loose.text[:2_000])
            for found in _NUMBER.findall(text):
                yield float(re.sub(r"\D", "", found))


def _find(subject: Subject) -> Iterator[Finding]:
    measures = subject.measures
    counts = measures.of(Role.COUNT) if measures else []
    if measures is None or not subject.policy.suppression.check or len(counts) != 1:
        return
    totals = sorted(set(_totals(subject)))
    cells = cells_of(subject, Role.COUNT) if totals else None
    if cells is None or not cells.withheld.any():
        return
    labels = [label for dimension in cells.dimensions for label in dimension.labels]
    share = subject.policy.frequency.total_share
    if any(map(lexicon().is_total, labels)) or relations(cells, share):
        return  # these cells are no parts of one whole
    hidden = np.flatnonzero(cells.withheld)
    shown = float(np.nansum(values_of(subject, counts)[counts[0]]))
    width = subject.policy.suppression.minimum_width
    for total in totals:
        rest = total - shown
        alone = len(hidden) == 1 and rest < max(shown, width)
        if rest >= 0 and (alone or rest < width):
            numbers = {"column": counts[0], "cells": len(hidden)}
            yield Finding(
                _ID,
                Severity.BLOCK,
                Message(_TEXT, numbers),
                _REMEDY,
                column=counts[0],
                cells=subject.rows([int(cells.rows[cell]) for cell in hidden]),
            )
            return


RULE = Rule(_ID, Message("Suppressed cells that a total in the text gives back"), _find)
