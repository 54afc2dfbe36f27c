"""A source that is being described: its sample, what was said of it and what came of that.

All of it lies in a folder of its own for a day. Whatever may take long (fetching an address,
reading the sample, trying the description) is a job; the page shows which step it is at.
"""

import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from redis.exceptions import RedisError

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.harvesters.ckan.answers import answers_of
from ckanext.sozialdaten.harvesters.ckan.shown import preview
from ckanext.sozialdaten.harvesters.core.catalogue_sketch import (
    catalogue_answers,
    catalogue_description,
)
from ckanext.sozialdaten.harvesters.core.connectors import connection, connector
from ckanext.sozialdaten.harvesters.core.describing import checked, tried
from ckanext.sozialdaten.harvesters.core.errors import DeliveryRefused
from ckanext.sozialdaten.harvesters.core.ledger import state_folder
from ckanext.sozialdaten.harvesters.core.quarantine import told
from ckanext.sozialdaten.harvesters.core.sketch import Sketch, described, sketched
from ckanext.sozialdaten.harvesters.core.source import Connection
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["MOST_BYTES", "Sample", "begin", "find", "problems_of", "work"]

MOST_BYTES = 64 << 20
_TOKEN = re.compile(r"[0-9a-f]{32}")
_A_DAY = 86400.0
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a connector needs to know of a source that does not exist yet."""

    id: str
    connection: Connection


@dataclass(frozen=True, slots=True)
class Sample:
    """One of these folders."""

    folder: Path

    @property
    def token(self) -> str:
        """Its unguessable name."""
        return self.folder.name

    @property
    def file(self) -> Path | None:
        """The sample, where there is one yet."""
        return next(iter((self.folder / "file").glob("*")), None)

    @property
    def said(self) -> dict[str, str]:
        """The answers given so far, with ``user`` and ``step``."""
        return self._read("said")

    @property
    def state(self) -> dict[str, Any]:
        """``waiting`` (the step a job is at; empty: none), ``problems``, ``yaml``, ``found``."""
        found = self._read("state")
        if found.get("waiting") and time.time() - found["since"] > _LONGEST:
            return {"problems": []}
        return found

    @property
    def sketch(self) -> Sketch | None:
        """What the sample holds, once it has been read."""
        data = self._read("sketch")
        return Sketch(**data) if data else None

    def description(self) -> str:
        """The YAML that follows from the sample and the answers; empty before it was read."""
        said, sketch = self.said, self.sketch
        if said.get("catalogue"):
            return catalogue_description(catalogue_answers(said))
        if sketch is None or self.file is None:
            return ""
        return described(sketch, answers_of(said, sketch, self.file.name))

    def write(self, name: str, data: Mapping[str, Any]) -> None:
        """Keep something; whoever reads meanwhile has the old or the new, never half of it."""
        part = self.folder / f".{name}.part"
        part.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        part.replace(self.folder / f"{name}.json")

    def ask(self, said: Mapping[str, str]) -> bool:
        """Keep the answers and queue what follows from them; no, where there is no queue."""
        self.write("said", said)
        self.at("queued")
        try:
            tk.enqueue_job(
                work, [self.token], title="sample of a source", rq_kwargs={"timeout": _LONGEST}
            )
        except RedisError:
            self.write("state", {"problems": []})
            return False
        return True

    def at(self, step: str) -> None:
        """Say which step a job is at."""
        self.write("state", {"waiting": step, "since": time.time()})

    def erase(self) -> None:
        """The source is described: nothing of this is needed any more."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _samples() -> Path:
    """The folder of samples; those of yesterday are erased."""
    folder = state_folder() / "samples"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for entry in folder.iterdir():
        if time.time() - entry.stat().st_mtime > _A_DAY:
            shutil.rmtree(entry, ignore_errors=True)
    return folder


def begin() -> Sample:
    """A new, empty one."""
    folder = _samples() / secrets.token_hex(16)
    (folder / "file").mkdir(parents=True, mode=0o700)
    return Sample(folder)


def find(token: str, user: str) -> Sample | None:
    """That of a token, for the person who began it."""
    if not _TOKEN.fullmatch(token):
        return None
    sample = Sample(_samples() / token)
    return sample if sample.said.get("user") == user else None


def problems_of(error: SozialdatenError) -> list[dict[str, Any]]:
    """What was wrong, as pages show it."""
    problems = error.problems if isinstance(error, DeliveryRefused) else (error,)
    return [told(problem) for problem in problems]


def work(token: str) -> None:
    """The job: fetch, read and try, as far as the answers go."""
    sample = Sample(_samples() / token)
    text = ""
    try:
        if not sample.said.get("catalogue"):
            _read(sample)
        if sample.said.get("step") in ("try", "keep"):
            sample.at("trying")
            text = sample.description()
            found = _tried(sample, text)
        else:
            found = {}
    except SozialdatenError as error:
        sample.write("state", {"problems": problems_of(error), "yaml": text})
    else:
        problems = [item for one in found.get("deliveries", ()) for item in one["problems"]]
        usable = bool(found.get("count")) or not problems
        kept = {"problems": problems, "yaml": text, "found": found if usable else {}}
        sample.write("state", kept)


def _read(sample: Sample) -> None:
    path = sample.file
    if path is None:
        sample.at("fetching")
        path = _fetched(sample)
    if sample.sketch is None:
        sample.at("reading")
        sample.write("sketch", asdict(sketched(path, path.name)))


def _fetched(sample: Sample) -> Path:
    address = sample.said.get("address", "")
    block = {"connector": {"type": "http", "url": address, "max_bytes": MOST_BYTES}}
    origin = _Origin(f"sample-{sample.token}", connection(Section(block, "", ("connector",), "")))
    web = connector(origin)
    raw = web.fetch(next(iter(web.discover())))
    return Path(shutil.move(raw.path, sample.folder / "file" / raw.name))


def _tried(sample: Sample, text: str) -> dict[str, Any]:
    """What the description makes of the sample, or of the catalogue."""
    source = checked(text)
    if source.catalogue or sample.file is None:
        return preview(source)
    planned = tried(source, sample.file, sample.file.name)
    return {"cells": planned.observations.num_rows, "regions": len(planned.regions)}
