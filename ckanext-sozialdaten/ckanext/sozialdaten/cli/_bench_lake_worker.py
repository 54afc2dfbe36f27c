# ruff: noqa: S608  (statements are built of names of our own)
"""One side of ``bench lake`` in a process of its own.

``python -m … lake|parquet|duckdb FOLDER SOURCES`` prints one line of JSON: milliseconds of a
question for one series, the first and the middle one of several; seconds of the whole lake as of a
day, by series and cell by cell; memory; the answers.
"""

import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone, ZoneSettings

__all__ = ["main", "open_lake"]

AS_OF = dt.datetime(2024, 2, 12, tzinfo=dt.UTC)
"""In the midst of the changes."""
_ASKED = 9
_KEY = (
    "source, series, region, reference_kind, reference_start, reference_end, dimensions, "
    "coalesce(census_base, '')"
)
_COLUMNS = (
    "series, region, reference_kind, reference_start, reference_end, dimensions, value, unit, "
    "quality, census_base, source, captured_at, delivery"
)
_AS_OF = f"""
SELECT {_COLUMNS} FROM (
    SELECT *, row_number() OVER (PARTITION BY {_KEY} ORDER BY delivery DESC) AS place
    FROM observations WHERE captured_at <= $as_of {{also}}
) WHERE place = 1 AND op <> 'retract'
"""
_ORDER = "ORDER BY series, region, reference_end"
_SERIES = f"""
SELECT series, source, count(*), count(DISTINCT region), min(reference_start), max(reference_end)
FROM ({_AS_OF.format(also="")}) GROUP BY ALL ORDER BY series
"""


class _Side(Protocol):
    def one(self, series: str) -> pa.Table: ...

    def listed(self) -> list[tuple[str, int, int]]: ...

    def cells(self) -> int: ...


def open_lake(folder: Path) -> Lake:
    """The lake of the benchmark: a public zone in ``folder``."""
    catalog = f"sqlite:///{folder}/catalog.db"
    return Lake.open(LakeSettings({Zone.PUBLIC: ZoneSettings(str(folder / "zone"), catalog)}))


class _Ours:
    def __init__(self, folder: Path) -> None:
        self.lake = open_lake(folder)

    def one(self, series: str) -> pa.Table:
        return self.lake.values(series, as_of=AS_OF)

    def listed(self) -> list[tuple[str, int, int]]:
        return [(one.name, one.cells, one.regions) for one in self.lake.series(as_of=AS_OF)]

    def cells(self) -> int:
        return sum(batch.num_rows for batch in self.lake.batches(AS_OF))


class _Plain:
    """DuckDB with the textbook statement, on files or on its own table."""

    def __init__(self, folder: Path, *, files: bool) -> None:
        if files:
            self.connection = duckdb.connect()
            found = f"read_parquet('{folder}/parquet/*.parquet')"
            self.connection.execute(f"CREATE VIEW observations AS FROM {found}")
        else:
            self.connection = duckdb.connect(str(folder / "peer.duckdb"), read_only=True)
        self.connection.execute("SET TimeZone = 'UTC'")

    def one(self, series: str) -> pa.Table:
        statement = f"{_AS_OF.format(also='AND series = $series')} {_ORDER}"
        return self._ask(statement, series=series).to_arrow_table()

    def listed(self) -> list[tuple[str, int, int]]:
        return [(row[0], row[2], row[3]) for row in self._ask(_SERIES).fetchall()]

    def cells(self) -> int:
        reader = self._ask(_AS_OF.format(also="")).to_arrow_reader(100_000)
        return sum(batch.num_rows for batch in reader)

    def _ask(self, statement: str, **more: str) -> Any:
        return self.connection.sql(statement, params={"as_of": AS_OF, **more})


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    answer = ask()
    return answer, time.perf_counter() - started


def _mib() -> float:
    """The most memory that this process has had, without what its parent had before."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def main() -> None:
    """Measure one side."""
    name, folder, sources = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    side: _Side = _Ours(folder) if name == "lake" else _Plain(folder, files=name == "parquet")
    table, first = _timed(lambda: side.one("series0-0"))
    question = _mib()
    names = [f"series{number % sources}-{(number + 1) % sources}" for number in range(_ASKED)]
    again = [_timed(lambda asked=asked: side.one(asked))[1] for asked in names]
    listed, whole = _timed(side.listed)
    count, cells = _timed(side.cells)
    told = {
        "one_series_ms": 1000 * statistics.median(again),
        "first_ms": 1000 * first,
        "whole_seconds": whole,
        "cells_seconds": cells,
        "question_mib": question,
        "mib": _mib(),
        "answers": [table.num_rows, str(sum(table["value"].to_pylist())), sorted(listed), count],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
