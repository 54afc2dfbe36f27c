"""Questions to a zone: which series, and their values in any state and at any Stichtag."""

# ruff: noqa: S608 - only the names of our own columns are put into the statements

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ckanext.sozialdaten.lake._changes import connect, table_of
from ckanext.sozialdaten.lake._model import SeriesInfo
from ckanext.sozialdaten.lake._tables import DELIVERIES, KEYS, OBSERVATION_SCHEMA, OBSERVATIONS
from ckanext.sozialdaten.lake._warehouse import (
    Warehouse,
    all_of,
    at_least,
    at_most,
    is_any_of,
)
from ckanext.sozialdaten.lake.errors import UnknownSeriesError
from ckanext.sozialdaten.messages import Message

__all__ = ["Question", "series", "values"]

_CELL = ", ".join(("source", *KEYS))
_SERIES_IN_TIME = ", ".join(
    ("source", *(key for key in KEYS if not key.startswith("reference_")), "reference_kind")
)
_COLUMNS = (
    "series, region, reference_kind, reference_start, reference_end, dimensions, value, unit, "
    "quality, census_base, source, captured_at, delivery"
)
_ORDER = "series, region, reference_end, reference_start, dimensions, census_base, source"
_KNOWN = f"""
CREATE TEMP TABLE known AS SELECT * EXCLUDE (place) FROM (
    SELECT *, row_number() OVER (PARTITION BY {_CELL} ORDER BY delivery DESC) AS place
    FROM stored WHERE written_by IN (SELECT written_by FROM commits)
) WHERE place = 1 AND op <> 'retract'
"""
_VALUES = f"SELECT {_COLUMNS} FROM known ORDER BY {_ORDER}"
_AT_STICHTAG = f"""
SELECT {_COLUMNS}, date_diff('day', reference_end, $stichtag::DATE) AS age_days FROM known
QUALIFY row_number() OVER (
    PARTITION BY {_SERIES_IN_TIME} ORDER BY reference_end DESC, reference_start
) = 1
ORDER BY {_ORDER}
"""
_SERIES = """
SELECT series, source, list_sort(list(DISTINCT unit)), count(*), count(DISTINCT region),
    min(reference_start), max(reference_end), max(captured_at)
FROM known GROUP BY series, source ORDER BY series, source
"""
_DISTINCT = "SELECT DISTINCT dimensions FROM every"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a series; see `Lake.values`."""

    series: tuple[str, ...]
    regions: tuple[str, ...] | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    dimensions: Mapping[str, str] | None = None
    as_of: dt.datetime | None = None
    stichtag: dt.date | None = None


def values(warehouse: Warehouse, question: Question) -> pa.Table:
    """Answer a question; see `Lake.values`."""
    commits, sources = _commits(warehouse, question.series)
    latest = min((day for day in (question.end, question.stichtag) if day), default=None)
    where = all_of(
        is_any_of("source", sources),
        is_any_of("series", question.series),
        is_any_of("region", question.regions) if question.regions is not None else None,
        at_least("reference_start", question.start) if question.start else None,
        at_most("reference_end", latest) if latest else None,
        at_most("captured_at", question.as_of) if question.as_of else None,
    )
    rows = warehouse.read(warehouse.table(OBSERVATIONS), where, OBSERVATION_SCHEMA.names)
    with connect() as connection:
        connection.register("commits", commits)
        connection.register("stored", rows)
        if question.dimensions:
            _keep_dimensions(connection, question.dimensions)
        connection.execute(_KNOWN)
        if question.stichtag:
            return table_of(connection, _AT_STICHTAG, {"stichtag": question.stichtag})
        return table_of(connection, _VALUES)


def series(warehouse: Warehouse) -> list[SeriesInfo]:
    """All series of the zone as known now."""
    deliveries = warehouse.table(DELIVERIES)
    commits = warehouse.read(deliveries, all_of(), ("written_by",)).read_all()
    columns = (*KEYS, "source", "unit", "op", "captured_at", "delivery", "written_by")
    rows = warehouse.read(warehouse.table(OBSERVATIONS), all_of(), columns)
    with connect() as connection:
        connection.register("commits", commits)
        connection.register("stored", rows)
        connection.execute(_KNOWN)
        found = connection.execute(_SERIES).fetchall()
    return [
        SeriesInfo(
            name=row[0],
            source=row[1],
            units=tuple(row[2]),
            cells=row[3],
            regions=row[4],
            first=row[5],
            last=row[6],
            captured_at=row[7],
        )
        for row in found
    ]


def _commits(warehouse: Warehouse, names: Iterable[str]) -> tuple[pa.Table, list[str]]:
    """The commits that count, and the sources that have delivered the series."""
    wanted = set(names)
    found = warehouse.read(
        warehouse.table(DELIVERIES), all_of(), ("source", "written_by", "series")
    ).read_all()
    delivered = {(row["source"], row["series"]) for row in found.to_pylist()}
    known = {name for _, text in delivered for name in json.loads(text)}
    if missing := sorted(wanted - known):
        raise UnknownSeriesError(
            Message(
                "The zone {zone} has no series “{name}”.",
                {"zone": warehouse.zone, "name": missing[0]},
            ),
            Message("“sozialdaten series list” shows all series."),
        )
    sources = sorted({source for source, text in delivered if wanted & set(json.loads(text))})
    return found.select(["written_by"]), sources


def _keep_dimensions(connection: Any, wanted: Mapping[str, str]) -> None:
    """Replace ``stored`` by the cells whose dimensions are as wanted; those not named are free."""
    connection.execute("CREATE TEMP TABLE every AS FROM stored")
    connection.unregister("stored")
    texts = [row[0] for row in connection.execute(_DISTINCT).fetchall()]
    fitting = [text for text in texts if wanted.items() <= json.loads(text).items()]
    connection.execute(
        "CREATE TEMP TABLE stored AS FROM every WHERE list_contains($fitting, dimensions)",
        {"fitting": fitting},
    )
