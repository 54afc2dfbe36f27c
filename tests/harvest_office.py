"""An office with a source in the portal, and its deliveries through ckanext-harvest's machinery."""

from dataclasses import dataclass
from typing import Any

import ckan.plugins as p
from ckan import model
from ckan_world import Account, World
from ckanext.harvest import queue
from ckanext.harvest.interfaces import IHarvester
from ckanext.harvest.model import HarvestJob, HarvestObject
from harvest_world import CASES, Installation, case, case_list

from ckanext.sozialdaten.harvesters.ckan.scheduler import finish_jobs

__all__ = ["NAME", "Office"]

NAME = "HzE_Fallliste_20241231.csv"


@dataclass
class Office:
    """The youth office: an administrator, an editor, and an organisation with a source."""

    world: World
    installation: Installation
    admin: Account
    editor: Account

    def drop(self, count: int = 30, **more: str) -> None:
        regions = [f"990010{number:02d}" for number in range(1, 6)]
        lines = [case(number, region=regions[number % 5], **more) for number in range(count)]
        self.installation.drop(CASES, NAME, case_list(lines))

    def harvest(self) -> dict[str, Any]:
        """A job through gather, fetch and import, as the consumers of the queues run it."""
        job = self.world.call("sozialdaten_source_harvest", self.editor, id=CASES)
        record = HarvestJob.get(job["id"])
        harvester = next(
            plugin
            for plugin in p.PluginImplementations(IHarvester)
            if plugin.info()["name"] == record.source.type
        )
        for identifier in queue.gather_stage(harvester, record) or []:
            queue.fetch_and_import_stages(harvester, HarvestObject.get(identifier))
        finish_jobs()
        model.Session.remove()
        return self.world.call("sozialdaten_source_show", self.editor, id=CASES)["last_run"]

    def working_copies(self) -> list[dict[str, Any]]:
        found = self.world.call(
            "package_search", self.editor, include_private=True, q="dataset_type:dataset"
        )
        return found["results"]
