"""Indicators of KomMonitor's data management, 4.x and 5.x, by its public interface.

Three habits of it: a listing needs ``Accept: application/json``, each error is a 500 with its kind
in the JSON, and levels that are not public are listed all the same.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import cast

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import (
    Answer,
    Client,
    Request,
    by_status,
)
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    WEB_KEYS,
    Web,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting, unknown_marker
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.connectors.errors import FetchError, NotThere
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["KomMonitorConnector", "KomMonitorOptions"]

KEYS = ("url", "indicators", "levels", "boundaries", *WEB_KEYS)
_ACCEPT = "application/json, application/vnd.geo+json;q=0.9, */*;q=0.1"
_POLITE = 0.2
_START = 4096

Object = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class KomMonitorOptions:
    """What a source of KomMonitor says.

    Args:
        url: full base up to ``/management``; proxies put different prefixes before it.
        indicators: ids or patterns of names; empty: all public ones.
        levels: names or ids of spatial units; empty: all public ones.
        boundaries: spatial units whose boundaries are fetched, in place of any figures.
        web: hosts, time, size.
    """

    url: str
    indicators: tuple[str, ...]
    levels: tuple[str, ...]
    boundaries: tuple[str, ...]
    web: Web

    @classmethod
    def read(cls, section: Section) -> "KomMonitorOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        url = is_web_address(section, "url").rstrip("/").removesuffix("/public")
        if "boundaries" in section and ("indicators" in section or "levels" in section):
            raise section.wrong("boundaries", "{where}: a source brings boundaries or figures.")
        return cls(
            url=f"{url}/public/",
            indicators=section.texts("indicators"),
            levels=section.texts("levels"),
            boundaries=section.texts("boundaries"),
            web=web(section, url, parallel=1, read_seconds=180),
        )


@dataclass(frozen=True, slots=True)
class KomMonitorConnector:
    """See the module."""

    setting: Setting
    options: KomMonitorOptions

    def discover(self) -> Iterator[Ref]:
        """One delivery for each public indicator and level, or for the boundaries of each level.

        The marker is the instance's time of last change of indicators (or units), so all are
        looked at again when anything has changed, and digests tell what. Older instances that do
        not say it give the time and the dates of each indicator.

        Raises:
            FetchError: the instance cannot be asked.
        """
        client = self.setting.client(self.options.web)
        changed = self._changed(client)
        if self.options.boundaries:
            yield from self._boundaries(client, changed)
            return
        for item in self._list(client, "indicators"):
            if item.get("isPublic", True) is False or not item.get("applicableDates"):
                continue
            name, key = str(item.get("indicatorName") or ""), str(item.get("indicatorId") or "")
            if not _wanted(self.options.indicators, name, key):
                continue
            marker = _marker(changed, ("indicators", "spatial-units"), item)
            units = cast("list[Object]", item.get("applicableSpatialUnits") or [])
            for unit in units:
                level, unit_id = str(unit.get("spatialUnitName")), str(unit.get("spatialUnitId"))
                public = unit.get("isPublic", True) is not False
                if public and _wanted(self.options.levels, level, unit_id):
                    file = self.setting.safe(f"{name}.{level}.{key[:8]}.json")
                    path = f"indicators/{key}/{unit_id}/without-geometry"
                    yield Ref(file, self.options.url + path, 0, marker)

    def fetch(self, ref: Ref) -> RawDelivery:
        """All dates of one indicator on one level, or the boundaries of a level.

        The digest is that of the areas, whatever their order.

        Raises:
            NotThere: the indicator is gone.
            NoData: no area has a value.
            FetchError: it cannot be had.
        """
        client = self.setting.client(self.options.web)
        client.pause(_POLITE, ref.location)
        target = self.setting.target(ref.name)
        boundaries = ref.location.endswith("/allFeatures")
        params = {"simplifyGeometries": "medium"} if boundaries else {}
        client.send(self._request(ref.location, params), target, judged)
        document: object = json.loads(target.read_text("utf-8-sig"))
        found: object = document
        if isinstance(document, dict):
            found = cast("Object", document).get("features")
        areas = cast("list[object]", found or [])
        if not areas:
            raise texts.no_data(ref.location)
        lines = sorted(json.dumps(area, sort_keys=True) for area in areas)
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return self.setting.delivery(target, digest)

    def _boundaries(self, client: Client, changed: Object) -> Iterator[Ref]:
        for unit in self._list(client, "spatial-units"):
            level, key = str(unit.get("spatialUnitLevel")), str(unit.get("spatialUnitId"))
            if unit.get("isPublic", True) is False or not _wanted(
                self.options.boundaries, level, key
            ):
                continue
            marker = _marker(changed, ("spatial-units",), unit)
            path = f"{self.options.url}spatial-units/{key}/allFeatures"
            yield Ref(self.setting.safe(f"{level}.{key[:8]}.geojson"), path, 0, marker)

    def _changed(self, client: Client) -> Object:
        """Times of last change; empty where an older instance does not tell."""
        url = f"{self.options.url}database/last-modification"
        try:
            found = client.send(self._request(url), None, judged).json()
        except FetchError as error:
            if not isinstance(error, NotThere):
                raise
            return {}
        return cast("Object", found) if isinstance(found, dict) else {}

    def _list(self, client: Client, name: str) -> list[Object]:
        answer = client.send(self._request(self.options.url + name), None, judged)
        found = answer.json()
        if not isinstance(found, list):
            raise texts.wrong_answer(answer.url, "JSON list", "JSON object")
        return cast("list[Object]", found)

    def _request(self, url: str, params: Mapping[str, str] | None = None) -> Request:
        return Request(url, dict(params or {}), {"Accept": _ACCEPT})


def judged(answer: Answer) -> None:
    """The judge of this interface: a 500 says in its JSON what it is.

    Raises:
        NotThere: the resource is unknown.
        NoData: an area or date without features, which this service calls an error.
        ServiceRefused: the instance encrypts its answers.
        Busy: any other 500.
    """
    if answer.content is Content.JSON and answer.status >= 400:
        error = cast("Object", answer.json())
        words = f"{error.get('type', '')} {error.get('message', '')}"
        if "ResourceNotFound" in words:
            raise texts.not_there(answer.url)
        if "no features" in words.lower():
            raise texts.no_data(answer.url, str(error.get("message", "")))
    by_status(answer)
    if answer.content is not Content.JSON:
        raise texts.wrong_answer(answer.url, "JSON", str(answer.content))
    if b'"encryptedData"' in answer.body[:_START]:
        raise texts.refused(answer.url, Message("The instance encrypts its answers.").text())


def _wanted(patterns: tuple[str, ...], name: str, key: str) -> bool:
    return not patterns or any(
        pattern == key or fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns
    )


def _marker(changed: Object, names: tuple[str, ...], item: Object) -> str:
    times = [str(changed[name]) for name in names if changed.get(name)]
    if len(times) == len(names):
        return " ".join(times)
    about = cast("Object", item.get("metadata") or {})
    dates = cast("list[str]", item.get("applicableDates") or [])
    last = str(about.get("lastUpdate") or "")
    return f"{last} {len(dates)} {max(dates, default='')}" if last else unknown_marker()
