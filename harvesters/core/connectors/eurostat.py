"""Tables of Eurostat as JSON-stat 2.0.

The same status 413 says two opposite things: by its label either *wait* (the answer is being
prepared) or *too big* (ask for less). What is too big is split by regions, else by years, and put
together again into one JSON-stat.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import Answer, Request, by_status
from ckanext.sozialdaten.harvesters.core.connectors._jsonstat import content_digest, joined
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    WEB_KEYS,
    Web,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.connectors.errors import FetchError
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["EurostatConnector", "EurostatOptions"]

KEYS = ("url", "dataset", "geo", "geo_level", "filters", "from_year", "to_year", *WEB_KEYS)
_BASE = "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/"
_WAIT = "ASYNCHRONOUS_RESPONSE"
_TOO_BIG = "EXTRACTION_TOO_BIG"


class TooBig(FetchError):  # noqa: N818 - as the service calls it
    """More cells than the service gives at once."""

    code = "too_big"


@dataclass(frozen=True, slots=True)
class EurostatOptions:
    """What a source of Eurostat says.

    Args:
        url: address of the service.
        dataset: code of the dataset, such as ``demo_r_pjanaggr3``.
        geo: NUTS codes; empty: all of ``geo_level``.
        geo_level: ``nuts3`` and the like.
        filters: dimension -> codes.
        from_year: first year; 0: all.
        to_year: last year; 0: up to now.
        web: hosts, time, size.
    """

    url: str
    dataset: str
    geo: tuple[str, ...]
    geo_level: str
    filters: Mapping[str, tuple[str, ...]]
    from_year: int
    to_year: int
    web: Web

    @classmethod
    def read(cls, section: Section) -> "EurostatOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        url = is_web_address(section, "url", _BASE)
        return cls(
            url=url if url.endswith("/") else f"{url}/",
            dataset=section.text("dataset"),
            geo=section.texts("geo"),
            geo_level=section.text("geo_level", ""),
            filters=_filters(section),
            from_year=section.integer("from_year", 0),
            to_year=section.integer("to_year", 0),
            web=web(section, url, read_seconds=120, retries=12),
        )


@dataclass(frozen=True, slots=True)
class _Slice:
    """A part of the table: some regions, some years."""

    geo: tuple[str, ...]
    first: int
    last: int

    @property
    def key(self) -> str:
        return f"{','.join(self.geo)} {self.first}-{self.last}"

    def halves(self) -> "tuple[_Slice, ...]":
        if len(self.geo) > 1:
            middle = len(self.geo) // 2
            return replace(self, geo=self.geo[:middle]), replace(self, geo=self.geo[middle:])
        if self.first < self.last:
            year = (self.first + self.last) // 2
            return replace(self, last=year), replace(self, first=year + 1)
        return ()


@dataclass(frozen=True, slots=True)
class EurostatConnector:
    """See the module."""

    setting: Setting
    options: EurostatOptions

    def discover(self) -> Iterator[Ref]:
        """The dataset; its marker is the time of its last update, and what is asked for.

        Raises:
            FetchError: the service cannot be asked, or does not know the dataset.
        """
        options = self.options
        params: dict[str, str | Sequence[str]] = {"lastTimePeriod": "1"}
        geo = options.geo[:1]
        request = self._request(_Slice(geo, 0, 0), params)
        answer = self.setting.client(options.web).send(request, None, judged)
        updated = str(cast("dict[str, object]", answer.json()).get("updated", ""))
        said = [options.dataset, options.geo, options.geo_level, sorted(options.filters.items())]
        said += [options.from_year, options.to_year]
        question = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]
        name = self.setting.safe(f"{options.dataset}.json")
        yield Ref(name, f"{options.url}{options.dataset}", 0, f"{updated} {question}")

    def fetch(self, ref: Ref) -> RawDelivery:
        """The table as JSON-stat; its digest is that of its cells.

        Raises:
            NoData: the answer holds no cells; a wrong code in a filter does that.
            FetchError: it cannot be had.
        """
        parts = self.setting.parts(ref)
        client = self.setting.client(self.options.web)
        years = datetime.now(UTC).year if self.options.from_year else 0
        waiting = [_Slice(self.options.geo, self.options.from_year, self.options.to_year or years)]
        files: list[Path] = []
        while waiting:
            piece = waiting.pop()
            path = parts.path(piece.key)
            if not path.exists():
                try:
                    client.send(self._request(piece, {}), path, judged)
                except TooBig:
                    if not (halves := piece.halves()):
                        raise
                    waiting += halves
                    continue
            files.append(path)
        target = self.setting.target(ref.name)
        document = joined([json.loads(path.read_text("utf-8-sig")) for path in files])
        if not document.get("value"):
            raise texts.no_data(ref.location)
        target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        parts.clear()
        return self.setting.delivery(target, content_digest(document))

    def _request(self, piece: _Slice, more: Mapping[str, str | Sequence[str]]) -> Request:
        params: dict[str, str | Sequence[str]] = {"format": "JSON", "lang": "DE"}
        params |= {name: list(codes) for name, codes in self.options.filters.items()}
        if piece.geo:
            params["geo"] = list(piece.geo)
        elif self.options.geo_level:
            params["geoLevel"] = self.options.geo_level
        if piece.first:
            params["sinceTimePeriod"] = str(piece.first)
            params["untilTimePeriod"] = str(piece.last)
        return Request(self.options.url + self.options.dataset, params={**params, **more})


def judged(answer: Answer) -> None:
    """The judge of this service: the label counts before the status.

    Raises:
        Busy: the answer is being prepared; the same request is sent again later.
        TooBig: it never will be.
        FetchError: everything else that is no data.
    """
    if answer.content is Content.JSON:
        words = _error(answer)
        if _WAIT in words:
            raise texts.busy(answer.url)
        if _TOO_BIG in words:
            raise TooBig(
                Message("The table is too large for one request."),
                Message("Name regions (geo) and a first year, so that it can be split."),
                texts.at(answer.url),
            )
        if words:
            by_status(replace(answer, status=answer.status if answer.status != 400 else 200))
            raise texts.refused(answer.url, words)
        by_status(answer)
        return
    by_status(answer)
    raise texts.wrong_answer(answer.url, "JSON", str(answer.content))


def _error(answer: Answer) -> str:
    """What an answer says is wrong; empty if nothing."""
    start = answer.body[:2000]
    if answer.status == 200 and b'"error"' not in start and b'"warning"' not in start:
        return ""
    document = answer.json()
    found = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    if answer.status == 200 and "value" in found and "error" not in found:
        return ""  # a note beside the data
    said: object = found.get("error") or found.get("warning") or []
    items: list[object] = cast("list[object]", said) if isinstance(said, list) else [said]
    labels = [cast("dict[str, object]", item).get("label") for item in items]
    return "; ".join(str(label) for label in labels if label)


def _filters(section: Section) -> dict[str, tuple[str, ...]]:
    if "filters" not in section:
        return {}
    if not section.is_mapping("filters"):
        raise section.wrong("filters", "{where} must be a mapping of names.")
    names = [str(name) for name in cast("Mapping[object, object]", section.raw("filters"))]
    inner = section.section("filters", names)
    return {name: inner.texts(name) for name in names}
