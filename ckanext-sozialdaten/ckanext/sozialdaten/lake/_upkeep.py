"""Upkeep of a zone while others read and write: few sorted files in place of many small ones.

Every delivery writes a file of its own. Compaction writes their rows anew, sorted by series, and
replaces exactly the files that it has read, in one commit. A delivery that comes meanwhile is
in none of them. If another process has replaced or erased one of them, the files written for it
are dropped. Old states stay for a day: readers at work keep their files.
"""

# ruff: noqa: S608 - only the names of our own columns are put into the statements

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.io import pyarrow as iceberg_files
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.typedef import Record

from ckanext.sozialdaten.lake._disk import ABANDONED, expire, remove, sweep
from ckanext.sozialdaten.lake._files import files_among
from ckanext.sozialdaten.lake._read import commits_of
from ckanext.sozialdaten.lake._tables import DELIVERIES, OBSERVATIONS, ORDER
from ckanext.sozialdaten.lake._warehouse import Warehouse

__all__ = ["compact", "tidy"]

_SMALL = 64 << 20
_LEAST = 5
_ROWS = 2_000_000
_ATTEMPTS = 10
# What was written together stays together: time and delivery then take no space of their own.
_ORDERS = {DELIVERIES: "source, id", OBSERVATIONS: f"series, delivery, {ORDER}"}


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """Small files of one partition, and the files that shall stand for them."""

    old: tuple[DataFile, ...]
    new: tuple[DataFile, ...]


def tidy(warehouse: Warehouse, keep: dt.timedelta = ABANDONED) -> int:
    """Compact, forget states older than ``keep``, and sweep; returns the files removed."""
    count = 0
    for name in warehouse.names():
        if name in _ORDERS:
            compact(warehouse, name)
        table = warehouse.find(name)
        if table is not None:
            count += expire(table, dt.datetime.now(dt.UTC) - keep) + sweep(table)
    return count


def compact(warehouse: Warehouse, name: str) -> int:
    """Rewrite the partitions of a table that have many small files.

    Rows of writers who were overtaken more than a day ago are left out: no record counts them.

    Returns:
        How many files were replaced.
    """
    table = warehouse.table(name)
    rewritten: list[_Rewritten] = []
    for small in _crowded(table):
        # An erasure may take a file away meanwhile; other partitions are still to be compacted.
        with suppress(duckdb.IOException, FileNotFoundError):
            rewritten.append(_Rewritten(small, tuple(_merged(warehouse, table, name, small))))
    return _replace(table, rewritten)


def _crowded(table: Table) -> Iterator[tuple[DataFile, ...]]:
    """The small files of each partition that has many."""
    found: dict[Record, list[DataFile]] = {}
    for task in table.scan().plan_files():
        if task.file.file_size_in_bytes < _SMALL and not task.delete_files:
            found.setdefault(task.file.partition, []).append(task.file)
    for files in found.values():
        if len(files) >= _LEAST:
            yield tuple(files)


def _merged(
    warehouse: Warehouse, table: Table, name: str, small: tuple[DataFile, ...]
) -> Iterator[DataFile]:
    """Write the rows of small files as few sorted ones; nothing refers to these yet."""
    where, parameters = "true", {}
    if name == OBSERVATIONS:
        abandoned = dt.datetime.now(dt.UTC) - ABANDONED
        where = "written_by IN (SELECT written_by FROM commits) OR written_by >= $abandoned"
        parameters = {"abandoned": f"{abandoned:%Y%m%dT%H%M%S}"}
    with warehouse.engine.connection() as connection:
        connection.register("commits", warehouse.derived(DELIVERIES, commits_of).written_by)
        files_among(table, [file.file_path for file in small]).register(connection, "small")
        statement = f"SELECT * FROM small WHERE {where} ORDER BY {_ORDERS[name]}"
        result: Any = connection.sql(statement, params=parameters)
        for rows in _portions(result.to_arrow_reader(100_000)):
            written = rows.select(table.schema().column_names).cast(table.schema().as_arrow())
            yield from iceberg_files._dataframe_to_data_files(  # pyright: ignore[reportPrivateUsage]
                table.metadata, written, table.io
            )


def _portions(batches: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The rows in tables of at most about two million."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= _ROWS:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _replace(table: Table, rewritten: list[_Rewritten]) -> int:
    """Put the new files in the place of the old ones, also while others write to the table."""
    waiting = rewritten
    for _ in range(_ATTEMPTS):
        table.refresh()
        live = {task.file.file_path for task in table.scan().plan_files()}
        standing = [one for one in waiting if all(file.file_path in live for file in one.old)]
        for one in waiting:
            if one not in standing:
                remove(table, [file.file_path for file in one.new])
        waiting = standing
        if not waiting:
            return 0
        try:
            _commit(table, waiting)
        except (CommitFailedException, ValidationException, FileNotFoundError):
            continue  # another commit came first, or an erasure took the state away that we knew
        return sum(len(one.old) for one in waiting)
    for one in waiting:
        remove(table, [file.file_path for file in one.new])
    return 0


def _commit(table: Table, rewritten: list[_Rewritten]) -> None:
    with table.transaction() as transaction, transaction.update_snapshot().overwrite() as update:
        for one in rewritten:
            for file in one.old:
                update.delete_data_file(file)
            for file in one.new:
                update.append_data_file(file)
