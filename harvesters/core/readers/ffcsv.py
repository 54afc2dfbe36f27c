"""Flat-file CSV of the GENESIS family, old and new, German and English, plain or in its ZIP."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ckanext.sozialdaten.harvesters.core.genesis import cells_of
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import COLUMNS, Recognition, Settings

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FlatFileReader"]

_CAPTION = re.compile(
    r"^(?=.*\b(time|zeit|time_code|zeit_code)\b).*\b(statisti[ck]s?_code|1_(variable|merkmal)_code)\b",
    re.IGNORECASE,
)


class FlatFileReader:
    """``genesis-ffcsv``: one line for each value (new) or for each combination (old)."""

    name = "genesis-ffcsv"
    signs = "genesis"

    def recognise(self, opened: Opened) -> Recognition:
        """By the captions of the first line."""
        if opened.kind != Kind.TEXT:
            return Recognition()
        first = opened.head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        captions = first.decode("cp1252", "replace").replace(";", " ; ")
        found = bool(_CAPTION.search(captions)) and ";" in captions
        return Recognition(1.0 if found else 0.0, "statistics_code;…;time;…")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """The series is ``<statistic>.<value code>``.

        Raises:
            DeliveryError: see :func:`cells_of`.
        """
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        first = 2
        for cells, lines in cells_of(opened):
            series = pc.binary_join_element_wise(cells["statistic"], cells["value_code"], ".")
            columns = {"series": series} | {
                name: pc.fill_null(cells[name].cast(pa.string()), "") for name in COLUMNS[1:]
            }
            rows = np.arange(first, first + lines)
            columns["row"] = pa.array(np.repeat(rows, cells.num_rows // lines))
            first += lines
            yield from pa.table(columns).to_batches()
