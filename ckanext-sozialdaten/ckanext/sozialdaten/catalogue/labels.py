"""Names of codes as people read them: on facets, dataset pages and in the search index."""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.licences import find_licence
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Register

__all__ = ["FACETS", "facet_label", "indicator_names", "region_name"]

FACETS = ("social_theme", "regions", "spatial_level", "year", "department", "res_format")
_FRESH = 60  # seconds that a list of indicators is kept: staff add some at any time
_LISTS = {
    "social_theme": "social_themes",
    "spatial_level": "spatial_levels",
    "department": "departments",
}


@lru_cache(maxsize=20_000)
def region_name(ags: str) -> str:
    """The name of a region; its key where no register knows it (any more)."""
    try:
        return Register.default().name(ags)
    except SozialdatenError:
        return ags


def indicator_names() -> Mapping[str, Mapping[str, str]]:
    """German and English name of every indicator, by id."""
    return _indicators(int(time.monotonic() // _FRESH))


@lru_cache(maxsize=1)
def _indicators(_minute: int) -> Mapping[str, Mapping[str, str]]:
    from ckanext.sozialdaten.indicators import catalogue

    return {item.id: dict(item.name) for item in catalogue().values()}


def _licence(value: str, language: str) -> str:
    found = find_licence(value)
    return found.title(language) if found else value


_LABELS: dict[str, Callable[[str, str], str]] = {
    "regions": lambda value, language: region_name(value),
    "license_id": _licence,
}


def facet_label(facet: str, value: str, language: str) -> str:
    """How an item of a facet reads in ``language``; the value itself for plain facets."""
    if facet in _LISTS:
        return codelist(_LISTS[facet]).title(value, language)
    label = _LABELS.get(facet)
    return label(value, language) if label else value
