# ruff: noqa: S608  (statements are built of names and numbers of our own)
"""``sozialdaten bench lake``: questions to ten million observations, beside plain files.

Ten sources deliver ten series each, yearly, for 10,000 regions and ten years; then fifty deliveries
of a whole year come, each of which changes one cell in twenty. The same rows lie in plain Parquet
files, one for each delivery, and in a table of DuckDB; there the textbook statement answers.
Each side answers in a process of its own, in turn.
"""

import datetime as dt
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import duckdb

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.lake import Lake

__all__ = ["World", "command", "lines", "run"]

_WORKER = "ckanext.sozialdaten.cli._bench_lake_worker"
_FIRST_YEAR = 2014
_CAPTURED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_TARGETS = {
    "one_series_ms": 100.0,
    "whole_lake_seconds": 5.0,
    "space_of_changed_rows": 1.3,
}
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """How much there is.

    Args:
        sources: each with as many series.
        regions: of each series.
        years: of each series.
        snapshots: deliveries of change.
    """

    sources: int = 10
    regions: int = 10_000
    years: int = 10
    snapshots: int = 50

    @property
    def cells(self) -> int:
        """All observations before the changes."""
        return self.sources**2 * self.regions * self.years


def run(world: World, runs: int = 3) -> Result:
    """Fill a lake and its peers, and ask them in turn."""
    with tempfile.TemporaryDirectory(prefix="sozialdaten-lake-") as name:
        folder = Path(name)
        loading = _fill(folder, world)
        changed = _peers(folder)
        asked = {
            side: _best([_asked(side, folder, world) for _ in range(runs)])
            for side in ("lake", "parquet", "duckdb")
        }
    answers = {json.dumps(one["answers"], sort_keys=True) for one in asked.values()}
    return {
        "cells": world.cells,
        "loading": loading,
        **{side: {k: v for k, v in one.items() if k != "answers"} for side, one in asked.items()},
        "changed_rows": changed,
        "space_of_changed_rows": loading["grown_bytes"] / changed["parquet_bytes"],
        "same_answers": len(answers) == 1,
        "targets": _TARGETS,
    }


def lines(result: Result) -> Sequence[str]:
    """The result for people."""
    told = [f"{result['cells']:,} observations; loaded in {result['loading']['seconds']:.0f} s"]
    for side in ("lake", "parquet", "duckdb"):
        one = result[side]
        told.append(
            f"{side:<8} one series: {one['one_series_ms']:6.0f} ms"
            f" (first in its process {one['first_ms']:.0f} ms); whole lake as of a day:"
            f" {one['whole_seconds']:5.2f} s; all cells: {one['cells_seconds']:5.2f} s;"
            f" memory {one['question_mib']:.0f} MiB after one series, {one['mib']:.0f} at most"
        )
    for peer in ("parquet", "duckdb"):
        ratios = ", ".join(
            f"{name} {result[peer][key] / result['lake'][key]:.1f}"
            for name, key in (("one series", "one_series_ms"), ("whole lake", "whole_seconds"))
        )
        told.append(f"times faster than plain {peer}: {ratios}")
    changed = result["changed_rows"]
    told.append(
        f"{changed['rows']:,} changed rows: the lake grew by"
        f" {result['loading']['grown_bytes']:,} bytes, {result['space_of_changed_rows']:.2f} times"
        f" their {changed['parquet_bytes']:,} bytes in one plain Parquet file"
    )
    told.append("equal answers" if result["same_answers"] else "UNEQUAL ANSWERS")
    return told


def _open(folder: Path) -> "Lake":
    from ckanext.sozialdaten.cli._bench_lake_worker import open_lake

    return open_lake(folder)


def _fill(folder: Path, world: World) -> dict[str, float]:
    """Load all deliveries, compact, and load the changes on top."""
    from ckanext.sozialdaten.lake import Zone

    at_once = dt.timedelta(0)
    with _open(folder) as lake:
        started = time.perf_counter()
        for number, (source, year) in enumerate(_base(world)):
            _load(lake, source, number, _table(world, source, year, 0))
        loaded = time.perf_counter() - started
        lake.tidy(Zone.PUBLIC, at_once)
        before = _bytes(folder / "zone")
        started = time.perf_counter()
        for number in range(world.snapshots):
            year = _FIRST_YEAR + world.years - 1
            table = _table(world, number % world.sources, year, number + 1)
            _load(lake, number % world.sources, 1000 + number, table)
        changed = time.perf_counter() - started
        started = time.perf_counter()
        lake.tidy(Zone.PUBLIC, at_once)
        tidied = time.perf_counter() - started
    return {
        "seconds": loaded,
        "change_seconds": changed,
        "tidy_seconds": tidied,
        "grown_bytes": _bytes(folder / "zone") - before,
    }


