"""Catalogues as DCAT-AP.de RDF: pages linked by Hydra, broken documents, spellings of licences."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from ckanext.sozialdaten import net
from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._catalogue import (
    CHOICE_KEYS,
    Choice,
    Entry,
    licence_ids,
    refs,
    resource,
)
from ckanext.sozialdaten.harvesters.core.connectors._client import Progress, Request
from ckanext.sozialdaten.harvesters.core.connectors._options import Web, is_web_address, web
from ckanext.sozialdaten.harvesters.core.connectors._rdf import document
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors.http import expecting_data
from ckanext.sozialdaten.harvesters.core.connectors.paginators import MOST_PAGES, endless
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["DcatConnector", "DcatOptions"]

log = logging.getLogger(__name__)
KEYS = ("url", *CHOICE_KEYS)
_ACCEPT = "application/rdf+xml, text/turtle;q=0.9, application/n-triples;q=0.8, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class DcatOptions:
    """What a source of an RDF catalogue says.

    Args:
        url: address of its first page.
        choice: which files.
        web: hosts, time, size.
    """

    url: str
    choice: Choice
    web: Web

    @classmethod
    def read(cls, section: Section) -> "DcatOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        url = is_web_address(section, "url")
        return cls(url=url, choice=Choice.read(section), web=web(section, url))


@dataclass(frozen=True, slots=True)
class DcatConnector:
    """See the module."""

    setting: Setting
    options: DcatOptions

    def discover(self) -> Iterator[Ref]:
        """The wanted files of all datasets that can be read, oldest first.

        A dataset that is broken is told as a problem of the progress, and the others go on.

        Raises:
            NotReadable: a whole page is no RDF: half a catalogue is none.
            NoData: no page lists a dataset.
            FetchError: a page cannot be had.
        """
        entries = sorted(self.entries(), key=lambda entry: (entry.modified, entry.id))
        yield from refs(entries, self.options.choice, self.setting.safe)

    def fetch(self, ref: Ref) -> RawDelivery:
        """One file.

        Raises:
            FetchError: it cannot be had, or a page came in its place.
        """
        return resource(self.setting, self.options.web, ref)

    def entries(self) -> Iterator[Entry]:
        """All datasets of all pages, each once."""
        client = self.setting.client(self.options.web)
        licences, url, seen = licence_ids(), self.options.url, set[str]()
        given: set[str] = set()
        broken = False
        while url:
            if url in seen or len(seen) >= MOST_PAGES:
                raise endless(url)
            seen.add(url)
            request = Request(url, headers={"Accept": _ACCEPT})
            answer = client.send(request, None, expecting_data)
            page = document(answer.body, net.shown(url), licences)
            broken = broken or bool(page.problems)
            for problem in page.problems:
                log.warning("%s: %s", self.setting.source, problem.text())
                self.setting.progress(Progress(net.shown(url), len(seen), None, problem))
            fresh = [entry for entry in page.entries if entry.id not in given]
            given.update(entry.id for entry in fresh)
            yield from fresh
            url = urljoin(url, page.following) if page.following else ""
        if not given and not broken:
            raise texts.no_data(net.shown(self.options.url))
