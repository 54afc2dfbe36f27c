"""Exports about persons: of them, and of lists of places, only counts leave this reader.

What each format is stands in ``schemas/formats/record_formats.yaml``; formats come and go there,
without code. Amounts are added up for the whole delivery alone, for the amount of a single case
would be a fact about a person.
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import EmptyDelivery, UnknownRegionKey
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._record_formats import (
    RecordFormat,
    record_formats,
)
from ckanext.sozialdaten.harvesters.core.readers._record_rows import (
    Record,
    header_row,
    records_of,
)
from ckanext.sozialdaten.harvesters.core.readers._regions import gemeinde_named, key_of
from ckanext.sozialdaten.harvesters.core.readers._times import Time, find_time, time_of
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RecordReader", "record_readers"]

_KREIS = re.compile(r"\b(?:0[1-9]|1[0-6])\d{3}\b")
_LOST = re.compile(r"\w\?\w")
_LENGTHS = (8, 5, 3, 2)
_Cell = tuple[str, Time | None, str]


class RecordReader:
    """One format of records.

    Args:
        form: what it is.
    """

    def __init__(self, form: RecordFormat) -> None:
        self.form = form
        self.name = form.name
        self.signs = "none"

    def recognise(self, opened: Opened) -> Recognition:
        """By the captions of its header row, or by its beginning."""
        kinds = {"table": (Kind.TEXT, Kind.WORKBOOK), "xml": (Kind.XML,)}
        if opened.kind not in kinds.get(self.form.kind, (Kind.TEXT,)):
            return Recognition()
        if self.form.kind == "table":
            lined = opened.kind == Kind.WORKBOOK or b"\n" in opened.head
            found = lined and any(header_row(grid, self.form) for grid in opened.grids)
        else:
            start = opened.head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
            found = self.form.matches(start)
        return Recognition(0.98 if found else 0.0, ", ".join(self.form.seen))

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """How many records each region has, by the columns that count.

        Raises:
            EmptyDelivery: no records.
            DeliveryRefused: records without a region.
            FooterMismatch: the last line states another number.
        """
        yield from batches(_rows(opened, self.form, settings), opened.name)


def record_readers() -> list[RecordReader]:
    """A reader for each format."""
    return [RecordReader(form) for form in record_formats()]


def _rows(opened: Opened, form: RecordFormat, settings: Settings) -> Iterator[Observed]:
    counts: dict[str, Counter[_Cell]] = {"records": Counter()}
    amounts: dict[tuple[str, Time | None, str], Decimal] = {}
    seen: set[bytes] = set()
    twice = 0
    problems = Problems(opened.name)
    kreis, whole = _around(opened, form, settings)
    for record in records_of(opened, form):
        if form.distinct and record.digest in seen:
            twice += 1
            continue
        seen |= {record.digest} if form.distinct else set()
        cell = _cell(opened, record, form, kreis, whole, problems)
        if cell is None:
            continue
        counts["records"][cell] += 1
        for name, number in record.members.items():
            counts.setdefault(name, Counter())[cell] += number
        for name, amount in record.sums.items():
            key = (name, cell[1], _group(record, form))
            amounts[key] = amounts.get(key, Decimal(0)) + amount
    problems.stop()
    if not counts["records"]:
        raise EmptyDelivery(
            Message("The file has a header but no rows."),
            Message("Nothing is retired because a list is empty; check the export's selection."),
            Place(opened.name),
        )
    _tell(opened, settings, twice)
    yield from _counted(form, counts)
    area = _area([cell[0] for cell in counts["records"]])
    for (name, time, codes), amount in sorted(amounts.items(), key=str):
        unit = form.sums[name]
        yield _observed(form, name, (area, time, codes), format(amount, "f"), unit)


def _tell(opened: Opened, settings: Settings, twice: int) -> None:
    if twice:
        settings.note(f"{opened.name}: {twice} records stand there twice and count once")
    if opened.kind == Kind.TEXT and opened.text.encoding == "cp1252":
        lost = len(_LOST.findall(opened.text.start))
        note = f"; {lost} letters were lost as “?” on its first pages" if lost else ""
        settings.note(f"{opened.name}: Windows-1252{note}")


def _around(opened: Opened, form: RecordFormat, settings: Settings) -> tuple[str, Time | None]:
    """Kreis and time that titles, sheets or the file's name speak of."""
    texts: list[str] = []
    if form.kind == "table":
        texts = [line for line in opened.opening.split("\n") if line]
    match = next((m for m in map(_KREIS.search, texts) if m), None)
    name = re.sub(r"((?:19|20)\d{2})(\d{2})(\d{2})", r"\1-\2-\3", opened.stem).replace("_", " ")
    titles = [text for text in texts if "stichtag" in text or "stand" in text]
    found = next((t for t in map(find_time, [*titles, name]) if t), None)
    given = time_of(settings.time) if settings.time else None
    return settings.region or (match[0] if match else ""), given or found


def _group(record: Record, form: RecordFormat) -> str:
    """The sheet of a record, and for XML its state: what sums may be told apart by."""
    if record.sheet:
        return dimensions_text({"Tabellenblatt": record.sheet})
    known = form.count_by if form.kind == "xml" else ()
    return dimensions_text({name: record.cells.get(name, "") for name in known})


def _cell(
    opened: Opened,
    record: Record,
    form: RecordFormat,
    kreis: str,
    whole: Time | None,
    problems: Problems,
) -> _Cell | None:
    dimensions = {name: record.cells.get(name, "") for name in form.count_by}
    if record.sheet and len(opened.grids) > 1:
        dimensions["Tabellenblatt"] = record.sheet
    parts = [name[1:] if name[0] == "=" else record.cells.get(name, "") for name in form.region]
    region = key_of("".join(parts)) if form.region else kreis
    if form.place:
        name = record.cells.get(form.place, "")
        found = gemeinde_named(kreis, name) if kreis else None
        region = found or kreis
        if not found:
            dimensions[form.place] = name
    if region is None or (form.region and not region.isdigit()):
        problems.add(
            UnknownRegionKey(
                Message("No region of this level has this key."),
                Message("Check the key: it must exist, and keep its leading zero."),
                Place(opened.name, record.sheet, record.number, ", ".join(form.region)),
            )
        )
        return None
    time = time_of(record.cells.get(form.time, "")) if form.time else None
    return region, time or whole, dimensions_text(dimensions)


def _counted(form: RecordFormat, counts: dict[str, Counter[_Cell]]) -> Iterator[Observed]:
    for name, counted in counts.items():
        for cell, number in sorted(counted.items(), key=str):
            yield _observed(form, name, cell, str(number), "Anzahl")


def _observed(form: RecordFormat, name: str, cell: _Cell, value: str, unit: str) -> Observed:
    region, time, codes = cell
    start, end = (time.start.isoformat(), time.end.isoformat()) if time else ("", "")
    return f"{form.name}.{name}", region, start, end, codes, value, unit, ""


def _area(regions: list[str]) -> str:
    """The smallest region by its key that holds all of them."""
    for length in _LENGTHS:
        heads = {region[:length] for region in regions}
        if len(heads) == 1 and min(map(len, regions)) >= length:
            return heads.pop()
    return "DG"
