"""Observations as Arrow batches of text."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import EmptyDelivery
from ckanext.sozialdaten.harvesters.core.readers._ports import COLUMNS, PLACES, Observed
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["batches"]

_ROWS = 1 << 16


def batches(rows: Iterable[Observed], file: str) -> "Iterator[pa.RecordBatch]":
    """The rows in batches that bound the memory, whatever the size of the file.

    Rows may end with the places of their cells.

    Raises:
        EmptyDelivery: there is none.
    """
    import pyarrow as pa

    stream, empty = iter(rows), True
    while piece := list(islice(stream, _ROWS)):
        columns = {
            name: pa.array([row[index] for row in piece], pa.string())
            for index, name in enumerate((*COLUMNS, *PLACES)[: len(piece[0])])
        }
        empty = False
        yield from pa.table(columns).to_batches()
    if empty:
        raise EmptyDelivery(
            Message("The data set holds no observations."),
            Message("An answer without rows never means that data are gone; fetch it again."),
            Place(file),
        )
