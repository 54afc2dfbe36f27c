"""Columns as small whole numbers: equal texts get equal codes, whatever the file's types are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Codes", "coded"]


@dataclass(frozen=True, slots=True)
class Codes:
    """One column in codes.

    Args:
        codes: code of each row, from 0, as 32-bit numbers.
        values: the text of each code; an empty cell and NULL are the empty text.
        counts: rows with each code.
    """

    codes: pa.Array
    values: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of all rows with each code."""
        rows = max(len(self.codes), 1)
        return tuple(count / rows for count in self.counts)


def coded(column: pa.ChunkedArray, order: Callable[[str], float | str] | None = None) -> Codes:
    """The codes of a column; blanks around a text do not count.

    Args:
        column: values of any simple type.
        order: sorts the texts; None for the order in which they come.
    """
    plain = column.cast(pa.string()) if pa.types.is_null(column.type) else column
    whole = plain.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], whole.type)
    raw = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode("encode")
    texts = pc.fill_null(pc.utf8_trim_whitespace(raw.dictionary.cast(pa.string())), "")
    texts = pa.concat_arrays([texts, pa.array([""])])  # a dictionary may leave NULL to the indices
    merged = texts.dictionary_encode()
    values: list[str] = merged.dictionary.to_pylist()
    places = _places(values, order)
    by_index = places[merged.indices.to_numpy(zero_copy_only=False)]
    indices = raw.indices.cast(pa.int32())
    if indices.null_count:
        indices = pc.fill_null(indices, len(texts) - 1)
    codes = by_index.astype(np.int32)[indices.to_numpy(zero_copy_only=False)]
    sequence: list[int] = np.argsort(places).tolist()
    return _dense(codes, [values[i] for i in sequence])


def _places(values: Sequence[str], order: Callable[[str], float | str] | None) -> "np.ndarray":
    places = np.arange(len(values))
    if order is not None:
        by_order = sorted(range(len(values)), key=lambda index: order(values[index]))
        places[by_order] = np.arange(len(values))
    return places


def _dense(codes: "np.ndarray", values: Sequence[str]) -> Codes:
    """Without the codes that no row has."""
    counts = np.bincount(codes, minlength=len(values))
    used = counts > 0
    if not used.all():
        codes = (np.cumsum(used) - 1)[codes].astype(np.int32)
    kept = [value for value, has in zip(values, used.tolist(), strict=True) if has]
    return Codes(pa.array(codes), tuple(kept), tuple(counts[used].tolist()))
