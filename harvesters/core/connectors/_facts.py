"""What a catalogue says about a dataset beside its files, in the words of CKAN portals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

__all__ = ["THEMES", "Facts", "ckan_facts", "region_keys", "theme_codes"]

_THEME = re.compile(r"(?:.*/data-theme/)?([A-Za-z_]{4,9})")
_GEOCODING = re.compile(r"politicalGeocoding/\w+/(\d{2,12})")
THEMES = frozenset(
    (
        *("AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL"),
        *("INTR", "JUST", "OP_DATPRO", "REGI", "SOCI", "TECH", "TRAN"),
    )
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Metadata of a dataset; empty where the catalogue says nothing.

    Args:
        notes: its description.
        publisher: who publishes it.
        contact: name and e-mail of whom to ask.
        page: address of its page, for people.
        uri: identifier that is unique everywhere.
        issued: day on which it was first published.
        attribution: whom to name.
        licence: our id of its licence.
        tags: keywords.
        themes: codes of EU data themes.
        periods: first and last day that it speaks of; either may be empty.
        regions: keys of the regions that it speaks of, as printed.
    """

    notes: str = ""
    publisher: str = ""
    contact: tuple[str, str] = ("", "")
    page: str = ""
    uri: str = ""
    issued: str = ""
    attribution: str = ""
    licence: str = ""
    tags: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    periods: tuple[tuple[str, str], ...] = ()
    regions: tuple[str, ...] = ()


def theme_codes(texts: list[str]) -> tuple[str, ...]:
    """The EU data themes among names and addresses.

    >>> theme_codes(["soci", "http://publications.europa.eu/resource/authority/data-theme/HEAL"])
    ('SOCI', 'HEAL')
    """
    found = [match[1].upper() for match in map(_THEME.fullmatch, texts) if match]
    return tuple(dict.fromkeys(code for code in found if code in THEMES))


def region_keys(texts: list[str]) -> tuple[str, ...]:
    """The keys in addresses of DCAT-AP.de's geocoding.

    >>> region_keys(["http://dcat-ap.de/def/politicalGeocoding/districtKey/01056"])
    ('01056',)
    """
    return tuple(dict.fromkeys(match[1] for text in texts for match in _GEOCODING.finditer(text)))


def ckan_facts(item: Mapping[str, object], licence: str, attribution: str) -> Facts:
    """Metadata of a package of a CKAN, also in the extras that DCAT-AP.de portals use.

    Args:
        item: the package as ``package_search`` gives it.
        licence: our id of its licence.
        attribution: what its files ask to be named.
    """
    extras = {str(x.get("key")): str(x.get("value") or "") for x in _objects(item, "extras")}

    def said(*names: str) -> str:
        values = (str(item.get(name) or extras.get(name) or "") for name in names)
        return next((value.strip() for value in values if value.strip()), "")

    organisation = item.get("organization")
    owner = cast("dict[str, object]", organisation) if isinstance(organisation, dict) else {}
    start, end = said("temporal_start"), said("temporal_end")
    return Facts(
        notes=said("notes"),
        publisher=said("publisher_name") or str(owner.get("title") or "") or said("author"),
        contact=(
            said("contact_name", "maintainer", "author"),
            said("contact_email", "maintainer_email", "author_email"),
        ),
        page=said("url", "landing_page"),
        uri=said("uri", "identifier", "guid", "id"),
        issued=said("issued")[:10],
        attribution=said("licenseAttributionByText", "license_attribution") or attribution,
        licence=licence,
        tags=tuple(str(tag.get("name") or "") for tag in _objects(item, "tags")),
        themes=theme_codes([str(g.get("name")) for g in _objects(item, "groups")]),
        periods=((start[:10], end[:10]),) if start or end else (),
        regions=region_keys([said("politicalGeocodingURI"), said("spatial_uri")]),
    )


def _objects(item: Mapping[str, object], name: str) -> list[dict[str, object]]:
    found = item.get(name)
    items = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("dict[str, object]", one) for one in items if isinstance(one, dict)]
