"""Observations as Arrow batches of text."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ckanext.sozialdaten.harvesters.core.readers._ports import COLUMNS, PLACES, Observed

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["batches"]

_ROWS = 1 << 16


def batches(rows: Iterable[Observed]) -> "Iterator[pa.RecordBatch]":
    """The rows in batches that bound the memory, whatever the size of the file.

    Rows may end with the places of their cells.
    """
    import pyarrow as pa

    stream = iter(rows)
    while piece := list(islice(stream, _ROWS)):
        columns = {
            name: pa.array([row[index] for row in piece], pa.string())
            for index, name in enumerate((*COLUMNS, *PLACES)[: len(piece[0])])
        }
        yield from pa.table(columns).to_batches()
