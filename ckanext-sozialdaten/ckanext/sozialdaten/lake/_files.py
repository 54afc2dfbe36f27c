"""The latest state of a table as files that DuckDB reads.

PyIceberg says which files a state consists of, DuckDB reads them: it skips row groups by their
statistics and keeps the footers, which an answer in a tenth of a second needs. In a bucket, Arrow
opens the files and DuckDB hands its filters down.
"""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as pads
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table import Table

__all__ = ["Engine", "Files", "files_among", "files_of"]

_MEMORY = "2GB"


@dataclass(frozen=True, slots=True)
class Files:
    """The data files of one state of a table.

    Args:
        by_source: paths without a scheme, by the source that their partition names; a table that
            is not partitioned has them all under the empty name.
        filesystem: of a bucket; None for a local folder.
        schema: of the columns, for a state without files.
        rows: the rows themselves where files alone do not tell them, because another engine wrote
            deletions beside them; else None.
    """

    by_source: Mapping[str, tuple[str, ...]]
    filesystem: Any
    schema: pa.Schema
    rows: pa.Table | None = None

    def sources(self) -> list[str]:
        """All sources that have files."""
        return sorted(self.by_source)

    def register(
        self, connection: duckdb.DuckDBPyConnection, name: str, sources: Iterable[str] | None = None
    ) -> None:
        """Make the rows of these sources (default: all) known to DuckDB as the view ``name``.

        Files of other sources are left out; no row is filtered beyond that.
        """
        chosen = self.sources() if sources is None else [one for one in sources if one in self]
        paths = [path for source in chosen for path in self.by_source[source]]
        if self.rows is not None:
            connection.register(name, self.rows)
        elif not paths:
            connection.register(name, self.schema.empty_table())
        elif self.filesystem is None:
            listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
            read = f"read_parquet([{listed}], union_by_name = true)"
            connection.execute(f"CREATE TEMP VIEW {name} AS FROM {read}")
        else:
            found = pads.dataset(paths, filesystem=self.filesystem, format="parquet")
            connection.register(name, found)

    def __contains__(self, source: object) -> bool:
        return source in self.by_source


def files_of(table: Table) -> Files:
    """The files of the latest state of ``table``."""
    found: dict[str, list[str]] = {}
    deletions = False
    for task in table.scan().plan_files():
        deletions = deletions or bool(task.delete_files)
        partition = task.file.partition
        source = str(partition[0]) if len(partition) else ""
        found.setdefault(source, []).append(PyArrowFileIO.parse_location(task.file.file_path)[2])
    return Files(
        by_source={source: tuple(sorted(paths)) for source, paths in found.items()},
        filesystem=_filesystem(table),
        schema=table.schema().as_arrow(),
        rows=table.scan().to_arrow() if deletions else None,
    )


def files_among(table: Table, locations: Iterable[str]) -> Files:
    """Some files of ``table``, by their locations."""
    paths = tuple(PyArrowFileIO.parse_location(location)[2] for location in locations)
    return Files({"": paths}, _filesystem(table), table.schema().as_arrow())


def _filesystem(table: Table) -> Any:
    """Of the bucket; None for a folder, which DuckDB opens itself."""
    io: Any = table.io
    scheme, host, _ = PyArrowFileIO.parse_location(table.location())
    return None if scheme == "file" else io.fs_by_scheme(scheme, host)


class Engine:
    """DuckDB in this process: one instance for all questions to a zone, so that footers stay known.

    Args:
        spill: folder for what does not fit into memory; it must lie where the zone lies, for
            intermediate results quote it.
    """

    def __init__(self, spill: Path | None) -> None:
        self._spill = spill
        self._instance: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def connection(self) -> Generator[duckdb.DuckDBPyConnection]:
        """A connection for one question; temporary views of others are not seen."""
        if self._instance is None:
            self._instance = self._open()
        cursor = self._instance.cursor()
        try:
            cursor.execute("SET TimeZone = 'UTC'")
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Give the memory back."""
        if self._instance is not None:
            self._instance.close()
            self._instance = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        instance = duckdb.connect()
        instance.execute(f"SET memory_limit = '{_MEMORY}'")
        instance.execute("SET parquet_metadata_cache = true")
        instance.execute("SET enable_progress_bar = false")
        folder = "" if self._spill is None else str(self._spill).replace("'", "''")
        instance.execute(f"SET temp_directory = '{folder}'")
        return instance
