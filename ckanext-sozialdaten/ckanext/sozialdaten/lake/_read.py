"""Questions to a zone: which series, and their values in any state and at any Stichtag."""

# ruff: noqa: S608 - only the names of our own columns are put into the statements

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from pyiceberg.table import Table

from ckanext.sozialdaten.lake._changes import table_of
from ckanext.sozialdaten.lake._files import files_of
from ckanext.sozialdaten.lake._hidden import hidden
from ckanext.sozialdaten.lake._model import SeriesInfo
from ckanext.sozialdaten.lake._tables import DELIVERIES, KEYS, OBSERVATIONS, ORDER
from ckanext.sozialdaten.lake._warehouse import Warehouse, all_of
from ckanext.sozialdaten.lake.errors import UnknownSeriesError
from ckanext.sozialdaten.messages import Message

__all__ = ["Commits", "Question", "batches", "commits_of", "series", "values"]

_CELL = ", ".join(("source", *KEYS))
# Months and years of a flow are two things: a month never stands for the year that it ends.
_LENGTH = "date_diff('month', reference_start, reference_end + 1)"
_SERIES_IN_TIME = ", ".join(
    (
        *("source", *(key for key in KEYS if not key.startswith("reference_"))),
        *("reference_kind", f"CASE reference_kind WHEN 'zeitraum' THEN {_LENGTH} END"),
    )
)
_COLUMNS = (
    "series, region, reference_kind, reference_start, reference_end, dimensions, value, unit, "
    "quality, census_base, source, captured_at, delivery"
)
# Most cells were never corrected. Those that were are found by a hash of their key, and only they
# are ordered by delivery: the whole key is compared then, so that equal hashes do no harm.
_KNOWN = f"""
stored AS {{materialized}} (
    SELECT *, hash({_CELL}) AS cell FROM observations
    WHERE {{where}} AND written_by IN (SELECT written_by FROM commits)
),
several AS MATERIALIZED (SELECT cell FROM stored GROUP BY cell HAVING count(*) > 1),
known AS (
    SELECT * FROM (
        SELECT * FROM stored ANTI JOIN several USING (cell)
        UNION ALL
        SELECT * FROM stored SEMI JOIN several USING (cell)
        QUALIFY row_number() OVER (PARTITION BY {_CELL} ORDER BY delivery DESC) = 1
    ) WHERE op <> 'retract'
)
"""
_VALUES = f"SELECT {_COLUMNS} FROM known"
_AT_STICHTAG = f"""
SELECT {_COLUMNS}, date_diff('day', reference_end, $stichtag::DATE) AS age_days FROM known
QUALIFY row_number() OVER (
    PARTITION BY {_SERIES_IN_TIME} ORDER BY reference_end DESC, reference_start
) = 1
"""
_SERIES = """
SELECT series, source, list_sort(list(DISTINCT unit)), count(*), count(DISTINCT region),
    min(reference_start), max(reference_end), max(captured_at)
FROM known GROUP BY series, source ORDER BY series, source
"""
_DIMENSIONS = "SELECT DISTINCT dimensions FROM observations WHERE {where}"


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


@dataclass(frozen=True, slots=True)
class Commits:
    """The commits that count, and which sources have delivered a series."""

    written_by: pa.Table
    sources: Mapping[str, tuple[str, ...]]


def commits_of(deliveries: Table) -> Commits:
    """What the table of deliveries says; for `Warehouse.derived`."""
    columns = ("source", "written_by", "series")
    found = Warehouse.read(deliveries, all_of(), columns).read_all()
    sources: dict[str, set[str]] = {}
    for source, text in {(row["source"], row["series"]) for row in found.to_pylist()}:
        for name in json.loads(text):
            sources.setdefault(name, set()).add(source)
    return Commits(
        found.select(["written_by"]), {name: tuple(sorted(one)) for name, one in sources.items()}
    )


def values(warehouse: Warehouse, question: Question) -> pa.Table:
    """Answer a question; see `Lake.values`.

    Files that an erasure takes away meanwhile are not missed: the question is put to the new state.
    """
    try:
        return _values(warehouse, question)
    except duckdb.IOException:
        return _values(warehouse, question)


def _values(warehouse: Warehouse, question: Question) -> pa.Table:
    commits = warehouse.derived(DELIVERIES, commits_of)
    sources = _sources(warehouse, commits, question.series)
    with warehouse.engine.connection() as connection:
        connection.register("commits", commits.written_by)
        warehouse.derived(OBSERVATIONS, files_of).register(connection, "observations", sources)
        where, parameters = _conditions(question, sources)
        if question.dimensions:
            where += " AND list_contains($dimensions, dimensions)"
            parameters["dimensions"] = _fitting(connection, question)
        known = _KNOWN.format(where=where, materialized="MATERIALIZED")
        answer = _VALUES
        if question.stichtag:
            answer, parameters["stichtag"] = _AT_STICHTAG, question.stichtag
        return table_of(connection, f"WITH {known} {answer} ORDER BY {ORDER}", parameters)


