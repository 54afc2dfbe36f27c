"""k-anonymity of person-level tables over declared and inferred sets of quasi-identifiers."""

from collections.abc import Iterator, Sequence
from itertools import islice

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.persons import Sizes
from ckanext.sozialdaten.disclosure.persons._limits import size
from ckanext.sozialdaten.disclosure.rules._persons import Group, person_table, unsafe_sets
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "k-anonymity"
_MESSAGE = (
    "{rows} persons are alike in {columns} with too few others (fewer than {k} in all);"
    " the smallest group has {smallest}."
)
_REMEDY = Message(
    "Coarsen these columns (age groups instead of years, Kreis instead of Gemeinde), drop "
    "one, or publish"
    " an aggregate."
)


def _find(subject: Subject) -> Iterator[Finding]:
    persons = subject.policy.persons
    table = person_table(subject)
    if table is None or persons.k < 2:
        return
    limit = size(persons)

    def measure(sets: Sequence[tuple[str, ...]], _: bool) -> Sequence[Sizes]:
        return table.cube.sizes(sets, limit)

    def finding(group: Group[Sizes]) -> Finding:
        columns = ", ".join(table.shown(group.columns))
        rows = table.cube.rows(group.columns, limit, subject.policy.report.max_cells)
        values = {"rows": group.found.unsafe, "columns": columns}
        values |= {"k": persons.k, "smallest": group.found.k}
        return Finding(
            _ID,
            Severity.BLOCK,
            Message(_MESSAGE, values),
            _REMEDY,
            column=columns,
            cells=subject.rows(rows),
        )

    groups = unsafe_sets(table, persons.max_set, measure, lambda found: found.unsafe > 0)
    yield from map(finding, islice(groups, subject.policy.report.max_sets))


RULE = Rule(_ID, Message("k-anonymity of person-level tables"), _find)
