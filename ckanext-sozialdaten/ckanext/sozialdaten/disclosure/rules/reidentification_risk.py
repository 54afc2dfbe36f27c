"""Individual and global risk: how likely persons are found again."""

from collections.abc import Iterator
from typing import Any

from ckanext.sozialdaten.disclosure._engine import ROW
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.persons import (
    individual_risk,
    population_uniqueness,
    risks,
    special_uniques,
)
from ckanext.sozialdaten.disclosure.rules._persons import PersonTable, person_table
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["GLOBAL", "RULE"]

_INDIVIDUAL, _GLOBAL = "individual-risk", "global-risk"
_TOO_HIGH = (
    "{rows} persons alike in {columns} are found again with a probability of up to {highest};"
    " allowed are {limit}."
)
_EXPECTED = (
    "By {columns}, {expected} of {rows} persons are expected to be found again (share {share});"
    " {alone} are alone here, and of the population a share of {population} by estimate."
)
_REMEDY = Message(
    "Coarsen these columns (age groups instead of years, Kreis instead of Gemeinde), drop "
    "one, or publish"
    " an aggregate."
)
_DIGITS = 6
_RANKED_ROWS = 50_000
_ROUNDING = 1e-9


def _keys(table: PersonTable) -> tuple[str, ...]:
    """The set that the risk is computed for: the declared one, else all candidates."""
    return table.declared or table.candidates


def _weight(subject: Subject) -> str | None:
    """The column of weights, if it is whole numbers or decimals of a person-level table."""
    columns = subject.known.columns(Role.WEIGHT)
    typed = [name for name in columns if subject.profiles[name].figures()[0] >= 1.0]
    return typed[0] if len(typed) == 1 else None


def _with_weight(
    subject: Subject, table: PersonTable, weight: str | None
) -> tuple[Any, str | None]:
    """The coded rows, with the weights beside them."""
    rows = table.cube.table
    if weight is None:
        return rows, None
    text = subject.loaded[weight].cast("string").strip().replace(",", ".")
    weights = subject.loaded.select(ROW, weight=text.try_cast("float64"))
    return rows.join(weights, ROW), "weight"


def _individual(subject: Subject) -> Iterator[Finding]:
    """Risks above the limit, where it is stricter than k."""
    persons = subject.policy.persons
    table = person_table(subject)
    limit = persons.max_individual_risk
    if table is None or not limit:
        return
    rows, weight = _with_weight(subject, table, _weight(subject))
    risky = individual_risk(rows, _keys(table), weight)
    high = risky.filter((risky["risk"] > limit + _ROUNDING) & (risky["f"] >= persons.k))
    found = subject.engine.rows(high.aggregate(n=high.count(), highest=high["risk"].max()))[0]
    if not found["n"]:
        return
    columns = ", ".join(table.shown(_keys(table)))
    listed = high.select(ROW).order_by(ROW).limit(subject.policy.report.max_cells)
    yield Finding(
        _INDIVIDUAL,
        Severity.BLOCK,
        Message(
            _TOO_HIGH,
            {
                "rows": int(found["n"]),
                "columns": columns,
                "highest": round(float(found["highest"]), _DIGITS),
                "limit": limit,
            },
        ),
        _REMEDY,
        column=columns,
        cells=subject.rows([int(row[ROW]) for row in subject.engine.rows(listed)]),
    )


def _global(subject: Subject) -> Iterator[Finding]:
    """The expected number of persons found again: blocks above the limit, informs of a sample."""
    table = person_table(subject)
    limit = subject.policy.persons.max_global_risk
    weighted = _weight(subject)
    if table is None or not (limit or weighted):
        return
    rows, weight = _with_weight(subject, table, weighted)
    found = risks(subject.engine, rows, _keys(table), weight)
    high = bool(limit) and found.average > limit + _ROUNDING
    if not high and weight is None:
        return
    keys = _keys(table)
    columns = ", ".join(table.shown(keys))
    yield Finding(
        _GLOBAL,
        Severity.BLOCK if high else Severity.INFO,
        Message(
            _EXPECTED,
            {
                "columns": columns,
                "expected": round(found.expected, _DIGITS),
                "rows": found.persons,
                "share": round(found.average, 9),
                "alone": round(found.uniques * found.persons),
                "population": round(_of_population(subject, rows, keys, weight), _DIGITS),
            },
        ),
        _REMEDY,
        column=columns,
        cells=subject.rows(_most_special(subject, rows, keys, found.persons)),
    )


def _of_population(subject: Subject, rows: Any, keys: tuple[str, ...], weight: str | None) -> float:
    """Share of the population that is unique; the weights say how large the population is."""
    classes = rows.group_by(list(keys)).agg(f=rows.count())
    counted = subject.engine.rows(classes.group_by("f").agg(n=classes.count()))
    sizes = {int(row["f"]): int(row["n"]) for row in counted}
    if weight is None:
        return population_uniqueness(sizes)
    total = subject.engine.rows(rows.aggregate(n=rows[weight].sum()))[0]["n"]
    persons = sum(size * number for size, number in sizes.items())
    return population_uniqueness(sizes, min(1.0, persons / total) if total else 1.0)


def _most_special(subject: Subject, rows: Any, keys: tuple[str, ...], persons: int) -> list[int]:
    """Rows of those whom the fewest columns single out, as many as a finding lists.

    In a large table nobody is ranked: the number of sets times rows is too great.
    """
    if persons > _RANKED_ROWS:
        return []
    found = special_uniques(subject.engine, rows, keys, subject.policy.persons.max_set)
    found.sort(key=lambda one: -one.score)
    return [one.position for one in found[: subject.policy.report.max_cells]]


RULE = Rule(_INDIVIDUAL, Message("Risk that one person is found again"), _individual)
GLOBAL = Rule(_GLOBAL, Message("Share of persons that are expected to be found again"), _global)
