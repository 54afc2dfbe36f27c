"""The portal's plugins: the look with its pages, and one plugin per kind of preview."""

import logging
from collections.abc import Sequence
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import Context, DataDict
from flask import Blueprint

from ckanext.sozialdaten import config as options
from ckanext.sozialdaten.portal import helpers, views
from ckanext.sozialdaten.portal._colours import theme_of
from ckanext.sozialdaten.portal._compression import Compressed
from ckanext.sozialdaten.portal._map_view import map_preview
from ckanext.sozialdaten.portal._mishap import AWAY, Mishaps
from ckanext.sozialdaten.portal._series_view import series_preview
from ckanext.sozialdaten.portal._state import State
from ckanext.sozialdaten.portal._table import Table, previewable
from ckanext.sozialdaten.portal.api import actions as api_actions
from ckanext.sozialdaten.portal.api import auth as api_auth
from ckanext.sozialdaten.portal.documents import document_text
from ckanext.sozialdaten.portal.documents import views as document_views
from ckanext.sozialdaten.portal.indicator import views as indicator_views
from ckanext.sozialdaten.portal.indicator_edit import combine_views, indicator_kind
from ckanext.sozialdaten.portal.indicator_edit import views as indicator_edit_views
from ckanext.sozialdaten.portal.report import aim_kinds, aim_views, edition_kind, edition_views
from ckanext.sozialdaten.portal.report import views as report_views
from ckanext.sozialdaten.publishing import proposals

__all__ = ["MapViewPlugin", "PortalPlugin", "TimeSeriesViewPlugin"]

log = logging.getLogger(__name__)


@tk.blanket.helpers(helpers)
@tk.blanket.actions(api_actions)
@tk.blanket.auth_functions(api_auth)
class PortalPlugin(p.SingletonPlugin):
    """The look of the portal, its home page, its legal pages and the files of the previews."""

    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(p.IBlueprint)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(proposals.IProposalKinds)
    p.implements(p.IPackageController, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        """Put our templates first and serve our files."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "sozialdaten-portal")

    def configure(self, config: CKANConfig) -> None:
        """Check the operator's colours: the portal does not start with what is no colour."""
        for note in theme_of(*options.colours()).corrected:
            log.warning(note.text("en"))

    def make_middleware(self, app: Any, config: CKANConfig) -> Any:
        """Send texts compressed, and answer also where a page and its error page fail."""
        app.wsgi_app = Compressed(app.wsgi_app)
        if not (tk.asbool(config.get("testing", False)) or tk.asbool(config.get("debug", False))):
            mishaps = Mishaps(app.wsgi_app, str(config.get("ckan.site_title", "")))
            app.wsgi_app = mishaps
            for kind in AWAY:
                app.register_error_handler(
                    kind, lambda error: mishaps.answer(error, tk.request.environ)
                )
        return app

    def get_blueprint(self) -> list[Blueprint]:
        """The routes of the portal."""
        return [
            views.blueprint,
            indicator_views.blueprint,
            indicator_edit_views.blueprint,
            combine_views.blueprint,
            report_views.blueprint,
            aim_views.blueprint,
            edition_views.blueprint,
            document_views.blueprint,
        ]

    def proposal_kinds(self) -> Sequence[proposals.Kind]:
        """The texts that staff write for the public here."""
        return [indicator_kind(), *aim_kinds(), edition_kind()]

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Add the text of a public document to its search document."""
        if text := document_text(pkg_dict):
            pkg_dict["document_text"] = text
        return pkg_dict


class _PreviewPlugin(p.SingletonPlugin):
    """What both kinds of preview share; a subclass names its template and its maker."""

    template: str
    maker: Any
    prefix: str

    def can_view(self, data_dict: DataDict) -> bool:
        """Every table with a region, a time and a figure can be shown."""
        return previewable(data_dict["resource"]) is not None

    def setup_template_variables(self, context: Context, data_dict: DataDict) -> dict[str, Any]:
        """Read the figures with the reader's rights; `preview` is None where there are none."""
        resource, package = data_dict["resource"], data_dict["package"]
        view_id = str(data_dict["resource_view"].get("id") or "new")
        state = State.from_query(tk.request.args)
        ident = f"{self.prefix}-{view_id[:8]}"
        try:
            table = Table.of(resource)
            preview = table and type(self).maker(table, state, package, resource, ident)
        except (tk.ObjectNotFound, tk.NotAuthorized):
            preview = None
        return {"preview": preview}

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        """The template of the view."""
        return self.template

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        """Nothing can be set up: the state of a preview is in its address."""
        return "sozialdaten/preview_form.html"


class MapViewPlugin(_PreviewPlugin):
    """A choropleth by region with a choice of year."""

    p.implements(p.IResourceView, inherit=True)

    template = "sozialdaten/preview_map.html"
    maker = staticmethod(map_preview)
    prefix = "sd-map"

    def info(self) -> dict[str, Any]:
        """Name, title and icon of the view."""
        return {
            "name": "sozialdaten_map",
            "title": tk._("Map"),
            "default_title": tk._("Map"),
            "icon": "map",
            "iframed": False,
            "always_available": False,
            "preview_enabled": False,
        }


class TimeSeriesViewPlugin(_PreviewPlugin):
    """Lines over time with the region above as comparison."""

    p.implements(p.IResourceView, inherit=True)

    template = "sozialdaten/preview_series.html"
    maker = staticmethod(series_preview)
    prefix = "sd-series"

    def info(self) -> dict[str, Any]:
        """Name, title and icon of the view."""
        return {
            "name": "sozialdaten_timeseries",
            "title": tk._("Time series"),
            "default_title": tk._("Time series"),
            "icon": "chart-line",
            "iframed": False,
            "always_available": False,
            "preview_enabled": False,
        }
