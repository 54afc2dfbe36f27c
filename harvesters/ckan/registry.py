"""Which sources are registered with the harvesters, and how their last runs went."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.harvesters.ckan._records import (
    HarvestGatherError,
    HarvestJob,
    HarvestObject,
    HarvestSource,
    Record,
)
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source

__all__ = [
    "CHANGED",
    "PROBLEMS",
    "PROGRESS",
    "TYPE",
    "active_job",
    "find",
    "last_job",
    "last_run",
    "package_name",
    "registered",
    "source_id",
    "source_of",
]

TYPE = "sozialdaten_source"
PROGRESS = "progress.json"
PROBLEMS = "problems"
CHANGED = "changed"
_UNFINISHED = ("New", "Running")


def package_name(source: str) -> str:
    """The name of the harvest source's package."""
    return f"quelle-{source}"


def registered() -> list[Record]:
    """All active harvest sources of ours."""
    query = sa.select(HarvestSource).where(
        HarvestSource.type == TYPE, HarvestSource.active.is_(True)
    )
    return list(model.Session.execute(query).scalars())


def source_id(harvest_source: Record) -> str:
    """The id of our source that a harvest source runs."""
    return str(json.loads(harvest_source.config)["source"])


def source_of(harvest_source: Record) -> Source:
    """Our source that a harvest source runs."""
    return load_source(source_id(harvest_source))


def find(source: str) -> Record | None:
    """The active harvest source that runs ``source``, given by our id or by its own."""
    for candidate in registered():
        if source in (source_id(candidate), candidate.id):
            return candidate
    return None


def active_job(harvest_source: Record) -> Record | None:
    """The job that is queued or running, if there is one."""
    query = (
        sa.select(HarvestJob)
        .where(HarvestJob.source_id == harvest_source.id, HarvestJob.status.in_(_UNFINISHED))
        .order_by(HarvestJob.created.desc())
    )
    return model.Session.execute(query).scalars().first()


def last_job(harvest_source: Record) -> Record | None:
    """The job that was asked for last."""
    query = (
        sa.select(HarvestJob)
        .where(HarvestJob.source_id == harvest_source.id)
        .order_by(HarvestJob.created.desc())
    )
    return model.Session.execute(query).scalars().first()


def last_run(harvest_source: Record) -> dict[str, Any] | None:
    """The latest run: state, times, what was done, and what went wrong; None before the first.

    ckanext-harvest calls every ended job "Finished". Here a run with any error has ``failed``, one
    that changed nothing is ``unchanged``.
    """
    job = last_job(harvest_source)
    return None if job is None else _described(job)


def _described(job: Record) -> dict[str, Any]:
    objects = list(
        model.Session.execute(
            sa.select(HarvestObject)
            .where(HarvestObject.harvest_job_id == job.id)
            .order_by(HarvestObject.gathered)
        ).scalars()
    )
    problems = [*_gather_problems(job), *_object_problems(objects)]
    return {
        "job": job.id,
        "state": _state(job, objects, bool(problems)),
        "started": _iso(job.gather_started or job.created),
        "finished": _iso(job.finished),
        "deliveries": len(objects),
        "error": _summary(problems),
        "problems": problems,
    }


def _state(job: Record, objects: Iterable[Record], problems: bool) -> str:
    if job.status in _UNFINISHED:
        return "queued" if job.status == "New" else "running"
    if problems or any(item.state == "ERROR" for item in objects):
        return "failed"
    changed = any(extra.key == CHANGED for item in objects for extra in item.extras)
    return "succeeded" if changed else "unchanged"


def _gather_problems(job: Record) -> list[dict[str, Any]]:
    query = sa.select(HarvestGatherError).where(HarvestGatherError.harvest_job_id == job.id)
    return [
        {"code": "gather", "message": {"de": error.message, "en": error.message}}
        for error in model.Session.execute(query).scalars()
    ]


def _object_problems(objects: Iterable[Record]) -> list[dict[str, Any]]:
    problems: list[dict[str, Any]] = []
    for item in objects:
        told = [extra.value for extra in item.extras if extra.key == PROBLEMS]
        if told:
            problems += json.loads(told[-1])
        else:
            problems += [
                {"code": "harvest", "message": {"de": error.message, "en": error.message}}
                for error in item.errors
            ]
    return problems


def _summary(problems: list[dict[str, Any]]) -> dict[str, str] | None:
    """The first problem as one line in German and English."""
    if not problems:
        return None
    first = problems[0]
    return first.get("text") or first["message"]


def _iso(moment: Any) -> str | None:
    return None if moment is None else f"{moment.isoformat()}Z"
