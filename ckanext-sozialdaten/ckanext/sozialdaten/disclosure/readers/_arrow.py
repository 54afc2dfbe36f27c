"""Parquet, Feather and Arrow files: typed columns, nested ones flattened, texts in the metadata."""

import json
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import (
    MAX_TABLE_BYTES,
    Raw,
    cell_text,
    narrow,
    unique_names,
    unreadable,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["plain_columns", "read_feather", "read_parquet"]

_MACHINE_KEYS = (b"ARROW:schema", b"pandas", b"org.apache.spark.sql.parquet.row.metadata")
_MAX_LEVELS = 30
_BATCH_ROWS = 1 << 16


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Each cell as text: bytes decoded, nested values as JSON."""

    def text(cell: object) -> str | None:
        if cell is None:
            return None
        if isinstance(cell, bytes):
            return cell.decode("utf-8", "replace")
        if isinstance(cell, list | Mapping):
            return json.dumps(cell, ensure_ascii=False, default=cell_text)
        return cell_text(cell)

    chunks = [
        pa.array([text(cell) for cell in chunk.to_pylist()], pa.string()) for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, type=pa.string())


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers that were stored as floats because a cell was empty, as whole numbers."""
    column = pc.if_else(pc.is_nan(column), None, column)
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), 2.0**53))
    all_whole = bool(pc.all(whole, min_count=0).as_py())
    return column.cast(pa.int64()) if all_whole and column.null_count < len(column) else column


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """One column in a type that every rule can read."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array(
            [chunk.storage for chunk in column.chunks], type=kind.storage_type
        )
        return _plain(column)
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return _floats(column.cast(pa.float64()))
    if pa.types.is_decimal(kind):
        return _floats(column.cast(pa.float64(), safe=False))
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind):
        return column
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    return _texts(column)


def plain_columns(table: pa.Table) -> pa.Table:
    """The table with columns that every rule can read: no structs, dictionaries, lists, bytes."""
    for _ in range(_MAX_LEVELS):
        if not any(pa.types.is_struct(column.type) for column in table.schema):
            break
        table = table.flatten()
    columns = [_plain(column) for column in table.columns]
    names = table.column_names
    unique = names if len(set(names)) == len(names) else unique_names(names)
    return pa.table(columns, names=unique)


def _lists(table: pa.Table, path: str = "") -> Iterator[tuple[str, pa.Table]]:
    """A table and, as tables of their own, its lists of records."""
    for _ in range(_MAX_LEVELS):
        if not any(pa.types.is_struct(column.type) for column in table.schema):
            break
        table = table.flatten()
    keep: list[int] = []
    inner: list[tuple[str, pa.Table]] = []
    for index, field in enumerate(table.schema):
        column = table.column(index)
        kind = field.type
        if pa.types.is_map(kind):
            kind = pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)]))
            column = column.cast(kind)
        listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
        if listed and pa.types.is_struct(kind.value_type):
            records = pa.table([pc.list_flatten(column)], names=["item"]).flatten()
            names = [name.removeprefix("item.") for name in records.column_names]
            inner.append((f"{path}.{field.name}".lstrip("."), records.rename_columns(names)))
        else:
            keep.append(index)
    yield path, table.select(keep)
    for name, records in inner:
        yield from _lists(records, name)


def _metadata(metadata: Mapping[bytes, bytes] | None) -> Iterator[Loose]:
    for key, value in (metadata or {}).items():
        if key not in _MACHINE_KEYS and not key.startswith(b"PARQUET:"):
            text = f"{key.decode('utf-8', 'replace')}: {value.decode('utf-8', 'replace')}"
            yield Loose(text, "property")


def _sheets(raw: Raw, table: pa.Table) -> list[Sheet]:
    loose = list(_metadata(table.schema.metadata))
    for field in table.schema:
        loose.extend(_metadata(field.metadata))
    sheets: list[Sheet] = []
    for path, part in _lists(table):
        narrow(raw, part.num_columns, sheet=path)
        plain = plain_columns(part)
        plain = plain.rename_columns(unique_names(plain.column_names))
        texts = [Loose(name, "header") for name in plain.column_names]
        texts += [] if sheets else loose
        sheets.append(Sheet(plain, raw.resource, raw.sheet(path), 1, tuple(texts)))
    return sheets


def _gathered(raw: Raw, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """All batches, as long as they fit into memory: a few bytes may unpack to any size."""
    kept: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        decoded = [_decoded(raw, column, size) for column in batch.columns]
        size += sum(column.nbytes for column in decoded)
        narrow(raw, 0, size)
        kept.append(pa.record_batch(decoded, names=schema.names))
    fields = [field.with_type(_decoded_type(field.type)) for field in schema]
    return pa.Table.from_batches(
        [batch.cast(pa.schema(fields)) for batch in kept],
        schema=pa.schema(fields, metadata=schema.metadata),
    )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_binary(kind)


def _decoded_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _decoded(raw: Raw, column: pa.Array, before: int) -> pa.Array:
    """A column without dictionary; a long value that stands in every row is counted first."""
    if not pa.types.is_dictionary(column.type):
        return column
    lengths = _lengths(column.dictionary)
    if lengths is not None:
        narrow(raw, 0, before + int(pc.sum(lengths.take(column.indices)).as_py() or 0))
    return column.dictionary_decode()


def _lengths(values: pa.Array) -> pa.Array | None:
    """Bytes of each text; None for values of fixed length."""
    kind = values.type
    long = pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    if pa.types.is_string(kind) or pa.types.is_binary(kind) or long:
        return pc.cast(pc.binary_length(values), pa.int64())
    return None


def read_parquet(raw: Raw) -> list[Sheet]:
    """The tables of a Parquet file: lists of records become tables of their own.

    Raises:
        UnreadableFileError: no Parquet, damaged, encrypted or too large.
    """
    try:
        source = pa.py_buffer(raw.data)
        file = pq.ParquetFile(pa.BufferReader(source))
        narrow(raw, len(file.schema_arrow), file.metadata.num_rows)
        # Texts stay in dictionaries until their size is known.
        texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        file = pq.ParquetFile(pa.BufferReader(source), read_dictionary=texts)
        schema: pa.Schema = file.schema_arrow
        own: Mapping[bytes, bytes] = file.metadata.metadata or {}
        table = _gathered(raw, schema, file.iter_batches(batch_size=_BATCH_ROWS))
        table.validate(full=True)
        return _sheets(raw, table.replace_schema_metadata({**own, **(schema.metadata or {})}))
    except (pa.ArrowException, OSError, ValueError, UnicodeError, OverflowError) as error:
        raise unreadable(
            raw,
            Message("This is no Parquet file that can be read."),
            Message("Write it again without encryption."),
        ) from error


def read_feather(raw: Raw) -> list[Sheet]:
    """The tables of a Feather file, an Arrow file or an Arrow stream.

    Raises:
        UnreadableFileError: none of these, damaged or too large.
    """
    source = pa.BufferReader(pa.py_buffer(raw.data))
    head = raw.data[:6]
    try:
        if head.startswith(b"FEA1"):
            table: pa.Table = feather.read_table(source)
        elif head.startswith(b"ARROW1"):
            file = ipc.open_file(source)
            numbers = range(file.num_record_batches)
            table = _gathered(raw, file.schema, (file.get_batch(number) for number in numbers))
        else:
            stream = ipc.open_stream(source)
            table = _gathered(raw, stream.schema, stream)
        narrow(raw, table.num_columns, min(table.nbytes, MAX_TABLE_BYTES + 1))
        table.validate(full=True)
        return _sheets(raw, table)
    except (pa.ArrowException, OSError, ValueError, UnicodeError, OverflowError) as error:
        raise unreadable(
            raw,
            Message("This is no Arrow or Feather file that can be read."),
            Message("Write it again, or deliver Parquet."),
        ) from error
