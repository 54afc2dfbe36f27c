"""The subject of a check: one table, loaded into an engine and understood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ckanext.sozialdaten.disclosure._engine import ROW, Engine
from ckanext.sozialdaten.disclosure._measures import Measures, measures
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._profile import Profile, profiles
from ckanext.sozialdaten.disclosure._roles import Understanding, declared, understand
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import RolesError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Subject", "prepare"]

_LOADED = "loaded"


@dataclass(frozen=True, slots=True)
class Subject:
    """What every rule gets.

    Args:
        sheet: the table as read.
        engine: where expressions run.
        profiles: what the values look like.
        known: roles, and whether rows are persons.
        policy: the numbers.
        measures: counts, magnitudes and rates as numbers with their state; None if there are none.
        hierarchies: for columns with declared ones the code above each code.
        published_as: how its counts stand for true ones, as ``--published-as`` takes it; empty:
            nobody says.
        shared: what one rule has computed and others use too, by a name.
    """

    sheet: Sheet
    engine: Engine
    profiles: Mapping[str, Profile]
    known: Understanding
    policy: Policy
    measures: Measures | None = field(repr=False)
    hierarchies: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]], repr=False
    )
    published_as: str = ""
    shared: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def loaded(self) -> Any:
        """The table in the engine, with the position of each row; there from the first use on."""
        if _LOADED not in self.shared:
            self.shared[_LOADED] = self.engine.load(self.sheet.table)
        return self.shared[_LOADED]

    def rows(self, positions: Sequence[int]) -> tuple[int, ...]:
        """File rows of table positions, sorted, cut to the policy's length."""
        return tuple(sorted(self.sheet.row(p) for p in positions))[: self.policy.report.max_cells]

    def positions(self, condition: Any, limit: int | None = None) -> list[int]:
        """Positions of the rows of the loaded table that meet a condition."""
        wanted = limit or self.policy.report.max_cells
        chosen = self.loaded.filter(condition).select(ROW).order_by(ROW).limit(wanted)
        return [int(row[ROW]) for row in self.engine.rows(chosen)]


def _uniqueness(table: pa.Table) -> Callable[[list[str]], bool]:
    def unique(columns: list[str]) -> bool:
        if not columns:
            return False
        # Arrow reads a name such as "." as a path: columns are known by their place
        places = [str(place) for place in range(len(columns))]
        groups = table.select(columns).rename_columns(places).group_by(places).aggregate([])
        return groups.num_rows == table.num_rows

    return unique


def prepare(
    sheet: Sheet,
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    engine: Engine,
    *,
    strict: bool = False,
    hierarchies: Mapping[str, Mapping[str, str]] | None = None,
) -> Subject:
    """Load a table, find its roles and read its numbers.

    Args:
        sheet: the table.
        layout: declarations, if any.
        policy: the numbers.
        engine: where to load it.
        strict: whether a declared column that is missing is an error.
        hierarchies: for columns with declared ones the code above each code.

    Raises:
        RolesError: a declared column is missing (``strict``), or a role is unknown.
    """
    given = declared(layout)
    missing = [name for name in given.roles if name not in sheet.table.column_names]
    if missing and strict:
        raise RolesError(
            Message("There is no column {column}.", {"column": ", ".join(missing)}),
            Message("Known columns: {names}.", {"names": ", ".join(sheet.table.column_names)}),
            Place(file=sheet.resource, sheet=sheet.name),
        )
    found = profiles(engine, sheet.table, policy.identifiers.max_values)
    known = understand(found, given, _uniqueness(sheet.table), sheet.name)
    numbers = measures(engine, sheet.table, found, known)
    return Subject(sheet, engine, found, known, policy, numbers, dict(hierarchies or {}))
