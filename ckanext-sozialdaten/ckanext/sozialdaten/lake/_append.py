"""Writing a delivery: observations first, then the record that makes them visible, or neither."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.lake._changes import Later, changes, refuse_repetition
from ckanext.sozialdaten.lake._model import AppendResult, Delivery, Kind, Scope
from ckanext.sozialdaten.lake._prepare import prepare
from ckanext.sozialdaten.lake._tables import (
    DELIVERIES,
    DELIVERY_SCHEMA,
    OBSERVATION_SCHEMA,
    OBSERVATIONS,
)
from ckanext.sozialdaten.lake._warehouse import (
    Warehouse,
    all_of,
    at_least,
    at_most,
    is_any_of,
    is_value,
)
from ckanext.sozialdaten.lake.errors import BusyError
from ckanext.sozialdaten.messages import Message

__all__ = ["append", "known"]

_ATTEMPTS = 10
_RECORD = ("id", "written_by", "digest", "captured_at", "kind", "scope", "rows")
_STORED = tuple(name for name in OBSERVATION_SCHEMA.names if name != "source")


@dataclass(frozen=True, slots=True)
class _Record:
    """A delivery that the lake already holds."""

    id: str
    written_by: str
    digest: str
    captured_at: dt.datetime
    kind: str
    scope: str
    rows: int


def known(warehouse: Warehouse, source: str, digest: str) -> bool:
    """Whether this content of this source has been loaded."""
    table = warehouse.table(DELIVERIES)
    return any(record.digest == digest for record in _records(warehouse, table, source))


def append(
    warehouse: Warehouse,
    delivery: Delivery,
    observations: pa.Table,
    kind: Kind,
    scope: Scope | None,
) -> AppendResult:
    """Load a delivery; see `Lake.append`.

    Two writers of one source may not both compare with the same state. So the record is appended
    only if the table of deliveries is as it was before the comparison; else all is done anew. Rows
    of an attempt that lost carry a commit that no record has: nobody ever sees them.
    """
    deliveries = warehouse.table(DELIVERIES)
    records = _records(warehouse, deliveries, delivery.source)
    if _taken(records, delivery):
        return AppendResult(True, observations.num_rows, delivery=delivery.id)
    incoming = prepare(observations, delivery)
    refuse_repetition(incoming, delivery)
    resolved = _resolve(scope, incoming) if kind is Kind.FULL else None
    for _ in range(_ATTEMPTS):
        token = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex}"
        found = changes(
            incoming,
            _stored(warehouse, delivery, incoming, resolved, records),
            delivery,
            resolved,
            _later(records, delivery),
            token,
            _readings(records, delivery),
        )
        if found.rows.num_rows and not warehouse.append(warehouse.table(OBSERVATIONS), found.rows):
            break  # PyIceberg has tried again and again; appends cannot conflict with each other
        result = AppendResult(
            skipped=False,
            rows=incoming.num_rows,
            new=found.new,
            changed=found.changed,
            retracted=found.retracted,
            restored=found.restored,
            delivery=delivery.id,
        )
        record = _record(delivery, kind, resolved, incoming, result, token)
        while not warehouse.append_once(deliveries, record):
            deliveries = warehouse.table(DELIVERIES)
            others = _records(warehouse, deliveries, delivery.source)
            if others != records:
                records = others
                break
        else:
            return result
        if _taken(records, delivery):
            return AppendResult(True, incoming.num_rows, delivery=delivery.id)
    raise BusyError(
        Message(
            "Other processes kept writing to the source {source}.", {"source": delivery.source}
        ),
        Message("Nothing of the delivery is visible. Try again later."),
    )


def _records(warehouse: Warehouse, table: Any, source: str) -> list[_Record]:
    found = warehouse.read(table, is_value("source", source), _RECORD).read_all()
    rows = [_Record(**row) for row in found.to_pylist()]
    return sorted(rows, key=lambda record: record.id)


def _taken(records: list[_Record], delivery: Delivery) -> bool:
    """Whether this content has been loaded, in this reading or a later one."""
    return any(one.digest == delivery.digest and one.id >= delivery.id for one in records) or (
        not delivery.revision and any(one.digest == delivery.digest for one in records)
    )


def _readings(records: list[_Record], delivery: Delivery) -> list[str]:
    """The ids of all earlier readings of the same content."""
    same = [one.id for one in records if one.digest == delivery.digest]
    return [one for one in same if one < delivery.id]


def _resolve(scope: Scope | None, incoming: pa.Table) -> Scope:
    """The scope with all that was left open filled from the delivery itself."""
    given = scope or Scope()
    return Scope(
        series=given.series or tuple(sorted(pc.unique(incoming["series"]).to_pylist())),
        references=given.references
        or tuple(sorted(pc.unique(incoming["reference_end"]).to_pylist())),
        regions=given.regions,
        all_references=given.all_references,
    )


def _stored(
    warehouse: Warehouse,
    delivery: Delivery,
    incoming: pa.Table,
    scope: Scope | None,
    records: list[_Record],
) -> pa.Table:
    """The visible rows of the source that the delivery may touch; an earlier reading of it may have
    misunderstood everything."""
    names = set(pc.unique(incoming["series"]).to_pylist())
    days = set(pc.unique(incoming["reference_end"]).to_pylist())
    if scope is not None:
        names |= set(scope.series)
        days |= set(scope.references)
    anew = bool(delivery.revision)
    if not records or not (anew or (names and days)):
        return OBSERVATION_SCHEMA.empty_table().select(list(_STORED))
    all_days = anew or (scope is not None and scope.all_references)
    where = all_of(
        is_value("source", delivery.source),
        None if anew else is_any_of("series", list(names)),
        None if all_days else at_least("reference_end", min(days)),
        None if all_days else at_most("reference_end", max(days)),
    )
    found = warehouse.read(warehouse.table(OBSERVATIONS), where, _STORED).read_all()
    visible = pa.array([record.written_by for record in records], pa.string())
    return found.filter(pc.is_in(found["written_by"], value_set=visible))


def _later(records: list[_Record], delivery: Delivery) -> list[Later]:
    """Full deliveries captured after this one, each in its last reading; an empty one states
    nothing."""
    last = {record.digest: record.id for record in sorted(records, key=lambda one: one.id)}
    return [
        Later(record.id, record.captured_at, Scope.from_json(record.scope))
        for record in records
        if record.id > delivery.id
        and record.id == last[record.digest]
        and record.kind == Kind.FULL
        and record.rows
    ]


def _record(
    delivery: Delivery,
    kind: Kind,
    scope: Scope | None,
    incoming: pa.Table,
    result: AppendResult,
    token: str,
) -> pa.Table:
    series = sorted(pc.unique(incoming["series"]).to_pylist())
    return pa.Table.from_pylist(
        [
            {
                "id": delivery.id,
                "source": delivery.source,
                "written_by": token,
                "digest": delivery.digest,
                "captured_at": delivery.captured_utc,
                "loaded_at": dt.datetime.now(dt.UTC),
                "name": delivery.name,
                "parser": delivery.parser,
                "kind": kind.value,
                "scope": scope.to_json() if scope else "",
                "series": json.dumps(series, ensure_ascii=False),
                "rows": result.rows,
                "new": result.new,
                "changed": result.changed,
                "retracted": result.retracted,
                "restored": result.restored,
                "layout": delivery.layout or None,
            }
        ],
        schema=DELIVERY_SCHEMA,
    )
