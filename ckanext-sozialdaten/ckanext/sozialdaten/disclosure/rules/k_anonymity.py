"""k-anonymity of person-level tables over declared and inferred sets of quasi-identifiers."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from ckanext.sozialdaten.disclosure._engine import ROW
from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "k-anonymity"
_GROUP = "__group"
_MESSAGE = (
    "{rows} persons are alike in {columns} with too few others (fewer than {k} in all);"
    " the smallest group has {smallest}."
)
_REMEDY = Message(
    "Coarsen these columns (age groups instead of years, Kreis instead of Gemeinde), drop "
    "one, or publish"
    " an aggregate."
)
_GROUPS = (Role.QUASI_IDENTIFIER, Role.REGION, Role.TIME, Role.DIMENSION)


def _candidates(subject: Subject) -> list[str]:
    """Columns that sets are formed of: declared ones first, then the most telling ones."""
    known, rules = subject.known, subject.policy.persons
    chosen: list[tuple[bool, float, str]] = []
    for name, profile in subject.profiles.items():
        guess = known.guesses[name]
        sure = guess.why == "declared" and guess.role is Role.QUASI_IDENTIFIER
        grouped = (
            profile.distinct <= rules.max_distinct_share * profile.rows
            or profile.rows < 2 * (rules.k)
        )
        person = lexicon().speaks_of(name, "person")
        if guess.role in _GROUPS and profile.distinct > 0 and (sure or grouped or person):
            chosen.append((not sure, -profile.distinct, name))
    return [name for _, _, name in sorted(chosen)][: rules.max_columns]


def _declared(subject: Subject) -> list[str]:
    return [
        name
        for name, guess in subject.known.guesses.items()
        if guess.why == "declared" and guess.role is Role.QUASI_IDENTIFIER
    ]


def _classes(subject: Subject, columns: Sequence[str]) -> Any:
    """The groups of persons that are alike in all candidate columns, with their size."""
    texts = {
        f"q{index}": subject.loaded[name].cast("string").strip().fill_null("")
        for index, name in enumerate(columns)
    }
    alike = subject.loaded.select(**texts).group_by(list(texts)).agg(n=ibis._.count())
    return subject.engine.keep(alike)


def _risk(subject: Subject, classes: Any, chosen: Sequence[int]) -> tuple[int, int]:
    """Persons in groups smaller than k, and the size of the smallest group."""
    names = [f"q{index}" for index in chosen]
    groups = classes.group_by(names).agg(n=classes.n.sum())
    k = subject.policy.persons.k
    row = subject.engine.rows(
        groups.aggregate(risky=groups.n.sum(where=groups.n < k), smallest=groups.n.min())
    )[0]
    return int(row["risky"] or 0), int(row["smallest"] or 0)


def _rows(subject: Subject, names: Sequence[str]) -> tuple[int, ...]:
    """Rows of persons in groups smaller than k."""
    keyed = subject.loaded.select(
        **{ROW: subject.loaded[ROW]},
        **{
            f"q{index}": subject.loaded[name].cast("string").strip().fill_null("")
            for index, name in enumerate(names)
        },
    )
    groups = [f"q{index}" for index in range(len(names))]
    sized = keyed.mutate(**{_GROUP: keyed.count().over(ibis.window(group_by=groups))})
    risky = sized.filter(sized[_GROUP] < subject.policy.persons.k).select(ROW).order_by(ROW)
    limit = subject.policy.report.max_cells
    return subject.rows([int(row[ROW]) for row in subject.engine.rows(risky.limit(limit))])


def _finding(subject: Subject, names: Sequence[str], rows: int, smallest: int) -> Finding:
    columns = ", ".join(names)
    return Finding(
        _ID,
        Severity.BLOCK,
        Message(
            _MESSAGE,
            {
                "rows": rows,
                "columns": columns,
                "k": subject.policy.persons.k,
                "smallest": smallest,
            },
        ),
        _REMEDY,
        column=columns,
        cells=_rows(subject, names),
    )


def _find(subject: Subject) -> Iterator[Finding]:
    rules = subject.policy.persons
    if not rules.check or not subject.known.person_level:
        return
    columns = _candidates(subject)
    if not columns:
        return
    classes = _classes(subject, columns)
    sure = [columns.index(name) for name in _declared(subject) if name in columns]
    reported: list[frozenset[int]] = []
    if sure:
        rows, smallest = _risk(subject, classes, sure)
        if rows:
            reported.append(frozenset(sure))
            yield _finding(subject, [columns[i] for i in sure], rows, smallest)
    bad: list[frozenset[int]] = []
    for size in range(1, min(rules.max_set, len(columns)) + 1):
        for chosen in itertools.combinations(range(len(columns)), size):
            if any(found <= set(chosen) for found in bad):
                continue
            rows, smallest = _risk(subject, classes, chosen)
            if not rows:
                continue
            bad.append(frozenset(chosen))
            if frozenset(chosen) not in reported and len(bad) <= subject.policy.report.max_sets:
                yield _finding(subject, [columns[i] for i in chosen], rows, smallest)


RULE = Rule(_ID, Message("k-anonymity of person-level tables"), _find)
