"""The tables of a CKAN portal, by its action API."""

import json
from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import quote, urlsplit

from ckanext.sozialdaten.disclosure.audit._fetch import Fetcher, FetchError
from ckanext.sozialdaten.disclosure.audit._run import Item
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["portal_items"]

_PAGE = 100
_FORMATS = {
    "csv": ".csv",
    "tsv": ".tsv",
    "txt": ".txt",
    "xls": ".xls",
    "xlsx": ".xlsx",
    "ods": ".ods",
    "parquet": ".parquet",
    "json": ".json",
    "geojson": ".geojson",
    "xml": ".xml",
    "zip": ".zip",
}
_Record = Mapping[str, object]


def portal_items(url: str, fetcher: Fetcher, query: str = "") -> Iterator[Item]:
    """Every resource of a portal that may be a table, the datasets in the order of their names.

    Args:
        url: the portal's address.
        fetcher: gets the bytes, when an item is loaded.
        query: restricts the datasets, in Solr's words.

    Raises:
        FetchError: the portal does not answer, or not as CKAN does.
    """
    base = url.rstrip("/")
    start = 0
    while True:
        address = (
            f"{base}/api/3/action/package_search?rows={_PAGE}&start={start}"
            f"&sort={quote('name asc')}" + (f"&q={quote(query)}" if query else "")
        )
        found, count = _packages(fetcher.get(address), base)
        for package in found:
            yield from _resources(package, base, fetcher)
        start += len(found)
        if not found or start >= count:  # a portal may give shorter pages than it is asked for
            return


def _packages(body: bytes, base: str) -> tuple[list[_Record], int]:
    """The datasets of one page, and how many there are in all."""
    try:
        data = cast("Mapping[str, _Record]", json.loads(body))
        found = data["result"]
        return cast("list[_Record]", found["results"]), int(str(found["count"]))
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(
            Message("This is no CKAN portal."),
            Message("Give the address of the portal, without a path behind it."),
            Place(file=base),
        ) from error


def _resources(package: _Record, base: str, fetcher: Fetcher) -> Iterator[Item]:
    name, title = str(package.get("name", "")), str(package.get("title") or package.get("name", ""))
    used: set[str] = set()
    for resource in cast("list[_Record]", package.get("resources") or []):
        address = str(resource.get("url") or "")
        suffix = _suffix(resource, address)
        if not suffix:
            continue
        last = urlsplit(address).path.rsplit("/", 1)[-1]
        file = last if last.lower().endswith(suffix) else f"{resource.get('id', 'file')}{suffix}"
        while file in used:
            file = f"_{file}"
        used.add(file)
        yield Item(
            name,
            title,
            file,
            lambda address=address: fetcher.get(address),
            f"{base}/dataset/{name}",
            str(resource.get("last_modified") or resource.get("created") or ""),
        )


def _suffix(resource: _Record, address: str) -> str:
    said = str(resource.get("format") or "").strip().lower().rsplit("/", 1)[-1]
    ending = urlsplit(address).path.rsplit(".", 1)[-1].lower()
    return _FORMATS.get(said) or _FORMATS.get(ending, "")
