"""The two harvesters as CKAN plugins. The first brings actions, authorisation, command line."""

import json
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckanext.harvest.interfaces import IHarvester

from ckanext.sozialdaten.harvesters.ckan import actions, auth, cli
from ckanext.sozialdaten.harvesters.ckan.adapter import Adapter
from ckanext.sozialdaten.harvesters.core.errors import SourceError
from ckanext.sozialdaten.harvesters.core.sources import load_source

__all__ = ["FileDropHarvester", "GenesisHarvester"]


class _SourceHarvester(Adapter, p.SingletonPlugin):
    """What the harvesters share; they differ in the type of source that they run."""

    source_type = ""
    title = ""
    description = ""

    def info(self) -> dict[str, str]:
        """How ckanext-harvest shows and finds this harvester."""
        return {"name": self.source_type, "title": self.title, "description": self.description}

    def validate_config(self, config: str | None) -> str:
        """``{"source": "<id>"}``, and nothing else: all settings are in the source's YAML."""
        try:
            settings: Any = json.loads(config or "{}")
        except ValueError as error:
            raise ValueError("The configuration is no JSON.") from error
        if not isinstance(settings, dict) or set(settings) != {"source"}:
            raise ValueError('The configuration must be {"source": "<id>"}.')
        try:
            source = load_source(str(settings["source"]))
        except SourceError as error:
            raise ValueError(error.text()) from error
        if source.harvester != self.source_type:
            raise ValueError(f"The source {source.id} is of type {source.harvester}.")
        return json.dumps(settings)


@tk.blanket.actions(actions)
@tk.blanket.auth_functions(auth)
@tk.blanket.cli(cli)
class FileDropHarvester(_SourceHarvester):
    """Files that an office drops into a folder."""

    p.implements(IHarvester)
    source_type = "sozialdaten_file"
    title = "Sozialdaten: Dateiablage"
    description = "Interne Auszüge aus einem Ordner, an der Schnittstelle zusammengefasst"


class GenesisHarvester(_SourceHarvester):
    """Flat files of the GENESIS family."""

    p.implements(IHarvester)
    source_type = "sozialdaten_genesis"
    title = "Sozialdaten: GENESIS"
    description = "Flat-File-CSV aus Regionaldatenbank, GENESIS-Online und Verwandten"
