"""Layers of ArcGIS REST: any layer, the Regionalatlas, the Deutschlandatlas.

The Regionalatlas joins borders and indicators by SQL inside its request: that SQL is built here
from codes that match a pattern, and from nothing else. The Deutschlandatlas gives each vintage a
new name, so its tables are discovered and never named by hand.
"""

import json
import re
from collections.abc import Iterator
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
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting, unknown_marker
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.connectors.errors import NotThere
from ckanext.sozialdaten.harvesters.core.connectors.paginators import Offset, pages
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["ArcgisConnector", "ArcgisOptions"]

KEYS = ("service", "url", "tables", "levels", "years", "where", "fields", *WEB_KEYS)
_SERVICES = ("layer", "regionalatlas", "deutschlandatlas")
_REGIONALATLAS = "https://www.gis-idmz.nrw.de/arcgis/rest/services/stba/regionalatlas/MapServer"
_DEUTSCHLANDATLAS = "https://www.karto365.de"
_TABLE = re.compile(r"ai(?:[0-9]{3}|-?[a-z])(?:[_-][0-9a-z]{1,3}){0,4}")
_LEVELS = {"land": "1", "regierungsbezirk": "2", "kreis": "3", "gemeinde": "5"}
_STEP = 1000
_LISTED = 100
_YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class ArcgisOptions:
    """What a source of ArcGIS says.

    Args:
        service: ``layer`` (the one at ``url``), ``regionalatlas`` or ``deutschlandatlas``.
        url: address of the layer, or of another installation of the two.
        tables: Regionalatlas: codes such as ``AI002-1-5``; Deutschlandatlas: patterns of names.
        levels: Regionalatlas: ``land``, ``regierungsbezirk``, ``kreis``, ``gemeinde``.
        years: Regionalatlas: years.
        where: layer: condition, as the service takes it.
        fields: fields; empty: all.
        web: hosts, time, size.
    """

    service: str
    url: str
    tables: tuple[str, ...]
    levels: tuple[str, ...]
    years: tuple[int, ...]
    where: str
    fields: tuple[str, ...]
    web: Web

    @classmethod
    def read(cls, section: Section) -> "ArcgisOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        service = section.text("service", "layer")
        if service not in _SERVICES:
            raise section.wrong(
                "service", "{where} must be one of {allowed}.", allowed=", ".join(_SERVICES)
            )
        bases = {"regionalatlas": _REGIONALATLAS, "deutschlandatlas": _DEUTSCHLANDATLAS}
        url = is_web_address(section, "url", bases.get(service)).rstrip("/")
        options = cls(
            service=service,
            url=url,
            tables=section.texts("tables"),
            levels=section.texts("levels"),
            years=tuple(_years(section)),
            where=section.text("where", "1=1"),
            fields=section.texts("fields"),
            web=web(section, url, read_seconds=180),
        )
        if service == "regionalatlas":
            _check(options, section)
        return options


@dataclass(frozen=True, slots=True)
class ArcgisConnector:
    """See the module."""

    setting: Setting
    options: ArcgisOptions

    def discover(self) -> Iterator[Ref]:
        """One delivery for each layer, or for each table and level.

        Where a layer tells the time of its last edit, that is the marker; elsewhere only fetching
        shows whether anything has changed.

        Raises:
            FetchError: the service cannot be asked.
        """
        client = self.setting.client(self.options.web)
        if self.options.service == "regionalatlas":
            for table in self.options.tables:
                for level in self.options.levels:
                    yield self._ref(f"{table}.{level}", f"{self.options.url}#{table}/{level}")
        elif self.options.service == "deutschlandatlas":
            for name, marker in self._listed(client):
                url = f"{self.options.url}/hosting/rest/services/{name}/MapServer/0"
                yield self._ref(name, url, marker)
        else:
            request = Request(self.options.url, {"f": "json"})
            about = as_object(client.send(request, None, judged).json())
            edited = as_object(about.get("editingInfo")).get("lastEditDate")
            name = str(about.get("name") or "layer")
            yield self._ref(name, self.options.url, str(edited or ""))

    def fetch(self, ref: Ref) -> RawDelivery:
        """All features of the layer as one JSON; the digest is that of their attributes.

        Raises:
            NoData: there are no features.
            FetchError: they cannot be had.
        """
        client = self.setting.client(self.options.web)
        first: Object = {}
        features: list[Object] = []
        for request in self._requests(ref):
            for page, _ in pages(client, request, _FEATURES, judged):
                first = first or as_object(page)
                features += as_objects(as_object(page).get("features"))
        if not features:
            raise texts.no_data(ref.location)
        target = self.setting.target(ref.name)
        whole = {**first, "features": features, "exceededTransferLimit": False}
        write_json(target, whole)
        return self.setting.delivery(target, objects_digest(features))

    def _requests(self, ref: Ref) -> Iterator[Request]:
        """What a delivery takes: one request, or one for each year."""
        common = {"f": "json", "returnGeometry": "false"}
        common["outFields"] = ",".join(self.options.fields) or "*"
        if self.options.service == "regionalatlas":
            table, _, level = ref.location.rpartition("#")[2].rpartition("/")
            for year in self.options.years:
                layer = json.dumps(regionalatlas_layer(table, level, year), separators=(",", ":"))
                params = {**common, "where": "1=1", "layer": layer}
                params["spatialRel"] = "esriSpatialRelIntersects"
                yield Request(f"{self.options.url}/dynamicLayer/query", params)
        else:
            where = self.options.where if self.options.service == "layer" else "1=1"
            yield Request(f"{ref.location}/query", {**common, "where": where})

    def _listed(self, client: Client) -> Iterator[tuple[str, str]]:
        """Names of all tables of the Deutschlandatlas that are wanted, with their times.

        Raises:
            NotThere: none of them is: a new vintage may have another name.
        """
        url = f"{self.options.url}/portal/sharing/rest/search"
        params = {"q": "deutschlandatlas", "f": "json"}
        found = False
        for page, _ in pages(client, Request(url, params), _Search(), judged):
            for item in as_objects(as_object(page).get("results")):
                name = str(item.get("name") or item.get("title") or "")
                wanted = [pattern.casefold() for pattern in self.options.tables] or ["*"]
                if name and any(fnmatchcase(name.casefold(), pattern) for pattern in wanted):
                    found = True
                    yield name, str(item.get("modified") or "")
        if not found:
            raise NotThere(texts.not_there(url).message, texts.not_there(url).hint, texts.at(url))

    def _ref(self, name: str, location: str, marker: str = "") -> Ref:
        return Ref(self.setting.safe(f"{name}.json"), location, 0, marker or unknown_marker())


