"""Drops deliveries into the inbox and waits until the harvesters have taken them in."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ckanext.sozialdaten.demo._accounts import OPERATOR
from ckanext.sozialdaten.demo._portal import DemoError, Portal
from ckanext.sozialdaten.demo._waiting import wait_for
from ckanext.sozialdaten.demo.generate import Delivered
from ckanext.sozialdaten.messages import Message

__all__ = ["HarvestReport", "Harvests"]

_SECONDS = 600  # for each source


@dataclass(frozen=True, slots=True)
class HarvestReport:
    """What a harvest did: ``succeeded`` (something new) or ``unchanged``, and how many files."""

    source: str
    state: str
    deliveries: int


def _drop(folder: Path, deliveries: Sequence[Delivered]) -> None:
    """Put the files into the source's folder of the inbox; none is ever seen half-written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for delivered in deliveries:
        part = folder / f".{delivered.path.name}.part"
        shutil.copyfile(delivered.path, part)
        part.replace(folder / delivered.path.name)


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


class Harvests:
    """The harvests of all sources: asked for at once, done one after the other by the workers.

    Args:
        portal: where they run.
        deliveries: the files of each source.
    """

    def __init__(self, portal: Portal, deliveries: Mapping[str, Sequence[Delivered]]) -> None:
        self._portal = portal
        self._deliveries = deliveries
        self._states = dict.fromkeys(deliveries, "unchanged")

    def start(self) -> None:
        """Register what is not there, drop every file, and ask for every source."""
        portal = self._portal
        known = {shown["id"] for shown in portal.call("sozialdaten_source_list", OPERATOR)}
        for source, files in self._deliveries.items():
            _drop(portal.installation.inbox / source, files)
            if source not in known:
                portal.call("sozialdaten_source_create", OPERATOR, id=source)
            self._ask(source)

    def done(self) -> Iterator[HarvestReport]:
        """Each source in turn, when its harvest has ended.

        The scheduler watches the inbox as well: whichever run takes the files, the inbox is empty
        of them at the end. A file that still grew when a run began is left to the next.

        Raises:
            DemoError: a run failed (with what the harvesters say) or did not end in time.
        """
        for source, files in self._deliveries.items():
            state = wait_for(f"Harvest of {source}", _SECONDS, partial(self._ended, source))
            yield HarvestReport(source, state, len(files))

    def _ask(self, source: str) -> None:
        self._portal.call("sozialdaten_source_harvest", OPERATOR, id=source)

    def _ended(self, source: str) -> str | None:
        """How a harvest went, once it has; asked for again where files were left."""
        run = self._portal.call("sozialdaten_source_show", OPERATOR, id=source)["last_run"]
        if not run or run["state"] in ("queued", "running"):
            return None
        _refuse_failed(source, run)
        if run["state"] == "succeeded":
            self._states[source] = "succeeded"
        folder = self._portal.installation.inbox / source
        if any((folder / delivered.path.name).exists() for delivered in self._deliveries[source]):
            self._ask(source)
            return None
        return self._states[source]
