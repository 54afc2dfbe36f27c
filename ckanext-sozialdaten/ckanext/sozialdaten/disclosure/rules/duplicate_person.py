"""One person in several rows: groups look larger than they are, and rows tell of each other."""

from collections.abc import Iterator, Sequence
from itertools import islice

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.persons import Sizes
from ckanext.sozialdaten.disclosure.persons._limits import size
from ckanext.sozialdaten.disclosure.rules._persons import PersonTable, person_table, unsafe_sets
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "duplicate-person"
_LINKED = (
    "The column {column} shows which rows belong to the same person: {persons} persons have {rows}"
    " rows."
)
_FEWER = (
    "Persons have several rows ({column}): groups alike in {columns} have {k} rows or more, but"
    " the smallest has {smallest} persons."
)
_ALIKE = (
    "{rows} rows are alike in all of {columns}, which tell nearly all other persons apart: they are"
    " probably several rows of one person each."
)
_REMEDY = Message(
    "Keep one row for each person, or publish an aggregate that counts persons; remove the column"
    " that links the rows."
)
_TELLING = 0.9
_COLUMNS = 2


def _linked(subject: Subject, table: PersonTable) -> Iterator[Finding]:
    """Columns that name a person in several rows."""
    persons = subject.policy.persons
    limit = size(persons)
    for name, code in table.persons.items():

        def measure(
            sets: Sequence[tuple[str, ...]], _: bool, code: str = code
        ) -> Sequence[tuple[Sizes, Sizes]]:
            by_rows = table.cube.sizes(sets, limit)
            return list(zip(by_rows, table.cube.sizes(sets, limit, code), strict=True))

        groups = (
            group
            for group in unsafe_sets(
                table, persons.max_set, measure, lambda both: both[1].unsafe > 0
            )
            if not group.found[0].unsafe  # else k-anonymity says it
        )
        profile = subject.profiles[name]
        yield Finding(
            _ID,
            Severity.WARN,
            Message(_LINKED, {"column": name, "persons": profile.distinct, "rows": profile.filled}),
            _REMEDY,
            column=name,
        )
        for group in islice(groups, subject.policy.report.max_sets):
            columns = ", ".join(table.shown(group.columns))
            rows = table.cube.rows(
                group.columns, limit, subject.policy.report.max_cells, person=code
            )
            values = {"column": name, "columns": columns, "k": persons.k}
            values["smallest"] = group.found[1].k
            yield Finding(
                _ID,
                Severity.BLOCK,
                Message(_FEWER, values),
                _REMEDY,
                column=f"{columns}, {name}",
                cells=subject.rows(rows),
            )


def _alike(subject: Subject, table: PersonTable) -> Iterator[Finding]:
    """Rows alike in columns that tell all others apart."""
    columns = table.declared or table.candidates
    if (
        len(columns) < _COLUMNS
        or subject.sheet.table.num_rows < subject.policy.identifiers.unique_rows
    ):
        return
    (found,) = table.cube.sizes([columns], lambda classes: classes["f"] > 1)
    if not found.unsafe or found.uniques < _TELLING * found.classes:
        return
    rows = table.cube.rows(
        columns, lambda classes: classes["f"] > 1, subject.policy.report.max_cells
    )
    shown = ", ".join(table.shown(columns))
    yield Finding(
        _ID,
        Severity.WARN,
        Message(_ALIKE, {"rows": found.unsafe, "columns": shown}),
        _REMEDY,
        column=shown,
        cells=subject.rows(rows),
    )


def _find(subject: Subject) -> Iterator[Finding]:
    table = person_table(subject)
    if table is None:
        return
    if table.persons:
        yield from _linked(subject, table)
    else:
        yield from _alike(subject, table)


RULE = Rule(_ID, Message("One person in several rows"), _find)
