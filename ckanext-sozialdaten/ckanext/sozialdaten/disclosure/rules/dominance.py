"""Sums and means that let somebody estimate what one contributor contributes."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.magnitudes import Contributors, Verdict, verdicts
from ckanext.sozialdaten.disclosure.rules._figures import Flags, Floats, Ints, values_of
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "judge"]

_ID = "dominance"
_REMEDY = Message(
    "Suppress these values together with others, so that no sum gives them back, or merge "
    "categories until more contributors stand behind each."
)
_EXTREMES = Message("Leave out largest and smallest values, or give quantiles of large groups.")


def _few(column: str, cells: int, minimum: int) -> Message:
    return Message(
        "In the column {column} {cells} published values rest on fewer than {minimum} "
        "contributors.",
        {"column": column, "cells": cells, "minimum": minimum},
    )


# With the rows behind a table ----------------------------------------------------------------


def judge(subject: Subject, contributors: Contributors | None) -> Iterator[Finding]:
    """Findings on the sums and means of a table whose contributors are known.

    Raises:
        NotSupportedError: nothing tells which contributors stand behind which cell.
    """
    if contributors is None or not subject.policy.dominance.check or subject.measures is None:
        return
    for one in verdicts(subject, contributors):
        yield from _findings(subject, one)


def _findings(subject: Subject, one: Verdict) -> Iterator[Finding]:
    rules, column, judged = subject.policy.dominance, one.column, one.judged
    groups, rows = one.groups, one.rows
    published = np.isfinite(one.values)

    def cells(flags: Sequence[Flags]) -> Ints:
        return rows[published & np.any([flag[groups] for flag in flags], axis=0)]

    few = cells([verdict.few for verdict in judged])
    dominated = cells([verdict.dominated | verdict.estimable for verdict in judged])
    negative = cells([verdict.negative for verdict in judged])
    alone = cells([verdict.contributors == 0 for verdict in judged])
    unknown = rows[np.isin(rows, alone) & published & (one.values != 0)]
    if len(few):
        message = _few(column, len(few), rules.contributors)
        yield _finding(subject, Severity.BLOCK, message, column, few)
    if len(dominated):
        text = (
            "In the column {column} one contributor could estimate what another one holds too "
            "closely from {cells} published values."
        )
        message = Message(text, {"column": column, "cells": len(dominated)})
        yield _finding(subject, Severity.BLOCK, message, column, dominated)
    if len(negative):
        text = (
            "In the column {column} {cells} published values have negative contributions, for "
            "which the rules on dominance say nothing: look at them yourself."
        )
        message = Message(text, {"column": column, "cells": len(negative)})
        yield _finding(subject, Severity.WARN, message, column, negative)
    if len(unknown):
        text = (
            "In the column {column} {cells} published values have no contributors in the rows "
            "behind the table: nobody has checked them."
        )
        message = Message(text, {"column": column, "cells": len(unknown)})
        yield _finding(subject, Severity.WARN, message, column, unknown)


def _finding(
    subject: Subject,
    severity: Severity,
    message: Message,
    column: str,
    rows: Ints,
    remedy: Message = _REMEDY,
) -> Finding:
    return Finding(_ID, severity, message, remedy, column=column, cells=subject.rows(rows.tolist()))


# Without them: what the table itself says ----------------------------------------------------


def _find(subject: Subject) -> Iterator[Finding]:
    measures, rules = subject.measures, subject.policy.dominance
    if measures is None or not rules.check:
        return
    words = lexicon()
    columns = list(measures.columns)
    extremes = [name for name in columns if words.speaks_of(name, "extreme")]
    amounts = [name for name in measures.of(Role.MAGNITUDE) if name not in extremes]
    amounts += [name for name in measures.of(Role.RATE) if name not in extremes]
    numbers = [
        name
        for name in measures.of(Role.COUNT)
        if words.speaks_of(name, "contributors") and name not in extremes
    ]
    values = values_of(subject, columns)
    if amounts or len(columns) > len(extremes):
        yield from _extremes(subject, extremes, values)
    for number in numbers:
        behind = values[number]
        for column in measures.of(Role.MAGNITUDE):
            if column in extremes or words.speaks_of(column, "extent"):
                continue
            shown = np.isfinite(values[column]) & (values[column] != 0)
            rows = np.flatnonzero(shown & (behind > 0) & (behind < rules.contributors))
            if len(rows):
                message = _few(column, len(rows), rules.contributors)
                yield _finding(subject, Severity.BLOCK, message, column, rows)


def _extremes(
    subject: Subject, extremes: Sequence[str], values: Mapping[str, Floats]
) -> Iterator[Finding]:
    """A largest or smallest value is the value of one contributor."""
    for column in extremes:
        rows = np.flatnonzero(np.isfinite(values[column]) & (values[column] != 0))
        if len(rows):
            text = (
                "The column {column} shows largest or smallest values: each is the value of a "
                "single person or establishment."
            )
            message = Message(text, {"column": column})
            yield _finding(subject, Severity.BLOCK, message, column, rows, _EXTREMES)


RULE = Rule(_ID, Message("Sums with few or dominating contributors"), _find)
