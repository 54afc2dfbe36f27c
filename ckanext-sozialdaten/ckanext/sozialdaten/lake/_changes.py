"""What a delivery changes: the comparison of its cells with the state known when it was captured.

Every cell that a delivery states must be found again in the state of its time, whatever is loaded
later or earlier. Cells that it leaves as they were are not written: a *full* delivery states by its
scope that they were so. Cells outside a scope (all cells of a *delta*) are written as ``confirm``.

A delivery that comes late (back-fill) changes cells of which a later full delivery had stated, by
silence, that they were otherwise. These are written out at the time of that later delivery:
*restored*. So states do not depend on the order of loading, and nothing need be rebuilt.
"""

# ruff: noqa: S608 - only the names of our own columns are put into the statements

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake._model import Delivery, Scope
from ckanext.sozialdaten.lake._tables import KEYS, OBSERVATION_SCHEMA, ORDER
from ckanext.sozialdaten.lake.errors import ObservationError
from ckanext.sozialdaten.messages import Message

__all__ = ["Changes", "Later", "changes", "connect", "refuse_repetition", "table_of"]

_KEY = ", ".join(KEYS)
_SAME = " AND ".join(f"a.{key} IS NOT DISTINCT FROM b.{key}" for key in KEYS)
_DIFFERENT = " OR ".join(
    f"a.{name} IS DISTINCT FROM b.{name}" for name in ("value", "unit", "quality")
)
_KEY_A = ", ".join(f"a.{key}" for key in KEYS)

_STATE = f"""
CREATE TEMP TABLE state AS SELECT * EXCLUDE (place) FROM (
    SELECT *, row_number() OVER (PARTITION BY {_KEY} ORDER BY delivery DESC) AS place
    FROM stored WHERE delivery < $delivery
) WHERE place = 1 AND op <> 'retract'
"""
_COMPARED = f"""
CREATE TEMP TABLE compared AS
SELECT a.*, b.series IS NULL AS is_new, b.series IS NOT NULL AND ({_DIFFERENT}) AS is_changed
FROM incoming a LEFT JOIN state b ON {_SAME}
"""
# A scope is a list of series, of last days and of heads of region keys (no heads: all regions).
_COVERED = """
list_contains($series, a.series)
AND ($all_references OR list_contains($references, a.reference_end))
AND (len($regions) = 0 OR EXISTS (SELECT 1 FROM unnest($regions) AS t(head)
    WHERE starts_with(a.region, head)))
"""
_WRITTEN = f"""
CREATE TEMP TABLE written AS
SELECT {_KEY_A}, a.value, a.unit, a.quality,
    CASE WHEN a.is_new OR a.is_changed THEN 'put' ELSE 'confirm' END AS op,
    $captured_at::TIMESTAMPTZ AS captured_at, $delivery AS delivery
FROM compared a WHERE a.is_new OR a.is_changed OR NOT ($full AND {_COVERED})
"""
_RETRACTED = f"""
INSERT INTO written
SELECT {_KEY_A}, NULL, a.unit, '', 'retract', $captured_at::TIMESTAMPTZ, $delivery
FROM state a WHERE {_COVERED} AND NOT EXISTS (SELECT 1 FROM incoming b WHERE {_SAME})
"""
# What earlier readings of the same content stated and this one does not: as it was without them.
# Within the scope of a full delivery it is gone, and has been retracted already.
_UNREAD = f"""
INSERT INTO written
WITH others AS (
    SELECT * FROM stored WHERE delivery < $delivery AND NOT list_contains($readings, delivery)
    QUALIFY row_number() OVER (PARTITION BY {_KEY} ORDER BY delivery DESC) = 1
), stated AS (
    SELECT {_KEY}, any_value(unit) AS unit FROM stored
    WHERE list_contains($readings, delivery) GROUP BY ALL
)
SELECT {_KEY_A}, b.value, coalesce(b.unit, a.unit), coalesce(b.quality, ''),
    CASE WHEN b.series IS NULL OR b.op = 'retract' THEN 'retract' ELSE 'put' END,
    $captured_at::TIMESTAMPTZ, $delivery
FROM stated a LEFT JOIN others b ON {_SAME}
WHERE NOT ($full AND {_COVERED})
    AND NOT EXISTS (SELECT 1 FROM incoming r WHERE {_SAME.replace("b.", "r.")})
    AND NOT EXISTS (SELECT 1 FROM written w WHERE {_SAME.replace("b.", "w.")})
"""
_NEXT = f"""
CREATE TEMP TABLE affected AS
SELECT {_KEY_A}, min(b.delivery) AS next_stated
FROM written a LEFT JOIN stored b ON {_SAME} AND b.delivery > $delivery
WHERE a.op <> 'confirm' GROUP BY ALL
"""
_RESTORED = f"""
INSERT INTO restored
SELECT {_KEY_A}, b.value, coalesce(b.unit, ''), coalesce(b.quality, ''),
    CASE WHEN b.series IS NULL THEN 'retract' ELSE 'put' END,
    $captured_at::TIMESTAMPTZ, $delivery
FROM affected a LEFT JOIN state b ON {_SAME}
WHERE (a.next_stated IS NULL OR a.next_stated > $delivery) AND {_COVERED}
  AND NOT EXISTS (SELECT 1 FROM restored r WHERE {_SAME.replace("b.", "r.")})
"""
_COUNTS = """
SELECT (SELECT count(*) FROM compared WHERE is_new),
    (SELECT count(*) FROM compared WHERE is_changed),
    (SELECT count(*) FROM written WHERE op = 'retract'), (SELECT count(*) FROM restored)
"""
_RESULT = f"""
SELECT {_KEY}, value, unit, quality, op, captured_at, delivery, $source AS source,
    $written_by AS written_by, year(reference_end)::INTEGER AS reference_year
FROM (FROM written UNION ALL FROM restored)
ORDER BY {ORDER}
"""


