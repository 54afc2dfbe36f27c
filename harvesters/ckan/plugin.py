"""The one harvester as a CKAN plugin: it runs every source, whatever its connector."""

import json
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckanext.harvest.interfaces import IHarvester

from ckanext.sozialdaten.harvesters.ckan import actions, auth, cli, registry, views
from ckanext.sozialdaten.harvesters.ckan.adapter import Adapter
from ckanext.sozialdaten.harvesters.core.errors import SourceError
from ckanext.sozialdaten.harvesters.core.sources import load_source

__all__ = ["SourceHarvester"]


@tk.blanket.actions(actions)
@tk.blanket.auth_functions(auth)
@tk.blanket.blueprints(views)
@tk.blanket.cli(cli)
class SourceHarvester(Adapter, p.SingletonPlugin):
    """Sources of this portal; the connector that a source names brings its deliveries."""

    p.implements(p.IConfigurer)
    p.implements(IHarvester)

    def update_config(self, config: Any) -> None:
        """Bring the templates."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "sozialdaten-sources")

    def info(self) -> dict[str, str]:
        """How ckanext-harvest shows and finds this harvester."""
        return {
            "name": registry.TYPE,
            "title": "Sozialdaten",
            "description": "Quellen dieses Portals: Ablagen, Dienste, Kataloge",
        }

    def validate_config(self, config: str | None) -> str:
        """``{"source": "<id>"}``, and nothing else: all settings are in the source's YAML."""
        try:
            settings: Any = json.loads(config or "{}")
        except ValueError as error:
            raise ValueError("The configuration is no JSON.") from error
        if not isinstance(settings, dict) or set(settings) != {"source"}:
            raise ValueError('The configuration must be {"source": "<id>"}.')
        try:
            load_source(str(settings["source"]))
        except SourceError as error:
            raise ValueError(error.text()) from error
        return json.dumps(settings)
