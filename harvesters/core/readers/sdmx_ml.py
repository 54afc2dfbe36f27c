"""SDMX-ML 2.0, 2.1 and 3.0 data: generic (keys as elements) and structure-specific (as attributes).

Read as a stream, without entities and without a DTD. A message that holds no data says what it
holds instead: a structure, or the notice that the file will be ready later.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import EmptyDelivery, NotReadable
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._sdmx import observed
from ckanext.sozialdaten.harvesters.core.readers._xml import events, local_name
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SdmxMlReader"]

_LONGEST = 300


class SdmxMlReader:
    """``sdmx-ml``."""

    name = "sdmx-ml"
    signs = "eurostat"

    def recognise(self, opened: Opened) -> Recognition:
        """By its namespace."""
        found = opened.kind == Kind.XML and b"sdmx.org" in opened.head[:4000].lower()
        return Recognition(0.95 if found else 0.0, "sdmx.org")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Every observation; the series is the data flow, or the file's name.

        Raises:
            NotReadable: no data in the message, or damaged XML.
            EmptyDelivery: a data set without observations.
        """
        yield from batches(_rows(opened, legend(settings.signs or "eurostat")))


class _Message:
    """What the stream has said so far."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.flow = opened.stem
        self.key: dict[str, str] = {}

    def start(self, name: str, element: Any) -> None:
        """An element begins: its attributes are known, what lies inside is not."""
        if name == "DataSet":
            self.flow = _flow(element) or self.flow
        elif name == "Series":
            self.key = {local_name(n): str(v) for n, v in element.attrib.items()}

    def end(self, name: str, element: Any) -> dict[str, str] | None:
        """An element ends; gives the components of an observation.

        Raises:
            NotReadable: the message announces something else than data.
        """
        if name == "Obs":
            found = self.key | _observation(element)
            element.clear()
            return found
        if name == "SeriesKey":
            self.key |= _values(element)
        elif name == "Series":
            self.key = {}
            element.clear()
        elif name == "DataSetID" and element.text:
            self.flow = element.text.strip()
        elif name == "Message" and element.get("code"):
            said = " ".join("".join(element.itertext()).split())
            raise _no_data(self.opened, said[:_LONGEST])
        elif name == "Structures":
            raise _no_data(self.opened, "Structure")
        return None


def _rows(opened: Opened, signs: dict[str, str]) -> Iterator[Observed]:
    problems, message, count = Problems(opened.name), _Message(opened), 0
    for event, element in events(opened):
        name = local_name(element.tag)
        if event == "start":
            message.start(name, element)
            continue
        cells = message.end(name, element)
        if cells is not None:
            count += 1
            place = Place(opened.name, row=count)
            yield observed(message.flow, cells, signs, place, problems)
    problems.stop()
    if not count:
        raise EmptyDelivery(
            Message("The data set holds no observations."),
            Message("An answer without rows never means that data are gone; fetch it again."),
            Place(opened.name),
        )


def _no_data(opened: Opened, what: str) -> NotReadable:
    return NotReadable(
        Message("The message holds no data but this: {what}", {"what": what}),
        Message("Fetch the data themselves; what was announced may be ready by now."),
        Place(opened.name),
    )


def _flow(element: Any) -> str:
    for name, value in element.attrib.items():
        if local_name(name) in ("dataflowID", "datasetID", "setID"):
            return str(value)
    return ""


def _values(element: Any) -> dict[str, str]:
    return {
        str(item.get("id") or item.get("concept")): str(item.get("value", ""))
        for item in element.iter()
        if local_name(item.tag) == "Value"
    }


def _observation(element: Any) -> dict[str, str]:
    """What an observation says in its attributes and, in generic messages, in its elements."""
    found = {local_name(name): str(value) for name, value in element.attrib.items()}
    for item in element:
        name = local_name(item.tag)
        if name in ("ObsDimension", "Time"):
            found[str(item.get("id") or "TIME_PERIOD")] = str(item.get("value") or item.text or "")
        elif name == "ObsValue":
            found["OBS_VALUE"] = str(item.get("value", ""))
        elif name in ("Attributes", "ObsKey"):
            found |= _values(item)
    return found
