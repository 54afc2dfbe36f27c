"""Suppressed cells that sums give back, and small counts that total and parts leave between them.

Two rules share one attack: ``recoverable-suppression`` and ``small-difference``.
"""

from collections.abc import Iterator
from enum import Enum, auto

import numpy as np

from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.attack import Status, insiders, mark_bounds
from ckanext.sozialdaten.disclosure.rules._precision import said_precision
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules._tables import (
    Attack,
    attack,
    by_column,
    finding,
    small_differences,
)
from ckanext.sozialdaten.disclosure.rules._within import in_bands, in_running_sums, in_subsets
from ckanext.sozialdaten.disclosure.structure import Cells, Precision, cells_of
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "SMALL_DIFFERENCE"]

_INSIDERS_SHARE = 10  # of the time for an attack
_WHOLE = 1e-6
_ID, _DIFFERENCE = "recoverable-suppression", "small-difference"
_REMEDY = Message("Suppress further cells in the same sums, or leave the totals out.")
_MERGE = Message("Merge the category that is left out with another one, or leave the total out.")


def _attacked(subject: Subject, role: Role) -> Attack | None:
    cells = cells_of(subject, role)
    if cells is None:
        return None
    return attack(
        cells,
        role,
        subject.policy,
        known=mark_bounds(subject, cells, {}),
        precision=_precision(subject, cells, role),
        small=subject.policy.frequency.minimum,
    )


def _precision(subject: Subject, cells: Cells, role: Role) -> Precision:
    said = said_precision(subject, cells) if role is Role.COUNT else None
    return said or Precision()


def _suppressed(subject: Subject) -> Iterator[Finding]:
    if not subject.policy.suppression.check:
        return
    for role in (Role.COUNT, Role.MAGNITUDE):
        found = _attacked(subject, role)
        if found:
            yield from _weak(subject, found, role)


class _Flaw(Enum):
    """What is wrong with an interval."""

    NARROW = auto()
    UNPROVEN = auto()
    CONTRADICTING = auto()
    FRACTIONS = auto()
    ROUNDED = auto()


_STATUS = {Status.TIME_OUT: _Flaw.UNPROVEN, Status.CONTRADICTION: _Flaw.CONTRADICTING}
_TEXTS = {
    _Flaw.NARROW: (
        "In the column {column} sums narrow down {cells} suppressed cells too far,"
        " {exact} of them to a single value.",
        Severity.BLOCK,
    ),
    _Flaw.UNPROVEN: (
        "In the column {column} the time was too short to prove {cells} suppressed cells safe.",
        Severity.BLOCK,
    ),
    _Flaw.CONTRADICTING: (
        "In the column {column} the sums around {cells} suppressed cells contradict each other.",
        Severity.WARN,
    ),
    _Flaw.FRACTIONS: (
        "In the column {column} {cells} suppressed cells are proven safe for fractions alone:"
        " whole numbers may narrow them further.",
        Severity.WARN,
    ),
    _Flaw.ROUNDED: (
        "In the column {column} sums narrow down {cells} rounded counts to small ones,"
        " {exact} of them to a single value.",
        Severity.BLOCK,
    ),
}


def _flaw(found: Attack, cell: int, role: Role, policy: Policy) -> _Flaw | None:
    status = found.intervals[cell].status
    if not found.cells.withheld[cell]:
        known, interval = status is not Status.CONTRADICTION, found.intervals[cell]
        small = interval.high > 0 and interval.low < policy.frequency.minimum
        leaks = known and small and not found.holds(cell, role, policy)
        return (_STATUS.get(status) or _Flaw.ROUNDED) if leaks else None
    if status in _STATUS:
        return _STATUS[status]
    if not found.holds(cell, role, policy):
        return _Flaw.NARROW
    return _Flaw.FRACTIONS if status is Status.OUTER else None


def _weak(subject: Subject, found: Attack, role: Role) -> Iterator[Finding]:
    """Findings on intervals that are too narrow, and on those that nobody could prove."""
    cells = found.cells
    flaws: dict[_Flaw, list[int]] = {flaw: [] for flaw in _Flaw}
    for cell in found.intervals:
        flaw = _flaw(found, cell, role, subject.policy)
        if flaw is not None:
            flaws[flaw].append(cell)
    yield from _unread(subject, found)
    flaws[_Flaw.NARROW] = _without_blanks(subject, found, role, flaws[_Flaw.NARROW])
    narrow = (*flaws[_Flaw.NARROW], *flaws[_Flaw.ROUNDED])
    exact = {cell for cell in narrow if found.intervals[cell].width < 1e-6}
    for flaw, positions in flaws.items():
        text, severity = _TEXTS[flaw]
        for column, rows in by_column(cells, positions):
            numbers: dict[str, str | int | float] = {"column": column, "cells": len(rows)}
            if flaw in (_Flaw.NARROW, _Flaw.ROUNDED):
                numbers["exact"] = sum(1 for cell in exact if cells.columns[cell] == column)
            message = Message(text, numbers)
            yield finding(subject, _ID, message, _REMEDY, column, rows, severity)
    insiders_matter = subject.policy.suppression.insiders and role is Role.COUNT
    if insiders_matter and not flaws[_Flaw.NARROW]:
        yield from _insiders(subject, found)


