"""SDMX-CSV 1 and 2, and Eurostat's TSV: series in rows, periods in columns, flags behind values."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._sdmx import observed
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EurostatTsvReader", "SdmxCsvReader"]

_FLOW = re.compile(r"(?:[^:]*:)?([^(:]+)")
_FLAGS = re.compile(r"(\S*)\s*([a-z]*)")


class SdmxCsvReader:
    """``sdmx-csv``: one line for each observation."""

    name = "sdmx-csv"
    signs = "eurostat"

    def recognise(self, opened: Opened) -> Recognition:
        """By its captions."""
        first = opened.head[:8000].removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].upper()
        found = opened.kind == Kind.TEXT and b"OBS_VALUE" in first and b"TIME_PERIOD" in first
        return Recognition(0.95 if found else 0.0, "TIME_PERIOD, OBS_VALUE")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Every observation; the series is the data flow.

        Raises:
            NotReadable: a row is cut off.
            DeliveryRefused: values that are neither number nor sign.
        """
        yield from batches(_csv_rows(opened, legend(settings.signs or "eurostat")), opened.name)


def _csv_rows(opened: Opened, signs: dict[str, str]) -> Iterator[Observed]:
    first = opened.text.start.split("\n", 1)[0]
    rows = opened.text.rows(";" if first.count(";") > first.count(",") else ",")
    header = next(rows)
    names = [name.split(":")[0].strip() for name in header]
    both = [":" in name for name in header]
    spoken = _labels(names)
    problems = Problems(opened.name)
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) != len(names):
            raise _ragged(opened, number, len(row), len(names))
        cells = {
            name: cell.split(": ")[0] if labelled else cell
            for name, cell, labelled in zip(names, row, both, strict=True)
            if name not in spoken
        }
        flow = cells.get("DATAFLOW") or cells.get("STRUCTURE_ID") or opened.stem
        match = _FLOW.fullmatch(flow.split("(")[0])
        place = Place(opened.name, row=number, column="OBS_VALUE")
        yield observed(match[1] if match else flow, cells, signs, place, problems)
    problems.stop()


def _labels(names: list[str]) -> frozenset[str]:
    """The columns that only put codes into words: after STRUCTURE_NAME every second one."""
    if "STRUCTURE_NAME" not in names:
        return frozenset()
    return frozenset(names[names.index("STRUCTURE_NAME") + 2 :: 2])


def _ragged(opened: Opened, row: int, found: int, expected: int) -> NotReadable:
    return NotReadable(
        Message(
            "The row has {found} cells, the header {expected}.",
            {"found": found, "expected": expected},
        ),
        Message("The transfer may have been cut off; fetch the table again."),
        Place(opened.name, row=row),
    )


class EurostatTsvReader:
    """``eurostat-tsv``: the first column holds all dimensions, the others a period each."""

    name = "eurostat-tsv"
    signs = "eurostat"

    def recognise(self, opened: Opened) -> Recognition:
        """By the first caption: ``freq,unit,geo\\TIME_PERIOD``."""
        first = opened.head[:8000].removeprefix(b"\xef\xbb\xbf").split(b"\t", 1)[0]
        names = (b"\\TIME_PERIOD", b"\\time")
        found = opened.kind == Kind.TEXT and b"\t" in opened.head and first.endswith(names)
        return Recognition(1.0 if found else 0.0, "\\TIME_PERIOD")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Every cell, those with ``:`` too.

        Raises:
            NotReadable: a row is cut off.
            DeliveryRefused: values that are neither number nor sign.
        """
        yield from batches(_tsv_rows(opened, legend(settings.signs or "eurostat")), opened.name)


def _tsv_rows(opened: Opened, signs: dict[str, str]) -> Iterator[Observed]:
    rows = opened.text.rows("\t")
    header = next(rows)
    dimensions = header[0].split("\\")[0].split(",")
    periods = [cell.strip() for cell in header[1:]]
    problems = Problems(opened.name)
    flow = opened.stem.removeprefix("estat_").removesuffix(".tsv").upper()
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) != len(header):
            raise _ragged(opened, number, len(row), len(header))
        key = dict(zip(dimensions, row[0].split(","), strict=False))
        for period, cell in zip(periods, row[1:], strict=True):
            match = _FLAGS.fullmatch(cell.strip())
            value, flag = (match[1], match[2]) if match else (cell.strip(), "")
            missing = value == ":"
            cells = key | {
                "TIME_PERIOD": period,
                "OBS_VALUE": "" if missing else value,
                "OBS_FLAG": f":{flag}" if missing else flag,
            }
            yield observed(
                flow, cells, signs, Place(opened.name, row=number, column=period), problems
            )
    problems.stop()
