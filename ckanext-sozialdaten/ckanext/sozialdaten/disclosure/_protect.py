"""The verb protect: a safe copy of a table of counts, with as little suppressed as possible.

Sums are read from the complete table. A pattern counts only once the check, with its attack on the
protected copy alone, finds it safe; sums that only the copy suggests lead to another pattern.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ckanext.sozialdaten.disclosure._check import check_table
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._model import Severity
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import NotProtectedError, NotSupportedError
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.readers._common import cell_text
from ckanext.sozialdaten.disclosure.readers._arrow import plain_columns
from ckanext.sozialdaten.disclosure.rules._tables import attack, holds
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, cells_of, relations
from ckanext.sozialdaten.disclosure.suppression import (
    Built,
    Limits,
    Pattern,
    Unsolvable,
    build,
    suppress,
)
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Protected", "ProtectionReport", "protect_file", "protect_table"]

Declarations = Layout | Mapping[str, Role | str] | None
MARK = "."
_ROUNDS = 4
_SUMS = frozenset({"recoverable-suppression", "small-difference"})


@dataclass(frozen=True, slots=True)
class ProtectionReport:
    """What protection cost. For the staff alone: shares of sums tell something of hidden cells.

    Args:
        policy: name of the policy.
        methods: how many blocks of connected sums were solved ``exact`` and ``greedy``.
        cells: value cells of the table.
        before: cells that were suppressed already.
        primary: cells suppressed because they are too small.
        secondary: cells suppressed to protect others.
        changed: row, counted from 0, and column of each cell suppressed now.
        lost_cells: share of the published cells that are suppressed now.
        lost_sum: share of their values' sum.
        attacked: suppressed cells that the attack on the copy could not narrow too far: all.
    """

    policy: str
    methods: Mapping[str, int] = field(default_factory=dict[str, int])
    cells: int = 0
    before: int = 0
    primary: int = 0
    secondary: int = 0
    changed: tuple[tuple[int, str], ...] = ()
    lost_cells: float = 0.0
    lost_sum: float = 0.0
    attacked: int = 0
    parameters: Mapping[str, float] = field(default_factory=dict[str, float])

    def to_json(self) -> dict[str, object]:
        """The report as JSON."""
        return {
            "verdict": "safe",
            "policy": self.policy,
            "method": "suppression",
            "blocks": dict(self.methods),
            "parameters": dict(self.parameters),
            "cells": self.cells,
            "suppressed_before": self.before,
            "primary": self.primary,
            "secondary": self.secondary,
            "changed": [{"row": row, "column": column} for row, column in self.changed],
            "lost": {"cells": round(self.lost_cells, 6), "sum": round(self.lost_sum, 6)},
            "attack": {"suppressed": self.attacked, "weak": 0},
        }


@dataclass(frozen=True, slots=True)
class Protected:
    """A safe table and what it cost."""

    table: pa.Table
    report: ProtectionReport


def protect_file(path: str | Path, layout: Declarations, policy: Policy) -> Protected:
    """The same for the one table of a file.

    Raises:
        NotSupportedError: the file holds no table, or several.
    """
    dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
    sheets = [sheet for sheet in read_paths([path], dialect) if sheet.table.num_columns]
    if len(sheets) != 1:
        raise NotSupportedError(
            Message(
                "This file holds {count} tables; one can be protected.", {"count": len(sheets)}
            ),
            Message("Save each table as a file of its own."),
        )
    return protect_table(sheets[0].table, layout, policy)


def protect_table(table: pa.Table, layout: Declarations, policy: Policy) -> Protected:
    """A safe copy of a table of counts: see :func:`ckanext.sozialdaten.disclosure.protect`."""
    engine = Engine()
    try:
        plain = plain_columns(table)
        subject = prepare(Sheet(plain, "", "", 1), layout, policy, engine, strict=True)
        cells = _cells(subject)
        if cells is None:
            return _checked(table, layout, subject, Protected(table, ProtectionReport(policy.name)))
        return _protected(table, layout, subject, cells)
    finally:
        engine.close()


def _cells(subject: Subject) -> Cells | None:
    measures = subject.measures
    if measures is None or not measures.of(Role.COUNT):
        return None
    cells = cells_of(subject, Role.COUNT)
    if cells is None:
        raise NotProtectedError(
            Message("Nothing names the rows of this table uniquely."),
            Message("Name the dimensions in a layout or with --roles, one row for each cell."),
        )
    return cells


def _protected(table: pa.Table, layout: Declarations, subject: Subject, cells: Cells) -> Protected:
    """Patterns until one is found safe; sums that the copy suggests are added each time."""
    policy = subject.policy
    found = relations(cells, policy.frequency.total_share)
    done: Protected | None = None
    for _ in range(_ROUNDS):
        built = build(cells, found, policy)
        if built is None:
            raise NotProtectedError(
                Message("The sums around cells that are suppressed already contradict each other."),
                Message("Protect the complete table."),
            )
        pattern = _solved(built, cells, policy)
        hidden = np.zeros(len(cells), dtype=bool)
        hidden[built.order] = pattern.suppressed[: len(cells)]
        changed = hidden & ~cells.withheld
        copy = _marked(table, cells, changed, subject.known.quality_of)
        weak, seen, attacked = _attacked(copy, layout, subject)
        done = Protected(copy, _report(policy, cells, built, pattern, changed, attacked))
        news = [relation for relation in seen if relation not in found]
        if not weak or not news:
            break
        found = [*found, *news]
    assert done is not None  # noqa: S101 - the loop ran
    return _checked(done.table, layout, subject, done)


def _solved(built: Built, cells: Cells, policy: Policy) -> Pattern:
    rules = policy.protection
    limits = Limits(rules.exact_cells, rules.exact_rounds, rules.exact_nodes)
    try:
        return suppress(built.problem, limits)
    except Unsolvable as error:
        place = [int(built.order[cell]) for cell in error.cells if cell < len(cells)]
        rows = tuple(sorted({int(cells.rows[position]) for position in place}))
        raise NotProtectedError(
            Message("Even with all cells suppressed, sums would narrow some of them too far."),
            Message("Merge categories, or leave the totals out."),
            rows=rows,
        ) from error


def _marked(
    table: pa.Table,
    cells: Cells,
    changed: npt.NDArray[np.bool_],
    quality_of: Mapping[str, str],
) -> pa.Table:
    """The table with the mark in place of the changed cells, or in their column of signs."""
    signs = {value: sign for sign, value in quality_of.items()}
    for column in sorted({cells.columns[p] for p in np.flatnonzero(changed).tolist()}):
        rows = {
            int(cells.rows[p])
            for p in np.flatnonzero(changed).tolist()
            if cells.columns[p] == column
        }
        values = table.column(column).to_pylist()
        if column in signs:
            marks = table.column(signs[column]).to_pylist()
            kind = table.schema.field(column).type
            blank = "" if pa.types.is_string(kind) else None
            table = _with(table, column, [blank if r in rows else v for r, v in enumerate(values)])
            table = _with(
                table, signs[column], [MARK if r in rows else m for r, m in enumerate(marks)]
            )
        else:
            texts = [MARK if r in rows else cell_text(v) for r, v in enumerate(values)]
            table = _with(table, column, texts, pa.string())
    return table


def _with(
    table: pa.Table, column: str, values: Sequence[object], kind: pa.DataType | None = None
) -> pa.Table:
    index = table.column_names.index(column)
    return table.set_column(
        index, column, pa.array(values, type=kind or table.schema.field(column).type)
    )


def _attacked(
    copy: pa.Table, layout: Declarations, before: Subject
) -> tuple[bool, list[Relation], int]:
    """Whether the copy gives anything away; the sums seen in it; its suppressed cells."""
    roles = layout if isinstance(layout, Layout) else _roles(before)
    engine = Engine()
    try:
        subject = prepare(Sheet(plain_columns(copy), "", "", 1), roles, before.policy, engine)
        cells = cells_of(subject, Role.COUNT)
        if cells is None:
            return False, [], 0
        found = attack(cells, Role.COUNT, before.policy)
        known = found.intervals.values()
        weak = before.policy.suppression.check and not all(
            holds(interval, Role.COUNT, before.policy) for interval in known
        )
        return weak, list(found.relations), len(found.intervals)
    finally:
        engine.close()


def _roles(subject: Subject) -> dict[str, Role | str]:
    return {name: guess.role for name, guess in subject.known.guesses.items() if guess.role}


def _checked(copy: pa.Table, layout: Declarations, before: Subject, done: Protected) -> Protected:
    """The result, if the check finds it safe: with what was declared, and with what was guessed.

    Raises:
        NotProtectedError: a rule blocks it.
    """
    policy = before.policy
    readings = [layout] if isinstance(layout, Layout) else [layout, _roles(before)]
    for reading in readings:
        report = check_table(copy, reading, policy)
        rules = sorted({f.rule for f in report.findings if f.severity is Severity.BLOCK})
        if rules:
            hint = (
                Message("Merge categories, or leave the totals out.")
                if _SUMS.intersection(rules)
                else Message("Suppression does not help here: see the findings of the check.")
            )
            raise NotProtectedError(
                Message("The protected copy is not safe: {rules}.", {"rules": ", ".join(rules)}),
                hint,
            )
    return done


def _report(
    policy: Policy,
    cells: Cells,
    built: Built,
    pattern: Pattern,
    changed: npt.NDArray[np.bool_],
    attacked: int,
) -> ProtectionReport:
    shown = ~cells.withheld
    total = float(np.abs(cells.values[shown]).sum())
    places = np.flatnonzero(changed).tolist()
    names = sorted(str(method) for method in pattern.methods)
    return ProtectionReport(
        policy.name,
        {name: names.count(name) for name in dict.fromkeys(names)},
        len(cells),
        int(cells.withheld.sum()),
        built.small,
        len(places) - built.small,
        tuple(sorted((int(cells.rows[p]), cells.columns[p]) for p in places)),
        len(places) / max(int(shown.sum()), 1),
        float(np.abs(cells.values[changed]).sum()) / total if total else 0.0,
        attacked,
        {
            "minimum": policy.frequency.minimum,
            "minimum_width": policy.suppression.minimum_width,
            "margin_weight": policy.protection.margin_weight,
        },
    )
