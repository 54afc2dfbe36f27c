"""The catalogue in CKAN: schema, facets, German search, place search, dataset page."""

from collections import OrderedDict
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.catalogue import facets, helpers, search, validators, views
from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.catalogue.licences import licence_file

__all__ = ["CataloguePlugin"]

_INHERIT_LICENCE = "ckanext.dcat.resource.inherit.license"


@tk.blanket.blueprints(views)
@tk.blanket.helpers(helpers)
@tk.blanket.validators(validators)
class CataloguePlugin(p.SingletonPlugin):
    """Describes datasets, finds them and shows them."""

    p.implements(p.IConfigurer)
    p.implements(p.IFacets, inherit=True)
    p.implements(p.IPackageController, inherit=True)

    def update_config(self, config: Any) -> None:
        """Bring templates and assets, and have licences follow our register."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "sozialdaten-catalogue")
        if not config.get(_INHERIT_LICENCE):
            config[_INHERIT_LICENCE] = True
        if not config.get("licenses_group_url"):
            config["licenses_group_url"] = licence_file().as_uri()

    def dataset_facets(
        self, facets_dict: "OrderedDict[str, str]", package_type: str
    ) -> "OrderedDict[str, str]":
        """Our facets instead of CKAN's."""
        return facets.facet_titles()

    def organization_facets(
        self,
        facets_dict: "OrderedDict[str, str]",
        organization_type: str,
        package_type: str | None,
    ) -> "OrderedDict[str, str]":
        """The same on the page of an organisation."""
        return facets.facet_titles()

    def group_facets(
        self, facets_dict: "OrderedDict[str, str]", group_type: str, package_type: str | None
    ) -> "OrderedDict[str, str]":
        """The same on the page of a group."""
        return facets.facet_titles()

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Add facets, place and names of codes to the search document."""
        return search.index_document(pkg_dict)

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Search in German, and at the place that was asked for."""
        return search.query_parameters(search_params)

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        """Name the items of facets."""
        facets.label_items(search_results.get("search_facets", {}), language())
        return search_results

    def before_dataset_view(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Offer the English title and description to CKAN's ``h.get_translated``."""
        for field in ("title", "notes"):
            if english := pkg_dict.get(f"{field}_en"):
                pkg_dict[f"{field}_translated"] = {"en": english}
        return pkg_dict
