"""Drops deliveries into the inbox and waits until the harvesters have taken them in."""

import shutil
import time
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
    """What a harvest did: ``succeeded`` (something new) or ``unchanged``, and how many files."""

    state: str
    deliveries: int


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


def _run(portal: Portal, source: str, seconds: float) -> dict[str, Any]:
    """Ask for a harvest and wait for its end."""
    portal.call("sozialdaten_source_harvest", OPERATOR, id=source)

    def ended() -> dict[str, Any] | None:
        run = portal.call("sozialdaten_source_show", OPERATOR, id=source)["last_run"]
        return run if run and run["state"] not in ("queued", "running") else None

    return wait_for(f"Harvest of {source}", seconds, ended)


def _refuse_failed(source: str, run: dict[str, Any]) -> None:
    """Stop where a run failed, with what the harvesters say of each problem."""
    if run["state"] != "failed":
        return
    problems = [
        ", ".join(
            str(problem[part])
            for part in ("file", "row", "column", "message", "hint")
            if problem.get(part)
        )
        for problem in run["problems"]
    ]
    raise DemoError(
        Message(
            "The harvest of {source} failed: {problems}",
            {"source": source, "problems": " | ".join(problems) or str(run["error"])},
        )
    )


def harvest(portal: Portal, source: str, deliveries: Sequence[Delivered]) -> HarvestReport:
    """Take the deliveries of a source in, through inbox and queues.

    The scheduler watches the inbox as well: whichever run takes the files, the inbox is empty of
    them at the end. A file that still grew when a run began is left to the next.

    Raises:
        DemoError: a run failed (with what the harvesters say) or did not end in time.
    """
    _register(portal, source)
    folder = portal.installation.inbox / source
    _drop(folder, deliveries)
    deadline = time.monotonic() + _SECONDS
    state = "unchanged"
    while True:
        run = _run(portal, source, deadline - time.monotonic())
        _refuse_failed(source, run)
        state = "succeeded" if run["state"] == "succeeded" else state
        if not any((folder / delivered.path.name).exists() for delivered in deliveries):
            return HarvestReport(state, len(deliveries))
