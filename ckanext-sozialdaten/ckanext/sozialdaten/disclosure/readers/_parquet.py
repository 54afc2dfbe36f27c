"""Parquet: typed columns, nested ones flattened, and the texts in the file's metadata."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import Raw, cell_text, unreadable
from ckanext.sozialdaten.messages import Message

__all__ = ["plain_columns", "read_parquet"]

_MACHINE_KEYS = (b"ARROW:schema", b"pandas")


def plain_columns(table: pa.Table) -> pa.Table:
    """The table with columns that every rule can read: no structs, dictionaries, lists, bytes."""
    while any(pa.types.is_struct(column.type) for column in table.schema):
        table = table.flatten()
    columns: dict[str, pa.ChunkedArray] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
            kind = kind.value_type
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
            texts = [None if cell is None else cell_text(cell) for cell in column.to_pylist()]
            column = pa.chunked_array([pa.array(texts, type=pa.string())])
        elif pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            column = column.cast(pa.string())
        elif pa.types.is_decimal(kind) or pa.types.is_float16(kind):
            column = column.cast(pa.float64())
        elif pa.types.is_null(kind):
            column = column.cast(pa.string())
        columns[name] = column
    return pa.table(columns)


def read_parquet(raw: Raw) -> list[Sheet]:
    """The table of a Parquet file.

    Raises:
        UnreadableFileError: no Parquet, damaged or encrypted.
    """
    try:
        table: pa.Table = pq.read_table(io.BytesIO(raw.data))
        plain = plain_columns(table)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(
            raw,
            Message("This is no Parquet file that can be read."),
            Message("Write it again without encryption."),
        ) from error
    loose = [Loose(name, "header") for name in plain.column_names]
    metadata: dict[bytes, bytes] = table.schema.metadata or {}
    for key, value in metadata.items():
        if key not in _MACHINE_KEYS:
            loose.append(Loose(value.decode("utf-8", "replace"), "metadata"))
    return [Sheet(plain, raw.resource, raw.sheet(), 1, tuple(loose))]
