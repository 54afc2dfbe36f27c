"""Any table whose columns a layout describes: figures as they are, persons as counts alone."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import GeographyError, Level, Register, canonical_key
from ckanext.sozialdaten.harvesters.core._periods import Span, parse_time
from ckanext.sozialdaten.harvesters.core.delimited import DelimitedReader
from ckanext.sozialdaten.harvesters.core.errors import BadDate, HarvestError
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.ports import Reading
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LayoutReader"]


class _Keys:
    """Keys by the register, and by their form where it does not know them."""

    def __init__(self) -> None:
        self.register = Register.default()

    def normalise(self, key: object, level: Level | None = None) -> str:
        """The canonical key."""
        try:
            return self.register.normalise(key, level)
        except GeographyError:
            return canonical_key(key, level)


class LayoutReader:
    """``delimited``: needs ``--layout``."""

    name = "delimited"
    signs = "none"

    def recognise(self, opened: Opened) -> Recognition:
        """Never by itself: a layout says that it is meant."""
        return Recognition()

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Each value column of each row; of a list of persons, how many each region has.

        Raises:
            DeliveryError: see :class:`DelimitedReader`.
            HarvestError: the layout names no region or no time.
        """
        layout = settings.layout
        if layout is None or not layout.by_role(Role.REGION) or not layout.by_role(Role.TIME):
            raise HarvestError(
                Message("The layout names no region or no time."),
                Message("Give the columns their roles: region, time, dimension, count …"),
                Place(file=opened.name),
            )
        reading = DelimitedReader(_Keys(), opened.limit).read_opened(opened, layout)
        for note in reading.notes:
            settings.note(f"{opened.name}: {note}")
        persons = bool(layout.by_role(Role.IDENTIFIER))
        rows = _counts(reading, layout) if persons else _figures(reading, layout, opened.name)
        yield from batches(rows, opened.name)


def _figures(reading: Reading, layout: Layout, file: str) -> Iterator[Observed]:
    region, time = layout.by_role(Role.REGION)[0].name, layout.by_role(Role.TIME)[0].name
    dimensions = [field.name for field in layout.by_role(Role.DIMENSION)]
    for number, row in zip(reading.rows, reading.table.to_pylist(), strict=True):
        start, end = _span(str(row[time]), Place(file, row=number, column=time))
        codes = dimensions_text({name: str(row[name] or "") for name in dimensions})
        for field in layout.values:
            beside = layout.quality_column(field.name)
            value = row[field.name]
            yield (
                f"{layout.name}.{field.name}",
                str(row[region]),
                start.isoformat(),
                end.isoformat(),
                codes,
                "" if value is None else _plain(str(value)),
                field.unit,
                str(row[beside.name] or "") if beside else "",
                "",
                str(number),
                field.name,
            )


def _counts(reading: Reading, layout: Layout) -> Iterator[Observed]:
    """Distinct records by region, time and dimensions; no column about a person is looked at."""
    region, time = layout.by_role(Role.REGION)[0].name, layout.by_role(Role.TIME)[0].name
    dimensions = [field.name for field in layout.by_role(Role.DIMENSION)]
    seen: set[tuple[Any, ...]] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in reading.table.to_pylist():
        record = tuple(row.values())
        if record not in seen:
            seen.add(record)
            codes = dimensions_text({name: str(row[name] or "") for name in dimensions})
            counts[str(row[region]), str(row[time]), codes] += 1
    for (key, when, codes), count in sorted(counts.items()):
        start, end = _span(when, Place())
        yield (
            f"{layout.name}.records",
            key,
            start.isoformat(),
            end.isoformat(),
            codes,
            str(count),
            "Anzahl",
            "",
        )


def _plain(number: str) -> str:
    """Without the zeros that the type adds after the point."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _span(text: str, place: Place) -> Span:
    span = parse_time(text)
    if span is None:
        raise BadDate(
            Message("This time is not understood."),
            Message("Known are days, months, quarters, terms, school years and years."),
            place,
        )
    return span
