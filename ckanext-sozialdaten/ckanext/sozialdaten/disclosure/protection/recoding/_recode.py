"""Person-level tables recoded: no identifiers, coarser columns, and nobody stands out.

Everybody is alike with k - 1 others in *all* recoded columns together, and so in any set of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError, NotSupportedError, RolesError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection.recoding._automatic import automatic, rounded
from ckanext.sozialdaten.disclosure.protection.recoding._blanks import Blanks, blank, settle
from ckanext.sozialdaten.disclosure.protection.recoding._columns import (
    Columns,
    Reason,
    columns_of,
)
from ckanext.sozialdaten.disclosure.protection.recoding._criteria import (
    Bools,
    Criteria,
    Sensitive,
    judge,
    rolled,
    sensitive_of,
)
from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import ALL, Hierarchy, Ints
from ckanext.sozialdaten.disclosure.protection.recoding._lattice import (
    Problem,
    Solution,
    grouped,
    search,
)
from ckanext.sozialdaten.disclosure.protection.recoding._loss import Metric, column_loss
from ckanext.sozialdaten.disclosure.protection.recoding._values import Values, read_values
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["recode_candidate"]


@dataclass(frozen=True, slots=True)
class _Persons:
    """A table as the search needs it.

    Args:
        quasi: columns to be recoded, with their hierarchies.
        hierarchies: one for each.
        sensitive: columns that stay.
        problem: the search.
        base: distinct row of each row.
        by_row: what must differ within groups, row by row.
        dropped: columns that are left out.
    """

    quasi: Sequence[Values]
    hierarchies: Sequence[Hierarchy]
    sensitive: Sequence[Values]
    problem: Problem
    base: Ints
    by_row: Sequence[Sensitive]
    dropped: Mapping[str, Reason]


def recode_candidate(
    subject: Subject,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    metric: Metric = Metric.BALANCED,
) -> Candidate:
    """A person-level table without identifiers, recoded as little as the policy allows.

    Rows come in the order of their values. Columns that would have to become ``*`` are left out,
    and so are sensitive ones in which nearly all are alike, or that nobody has declared and that
    cost more of the others than they are worth.

    Args:
        subject: the table.
        hierarchies: by column; the others are built from names and values.
        metric: what the search keeps small.

    Raises:
        NotSupportedError: rows are no persons.
        NotProtectedError: fewer persons than must be alike, or nothing of the table is left.
        RolesError: a hierarchy for a column that does not exist.
    """
    if not subject.known.person_level:
        raise NotSupportedError(
            Message("The rows of this table are no persons."),
            Message("Declare quasi-identifiers or sensitive columns with --roles."),
        )
    given = dict(hierarchies or {})
    missing = [name for name in given if name not in subject.profiles]
    if missing:
        raise RolesError(Message("There is no column {column}.", {"column": ", ".join(missing)}))
    criteria = Criteria.of(subject.policy)
    rows = subject.sheet.table.num_rows
    if rows < criteria.k:
        raise NotProtectedError(
            Message(
                "{rows} persons are too few: {k} must be alike.", {"rows": rows, "k": criteria.k}
            ),
            Message("Publish no table of persons, but counts together with other areas."),
        )
    persons = _worthwhile(subject, _persons(subject, given, criteria, metric))
    solution = search(persons.problem)
    if solution is None:
        raise _hopeless()
    return _candidate(subject, persons, solution)


def _hopeless() -> NotProtectedError:
    return NotProtectedError(
        Message("No recoding makes enough persons of this table alike."),
        Message("Publish counts instead of rows."),
    )


def _worthwhile(subject: Subject, persons: _Persons) -> _Persons:
    """Without the sensitive columns that cost more of the others than a whole column is worth.

    Columns that somebody has declared stay. A loss by ranks cannot be weighed against a column.
    """
    problem, guesses = persons.problem, subject.known.guesses
    guessed = [
        one.name
        for one in persons.by_row
        if not one.persons and guesses[one.name].why != "declared"
    ]
    if not guessed or problem.metric is Metric.RANK:
        return persons
    others = [one for one in problem.sensitive if one.name not in guessed]
    without = search(replace(problem, sensitive=others))
    if without is None:
        raise _hopeless()
    below = (without.loss[0] + 1 / max(len(problem.codes), 1),)
    costly = [
        one.name
        for one in problem.sensitive
        if one.name in guessed and search(replace(problem, sensitive=[*others, one]), below) is None
    ]
    return replace(
        persons,
        problem=replace(problem, sensitive=_except(problem.sensitive, costly)),
        by_row=_except(persons.by_row, costly),
        sensitive=[column for column in persons.sensitive if column.name not in costly],
        dropped={**persons.dropped, **dict.fromkeys(costly, Reason.COSTLY)},
    )


def _except(columns: Sequence[Sensitive], names: Sequence[str]) -> list[Sensitive]:
    return [column for column in columns if column.name not in names]


def _persons(
    subject: Subject, given: Mapping[str, Hierarchy], criteria: Criteria, metric: Metric
) -> _Persons:
    columns = columns_of(subject, given)
    rows = subject.sheet.table.num_rows
    data = read_values(subject, [*columns.quasi, *columns.sensitive, *columns.persons])
    for name in columns.amounts:
        data[name] = data[name].renamed(rounded(data[name].rows(), criteria.k))
    quasi = [data[name] for name in columns.quasi]
    trees = [_hierarchy(column, given, criteria.k) for column in quasi]
    levels = [
        [codes[column.codes] for codes in tree.codes(column.values)]
        for column, tree in zip(quasi, trees, strict=True)
    ]
    dropped = dict(columns.dropped)
    by_row = _by_row(columns, data, criteria, rows, dropped)
    lowest = tuple(min(tree.lowest, tree.height - 1) for tree in trees)
    base = grouped([codes[low] for codes, low in zip(levels, lowest, strict=True)], rows)
    first, sizes = np.unique(base, return_index=True, return_counts=True)[1:]
    losses = [
        column_loss(metric, tree, column.values, np.bincount(column.codes))
        for column, tree in zip(quasi, trees, strict=True)
    ]
    problem = Problem(
        [[codes[first] for codes in column] for column in levels],
        sizes.astype(np.int64),
        losses,
        lowest,
        [
            sensitive_of(
                one.name, base[one.base], one.value, ordered=one.ordered, persons=one.persons
            )
            for one in by_row
        ],
        criteria,
        int(subject.policy.protection.max_lost_share * rows),
        metric,
    )
    sensitive = [data[name] for name in columns.sensitive if name not in dropped]
    return _Persons(quasi, trees, sensitive, problem, base, by_row, dropped)


def _hierarchy(column: Values, given: Mapping[str, Hierarchy], least: int) -> Hierarchy:
    if column.name in given:
        return given[column.name].covering(column.values)
    return automatic(column.name, column.rows(), least)


def _by_row(
    columns: Columns,
    data: Mapping[str, Values],
    criteria: Criteria,
    rows: int,
    dropped: dict[str, Reason],
) -> list[Sensitive]:
    """What must differ within groups; columns that fail in the whole table are dropped instead."""
    everybody = np.zeros(rows, dtype=np.int64)
    places = np.arange(rows, dtype=np.int64)
    kept: list[Sensitive] = []
    for name in (*columns.sensitive, *columns.persons):
        column = data[name]
        one = sensitive_of(
            name,
            places,
            column.codes,
            ordered=column.ordered,
            persons=name in columns.persons,
        )
        if not judge(np.array([rows]), [rolled(one, everybody)], criteria).failing.any():
            kept.append(one)
        elif one.persons:
            raise NotProtectedError(
                Message(
                    "{rows} persons are too few: {k} must be alike.",
                    {"rows": one.size, "k": criteria.k},
                )
            )
        else:
            dropped[name] = Reason.UNIFORM
    return kept


def _blanks(persons: _Persons, solution: Solution, codes: Sequence[Ints]) -> Blanks:
    """Cells to blank so that as few of the failing rows as possible are left out."""
    failing = ~solution.kept[persons.base]
    criteria = persons.problem.criteria
    none = Blanks(np.zeros((len(failing), len(codes)), dtype=bool), failing)
    if not failing.any():
        return none
    found = settle(codes, blank(codes, failing, persons.by_row, criteria), persons.by_row, criteria)
    risk = criteria.max_global_risk
    safe = found.left_out.sum() <= persons.problem.limit and not risk
    return found if safe else settle(codes, none, persons.by_row, criteria)


def _candidate(subject: Subject, persons: _Persons, solution: Solution) -> Candidate:
    codes = [
        tree.codes(column.values)[level][column.codes]
        for column, tree, level in zip(
            persons.quasi, persons.hierarchies, solution.node, strict=True
        )
    ]
    blanks = _blanks(persons, solution, codes)
    dropped = dict(persons.dropped)
    for column, tree, level in zip(persons.quasi, persons.hierarchies, solution.node, strict=True):
        if set(tree.labels(column.values, level)) == {ALL}:
            dropped[column.name] = Reason.COARSE
    table = _table(subject.sheet.table, persons, solution, blanks, dropped)
    if not table.num_columns or not table.num_rows:
        raise _hopeless()
    return Candidate(
        table,
        Method.RECODE,
        _parameters(persons, solution, dropped),
        (),
        _lost(persons, solution, blanks, dropped),
        notes={
            "rows": table.num_rows,
            "left_out": int(blanks.left_out.sum()),
            "blanked": int(blanks.cells.sum()),
            "dropped": len(dropped),
            "nodes": solution.evaluated,
            "exact": int(solution.exact),
        },
        roles=_roles(subject, persons, table),
    )


def _roles(subject: Subject, persons: _Persons, table: pa.Table) -> dict[str, Role]:
    """What the columns that are left are now: whatever was recoded is a quasi-identifier."""
    roles = {column.name: Role.QUASI_IDENTIFIER for column in persons.quasi}
    for column in persons.sensitive:
        roles[column.name] = subject.known.guesses[column.name].role or Role.SENSITIVE
    return {name: roles[name] for name in table.column_names}


def _table(
    source: pa.Table,
    persons: _Persons,
    solution: Solution,
    blanks: Blanks,
    dropped: Mapping[str, Reason],
) -> pa.Table:
    """The recoded rows in the order of their values, so that their place tells nothing."""
    keep = ~blanks.left_out
    order_by: list[Ints] = [column.codes[keep] for column in persons.sensitive]
    found: dict[str, pa.Array | pa.ChunkedArray] = {}
    for place, (column, tree, level) in enumerate(
        zip(persons.quasi, persons.hierarchies, solution.node, strict=True)
    ):
        if column.name in dropped:
            continue
        names = tree.labels(column.values, level)
        ranks: dict[str, int] = {}
        coded = np.array([ranks.setdefault(x, len(ranks)) for x in names], dtype=np.int64)
        hidden = blanks.cells[:, place]
        order_by.append(np.where(hidden, -1, coded[column.codes])[keep])
        found[column.name] = _column(source, column, names, hidden)
    for column in persons.sensitive:
        nowhere = np.zeros(len(keep), dtype=bool)
        found[column.name] = _column(source, column, column.values, nowhere)
    kept = {name: found[name] for name in source.column_names if name in found}
    order = np.flatnonzero(keep)
    if order_by:
        order = order[np.lexsort(order_by)]
    return pa.table(kept).take(pa.array(order)) if kept else pa.table({})


def _column(
    source: pa.Table, column: Values, labels: Sequence[str], hidden: Bools
) -> pa.Array | pa.ChunkedArray:
    """A recoded column; one whose values stay numbers or as they are keeps its type."""
    original, blank = source.column(column.name), pa.array(hidden)
    if tuple(labels) == column.values and not column.changed:
        return pc.if_else(blank, pa.scalar(None, original.type), original)
    texts = pa.array([label or None for label in labels], pa.string())
    if column.changed and pa.types.is_primitive(original.type):
        texts = texts.cast(original.type)
    return pc.if_else(blank, pa.scalar(None, texts.type), texts.take(pa.array(column.codes)))


def _parameters(
    persons: _Persons, solution: Solution, dropped: Mapping[str, Reason]
) -> dict[str, float | str]:
    """The numbers of the policy that were used, the level of each column, and what is left out."""
    criteria = persons.problem.criteria
    levels = "; ".join(
        f"{column.name} {level}/{tree.height - 1}"
        for column, tree, level in zip(
            persons.quasi, persons.hierarchies, solution.node, strict=True
        )
    )
    return {
        "k": criteria.k,
        "distinct_l": criteria.distinct_l,
        "max_share": criteria.max_share,
        "t": criteria.t,
        "max_lost_rows": persons.problem.limit,
        "metric": str(persons.problem.metric),
        "levels": levels,
        "dropped": "; ".join(f"{name}: {reason}" for name, reason in dropped.items()),
    }


def _lost(
    persons: _Persons, solution: Solution, blanks: Blanks, dropped: Mapping[str, Reason]
) -> dict[str, float]:
    """Shares of rows, cells and columns lost, and of the bits that the columns held."""
    out = float(blanks.left_out.mean())
    cells = float(blanks.cells.mean()) if blanks.cells.size else 0.0
    entropy = [
        float(column_loss(Metric.ENTROPY, tree, column.values, np.bincount(column.codes))[level])
        for column, tree, level in zip(
            persons.quasi, persons.hierarchies, solution.node, strict=True
        )
    ]
    bits = float(np.mean(entropy)) if entropy else 0.0
    whole = len(persons.quasi) + len(persons.sensitive) + len(persons.dropped)
    return {
        "entropy": min(1.0, bits * (1 - out - cells) + out + cells),
        "rows": out,
        "cells": cells,
        "columns": len(dropped) / max(whole, 1),
    }
