"""Wegweiser Kommune of the Bertelsmann Stiftung: indicators by their friendly names, as CSV.

Numbers of indicators change with versions, friendly names stay. A wrong name answers 200 with a
page, and tables of many regions are complete as CSV alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import Answer, Request
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    WEB_KEYS,
    Web,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting, unknown_marker
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.connectors.errors import NotThere, ServiceRefused
from ckanext.sozialdaten.harvesters.core.connectors.folder import lines_digest
from ckanext.sozialdaten.harvesters.core.connectors.http import expecting_data
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["WegweiserConnector", "WegweiserOptions"]

KEYS = ("url", "indicators", "regions", "from_year", "to_year", *WEB_KEYS)
_BASE = "https://www.wegweiser-kommune.de/data-api"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REGION = re.compile(r"ALLE|[a-z0-9]+(?:-[a-z0-9]+)*\*?")


@dataclass(frozen=True, slots=True)
class WegweiserOptions:
    """What a source of the Wegweiser says.

    Args:
        url: address of the interface.
        indicators: friendly names of indicators or topics.
        regions: friendly names of regions, ``kommunen-mit-ags-01056*``, or ``ALLE``.
        from_year: first year.
        to_year: last year.
        web: hosts, time, size.
    """

    url: str
    indicators: tuple[str, ...]
    regions: tuple[str, ...]
    from_year: int
    to_year: int
    web: Web

    @classmethod
    def read(cls, section: Section) -> "WegweiserOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        url = is_web_address(section, "url", _BASE).rstrip("/")
        options = cls(
            url=url,
            indicators=section.texts("indicators"),
            regions=section.texts("regions"),
            from_year=section.integer("from_year", 0),
            to_year=section.integer("to_year", 0),
            web=web(section, url, read_seconds=120),
        )
        if not 0 < options.from_year <= options.to_year:
            raise section.wrong("to_year", "{where} must not lie before from_year; give both.")
        for name, given, pattern in (
            ("indicators", options.indicators, _NAME),
            ("regions", options.regions, _REGION),
        ):
            if not given or not all(pattern.fullmatch(text) for text in given):
                raise section.wrong(name, "{where} must be names as in the address of the page.")
        return options


@dataclass(frozen=True, slots=True)
class WegweiserConnector:
    """See the module."""

    setting: Setting
    options: WegweiserOptions

    def discover(self) -> Iterator[Ref]:
        """One delivery for each indicator; the marker is the version of the statistics.

        Raises:
            FetchError: the service cannot be asked.
        """
        client = self.setting.client(self.options.web)
        request = Request(f"{self.options.url}/rest/statistics/version")
        try:
            answer = client.send(request, None, expecting_data)
            version = answer.body.decode("utf-8", "replace").strip()
        except (NotThere, ServiceRefused):
            version = ""
        years = f"{self.options.from_year}-{self.options.to_year}"
        regions = "+".join(self.options.regions)
        for name in self.options.indicators:
            path = f"{name}+{regions}+{years}+tabelle.csv"
            marker = f"{version} {regions} {years}" if version else unknown_marker()
            url = f"{self.options.url}/rest/export/{path}"
            yield Ref(self.setting.safe(f"{name}.csv"), url, 0, marker)

    def fetch(self, ref: Ref) -> RawDelivery:
        """The table as CSV; its digest is that of the sorted lines.

        Raises:
            WrongAnswer: a page in place of data: a name is wrong.
            NoData: no line.
            FetchError: it cannot be had.
        """
        client = self.setting.client(self.options.web)
        request = Request(ref.location, {"charset": "UTF-8", "download": "true"})
        target = self.setting.target(ref.name)
        client.send(request, target, _expecting_table)
        digest = lines_digest(target, ref.name, self.options.web.limits.max_bytes)
        return self.setting.delivery(target, digest)


def _expecting_table(answer: Answer) -> None:
    """A judge for tables: a document of JSON or XML is a message of the service.

    Raises:
        WrongAnswer: no CSV.
        FetchError: see :func:`expecting_data`.
    """
    expecting_data(answer)
    if answer.content is not Content.OTHER:
        raise texts.wrong_answer(answer.url, "CSV", str(answer.content))
