"""The search that l-diversity and t-closeness share: sets whose groups give a column away."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.persons import Limit, Sensitive, Values
from ckanext.sozialdaten.disclosure.rules._persons import (
    Group,
    PersonTable,
    person_table,
    unsafe_sets,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["sensitive_findings"]

Say = Callable[[str, str, Values], Message]
"""From the columns of a set, the sensitive column and its worst class to the message."""


def sensitive_findings(
    subject: Subject, rule: str, limit: Limit | None, say: Say, remedy: Message
) -> Iterator[Finding]:
    """Findings on every sensitive column.

    In the declared set every group counts. In an inferred one a group below k is k-anonymity's
    business already: only groups of at least k persons count.

    Args:
        subject: the table.
        rule: the rule's id.
        limit: when a group is unsafe; None: never.
        say: the message.
        remedy: what to do.
    """
    table = person_table(subject) if limit is not None else None
    if table is None or limit is None:
        return
    for name, sensitive in table.sensitive.items():
        groups = _groups(subject, table, sensitive, limit)
        for group in islice(groups, subject.policy.report.max_sets):
            columns = table.shown(group.columns)
            rows = table.cube.rows(
                group.columns,
                limit,
                subject.policy.report.max_cells,
                sensitive=sensitive,
                floor=0 if group.declared else subject.policy.persons.k,
            )
            yield Finding(
                rule,
                Severity.BLOCK,
                say(", ".join(columns), name, group.found),
                remedy,
                column=", ".join([*columns, name]),
                cells=subject.rows(rows),
            )


def _groups(
    subject: Subject, table: PersonTable, sensitive: Sensitive, limit: Limit
) -> Iterator[Group[Values]]:
    persons = subject.policy.persons

    def measure(sets: Sequence[tuple[str, ...]], declared: bool) -> Sequence[Values]:
        return table.cube.values(sets, sensitive, limit, 0 if declared else persons.k)

    return unsafe_sets(
        table, persons.max_set, measure, lambda found: found.sizes.unsafe > 0, smallest=0
    )
