"""Drops deliveries into the inbox and waits until the harvesters have taken them in."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckanext.sozialdaten.demo._accounts import OPERATOR
from ckanext.sozialdaten.demo._portal import DemoError, Portal, PortalRefusedError
from ckanext.sozialdaten.demo._waiting import wait_for
from ckanext.sozialdaten.demo.generate import Delivered
from ckanext.sozialdaten.messages import Message

__all__ = ["HarvestReport", "harvest"]

_SECONDS = 600


@dataclass(frozen=True, slots=True)
class HarvestReport:
    """What a harvest job did with the files: taken in as new or changed, or nothing new in them."""

    added: int
    updated: int
    unchanged: int


def _drop(folder: Path, deliveries: Sequence[Delivered]) -> None:
    """Put the files into the source's folder of the inbox; none is ever seen half-written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for delivered in deliveries:
        part = folder / f".{delivered.path.name}.part"
        shutil.copyfile(delivered.path, part)
        part.replace(folder / delivered.path.name)


def _register(portal: Portal, source: str) -> None:
    """Register the source with the harvesters, unless it is there."""
    try:
        portal.call("sozialdaten_source_show", OPERATOR, id=source)
    except PortalRefusedError as error:
        if error.status != 404:
            raise
        portal.call("sozialdaten_source_create", OPERATOR, id=source)


def _problems(report: dict[str, Any]) -> list[str]:
    """What the harvesters said went wrong: of the job, and of each file."""
    found = [error["message"] for error in report.get("gather_errors", [])]
    for errors in report.get("object_errors", {}).values():
        found += [error["message"] for error in errors["errors"]]
    return found


def harvest(portal: Portal, source: str, deliveries: Sequence[Delivered]) -> HarvestReport:
    """Take the deliveries of a source in, through inbox and queues.

    Raises:
        DemoError: the job failed (with what the harvesters say) or did not end in time.
    """
    _register(portal, source)
    _drop(portal.installation.inbox / source, deliveries)
    job = portal.call("sozialdaten_source_harvest", OPERATOR, id=source)

    def finished() -> dict[str, Any] | None:
        shown = portal.call("harvest_job_show", OPERATOR, id=job["id"])
        return shown if shown["status"] in ("Finished", "Aborted") else None

    ended = wait_for(f"Harvest of {source}", _SECONDS, finished)
    stats = ended["stats"]
    if stats.get("errored") or ended["status"] != "Finished":
        report = portal.call("harvest_job_report", OPERATOR, id=job["id"])
        raise DemoError(
            Message(
                "The harvest of {source} failed: {problems}",
                {"source": source, "problems": " | ".join(_problems(report)) or ended["status"]},
            )
        )
    return HarvestReport(stats["added"], stats["updated"], stats["not modified"])