def _base(world: World) -> Iterator[tuple[int, int]]:
    for year in range(_FIRST_YEAR, _FIRST_YEAR + world.years):
        for source in range(world.sources):
            yield source, year


def _load(lake: "Lake", source: int, number: int, table: "pa.Table") -> None:
    from ckanext.sozialdaten.lake import Delivery, Zone

    captured = _CAPTURED + dt.timedelta(hours=number)
    lake.append(Zone.PUBLIC, Delivery(f"source{source}", f"{number}", captured), table)


def _table(world: World, source: int, year: int, change: int) -> "pa.Table":
    """All series of a source for a year; with a change, one cell in twenty has a new value."""
    seed = source * 10_000 + year
    changed = f"CASE WHEN hash(i * 7 + {change}) % 20 = 0 THEN {change} ELSE 0 END"
    statement = f"""
    SELECT format('series{{}}-{{}}', {source}, i // {world.regions}) AS series,
        (99000000 + i % {world.regions})::VARCHAR AS region,
        make_date({year}, 12, 31) AS reference_start, make_date({year}, 12, 31) AS reference_end,
        (hash(i + {seed} + 1000003 * ({changed if change else 0})) % 100000)::INTEGER AS value,
        'Anzahl' AS unit
    FROM range({world.sources * world.regions}) t(i)
    """
    with duckdb.connect() as connection:
        result: Any = connection.sql(statement)
        return result.to_arrow_table()


def _peers(folder: Path) -> dict[str, int]:
    """The rows of the lake as plain files; returns how many changed, and their size alone."""
    rows = f"read_parquet('{folder}/zone/sozialdaten/observations/data/**/*.parquet')"
    plain = f"(SELECT * EXCLUDE (written_by) FROM {rows})"
    base = f"{_CAPTURED + dt.timedelta(hours=999):%Y%m%d}"
    changes = f"(FROM {plain} WHERE delivery >= '{base}' ORDER BY delivery, series, region)"
    with duckdb.connect(str(folder / "peer.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE observations AS FROM {plain} ORDER BY delivery")
        target = folder / "changes.parquet"
        connection.execute(f"COPY {changes} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        count = connection.execute(f"SELECT count(*) FROM '{target}'").fetchall()[0][0]
        (folder / "parquet").mkdir()
        names = connection.execute("SELECT DISTINCT delivery, source FROM observations").fetchall()
        for number, (delivery, source) in enumerate(sorted(names)):
            connection.execute(
                f"COPY (FROM observations WHERE delivery = '{delivery}' AND source = '{source}')"
                f" TO '{folder}/parquet/{number}.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )
    return {"rows": int(count), "parquet_bytes": target.stat().st_size}


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _asked(side: str, folder: Path, world: World) -> dict[str, Any]:
    command = [sys.executable, "-m", _WORKER, side, str(folder), str(world.sources)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return cast("dict[str, Any]", json.loads(done.stdout.splitlines()[-1]))


def _best(measured: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The quickest of each question; memory and answers of the first run."""
    times = ("one_series_ms", "first_ms", "whole_seconds", "cells_seconds")
    best = {name: min(one[name] for one in measured) for name in times}
    spread = {"one_series_median_ms": statistics.median(one["one_series_ms"] for one in measured)}
    return measured[0] | best | spread


@click.command("lake")
@click.option("--quick", is_flag=True, help="Little data: shows that it runs, measures nothing.")
@click.option("--runs", default=3, show_default=True, help="Processes of each side.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(quick: bool, runs: int, as_json: bool) -> None:
    """Ten million observations: one series, the whole lake as of a day, the space of changes."""
    world = World(sources=2, regions=200, years=3, snapshots=10) if quick else World()
    result = run(world, 1 if quick else runs)
    if as_json:
        click.echo(json.dumps(result, indent=2))
        return
    for line in lines(result):
        click.echo(line)
