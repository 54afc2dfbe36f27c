"""Licences: ids as this portal stores them, addresses as DCAT-AP.de knows them."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

__all__ = ["Licence", "find_licence", "licence_file", "licences"]

_NOISE = re.compile(r"[^a-z0-9]")
_DCAT = "http://dcat-ap.de/def/licenses/"


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence.

    Args:
        id: as stored in ``license_id``.
        titles: German and English name.
        url: its address in DCAT-AP.de's list; machines read it.
        deed: the page where people read it; empty for "other" licences.
        attribution: whether users must name somebody, so that we must say whom.
        open: whether the licence is open after the Open Definition.
    """

    id: str
    titles: dict[str, str]
    url: str
    deed: str
    attribution: bool
    open: bool

    def title(self, language: str) -> str:
        """The name in ``language``, else in German."""
        return self.titles.get(language) or self.titles["de"]


def licence_file() -> Path:
    """The register as CKAN's option ``licenses_group_url`` reads it."""
    return Path(str(resources.files("ckanext.sozialdaten.schemas.codelists") / "licences.json"))


@cache
def licences() -> tuple[Licence, ...]:
    """All licences, in the order in which forms offer them."""
    entries = json.loads(licence_file().read_text(encoding="utf-8"))
    return tuple(
        Licence(
            id=entry["id"],
            titles={"de": entry["title"], "en": entry["title_en"]},
            url=entry["url"],
            deed=entry["deed"],
            attribution=entry["attribution"],
            open=entry["od_conformance"] == "approved",
        )
        for entry in entries
    )


def _spelling(text: str) -> str:
    return _NOISE.sub("", text.casefold())


@cache
def _spellings() -> dict[str, Licence]:
    return {
        _spelling(text): licence
        for licence in licences()
        for text in (licence.id, licence.url, licence.url.removeprefix(_DCAT), licence.deed)
        if text
    }


def find_licence(text: str) -> Licence | None:
    """The licence by its id or address, in any usual spelling.

    >>> find_licence("dl-de-by-2.0").id
    'dl-de/by-2-0'
    >>> find_licence("http://dcat-ap.de/def/licenses/dl-zero-de/2.0").id
    'dl-de/zero-2-0'
    """
    return _spellings().get(_spelling(text))