def regionalatlas_layer(table: str, level: str, year: int) -> Object:
    """The layer of the Regionalatlas that joins borders with one table of indicators.

    Args:
        table: code such as ``AI002-1-5``.
        level: a key of the levels.
        year: year of borders and values.

    Raises:
        ValueError: no such code: only the pattern's characters may get into the SQL.
    """
    name = table.lower().replace("-", "_")
    if not _TABLE.fullmatch(table.lower()) or level not in _LEVELS or year not in _YEARS:
        raise ValueError(table)
    query = (
        f"SELECT * FROM verwaltungsgrenzen_gesamt LEFT OUTER JOIN {name} "  # noqa: S608 - codes
        f"ON ags = ags2 and jahr = jahr2 WHERE typ = {_LEVELS[level]} AND jahr = {year} "
        f"AND (jahr2 = {year} OR jahr2 IS NULL)"
    )
    source = {
        "geometryType": "esriGeometryPolygon",
        "workspaceId": "gdb",
        "query": query,
        "oidFields": "id",
        "spatialReference": {"wkid": 25832},
        "type": "queryTable",
    }
    return {"source": {"dataSource": source, "type": "dataLayer"}}


def judged(answer: Answer) -> None:
    """The judge of ArcGIS: an error is a 200 with ``error`` in its JSON.

    Raises:
        FetchError: an error, or no JSON.
    """
    if answer.content is not Content.JSON:
        by_status(answer)
        raise texts.wrong_answer(answer.url, "JSON", str(answer.content))
    error = as_object(as_object(answer.json()).get("error"))
    if not error:
        by_status(answer)
        return
    code = error.get("code")
    if code in (498, 499, 403):
        raise texts.login_refused(answer.url)
    if code in (500, 503, 504):
        raise texts.busy(answer.url)
    raise texts.refused(answer.url, f"{error.get('message', '')} ({code})")


_FEATURES = Offset(
    "resultOffset",
    "resultRecordCount",
    _STEP,
    items=lambda page: len(as_objects(as_object(page).get("features"))),
    more=lambda page, _: as_object(page).get("exceededTransferLimit") is True,
)


@dataclass(frozen=True, slots=True)
class _Search:
    """The portal's own pages: they count from 1 and name the next start, or -1."""

    def first(self, request: Request) -> Request:
        """The first page."""
        return self._at(request, 1)

    def following(self, request: Request, page: object) -> Request | None:
        """The page that this one names."""
        start = as_object(page).get("nextStart")
        return self._at(request, start) if isinstance(start, int) and start > 0 else None

    def _at(self, request: Request, start: int) -> Request:
        params = {**request.params, "start": str(start), "num": str(_LISTED)}
        return Request(request.url, params)


def _years(section: Section) -> Iterator[int]:
    raw: object = section.raw("years") or []
    years: list[object] = cast("list[object]", raw) if isinstance(raw, list) else [raw]
    for year in years:
        if not isinstance(year, int) or year not in _YEARS:
            raise section.wrong("years", "{where} must be a list of years.")
        yield year


def _check(options: ArcgisOptions, section: Section) -> None:
    for name, given in (("tables", options.tables), ("levels", options.levels)):
        if not given:
            raise section.wrong(name, "{where} is missing.")
    if not options.years:
        raise section.wrong("years", "{where} must be a list of years.")
    if not all(_TABLE.fullmatch(table.lower()) for table in options.tables):
        raise section.wrong("tables", "{where} must be codes such as AI002-1-5.")
    if not all(level in _LEVELS for level in options.levels):
        raise section.wrong("levels", "{where} must be of {allowed}.", allowed=", ".join(_LEVELS))