def _without_blanks(subject: Subject, found: Attack, role: Role, narrow: list[int]) -> list[int]:
    """Without blank cells of tables that show no sign, if no small count can stand there.

    Such a cell is not yet known, or means nothing: nobody has suppressed it.
    """
    if not narrow:
        return narrow
    cells, table = found.cells, subject.sheet.table
    texts = {
        name: [str(cell or "").strip() for cell in table.column(name).to_pylist()]
        for name in {cells.columns[cell] for cell in found.intervals}
    }

    def shown(cell: int) -> str:
        return texts[cells.columns[cell]][int(cells.rows[cell])]

    if any(shown(cell) for cell in found.intervals):
        return narrow
    if role is Role.MAGNITUDE:
        return []
    minimum = subject.policy.frequency.minimum
    return [cell for cell in narrow if found.intervals[cell].low < minimum]


def _insiders(subject: Subject, found: Attack) -> Iterator[Finding]:
    """A hint at cells whose only person, if there is but one, learns another small count.

    It blocks nothing: from outside nobody knows which suppressed cells are 1.
    """
    done, rules = found.translated, subject.policy
    known = insiders(
        done.statements,
        done.targets,
        found.answers,
        rules.frequency.minimum,
        floor=found.floor,
        seconds=rules.suppression.seconds / _INSIDERS_SHARE,
    )
    own = [done.positions[one.target] for one in known.found]
    for column, rows in by_column(found.cells, own):
        text = (
            "In the column {column} {cells} suppressed cells may be 1; their only person would"
            " learn another small count."
        )
        message = Message(text, {"column": column, "cells": len(rows)})
        yield finding(subject, _ID, message, _REMEDY, column, rows, Severity.INFO)


def _unread(subject: Subject, found: Attack) -> Iterator[Finding]:
    """A warning where totals stand beside suppressed cells but do not fit as sums."""
    cells = found.cells
    if not cells.withheld.any():
        return
    understood = {(r.dimension, r.total) for r in found.relations}
    for position, dimension in enumerate(cells.dimensions):
        totals = dimension.totals
        for code, label in enumerate(dimension.labels):
            if label in totals and (position, code) not in understood:
                text = (
                    "The table has suppressed cells, and the totals over {column} are not the "
                    "sums of what"
                    " is shown: nobody has proven the suppression."
                )
                name = _value_columns(subject) if dimension.name == COLUMN else dimension.name
                message = Message(text, {"column": name})
                yield Finding(_ID, Severity.WARN, message, _REMEDY, column=name)


def _value_columns(subject: Subject) -> str:
    return ", ".join(subject.measures.columns) if subject.measures else ""


def _differences(subject: Subject) -> Iterator[Finding]:
    rules = subject.policy.frequency
    cells = cells_of(subject, Role.COUNT) if rules.check else None
    if cells is None or not np.isfinite(cells.values).any():
        return
    if _precision(subject, cells, Role.COUNT) != Precision():
        return  # rounded figures differ by rounding
    found = attack(cells, Role.COUNT, subject.policy)
    totals = small_differences(found, rules.minimum)
    for column, rows in by_column(cells, totals):
        text = (
            "In the column {column} {cells} totals exceed their published parts by a count "
            "below the"
            " minimum frequency of {minimum}."
        )
        numbers = {"column": column, "cells": len(rows), "minimum": rules.minimum}
        yield finding(subject, _DIFFERENCE, Message(text, numbers), _MERGE, column, rows)
    yield from _between(subject)


def _between(subject: Subject) -> Iterator[Finding]:
    """Small groups that a subset, a running sum or a band leaves of the count it is part of."""
    minimum = subject.policy.frequency.minimum
    kinds = (
        (
            in_subsets,
            "In the column {column} {cells} counts leave a count below the minimum"
            " frequency of {minimum} of the whole that they are part of.",
        ),
        (
            in_bands,
            "In the column {column} {cells} age bands exceed another one by a count below"
            " the minimum frequency of {minimum}.",
        ),
        (
            in_running_sums,
            "In the column {column} {cells} running sums grow by a count below the"
            " minimum frequency of {minimum}.",
        ),
    )
    for search, text in kinds:
        hits: dict[str, set[int]] = {}
        for found in search(subject):
            small = (found.rest > _WHOLE) & (found.rest < minimum - _WHOLE)
            if small.any() and np.allclose(found.rest[small], np.rint(found.rest[small])):
                hits.setdefault(found.column, set()).update(found.rows[small].tolist())
        for column, rows in hits.items():
            numbers = {"column": column, "cells": len(rows), "minimum": minimum}
            message = Message(text, numbers)
            yield finding(subject, _DIFFERENCE, message, _MERGE, column, sorted(rows))


RULE = Rule(_ID, Message("Suppressed cells that sums give back"), _suppressed)
SMALL_DIFFERENCE = Rule(_DIFFERENCE, Message("Small differences of totals and parts"), _differences)
