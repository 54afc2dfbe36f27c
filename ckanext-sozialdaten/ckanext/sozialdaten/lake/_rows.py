"""Person-level rows: kept in tables of their own, each with its day of expiry, really erased."""

import datetime as dt
from typing import Any, cast

import pyarrow as pa
from pyiceberg.exceptions import ValidationError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DateType, NestedField, StringType, TimestamptzType

from ckanext.sozialdaten.lake._disk import erase, sweep
from ckanext.sozialdaten.lake._model import Delivery, Erased
from ckanext.sozialdaten.lake._tables import DELIVERIES, OBSERVATIONS, UTC_TIME, rows_properties
from ckanext.sozialdaten.lake._warehouse import Warehouse, all_of, at_most, is_value
from ckanext.sozialdaten.lake.errors import ObservationError
from ckanext.sozialdaten.messages import Message

__all__ = ["erase_expired", "forget", "keep_rows", "rows_of"]

_PREFIX = "rows_"
_OWN = ("_expires_on", "_digest", "_captured_at")
_SCHEMA = Schema(
    NestedField(1, "_expires_on", DateType(), required=True),
    NestedField(2, "_digest", StringType(), required=True),
    NestedField(3, "_captured_at", TimestamptzType(), required=True),
)
# One file for each day of expiry: to erase is to drop whole files, no row is ever copied for it.
_SPEC = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "expires_on"))


def keep_rows(warehouse: Warehouse, delivery: Delivery, rows: pa.Table, expires_on: dt.date) -> int:
    """Keep rows of a delivery until ``expires_on``; the same delivery is kept once."""
    taken = [name for name in rows.column_names if name in _OWN]
    if taken:
        raise ObservationError(
            Message("The column name “{name}” belongs to the lake.", {"name": taken[0]})
        )
    table = warehouse.ensure(_PREFIX + delivery.source, _SCHEMA, _SPEC, rows_properties())
    if _kept(table, delivery.digest):
        return 0
    count = rows.num_rows
    full = pa.table(
        {
            "_expires_on": pa.repeat(pa.scalar(expires_on, pa.date32()), count),
            "_digest": pa.repeat(pa.scalar(delivery.digest), count),
            "_captured_at": pa.repeat(pa.scalar(delivery.captured_utc, UTC_TIME), count),
            **{name: rows[name] for name in rows.column_names},
        },
    )
    fields = [field.with_nullable(field.name not in _OWN) for field in cast("Any", full.schema)]
    full = full.cast(pa.schema(fields))
    with table.transaction() as transaction:
        try:
            with transaction.update_schema() as update:
                update.union_by_name(full.schema)
        except ValidationError:
            raise ObservationError(
                Message("A column of the rows has another type than before."),
                Message("Give the layout a new version and the source a new id."),
            ) from None
        transaction.append(full)
    return count


def rows_of(warehouse: Warehouse, source: str, digest: str | None = None) -> pa.Table | None:
    """The kept rows of a source, or of one of its deliveries; None if there never were any."""
    table = warehouse.find(_PREFIX + source)
    if table is None:
        return None
    where = all_of(is_value("_digest", digest) if digest else None)
    return table.scan(row_filter=where).to_arrow()


def _kept(table: Table, digest: str) -> bool:
    return table.scan(row_filter=is_value("_digest", digest), limit=1).to_arrow().num_rows > 0


def erase_expired(warehouse: Warehouse, today: dt.date) -> Erased:
    """Remove all rows whose day has come, from the tables and from disk.

    Files that no state of a table refers to, as an interrupted write leaves them, go after a day.
    """
    erased = Erased(0, 0)
    for name in warehouse.names():
        if not name.startswith(_PREFIX):
            continue
        table = warehouse.find(name)
        if table is None:
            continue
        one = erase(table, at_most("_expires_on", today))
        files = one.files + sweep(table)
        sources = (*erased.sources, name.removeprefix(_PREFIX)) if one.rows else erased.sources
        erased = Erased(erased.rows + one.rows, erased.files + files, sources)
    return erased


def forget(warehouse: Warehouse, source: str) -> Erased:
    """Remove all observations and deliveries of a source, from the tables and from disk.

    The records go first: from then on nobody sees the observations.
    """
    erased = Erased(0, 0)
    for name in (DELIVERIES, OBSERVATIONS):
        one = erase(warehouse.table(name), is_value("source", source))
        rows = one.rows if name == OBSERVATIONS else 0
        erased = Erased(erased.rows + rows, erased.files + one.files)
    return erased
