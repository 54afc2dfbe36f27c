"""States of the past do not depend on the order in which deliveries are loaded."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.lake import Delivery, Scope
from ckanext.sozialdaten.lake._append import _resolve
from ckanext.sozialdaten.lake._changes import Later, changes, connect, table_of
from ckanext.sozialdaten.lake._prepare import prepare
from ckanext.sozialdaten.lake._tables import OBSERVATION_SCHEMA

REGIONS = ("01056001", "01056002", "06440001")
DAYS = (dt.date(2022, 12, 31), dt.date(2023, 12, 31))
Cell = tuple[str, dt.date]


@dataclass(frozen=True)
class Given:
    """A delivery as drawn: its cells, and what it claims to cover."""

    captured: int
    cells: dict[Cell, int]
    full: bool
    scope: Scope | None


@st.composite
def _deliveries(draw: st.DrawFn) -> list[Given]:
    cell = st.tuples(st.sampled_from(REGIONS), st.sampled_from(DAYS))
    scope = st.one_of(
        st.none(),
        st.builds(
            Scope,
            series=st.just(("s",)),
            references=st.sets(st.sampled_from(DAYS), max_size=2).map(
                lambda days: tuple(sorted(days))
            ),
            regions=st.sampled_from([(), ("01056",), ("06440001",)]),
            all_references=st.booleans(),
        ),
    )
    return draw(
        st.lists(
            st.builds(
                Given,
                captured=st.integers(0, 3),
                cells=st.dictionaries(cell, st.integers(0, 2), max_size=5),
                full=st.booleans(),
                scope=scope,
            ),
            min_size=1,
            max_size=5,
        )
    )


def _delivery(number: int, given: Given) -> Delivery:
    captured = dt.datetime(2024, 1, 1 + given.captured, tzinfo=dt.UTC)
    return Delivery("source", f"digest {number}", captured)


def _table(given: Given) -> pa.Table:
    schema = pa.schema(
        [
            ("series", pa.string()),
            ("region", pa.string()),
            ("reference_start", pa.date32()),
            ("reference_end", pa.date32()),
            ("value", pa.int64()),
            ("unit", pa.string()),
        ]
    )
    rows = [
        {
            "series": "s",
            "region": region,
            "reference_start": day,
            "reference_end": day,
            "value": value,
            "unit": "Anzahl",
        }
        for (region, day), value in given.cells.items()
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def _expected(drawn: list[Given]) -> dict[int, dict[Cell, int]]:
    """The model in a few lines: replay in the order of capture."""
    order = sorted(enumerate(drawn), key=lambda item: _delivery(*item).id)
    state: dict[Cell, int] = {}
    states: dict[int, dict[Cell, int]] = {}
    for _, one in order:
        if one.full and one.cells:
            scope = one.scope or Scope()
            days = set(scope.references) or {day for _, day in one.cells}
            heads = scope.regions or ("",)
            state = {
                (region, day): value
                for (region, day), value in state.items()
                if not (scope.all_references or day in days) or not region.startswith(heads)
            }
        state = state | one.cells
        states[one.captured] = state
    return states


def _load(drawn: list[Given], order: list[int]) -> pa.Table:
    stored = OBSERVATION_SCHEMA.empty_table()
    full: list[Later] = []
    for number in order:
        given, delivery = drawn[number], _delivery(number, drawn[number])
        incoming = prepare(_table(given), delivery)
        scope = _resolve(given.scope, incoming) if given.full else None
        later = [item for item in full if item.id > delivery.id]
        rows = changes(incoming, stored, delivery, scope, later, f"commit {number}").rows
        stored = pa.concat_tables([stored, rows])
        if scope is not None and given.cells:
            full.append(Later(delivery.id, delivery.captured_utc, scope))
    return stored


def _as_of(stored: pa.Table, captured: int) -> dict[Cell, int]:
    statement = """
    SELECT region, reference_end, value FROM (
        SELECT *, row_number() OVER (PARTITION BY region, reference_end ORDER BY delivery DESC) AS n
        FROM stored WHERE captured_at <= $moment
    ) WHERE n = 1 AND op <> 'retract'
    """
    moment = dt.datetime(2024, 1, 1 + captured, tzinfo=dt.UTC)
    with connect() as connection:
        connection.register("stored", stored)
        rows = table_of(connection, statement, {"moment": moment}).to_pylist()
    found: dict[Cell, int] = {}
    for row in rows:
        assert isinstance(row["value"], Decimal)
        found[row["region"], row["reference_end"]] = int(row["value"])
    return found


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_order_of_loading_gives_the_states_of_the_order_of_capture(data: st.DataObject) -> None:
    drawn = data.draw(_deliveries())
    order = data.draw(st.permutations(range(len(drawn))))
    stored = _load(drawn, order)
    for captured, state in _expected(drawn).items():
        assert _as_of(stored, captured) == state


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_reading_all_deliveries_anew_gives_the_states_of_a_right_first_reading(
    data: st.DataObject,
) -> None:
    wrong = data.draw(_deliveries())
    cells = st.dictionaries(
        st.tuples(st.sampled_from(REGIONS), st.sampled_from(DAYS)), st.integers(0, 2), max_size=5
    )
    right = [replace(one, cells=data.draw(cells)) for one in wrong]
    order = data.draw(st.permutations(range(len(wrong))))
    stored = _load(wrong, order)
    readings = {number: _delivery(number, one) for number, one in enumerate(wrong)}
    last = dict(readings)
    for number in sorted(readings, key=lambda number: readings[number].id):
        anew = replace(readings[number], revision=1)
        incoming = prepare(_table(right[number]), anew)
        scope = _resolve(right[number].scope, incoming) if right[number].full else None
        later = [
            Later(last[other].id, last[other].captured_utc, resolved)
            for other, one in enumerate(wrong)
            if last[other].id > anew.id and one.full and one.cells
            for resolved in [_resolve(one.scope, prepare(_table(one), last[other]))]
        ]
        token, before = f"reading {number}", readings[number].id
        rows = changes(incoming, stored, anew, scope, later, token, [before]).rows
        stored = pa.concat_tables([stored, rows])
        last[number] = anew
    for captured, state in _expected(right).items():
        assert _as_of(stored, captured) == state
