"""k, l and t of one set of quasi-identifiers in one pass over a table of any size."""

from collections.abc import Sequence
from typing import Any

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure._parameters import Persons
from ckanext.sozialdaten.disclosure.persons._classes import class_values
from ckanext.sozialdaten.disclosure.persons._ground import Equal, Ground
from ckanext.sozialdaten.disclosure.persons._limits import Values, size, values, values_of
from ckanext.sozialdaten.disclosure.persons._sensitive import Sensitive

__all__ = ["measure", "sensitive_of"]


def sensitive_of(
    engine: Engine, table: Any, column: str, ground: Ground | None = None
) -> Sensitive:
    """A column's values in their order with their shares, by one small grouping."""
    counted = table.group_by(column).agg(n=table.count())
    pairs = {row[column]: int(row["n"]) for row in engine.rows(counted)}
    total = max(sum(pairs.values()), 1)
    ordered = sorted(value for value in pairs if value is not None)
    if None in pairs:
        ordered = [None, *ordered]
    shares = tuple(pairs[value] / total for value in ordered)
    return Sensitive(column, tuple(ordered), shares, ground or Equal())


def measure(
    engine: Engine,
    table: Any,
    quasi: Sequence[str],
    column: str,
    persons: Persons,
    ground: Ground | None = None,
) -> Values:
    """Size and diversity of the classes of one set, and their distance to everybody.

    Args:
        engine: where expressions run.
        table: an Ibis table of one row for each person; NULL is a value of its own.
        quasi: columns in which the persons of a class are alike.
        column: the sensitive column.
        persons: the numbers: ``k`` counts the unsafe, ``recursive_l`` is the l of recursion.
        ground: distances between the sensitive values; None for equal ones.
    """
    sensitive = sensitive_of(engine, table, column, ground)
    if not quasi:
        table = table.mutate(__all=ibis.literal(0))
    keys = list(quasi) or ["__all"]
    classes = class_values(table, keys, sensitive, None, persons.recursive_l)
    return values_of(engine.rows(values(classes, [], size(persons)))[0])
