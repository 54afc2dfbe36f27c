"""SDMX-ML 2.0, 2.1 and 3.0 data: generic (keys as elements) and structure-specific (as attributes).

Read as a stream, without entities and without a DTD. A message that holds no data says what it
holds instead: a structure, or the notice that the file will be ready later.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._sdmx import beside, observed
from ckanext.sozialdaten.harvesters.core.readers._xml import events, local_name
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SdmxMlReader"]

_LONGEST = 300
_TIME = "TIME_PERIOD"
_NESTED = frozenset({"DataSet", "Group", "Series", "Obs"})
_URN = re.compile(r"=[^:=]*:([^(:=]+)\(")


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
        yield from batches(_rows(opened, legend(settings.signs or "eurostat")), opened.name)


class _Message:
    """What the stream has said so far.

    Attributes of a data set hold for all its observations, those of a group for the series that
    agree with its key. Of what is known to be an attribute only unit, factor and status are kept.
    """

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.flow = opened.stem
        self.varying = _TIME
        self.common: dict[str, str] = {}
        self.groups: list[dict[str, str]] = []
        self.key: dict[str, str] = {}
        self.inside: list[str] = []

    def start(self, name: str, element: Any) -> None:
        """An element begins: its attributes are known, what lies inside is not."""
        if name in _NESTED:
            self.inside.append(name)
        if name == "DataSet":
            self.flow = _flow(element) or self.flow
            self.common, self.groups = beside(_own(element)), []
        elif name == "Group":
            self.groups.append(_own(element))
        elif name == "Series":
            self.key = _own(element)
        elif name == "Structure":
            varying = element.get("dimensionAtObservation", _TIME)
            self.varying = _TIME if varying == "AllDimensions" else varying

    def end(self, name: str, element: Any) -> dict[str, str] | None:
        """An element ends; gives the components of an observation.

        Raises:
            NotReadable: the message announces something else than data.
        """
        if name in _NESTED:
            self.inside.pop()
        if name == "Obs":
            found = self._around() | _observation(element, self.varying)
            element.clear()
            return found
        if name == "Series":
            self.key = {}
            element.clear()
        elif name == "Message" and element.get("code"):
            said = " ".join("".join(element.itertext()).split())
            raise _no_data(self.opened, said[:_LONGEST])
        elif name == "Structures":
            raise _no_data(self.opened, "Structure")
        else:
            self._describe(name, element)
        return None

    def _describe(self, name: str, element: Any) -> None:
        """What stands around observations."""
        if name == "SeriesKey":
            self.key |= _values(element)
        elif name == "GroupKey":
            self.groups[-1] |= _values(element)
        elif name == "Atts":
            self.common |= beside(_own(element))
        elif name == "Attributes":
            self._attributes(beside(_values(element)))
        elif name == "StructureUsage":
            self.flow = _usage(element) or self.flow
        elif name == "DataSetID" and element.text:
            self.flow = element.text.strip()

    def _attributes(self, values: dict[str, str]) -> None:
        """Attributes belong to the innermost element that is open."""
        place = self.inside[-1] if self.inside else ""
        if place == "Series":
            self.key |= values
        elif place == "Group":
            self.groups[-1] |= values
        elif place == "DataSet":
            self.common |= values

    def _around(self) -> dict[str, str]:
        """What holds for an observation of the series that is open."""
        found = dict(self.common)
        for group in self.groups:
            if all(self.key[name] == value for name, value in group.items() if name in self.key):
                found |= beside(group)
        return found | self.key


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


def _usage(element: Any) -> str:
    """The data flow that a header refers to: by a reference (2.1) or a URN (3.0)."""
    named = [str(item.get("id")) for item in element.iter() if local_name(item.tag) == "Ref"]
    urn = _URN.search(element.text or "")
    return named[0] if named else urn[1] if urn else ""


def _own(element: Any) -> dict[str, str]:
    """The components that an element has as attributes; those of a namespace are about the form."""
    return {str(name): str(value) for name, value in element.attrib.items() if name[:1] != "{"}


def _values(element: Any) -> dict[str, str]:
    return {
        str(item.get("id") or item.get("concept")): str(item.get("value", ""))
        for item in element.iter()
        if local_name(item.tag) == "Value"
    }


def _observation(element: Any, varying: str) -> dict[str, str]:
    """What an observation says in its attributes and, in generic messages, in its elements."""
    found = _own(element)
    for item in element:
        name = local_name(item.tag)
        if name in ("ObsDimension", "Time"):
            found[str(item.get("id") or varying)] = str(item.get("value") or item.text or "")
        elif name == "ObsValue":
            found["OBS_VALUE"] = str(item.get("value", ""))
        elif name == "ObsKey":
            found |= _values(item)
        elif name == "Attributes":
            found |= beside(_values(item))
        elif name == "Comp" and item.text:
            found[str(item.get("id"))] = item.text.strip()
    return found
