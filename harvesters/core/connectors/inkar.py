"""INKAR of the BBSR by the undocumented interface of its web page.

Its numbers of indicators move with each edition, so a source says which name it expects. Answers
are JSON inside a JSON string. All years of an edition are on one territorial state, so a new
edition replaces the whole series.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import (
    Answer,
    Client,
    Request,
    by_status,
)
from ckanext.sozialdaten.harvesters.core.connectors._lists import (
    Object,
    as_object,
    as_objects,
    objects_digest,
    write_json,
)
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    WEB_KEYS,
    Web,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["InkarConnector", "InkarOptions"]

KEYS = ("url", "indicators", "level", "years", *WEB_KEYS)
_BASE = "https://www.inkar.de"
_POSSIBLE = "/Wizard/GetM%C3%B6glich"


@dataclass(frozen=True, slots=True)
class InkarOptions:
    """What a source of INKAR says.

    Args:
        url: address of the page.
        indicators: number of an indicator -> its name, which must still be the service's.
        level: level of regions, such as ``KRE``.
        years: years; empty: all.
        web: hosts, time, size.
    """

    url: str
    indicators: Mapping[str, str]
    level: str
    years: tuple[str, ...]
    web: Web

    @classmethod
    def read(cls, section: Section) -> "InkarOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        url = is_web_address(section, "url", _BASE).rstrip("/")
        if not section.is_mapping("indicators"):
            raise section.wrong("indicators", "{where} must be a mapping of names.")
        raw = cast("Mapping[object, object]", section.raw("indicators"))
        names = [str(name) for name in raw if isinstance(name, str)]
        if len(names) != len(raw) or not all(name.isdigit() for name in names):
            raise section.wrong("indicators", "{where} must have codes in quotes.")
        inner = section.section("indicators", names)
        return cls(
            url=url,
            indicators={name: inner.text(name) for name in names},
            level=section.text("level", "KRE"),
            years=section.texts("years"),
            web=web(section, url, parallel=1, read_seconds=180),
        )


@dataclass(frozen=True, slots=True)
class InkarConnector:
    """See the module."""

    setting: Setting
    options: InkarOptions

    def discover(self) -> Iterator[Ref]:
        """One delivery for each indicator; the marker is the list of its periods and their numbers.

        Raises:
            FetchError: the service cannot be asked.
            ServiceRefused: a number stands for another indicator than the source expects.
        """
        client = self.setting.client(self.options.web)
        for group, name in self.options.indicators.items():
            self._check_name(client, group, name)
            times = self._times(client, group)
            marker = objects_digest(times)[:16]
            file = self.setting.safe(f"{name}.{self.options.level}.json")
            yield Ref(file, f"{self.options.url}/Table/GetDataTable#{group}", 0, marker)

    def fetch(self, ref: Ref) -> RawDelivery:
        """All values as a JSON list; the digest is that of the values.

        Raises:
            NoData: no value.
            FetchError: they cannot be had.
        """
        client = self.setting.client(self.options.web)
        group = ref.location.rpartition("#")[2]
        times = [
            {
                "group": item.get("Gruppe", group),
                "indicator": item.get("IndID"),
                "level": item.get("RaumID", self.options.level),
                "time": item.get("ZeitID"),
            }
            for item in self._times(client, group)
        ]
        body = {
            "IndicatorCollection": [{"Gruppe": group}],
            "TimeCollection": times,
            "SpaceCollection": [{"level": self.options.level}],
            "pageorder": "1",
        }
        rows = as_objects(self._post(client, "/Table/GetDataTable", body).get("Daten"))
        if not rows:
            raise texts.no_data(ref.location)
        target = self.setting.target(ref.name)
        write_json(target, rows)
        return self.setting.delivery(target, objects_digest(rows))

    def _check_name(self, client: Client, group: str, name: str) -> None:
        url = f"{self.options.url}/Wizard/GetIndikatorInfo/{group}"
        info = as_object(decoded(client.send(Request(url), None, judged)))
        found = as_objects(next(iter(info.values()), None))
        names = {str(item.get(key) or "") for item in found for key in ("Name", "Kurzname")}
        if name not in names:
            words = Message(
                "number {group} is “{found}”, the source expects “{name}”",
                {"group": group, "found": max(names, key=len, default=""), "name": name},
            )
            raise texts.refused(url, words.text())

    def _times(self, client: Client, group: str) -> list[Object]:
        body = {
            "IndicatorCollection": [{"Gruppe": group}],
            "TimeCollection": "",
            "SpaceCollection": [{"level": self.options.level}],
        }
        found = as_objects(self._post(client, _POSSIBLE, body).get("Möglich"))
        years = self.options.years
        times = [item for item in found if not years or str(item.get("Zeit")) in years]
        if not times:
            raise texts.no_data(f"{self.options.url}{_POSSIBLE}")
        return times

    def _post(self, client: Client, path: str, body: Mapping[str, object]) -> Object:
        request = Request(self.options.url + path, json=body)
        return as_object(decoded(client.send(request, None, judged)))


def decoded(answer: Answer) -> object:
    """The document, which comes as a text inside the JSON.

    Raises:
        WrongAnswer: that text is no JSON.
    """
    found = answer.json()
    if not isinstance(found, str):
        return found
    try:
        return json.loads(found)
    except ValueError as error:
        raise texts.wrong_answer(answer.url, "JSON", "text") from error


def judged(answer: Answer) -> None:
    """The judge of this service: JSON, or something is wrong.

    Raises:
        FetchError: no JSON.
    """
    by_status(answer)
    if answer.content is not Content.JSON:
        raise texts.wrong_answer(answer.url, "JSON", str(answer.content))
