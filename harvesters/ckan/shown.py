"""What people see of a source: what it has brought, what waits, what the next run would bring."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pyarrow as pa

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.ckan import registry
from ckanext.sozialdaten.harvesters.ckan._records import Record
from ckanext.sozialdaten.harvesters.core.catalogue import listing
from ckanext.sozialdaten.harvesters.core.connectors import Unchanged, is_remote
from ckanext.sozialdaten.harvesters.core.errors import DeliveryRefused, HarvestError
from ckanext.sozialdaten.harvesters.core.ledger import Ledger, state_folder
from ckanext.sozialdaten.harvesters.core.ports import Plan
from ckanext.sozialdaten.harvesters.core.quarantine import Held, Quarantine, told
from ckanext.sozialdaten.harvesters.core.run import Run
from ckanext.sozialdaten.harvesters.core.source import Schedule, Source

__all__ = ["PERIODS", "as_data", "effective_schedule", "history", "outlook", "preview"]

PERIODS = {
    Schedule.HOURLY: timedelta(hours=1),
    Schedule.DAILY: timedelta(days=1),
    Schedule.WEEKLY: timedelta(weeks=1),
    Schedule.MONTHLY: timedelta(days=30),
}
_HISTORY = 100
_PREVIEWED = 3
_SAMPLE = 10


def outlook(found: Record, source: Source) -> dict[str, Any]:
    """When a source runs next, what waits, and how far a run is."""
    folder = state_folder() / source.id
    last = next(iter(Ledger(folder).entries()), None)
    return {
        "next_run": _next_run(found, source),
        "waiting": sum(held.open for held in Quarantine(folder).all()),
        "last_delivery": asdict(last) | {"columns": list(last.columns)} if last else None,
        "progress": _progress(found, source),
    }


def _next_run(found: Record, source: Source) -> str | None:
    period = PERIODS.get(effective_schedule(source))
    if period is None:
        return None
    last = registry.last_job(found)
    moment = last.created.replace(tzinfo=UTC) + period if last else datetime.now(UTC)
    return moment.isoformat(timespec="seconds")


def effective_schedule(source: Source) -> Schedule:
    """Nothing "arrives" from the web by itself: such a source is asked once a day."""
    if source.schedule is Schedule.ON_ARRIVAL and is_remote(source.connection.type):
        return Schedule.DAILY
    return source.schedule


def _progress(found: Record, source: Source) -> dict[str, Any] | None:
    job = registry.active_job(found)
    if job is None:
        return None
    done = [item for item in job.objects if item.state in ("COMPLETE", "ERROR")]
    progress: dict[str, Any] = {"done": len(done), "total": len(job.objects), "fetch": None}
    path = state_folder() / source.id / registry.PROGRESS
    if path.exists() and datetime.fromtimestamp(path.stat().st_mtime, UTC) >= (
        job.created.replace(tzinfo=UTC)
    ):
        progress["fetch"] = json.loads(path.read_text(encoding="utf-8"))
    return progress


def history(source: Source) -> dict[str, Any]:
    """The deliveries of a source and its quarantine, the newest first."""
    folder = state_folder() / source.id
    entries = Ledger(folder).entries()[:_HISTORY]
    return {
        "deliveries": [asdict(entry) | {"columns": list(entry.columns)} for entry in entries],
        "quarantine": [as_data(held) for held in Quarantine(folder).all()[:_HISTORY]],
    }


def as_data(held: Held) -> dict[str, Any]:
    """A delivery of the quarantine, without the path of its file."""
    data = asdict(held)
    data.pop("path")
    return data | {"problems": list(held.problems), "there": held.there, "open": held.open}


def preview(source: Source) -> dict[str, Any]:
    """What the next fetch would bring; reads, and stores nothing."""
    if source.catalogue:
        return _listed(source)
    run = Run(source)
    shown: list[dict[str, Any]] = []
    try:
        refs = list(islice(run.discover(), _PREVIEWED + 1))
    except HarvestError as error:
        return {"deliveries": [{"name": source.id, "problems": [told(error)]}], "more": False}
    for ref in refs[:_PREVIEWED]:
        try:
            planned = run.plan(run.fetch(ref))
        except Unchanged:
            continue
        except DeliveryRefused as error:
            shown.append({"name": ref.name, "problems": [told(item) for item in error.problems]})
        except HarvestError as error:
            shown.append({"name": ref.name, "problems": [told(error)]})
        else:
            shown.append(_planned(source, planned))
    return {"deliveries": shown, "more": len(refs) > _PREVIEWED}


def _listed(source: Source) -> dict[str, Any]:
    """What a whole catalogue would bring: how many datasets, the first of them, and which not."""
    try:
        found = listing(source, Register.default())
    except HarvestError as error:
        return {"deliveries": [{"name": source.id, "problems": [told(error)]}], "more": False}
    datasets = [
        {
            "title": copy.dataset["title"],
            "licence": copy.dataset["license_id"],
            "publisher": copy.dataset.get("source_name", ""),
            "files": len(copy.resources),
        }
        for copy in found.copies[:_SAMPLE]
    ]
    refused = {"name": source.id, "problems": [told(problem) for problem in found.problems]}
    return {
        "deliveries": [refused] if found.problems else [],
        "more": False,
        "count": len(found.copies),
        "datasets": datasets,
    }


def _planned(source: Source, planned: Plan) -> dict[str, Any]:
    ends = [end.isoformat() for _, end in planned.references]
    return {
        "name": planned.raw.name,
        "problems": [],
        "rows": planned.rows_read,
        "cells": planned.observations.num_rows,
        "format": planned.parser.split("/")[0],
        "encoding": planned.encoding,
        "columns": list(planned.columns),
        "references": ends,
        "regions": len(planned.regions),
        "notes": list(planned.notes),
        "observations": _sample(planned.observations) if source.observations else [],
    }


def _sample(table: pa.Table) -> list[dict[str, str]]:
    """The first cells of a public table; counts of persons are never shown before their check."""
    names = ["series", "region", "reference_end", "dimensions", "value", "unit", "quality"]
    return [
        {name: "" if value is None else _text(value) for name, value in row.items()}
        for row in table.slice(0, _SAMPLE).select(names).to_pylist()
    ]


def _text(value: object) -> str:
    text = str(value)
    bare = text.replace(".", "", 1).lstrip("-")
    return text.rstrip("0").rstrip(".") if "." in text and bare.isdigit() else text
