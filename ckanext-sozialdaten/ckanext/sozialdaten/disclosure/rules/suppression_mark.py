"""Signs that were lost: zeros, blanks and sentinels where a suppressed value stood."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._changes import changes
from ckanext.sozialdaten.disclosure.rules._figures import Flags, keys_of, values_of
from ckanext.sozialdaten.disclosure.rules._precision import said_precision
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules._tables import attack, by_column, finding
from ckanext.sozialdaten.disclosure.structure import (
    Cells,
    Kind,
    Precision,
    Relation,
    cells_of,
    groups,
    relations,
)
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "suppression-mark"
_SECRET = frozenset({".", "*", "x", "X", "•"})
_WHOLE = 1e-6
_LEGEND = re.compile(
    r"(?:^|[\s(„\"',;])(?P<sign>0|-|–|—)[\"“']?\s*(?:=|:|bedeutet|steht für|means|stands for)\s*"
    r"[^=;]{0,40}(?:geheim|unterdrück|gesperrt|anonymis|suppress|confidential|secret|"
    r"(?:weniger|kleiner|less|fewer) (?:als|than))",
    re.IGNORECASE,
)
_REMEDY = Message(
    "Put the sign back, such as . or *, and suppress so many further cells that no sum gives the "
    "value back."
)

_SPOILED = (
    "In the column {column} {cells} zeros stand for a suppressed value: the sum of what "
    "is shown falls short of its total, and the difference gives the value back."
)
_CHANGE = Message("Hide the changes as well where one of both values is hidden.")


def _find(subject: Subject) -> Iterator[Finding]:
    if not subject.policy.suppression.check or subject.measures is None:
        return
    yield from _beside_sign(subject)
    yield from _beside_change(subject)
    cells = cells_of(subject, Role.COUNT)
    zeros: list[Finding] = []
    if cells is not None and np.isfinite(cells.values).any():
        zeros = list(_zeros(subject, cells))
    yield from zeros
    yield from _sentinels(subject)
    yield from (one for one in _legend(subject) if one not in zeros)


def _beside_sign(subject: Subject) -> Iterator[Finding]:
    """A value whose own sign says that it is secret."""
    for sign, column in subject.known.quality_of.items():
        values = values_of(subject, [column]).get(column)
        if values is None:
            continue
        secret = np.asarray([text in _SECRET for text in keys_of(subject, sign)])
        rows = np.flatnonzero(secret & np.isfinite(values))
        if len(rows):
            text = "The column {column} shows {cells} values that their sign calls secret."
            message = Message(text, {"column": column, "cells": len(rows)})
            yield finding(subject, _ID, message, _REMEDY, column, rows.tolist())


def _beside_change(subject: Subject) -> Iterator[Finding]:
    """A hidden value that a column of changes gives back."""
    assert subject.measures is not None  # noqa: S101  the caller has looked
    for change in changes(subject):
        if subject.measures.columns[change.column] is Role.COUNT:
            continue  # a part of a sum: the attack decides
        hidden = [c for c in (change.before, change.after) if _marked(subject, c, change.opened)]
        rows = np.flatnonzero(change.opened).tolist()
        if hidden:
            text = "The changes in the column {column} give back {cells} hidden values of {hidden}."
            names: dict[str, str | int | float] = {"column": change.column, "cells": len(rows)}
            message = Message(text, {**names, "hidden": ", ".join(hidden)})
            yield finding(subject, _ID, message, _CHANGE, change.column, rows)


def _marked(subject: Subject, column: str, rows: Flags) -> bool:
    """Whether a mark, and not merely nothing, stands in one of some rows of a column."""
    texts = keys_of(subject, column)
    return any(texts[row] in _SECRET for row in np.flatnonzero(rows).tolist())


def _labelled(cells: Cells, known: Sequence[Relation]) -> Iterator[Relation]:
    """Totals that their label alone tells, because zeros spoil the sums."""
    understood = {(relation.dimension, relation.total) for relation in known}
    for position, dimension in enumerate(cells.dimensions):
        said = dimension.totals
        totals = [c for c, label in enumerate(dimension.labels) if label in said]
        parts = tuple(c for c in range(len(dimension.labels)) if c not in totals)
        if len(totals) == 1 and len(parts) > 1 and (position, totals[0]) not in understood:
            yield Relation(position, totals[0], parts, Kind.LABEL, exact=False)


def _gaps(cells: Cells, relation: Relation, minimum: int, written: set[int]) -> list[int]:
    """Zeros in sums that fall short of their total, if every sum without a zero fits.

    Where fewer sums fit than fall short, the gaps must be such as suppressed counts leave.

    Args:
        cells: the table.
        relation: the sum.
        minimum: the minimum frequency.
        written: cells that show a zero; a dash means nothing.
    """
    zeros: list[int] = []
    fitting, short, small = 0, 0, True
    for group in groups(cells, relation):
        parts = cells.values[list(group.parts)]
        total = float(cells.values[group.total])
        if np.isnan(parts).any() or np.isnan(total):
            continue
        gap = total - float(parts.sum())
        nothing = [part for part in group.parts if part in written]
        if abs(gap) <= _WHOLE:
            fitting += 1
        elif gap < 0 or not nothing or abs(gap - round(gap)) > _WHOLE:
            return []
        else:
            zeros += nothing
            short += 1
            small = small and gap < minimum * len(nothing)
    return zeros if small or fitting >= short else []


def _zeros(subject: Subject, cells: Cells) -> Iterator[Finding]:
    """Zeros in sums that fall short, where every sum without a zero fits."""
    if said_precision(subject, cells) not in (None, Precision()):
        return  # rounded figures differ by rounding
    frequency = subject.policy.frequency
    known = relations(cells, frequency.total_share)
    written = _written_zeros(subject, cells)
    found: set[int] = set()
    for relation in (*known, *_labelled(cells, known)):
        found.update(_gaps(cells, relation, frequency.minimum, written))
    for column, rows in by_column(cells, sorted(found)):
        message = Message(_SPOILED, {"column": column, "cells": len(rows)})
        yield finding(subject, _ID, message, _REMEDY, column, rows)


def _written_zeros(subject: Subject, cells: Cells) -> set[int]:
    """Cells that show a zero; a dash means nothing."""
    texts = {name: keys_of(subject, name) for name in set(cells.columns)}
    return {
        cell
        for cell in np.flatnonzero(cells.values == 0).tolist()
        if texts[cells.columns[cell]][int(cells.rows[cell])][:1].isdigit()
    }


def _sentinels(subject: Subject) -> Iterator[Finding]:
    """Negative numbers in a column of counts, such as -1 or -9 from an export."""
    assert subject.measures is not None  # noqa: S101  the caller has looked
    for column in sorted(subject.measures.of(Role.COUNT)):
        rows = subject.measures.secret_numbers(column).tolist()
        if not rows:
            continue
        text = "In the column {column} {cells} negative numbers stand for something else: a sign?"
        message = Message(text, {"column": column, "cells": len(rows)})
        yield finding(subject, _ID, message, _REMEDY, column, rows, Severity.WARN)


def _legend(subject: Subject) -> Iterator[Finding]:
    """A legend that calls a zero or a dash a suppressed value; sums may give such a zero back."""
    for loose in subject.sheet.loose:
        if said := _LEGEND.search(loose.text):
            opened = list(_opened_zeros(subject)) if said["sign"] == "0" else []
            yield from opened
            if not opened:
                text = (
                    "A text at the table says that a zero or a dash stands for suppressed values: "
                    "readers and programs take it for nothing, and no rule can check them."
                )
                cells = (loose.row,) if loose.row else ()
                yield Finding(_ID, Severity.WARN, Message(text), _REMEDY, cells=cells)
            return


def _opened_zeros(subject: Subject) -> Iterator[Finding]:
    """Zeros that a legend calls secret and that the sums around them narrow down too far."""
    cells = cells_of(subject, Role.COUNT)
    zeros = _written_zeros(subject, cells) if cells is not None else set[int]()
    if cells is None or not zeros or len(zeros) > subject.policy.suppression.max_cells:
        return
    secret = np.isin(np.arange(len(cells)), sorted(zeros))
    hidden = replace(
        cells,
        values=np.where(secret, np.nan, cells.values),
        withheld=cells.withheld | secret,
    )
    found = attack(hidden, Role.COUNT, subject.policy)
    weak = [cell for cell in sorted(zeros) if not found.holds(cell, Role.COUNT, subject.policy)]
    for column, rows in by_column(cells, weak):
        message = Message(_SPOILED, {"column": column, "cells": len(rows)})
        yield finding(subject, _ID, message, _REMEDY, column, rows)


RULE = Rule(_ID, Message("Suppressed values shown as zero or blank"), _find)
