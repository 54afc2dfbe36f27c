"""Datasets of another CKAN by its action API: GovData, the portals of Länder and cities."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._catalogue import (
    CHOICE_KEYS,
    Choice,
    Entry,
    EntryFile,
    licence_ids,
    refs,
    resource,
    spelling,
)
from ckanext.sozialdaten.harvesters.core.connectors._client import Answer, Request, by_status
from ckanext.sozialdaten.harvesters.core.connectors._facts import ckan_facts
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    Credentials,
    Web,
    credentials,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.connectors.paginators import Offset, pages
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["CkanConnector", "CkanOptions"]

KEYS = ("url", "query", "filter", "changed_days", "credentials", *CHOICE_KEYS)
_ROWS = 1000
_PERMISSION = 403


@dataclass(frozen=True, slots=True)
class CkanOptions:
    """What a source of a CKAN says.

    Args:
        url: address of the portal, without ``/api``.
        query: words to search for.
        filter: Solr filter, such as ``organization:kreis-pinneberg``.
        changed_days: only what changed within so many days; 0: everything.
        choice: which files.
        credentials: token, for a portal that asks for one.
        web: hosts, time, size.
    """

    url: str
    query: str
    filter: str
    changed_days: int
    choice: Choice
    credentials: Credentials
    web: Web

    @classmethod
    def read(cls, section: Section) -> "CkanOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        url = is_web_address(section, "url").rstrip("/")
        return cls(
            url=url,
            query=section.text("query", ""),
            filter=section.text("filter", ""),
            changed_days=section.integer("changed_days", 0),
            choice=Choice.read(section),
            credentials=credentials(section, ("token",)),
            web=web(section, url),
        )


@dataclass(frozen=True, slots=True)
class CkanConnector:
    """See the module."""

    setting: Setting
    options: CkanOptions

    def discover(self) -> Iterator[Ref]:
        """The wanted files of all datasets; markers are their hashes or times of change.

        Raises:
            FetchError: a page of the list cannot be had: half a list is none.
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
        """All datasets that the source asks for, with their licences under our names.

        A dataset that moves within the list while it is read may come twice; it is given once.
        """
        client = self.setting.client(self.options.web)
        licences, seen = licence_ids(), set[str]()
        for page, _ in pages(client, self._request(), _LIST, judged):
            for item in _results(page):
                identifier = str(item.get("id") or "")
                if identifier and identifier not in seen:
                    seen.add(identifier)
                    yield _entry(item, licences)

    def _request(self) -> Request:
        filters = [self.options.filter] if self.options.filter else []
        if self.options.changed_days:
            filters.append(f"metadata_modified:[NOW-{self.options.changed_days}DAYS TO *]")
        params = {"q": self.options.query or "*:*", "sort": "metadata_created asc, id asc"}
        if filters:
            params["fq"] = " AND ".join(f"({text})" for text in filters)
        token = self.options.credentials.token
        headers = {"Authorization": self.options.credentials.value(token)} if token else {}
        url = f"{self.options.url}/api/3/action/package_search"
        return Request(url, params, headers, secret=("Authorization",))


def judged(answer: Answer) -> None:
    """The judge of the action API: errors are JSON with ``success: false``.

    Raises:
        FetchError: no success.
    """
    if answer.content is not Content.JSON:
        by_status(answer)
        raise texts.wrong_answer(answer.url, "JSON", str(answer.content))
    document = _object(answer.json())
    if document.get("success") is True:
        return
    if answer.status != _PERMISSION:
        by_status(answer)
    error = _object(document.get("error"))
    if error.get("__type") == "Authorization Error":
        raise texts.login_refused(answer.url)
    raise texts.refused(answer.url, str(error.get("message") or error.get("__type") or ""))


def _results(page: object) -> list[dict[str, object]]:
    found = _object(_object(page).get("result")).get("results")
    return cast("list[dict[str, object]]", found or [])


def _more(page: object, end: int) -> bool:
    return end < int(str(_object(_object(page).get("result")).get("count") or 0))


_LIST = Offset("start", "rows", _ROWS, items=lambda page: len(_results(page)), more=_more)


def _entry(item: Mapping[str, object], licences: Mapping[str, str]) -> Entry:
    modified = str(item.get("metadata_modified") or "")
    whole = str(item.get("license_id") or "")
    given = cast("list[dict[str, object]]", item.get("resources") or [])
    files = tuple(_file(file, modified, whole, licences) for file in given if file.get("url"))
    named = (str(file.get("licenseAttributionByText") or "") for file in given)
    licence = next((file.licence for file in files if file.licence), "")
    return Entry(
        id=str(item.get("name") or item.get("id")),
        title=str(item.get("title") or ""),
        modified=modified,
        files=files,
        facts=ckan_facts(
            item, licences.get(spelling(whole), "") or licence, next(filter(None, named), "")
        ),
    )


def _file(
    file: Mapping[str, object], modified: str, whole: str, licences: Mapping[str, str]
) -> EntryFile:
    """A resource; its own licence (DCAT-AP.de) counts before that of the dataset."""
    said = str(file.get("license") or file.get("license_id") or whole)
    marker = file.get("hash") or file.get("last_modified") or file.get("metadata_modified")
    size = str(file.get("size") or "")
    return EntryFile(
        id=str(file.get("id") or "")[:8],
        url=str(file["url"]),
        format=str(file.get("format") or "").lower().rpartition("/")[2].lstrip("."),
        name=str(file.get("name") or ""),
        licence=licences.get(spelling(said), ""),
        marker=str(marker or modified),
        size=int(size) if size.isdigit() else 0,
    )


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
