"""Records with any names to Arrow, in batches, so that large files never lie about as objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import (
    Raw,
    cell_text,
    narrow,
    unique_names,
    unreadable,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["MAX_TABLES", "Records", "Scalar", "Tables"]

Scalar = str | int | float | bool | None
MAX_TABLES = 500
_BATCH = 20_000
_MAX_LOOSE = 200_000
_WHOLE = 1 << 62


@dataclass(slots=True)
class Records:
    """The rows of one table.

    Args:
        raw: the file, for errors.
        batches: finished rows as Arrow columns, in the order of ``names``; later names lack.
        pending: rows that wait.
        names: all columns so far, in order.
        size: bytes of the finished rows.
    """

    raw: Raw
    batches: list[list[pa.Array]] = field(default_factory=list[list[pa.Array]])
    pending: list[Mapping[str, Scalar]] = field(default_factory=list[Mapping[str, Scalar]])
    names: dict[str, None] = field(default_factory=dict[str, None])
    size: int = 0

    def add(self, row: Mapping[str, Scalar]) -> None:
        """One row."""
        self.pending.append(row)
        if not row.keys() <= self.names.keys():
            self.names.update(dict.fromkeys(row))
        if len(self.pending) >= _BATCH or len(self.names) * len(self.pending) > 50 * _BATCH:
            self.flush()

    def flush(self) -> None:
        """Move the pending rows to Arrow."""
        narrow(self.raw, len(self.names), self.size)
        if self.pending and self.names:
            batch = [_array([row.get(name) for row in self.pending]) for name in self.names]
            self.size += sum(cells.nbytes for cells in batch)
            self.batches.append(batch)
        self.pending = []

    def table(self) -> pa.Table:
        """All rows; a column is one of numbers only if all its values are."""
        self.flush()
        columns = [
            _joined([b[index] if index < len(b) else pa.nulls(len(b[0])) for b in self.batches])
            for index in range(len(self.names))
        ]
        return pa.table(columns, names=unique_names([cell_text(name) for name in self.names]))


def _array(cells: list[Scalar]) -> pa.Array:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int} and all(-_WHOLE < cell < _WHOLE for cell in cells if isinstance(cell, int)):
        return pa.array(cells, pa.int64())
    if kinds and kinds <= {int, float}:
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if not kinds:
        return pa.nulls(len(cells))
    return pa.array([None if cell is None else cell_text(cell) for cell in cells], pa.string())


def _joined(chunks: list[pa.Array]) -> pa.ChunkedArray:
    kinds = {chunk.type for chunk in chunks if not pa.types.is_null(chunk.type)}
    if kinds and kinds <= {pa.int64(), pa.float64()}:
        kind = pa.float64() if pa.float64() in kinds else pa.int64()
        return pa.chunked_array([chunk.cast(kind, safe=False) for chunk in chunks], type=kind)
    texts = [
        chunk
        if pa.types.is_string(chunk.type)
        else pa.array([None if c is None else cell_text(c) for c in chunk.to_pylist()], pa.string())
        for chunk in chunks
    ]
    return pa.chunked_array(texts, type=pa.string())


@dataclass(slots=True)
class Tables:
    """Tables by their path in a document, and the texts beside them.

    Args:
        raw: the file.
        tables: the tables.
        loose: texts outside of records.
        geometry: kinds of geometry that were met.
    """

    raw: Raw
    tables: dict[str, Records] = field(default_factory=dict[str, Records])
    loose: list[Loose] = field(default_factory=list[Loose])
    geometry: set[str] = field(default_factory=set[str])

    def add(self, path: str, row: Mapping[str, Scalar]) -> None:
        """One row of the table at ``path``.

        Raises:
            UnreadableFileError: more tables than a document can sensibly hold.
        """
        if path not in self.tables:
            self.tables[path] = Records(self.raw)
        if len(self.tables) > MAX_TABLES:
            raise unreadable(
                self.raw,
                Message("The document holds more than {count} tables.", {"count": MAX_TABLES}),
                Message("Deliver each table as CSV or Parquet."),
            )
        self.tables[path].add(row)

    def say(self, text: str, kind: str = "metadata") -> None:
        """One text outside of records.

        Raises:
            UnreadableFileError: so many that they are a table that we do not recognise.
        """
        if not text.strip():
            return
        self.loose.append(Loose(text, kind))
        if len(self.loose) > _MAX_LOOSE:
            raise unreadable(
                self.raw,
                Message("The document holds too many texts outside of tables."),
                Message("Deliver each table as CSV or Parquet."),
            )

    def sheets(self) -> list[Sheet]:
        """One sheet for each table, the loose texts with the first."""
        loose = tuple(self.loose)
        outer = len(self.tables) > 1
        sheets: list[Sheet] = []
        for path, records in self.tables.items():
            table = records.table()
            headers = (Loose(name, "header") for name in table.column_names)
            sheets.append(
                Sheet(
                    table,
                    self.raw.resource,
                    self.raw.sheet(cell_text(path) if outer else ""),
                    1,
                    (*headers, *(() if sheets else loose)),
                    geometry=frozenset(self.geometry),
                )
            )
        return sheets or [Sheet(pa.table({}), self.raw.resource, self.raw.sheet(), loose=loose)]
