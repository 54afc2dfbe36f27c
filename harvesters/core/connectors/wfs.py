"""Borders by WFS 2.0, such as VG250 of the BKG: pages of features as one GeoJSON.

Of each Gemeinde there may be pieces of water beside the land: ``GF`` 4 is land with structure, and
only that carries inhabitants. Services differ in the case of names, so both are understood.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import Answer, Request, by_status
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
from ckanext.sozialdaten.harvesters.core.connectors.errors import WrongAnswer
from ckanext.sozialdaten.harvesters.core.connectors.paginators import Offset, pages
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["WfsConnector", "WfsOptions"]

KEYS = ("url", "layers", "srs", "only", "within", "page", *WEB_KEYS)
_BASE = "https://sgx.geodatenzentrum.de/wfs_vg250"
_PAGE = 5000


@dataclass(frozen=True, slots=True)
class WfsOptions:
    """What a source of a WFS says.

    Args:
        url: address of the service.
        layers: names of feature types, such as ``vg250:vg250_gem``.
        srs: reference system of coordinates.
        only: field -> text that a feature must have; by default ``gf: "4"``.
        within: keys with which a feature's AGS (or ARS) must begin; empty: all.
        page: features at a time.
        web: hosts, time, size.
    """

    url: str
    layers: tuple[str, ...]
    srs: str
    only: tuple[tuple[str, str], ...]
    within: tuple[str, ...]
    page: int
    web: Web

    @classmethod
    def read(cls, section: Section) -> "WfsOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        url = is_web_address(section, "url", _BASE)
        layers = section.texts("layers")
        if not layers:
            raise section.wrong("layers", "{where} is missing.")
        only = section.captions("only") if section.is_mapping("only") else {"gf": {"de": "4"}}
        return cls(
            url=url,
            layers=layers,
            srs=section.text("srs", "EPSG:4326"),
            only=tuple((name.casefold(), text["de"]) for name, text in only.items()),
            within=section.texts("within"),
            page=section.integer("page", _PAGE) or _PAGE,
            web=web(section, url, read_seconds=180),
        )


@dataclass(frozen=True, slots=True)
class WfsConnector:
    """See the module."""

    setting: Setting
    options: WfsOptions

    def discover(self) -> Iterator[Ref]:
        """One delivery for each layer; only fetching shows whether it has changed."""
        for layer in self.options.layers:
            name = self.setting.safe(f"{layer.rpartition(':')[2]}.geojson")
            yield Ref(name, f"{self.options.url}#{layer}", 0, unknown_marker())

    def fetch(self, ref: Ref) -> RawDelivery:
        """All wanted features of a layer as GeoJSON; the digest is that of the features.

        Raises:
            NoData: no feature is left.
            WrongAnswer: fewer features came than the service counts.
            FetchError: they cannot be had.
        """
        client = self.setting.client(self.options.web)
        layer = ref.location.rpartition("#")[2]
        first: Object = {}
        features: list[Object] = []
        came = 0
        for page, _ in pages(client, self._request(layer), self._pages(), judged):
            found = as_objects(as_object(page).get("features"))
            first = first or as_object(page)
            came += len(found)
            features += [item for item in found if self._wanted(item)]
        matched = _count(first)
        if matched is not None and came != matched:
            raise WrongAnswer(
                Message(
                    "Of {matched} features only {came} came.", {"matched": matched, "came": came}
                ),
                Message("It is tried again with the next run; nothing has changed here."),
                texts.at(self.options.url),
            )
        if not features:
            raise texts.no_data(ref.location)
        whole: dict[str, object] = {"type": "FeatureCollection", "features": features}
        if "crs" in first:
            whole["crs"] = first["crs"]
        target = self.setting.target(ref.name)
        write_json(target, whole)
        return self.setting.delivery(target, objects_digest(features))

    def _wanted(self, feature: Object) -> bool:
        fields = {
            name.casefold(): str(value)
            for name, value in as_object(feature.get("properties")).items()
        }
        for name, text in self.options.only:
            # a layer without that field, such as one of the Länder, is not filtered by it
            if fields.get(name, text) != text:
                return False
        key = fields.get("ags") or fields.get("ars") or ""
        return not self.options.within or key.startswith(self.options.within)

    def _request(self, layer: str) -> Request:
        params = {
            "service": "WFS",
            "version": "2.0.0",
            "request": "GetFeature",
            "typeNames": layer,
            "srsName": self.options.srs,
            "outputFormat": "application/json",
        }
        return Request(self.options.url, params)

    def _pages(self) -> Offset:
        return Offset("startIndex", "count", self.options.page, items=_items, more=_more)


def judged(answer: Answer) -> None:
    """The judge of a WFS: an exception report is XML, whatever the status.

    Raises:
        FetchError: no JSON.
    """
    if answer.content is Content.XML:
        words = " ".join(answer.body[:2000].decode("utf-8", "replace").split())
        start = words.find("ExceptionText>")
        if start > 0:
            words = words[start + len("ExceptionText>") :].partition("<")[0]
            raise texts.refused(answer.url, words)
    by_status(answer)
    if answer.content is not Content.JSON:
        raise texts.wrong_answer(answer.url, "JSON", str(answer.content))


def _items(page: object) -> int:
    return len(as_objects(as_object(page).get("features")))


def _count(page: Object) -> int | None:
    matched = page.get("numberMatched", page.get("totalFeatures"))
    return int(matched) if isinstance(matched, int) else None


def _more(page: object, end: int) -> bool:
    """Without a count only an empty page ends a list."""
    matched = _count(as_object(page))
    return end < matched if matched is not None else _items(page) > 0
