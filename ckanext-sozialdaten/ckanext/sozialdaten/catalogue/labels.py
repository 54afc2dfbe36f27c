"""Names of codes as people read them: on facets, dataset pages and in the search index."""

from collections.abc import Callable
from functools import lru_cache

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.licences import find_licence
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Register

__all__ = ["FACETS", "facet_label", "region_name"]

FACETS = ("social_theme", "regions", "spatial_level", "year", "department", "res_format")
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
