"""Columns of any simple type as texts, each distinct one once."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.disclosure._engine import Engine

__all__ = ["shown", "texts_of"]


def shown(engine: Engine, values: pa.Array) -> pa.Array:
    """Values as all rules see them: as the engine writes them, the empty text for NULL."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return pc.fill_null(values.cast(pa.string()), "")
    loaded = engine.load(pa.table({"v": values}))
    texts = loaded.select("__row", v=loaded.v.cast("string").fill_null("")).order_by("__row")
    return engine.table(texts).column("v").cast(pa.string()).combine_chunks()


def texts_of(engine: Engine, column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column as texts in codes, in the order in which they come; no code is NULL."""
    encoded: Any = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], column.type)
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode("encode")
    texts: Any = shown(engine, encoded.dictionary)
    return pa.DictionaryArray.from_arrays(encoded.indices, texts)
