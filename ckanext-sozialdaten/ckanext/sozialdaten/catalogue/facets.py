"""The filters beside the search results."""

from collections import OrderedDict
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.catalogue.labels import FACETS, facet_label

__all__ = ["facet_items", "facet_titles", "label_items"]


def facet_titles() -> "OrderedDict[str, str]":
    """The facets with their titles, in the order in which the page shows them."""
    return OrderedDict(
        social_theme=tk._("Social theme"),
        regions=tk._("Region"),
        spatial_level=tk._("Spatial level"),
        year=tk._("Year"),
        department=tk._("Department"),
        res_format=tk._("Format"),
        license_id=tk._("Licence"),
    )


def label_items(search_facets: dict[str, Any], language: str) -> None:
    """Replace the codes of facet items by their names, in place."""
    for facet in (*FACETS, "license_id"):
        for item in search_facets.get(facet, {}).get("items", ()):
            item["display_name"] = facet_label(facet, item["name"], language)


def facet_items(facet: str, search_facets: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a facet as the page lists them: years newest first, the others by frequency."""
    items = tk.h.get_facet_items_dict(facet, search_facets, limit=0 if facet == "year" else None)
    if facet != "year":
        return items
    return sorted(items, key=lambda item: item["name"], reverse=True)