def series(warehouse: Warehouse, as_of: dt.datetime | None = None) -> list[SeriesInfo]:
    """All series of the zone as known then; source by source, so that memory stays bounded."""
    found: list[SeriesInfo] = []
    for connection, known, parameters in _each_source(warehouse, as_of):
        rows = connection.execute(f"WITH {known} {_SERIES}", parameters).fetchall()
        found += [
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
            for row in rows
        ]
    return sorted(found, key=lambda info: (info.name, info.source))


def batches(warehouse: Warehouse, as_of: dt.datetime | None) -> Iterator[pa.RecordBatch]:
    """Every cell of the zone as known then; see `Lake.batches`."""
    for connection, known, parameters in _each_source(warehouse, as_of):
        result: Any = connection.sql(f"WITH {known} {_VALUES}", params=parameters)
        yield from result.to_arrow_reader(100_000)


def _each_source(
    warehouse: Warehouse, as_of: dt.datetime | None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str, dict[str, Any]]]:
    """For each source a connection that sees it alone, and the statement of its known cells.

    Cells of two sources never stand for each other, so each source is a question of its own.
    """
    commits = warehouse.derived(DELIVERIES, commits_of)
    files = warehouse.derived(OBSERVATIONS, files_of)
    where, parameters = "true", {}
    if as_of:
        where, parameters = "captured_at <= $as_of::TIMESTAMPTZ", {"as_of": as_of}
    known = _KNOWN.format(where=where, materialized="NOT MATERIALIZED")
    out_of_sight = hidden(warehouse)
    for source in files.sources():
        if source in out_of_sight:
            continue
        with warehouse.engine.connection() as connection:
            connection.register("commits", commits.written_by)
            files.register(connection, "observations", [source])
            yield connection, known, parameters


def _sources(warehouse: Warehouse, commits: Commits, names: tuple[str, ...]) -> list[str]:
    """The sources that have delivered the series.

    Raises:
        UnknownSeriesError: nobody has delivered one of them.
    """
    out_of_sight = hidden(warehouse)
    found = {name: set(commits.sources.get(name, ())).difference(out_of_sight) for name in names}
    missing = sorted(name for name, sources in found.items() if not sources)
    if missing:
        raise UnknownSeriesError(
            Message(
                "The zone {zone} has no series “{name}”.",
                {"zone": warehouse.zone, "name": missing[0]},
            ),
            Message("“sozialdaten series list” shows all series."),
        )
    return sorted(set[str]().union(*found.values()))


def _conditions(question: Question, sources: list[str]) -> tuple[str, dict[str, Any]]:
    """The question as a condition on rows; names as single parameters, so that row groups of other
    series are skipped by their statistics."""
    latest = min((day for day in (question.end, question.stichtag) if day), default=None)
    given: list[tuple[str, dict[str, Any]]] = [
        _one_of("series", question.series),
        _one_of("source", sources),
    ]
    if question.regions is not None:
        regions = "region IN (SELECT unnest($regions::VARCHAR[]))"
        given.append((regions, {"regions": list(question.regions)}))
    if question.start:
        given.append(("reference_start >= $start", {"start": question.start}))
    if latest:
        given.append(("reference_end <= $latest", {"latest": latest}))
    if question.as_of:
        given.append(("captured_at <= $as_of::TIMESTAMPTZ", {"as_of": question.as_of}))
    parameters = {name: value for _, some in given for name, value in some.items()}
    return " AND ".join(text for text, _ in given), parameters


def _one_of(column: str, names: tuple[str, ...] | list[str]) -> tuple[str, dict[str, Any]]:
    parameters = {f"{column}_{number}": name for number, name in enumerate(names)}
    listed = ", ".join(f"${name}" for name in parameters)
    return (f"{column} IN ({listed})" if parameters else "false"), parameters


def _fitting(connection: duckdb.DuckDBPyConnection, question: Question) -> list[str]:
    """The dimensions that are as wanted, as the rows write them; those not named are free."""
    wanted = (question.dimensions or {}).items()
    plain, parameters = _one_of("series", question.series)
    statement = _DIMENSIONS.format(where=plain)
    texts = [row[0] for row in connection.execute(statement, parameters).fetchall()]
    return [text for text in texts if wanted <= json.loads(text).items()]
