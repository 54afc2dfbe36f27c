"""``ckan sozialdaten-harvest``: the scheduler process, and one run in the foreground."""

from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan import model
from ckan.plugins import PluginImplementations
from ckan.types import Context
from ckanext.harvest import queue
from ckanext.harvest.interfaces import IHarvester

from ckanext.sozialdaten.harvesters.ckan import registry
from ckanext.sozialdaten.harvesters.ckan._records import HarvestJob, HarvestObject, Record
from ckanext.sozialdaten.harvesters.ckan.scheduler import Scheduler, finish_jobs

__all__ = ["sozialdaten_harvest"]


@click.group("sozialdaten-harvest")
def sozialdaten_harvest() -> None:
    """Sources: the scheduler process, and runs by hand."""


@sozialdaten_harvest.command()
@click.option("--every", default=5.0, show_default=True, help="Seconds between two looks.")
def schedule(every: float) -> None:
    """Queue sources that are due, close finished jobs, erase what has expired; until SIGTERM."""
    Scheduler(every).run()


@sozialdaten_harvest.command()
@click.argument("source")
def run(source: str) -> None:
    """Harvest SOURCE here and now, without queues; says what became of each delivery."""
    found = registry.find(source)
    if found is None:
        raise click.ClickException(f"The source {source} is not registered with the harvesters.")
    if registry.active_job(found) is not None:
        raise click.ClickException(f"A run of {source} is queued or going on.")
    _run(found)
    finish_jobs()
    last = registry.last_run(found) or {}
    for problem in last.get("problems", []):
        click.secho(problem.get("text", problem["message"])["de"], fg="red", err=True)
    click.echo(f"{source}: {last.get('state')}")
    if last.get("state") == "failed":
        raise click.exceptions.Exit(1)


def _run(found: Record) -> None:
    user = tk.get_action("get_site_user")(Context(ignore_auth=True), {})["name"]
    context: Any = {"ignore_auth": True, "user": user, "model": model, "session": model.Session}
    made: Any = tk.get_action("harvest_job_create")(context, {"source_id": found.id, "run": False})
    job = HarvestJob.get(made["id"])
    job.status = "Running"
    job.save()
    harvester: Any = next(
        plugin
        for plugin in PluginImplementations[Any](IHarvester)
        if plugin.info()["name"] == found.type
    )
    identifiers: list[str] = queue.gather_stage(harvester, job) or []
    for number, identifier in enumerate(identifiers, start=1):
        item = HarvestObject.get(identifier)
        queue.fetch_and_import_stages(harvester, item)
        click.echo(f"[{number}/{len(identifiers)}] {item.guid}: {item.report_status}")
