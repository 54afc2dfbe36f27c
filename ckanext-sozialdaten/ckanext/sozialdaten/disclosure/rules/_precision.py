"""How counts of a table stand for true ones: as somebody says, as its legend says, as they look.

A legend ("Werte gerundet auf Vielfache von 5") is believed where the numbers bear it out: all of
them, or all but totals, which are exact then.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.structure import Cells, Noise, Precision, View
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["legend_precision", "precision_of", "said_precision"]

Floats = npt.NDArray[np.float64]
_EXACT = Precision()
_BASES = ((10, Noise.ROUNDED), (5, Noise.ROUNDED), (3, Noise.CONTROLLED))
_EVIDENCE = 10
_ROUNDED = re.compile(
    r"gerundet|rundung|aufgerundet|abgerundet|\brounded|\brounding", re.IGNORECASE
)
_BASE = re.compile(
    r"(?:vielfache[nrs]?\s+(?:von|der)|multiples?\s+of|basis|base|auf|to(?: the nearest)?|nearest)"
    r"\s+(?:die\s+|den\s+|eine?\s+)?(?:volle\s+|ganze\s+)?(?:zahl\s+)?(\d{1,4})\b(?!\s*(?:nachkomma|dezimal|stelle|decimal|%|prozent))"
    r"|\b(\d{1,4})er-?rundung",
    re.IGNORECASE,
)
_WORDS = {"dreier": 3, "fünfer": 5, "zehner": 10, "hunderter": 100, "hundert": 100, "tausend": 1000}
_WORD = re.compile(rf"\b(?:volle\s+|ganze\s+)?({'|'.join(_WORDS)})(?:rundung)?\b", re.IGNORECASE)


def legend_precision(texts: Iterable[str]) -> Precision | None:
    """What texts around a table say about rounding; None if they say nothing.

    >>> legend_precision(["Werte gerundet auf Vielfache von 5"])
    Precision(noise=<Noise.ROUNDED: 'rounded'>, size=5)
    >>> legend_precision(["Anteile auf 1 Nachkommastelle gerundet"]) is None
    True
    """
    for text in texts:
        for line in re.split(r"[\n;]|(?<=\w\w)\.\s", text):
            base = _base(line) if _ROUNDED.search(line) else 0
            if base > 1:
                noise = Noise.CONTROLLED if base == 3 else Noise.ROUNDED
                return Precision(noise, base)
    return None


def _base(line: str) -> int:
    match, word = _BASE.search(line), _WORD.search(line)
    if match:
        return int(match[1] or match[2])
    return _WORDS[word[1].lower()] if word else 0


def said_precision(subject: Subject, cells: Cells) -> Precision | None:
    """What somebody, or the table's legend, says of its counts; None if nobody says anything."""
    if subject.published_as:
        return Precision.parse(subject.published_as)
    texts = (*(loose.text for loose in subject.sheet.loose), *subject.sheet.table.column_names)
    found = legend_precision(texts)
    if found is None or _fits(cells.values, found.size):
        return found
    inner = np.ones(len(cells), dtype=np.bool_)
    for dimension in cells.dimensions:
        totals = [n for n, label in enumerate(dimension.labels) if _is_total(label)]
        inner &= ~np.isin(dimension.codes, np.asarray(totals, dtype=np.int64))
    parts = cells.values[inner]
    fits = bool((parts > 0).any()) and _fits(parts, found.size)
    return replace(found, mixed=True) if fits else None


def _is_total(label: str) -> bool:
    """Whether a code is a total; of a value column its last word."""
    words = label.replace("|", " ").replace("_", " ").split()
    return lexicon().is_total(label) or (bool(words) and lexicon().is_total(words[-1]))


def precision_of(view: View, given: Precision | None) -> Precision:
    """How a view's counts stand for true ones: as said, else as its numbers look.

    Args:
        view: the view.
        given: what holds for all tables that say nothing themselves; None: nobody knows.
    """
    if view.role is not Role.COUNT:
        return _EXACT
    said = said_precision(view.subject, view.cells) or given
    if said is not None:
        return said
    values = view.cells.values[~np.isnan(view.cells.values)]
    if len(np.unique(values[values > 0])) < _EVIDENCE:
        return _EXACT
    for base, noise in _BASES:
        if _fits(values, base):
            return Precision(noise, base)
    return _EXACT


def _fits(values: Floats, base: int) -> bool:
    """Whether all values are multiples of a base."""
    known = values[~np.isnan(values)] / base
    return bool((np.abs(known - np.rint(known)) < 1e-9).all())
