"""How counts of a table stand for true ones: as somebody says, as its legend says, as they look.

A legend ("Werte gerundet auf Vielfache von 5") is believed where the numbers bear it out.
"""

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.structure import Noise, Precision, View
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
    r"\s+(?:die\s+|den\s+|eine?\s+)?(?:zahl\s+)?(\d{1,4})\b(?!\s*(?:nachkomma|dezimal|stelle|decimal|%|prozent))"
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


def said_precision(subject: Subject, values: Floats) -> Precision | None:
    """What somebody, or the table's legend, says of its counts; None if nobody says anything."""
    if subject.published_as:
        return Precision.parse(subject.published_as)
    found = legend_precision(loose.text for loose in subject.sheet.loose)
    return found if found and _fits(values, found.size) else None


def precision_of(view: View, given: Precision | None) -> Precision:
    """How a view's counts stand for true ones: as said, else as its numbers look.

    Args:
        view: the view.
        given: what holds for all tables that say nothing themselves; None: nobody knows.
    """
    if view.role is not Role.COUNT:
        return _EXACT
    said = said_precision(view.subject, view.cells.values) or given
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