@dataclass(frozen=True, slots=True)
class Later:
    """A full delivery with cells that was captured after the one being loaded."""

    id: str
    captured_at: Any
    scope: Scope


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows to write, and how many of which kind."""

    rows: pa.Table
    new: int
    changed: int
    retracted: int
    restored: int


def connect() -> duckdb.DuckDBPyConnection:
    """A connection in memory, for one question."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def table_of(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, Any] | None = None
) -> pa.Table:
    """The result of a statement as an Arrow table."""
    result: Any = connection.sql(statement, params=parameters or {})
    table: pa.Table = result.to_arrow_table()
    return table


def refuse_repetition(incoming: pa.Table, delivery: Delivery) -> None:
    """Refuse deliveries that state a cell twice.

    Raises:
        ObservationError: names the first such cell, without its value.
    """
    counted = incoming.group_by(list(KEYS)).aggregate([([], "count_all")])
    if counted.num_rows == incoming.num_rows:
        return
    twice = counted.filter(pc.greater(counted["count_all"], 1)).sort_by("region").slice(0, 1)
    found = twice.select(list(KEYS)).to_pylist()[0]
    cell = ", ".join(f"{key}={item}" for key, item in found.items() if item)
    raise ObservationError(
        Message("The delivery states a cell twice: {cell}.", {"cell": cell}),
        Message("Is a dimension missing, or are totals and parts mixed?"),
        Place(file=delivery.name),
    )


def changes(
    incoming: pa.Table,
    stored: pa.RecordBatchReader | pa.Table,
    delivery: Delivery,
    scope: Scope | None,
    later: Sequence[Later],
    written_by: str,
    readings: Sequence[str] = (),
) -> Changes:
    """Compare a delivery with what is stored.

    Args:
        incoming: prepared observations.
        stored: all visible rows of the source that concern the series and references in question.
        delivery: the delivery.
        scope: what it claims to cover in full; None for a delta.
        later: full deliveries captured after this one.
        written_by: the commit that will write the rows.
        readings: ids of earlier readings of the same content, which this one replaces.
    """
    own = {"delivery": delivery.id, "captured_at": delivery.captured_utc}
    with connect() as connection:
        connection.register("incoming", incoming)
        connection.register("stored_stream", stored)
        connection.execute("CREATE TEMP TABLE stored AS FROM stored_stream")
        connection.execute(_STATE, {"delivery": delivery.id})
        connection.execute(_COMPARED)
        covered = _parameters(scope or Scope())
        connection.execute(_WRITTEN, own | covered | {"full": scope is not None})
        if scope is not None and incoming.num_rows:
            connection.execute(_RETRACTED, own | covered)
        if readings:
            full = {"full": scope is not None and incoming.num_rows > 0}
            connection.execute(_UNREAD, own | covered | full | {"readings": list(readings)})
        connection.execute("CREATE TEMP TABLE restored AS FROM written LIMIT 0")
        if later:
            connection.execute(_NEXT, {"delivery": delivery.id})
        for item in sorted(later, key=lambda item: item.id):
            at = {"delivery": item.id, "captured_at": item.captured_at}
            connection.execute(_RESTORED, at | _parameters(item.scope))
        new, changed, retracted, restored = connection.execute(_COUNTS).fetchall()[0]
        rows = table_of(connection, _RESULT, {"source": delivery.source, "written_by": written_by})
    rows = rows.select(OBSERVATION_SCHEMA.names).cast(OBSERVATION_SCHEMA)
    return Changes(rows, new, changed, retracted, restored)


def _parameters(scope: Scope) -> dict[str, Any]:
    return {
        "series": list(scope.series),
        "references": list(scope.references),
        "regions": list(scope.regions),
        "all_references": scope.all_references,
    }
