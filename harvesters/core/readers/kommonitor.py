"""KomMonitor: indicators as GeoJSON, as a list without geometry, or as sent to its interface.

A property ``DATE_2023-12-31`` is the value of that key date; ``null`` is a value that is missing,
which is not zero. Feature collections leave such properties out.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._cells import Numbers
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems, strange_cell
from ckanext.sozialdaten.harvesters.core.readers._json import as_object, objects
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._regions import key_of
from ckanext.sozialdaten.harvesters.core.readers._times import time_of
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KomMonitorReader"]

_DATE = re.compile(r"DATE_(\d{4}-\d{2}-\d{2})")
_SHORT = 5


class KomMonitorReader:
    """``kommonitor``."""

    name = "kommonitor"
    signs = "none"

    def recognise(self, opened: Opened) -> Recognition:
        """By properties named ``DATE_…``, or by ``indicatorValues``."""
        start = opened.head
        found = opened.kind == Kind.JSON and (b'"DATE_' in start or b'"indicatorValues"' in start)
        if not found and opened.kind == Kind.JSON and b'"FeatureCollection"' in start:
            found = any(True for _ in _values(opened.json))
        return Recognition(0.95 if found else 0.0, "DATE_…")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Each value of each area.

        Raises:
            NotReadable: areas without their identifier.
            DeliveryRefused: values that are no numbers.
        """
        yield from batches(_rows(opened), opened.name)


def _rows(opened: Opened) -> Iterator[Observed]:
    problems, numbers = Problems(opened.name), Numbers(".", {})
    data = opened.json
    name = str(as_object(data).get("datasetName") or opened.stem)
    for number, (series, area, label, day, value) in enumerate(_values(data), 1):
        figure = ("", "", "") if value is None or value == "" else numbers.read(value)
        time = time_of(day)
        place = Place(opened.name, row=number, column=f"DATE_{day}")
        if not area:
            raise NotReadable(
                Message("An area has no identifier."),
                Message("Expected is the property {name}.", {"name": "ID"}),
                place,
            )
        if figure is None:
            problems.add(strange_cell(value, place))
            continue
        yield (
            series or name,
            _key(area),
            time.start.isoformat() if time else "",
            time.end.isoformat() if time else "",
            dimensions_text({"NAME": label} if label else {}),
            figure[0],
            "",
            "",
        )
    problems.stop()


def _key(area: str) -> str:
    """AGS or ARS as canonical key; a county's own identifier as it is."""
    return (key_of(area) or area) if len(area) >= _SHORT else area


def _values(data: object) -> Iterator[tuple[str, str, str, str, Any]]:
    """Series, area, name, day and value of each cell."""
    document = as_object(data)
    for item in objects(document.get("indicatorValues")):
        area = str(item.get("spatialReferenceKey", ""))
        for pair in objects(item.get("valueMapping")):
            yield "", area, "", str(pair.get("timestamp", ""))[:10], pair.get("indicatorValue")
    records = [("", item) for item in objects(data)] or [
        (str(feature.get("id", "")).rsplit(".", 1)[0], as_object(feature.get("properties")))
        for feature in objects(document.get("features"))
    ]
    for series, record in records:
        area = record.get("ID", record.get("spatialUnitFeatureId", ""))
        label = str(record.get("NAME") or record.get("spatialUnitFeatureName") or "")
        for name, value in record.items():
            match = _DATE.fullmatch(name)
            if match:
                yield series, str(area), label, match[1], value
