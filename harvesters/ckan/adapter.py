"""The adapter between ckanext-harvest's three stages and a :class:`Run` of the core.

*gather* discovers, *fetch* brings the bytes, *import* stores and, with the last delivery of the
job, writes the working copy as a user without special rights. Harvest objects carry name and digest
of a delivery, never its content or its path: pages of ckanext-harvest show them.
"""

import hashlib
import io
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import config
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.harvesters.ckan import catalogue, registry
from ckanext.sozialdaten.harvesters.ckan._records import (
    HarvestGatherError,
    HarvestObject,
    HarvestObjectError,
    HarvestObjectExtra,
    Record,
)
from ckanext.sozialdaten.harvesters.core.connectors import Progress, Unchanged, landing_folder
from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryError,
    DeliveryRefused,
    PathRefused,
)
from ckanext.sozialdaten.harvesters.core.ledger import Outcome, write_whole
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.harvesters.core.publication import Publication
from ckanext.sozialdaten.harvesters.core.quarantine import told
from ckanext.sozialdaten.harvesters.core.run import Run

__all__ = ["HARVEST_USER", "Adapter"]

HARVEST_USER = "sozialdaten_harvest"
_GATE = "sozialdaten_gate"
log = logging.getLogger(__name__)


class Adapter:
    """The stages of ckanext-harvest for sources of ours."""

    def gather_stage(self, job: Record) -> list[str] | None:
        """One harvest object for each delivery that nobody has dealt with.

        A source whose working copy lags behind the lake, after a crash, gets an object without a
        delivery.
        """
        try:
            run = Run(registry.source_of(job.source))
            if run.source.catalogue:
                return catalogue.gather(job, run.source)
            refs: list[Ref | None] = list(run.discover())
            if not refs and run.ledger.pending:
                refs = [None]
        except Unchanged:
            return []
        except (SozialdatenError, OSError) as error:
            HarvestGatherError.create(_line(error), job)
            return None
        return [self._object(job, run, ref, last=ref is refs[-1]) for ref in refs]

    def fetch_stage(self, harvest_object: Record) -> bool | str:
        """Bring the delivery and remember digest and time of capture.

        ckanext-harvest queues an object twice where a scheduler's round meets a busy queue: the
        second time its file has been dealt with and is gone, and there is nothing to do.
        """
        content = json.loads(harvest_object.content)
        if "name" not in content:
            return True  # nothing to fetch: a lagging working copy, or datasets of a catalogue
        run = Run(registry.source_of(harvest_object.source))
        ref = _ref(run, content)
        if _dealt_with(run, content):
            return "unchanged"
        try:
            raw = run.fetch(ref, _Teller(run))
        except Unchanged:
            self._close(harvest_object, run, content)
            return "unchanged"
        except (PathRefused, DeliveryError) as error:
            run.refuse_unread(ref, error)
            _report(harvest_object, error, "Fetch")
            self._close(harvest_object, run, content)
            return False
        except (SozialdatenError, OSError) as error:
            _report(harvest_object, error, "Fetch")
            self._close(harvest_object, run, content)
            return False
        if run.known(raw):
            self._close(harvest_object, run, content)
            return "unchanged"
        content |= {
            "digest": raw.digest,
            "file": raw.path.name,
            "captured_at": raw.captured_at.isoformat(),
            "size": raw.size,
        }
        harvest_object.content = json.dumps(content)
        harvest_object.save()
        return True

    def import_stage(self, harvest_object: Record) -> bool | str:
        """Store the delivery; with the last one of the job, write the working copy."""
        content = json.loads(harvest_object.content)
        run = Run(registry.source_of(harvest_object.source))
        if run.source.catalogue:
            return catalogue.store(harvest_object, run.source, HARVEST_USER)
        fine, changed = True, False
        if "name" in content:
            fine, changed = self._store(harvest_object, run, content)
        try:
            changed = self._publish(harvest_object, run, content) or changed
        except (SozialdatenError, tk.ValidationError, tk.NotAuthorized, OSError) as error:
            _report(harvest_object, error, "Import")
            return False
        if changed:
            harvest_object.extras.append(HarvestObjectExtra(key=registry.CHANGED, value="1"))
            harvest_object.save()
        if not fine:
            return False
        return True if changed else "unchanged"

    def _store(
        self, harvest_object: Record, run: Run, content: dict[str, Any]
    ) -> tuple[bool, bool]:
        """Whether the delivery was fine, and whether it changed the lake."""
        raw = _raw(run, content)
        try:
            planned = run.plan(raw)
            stored = run.store(planned)
            run.finish(planned, stored)
        except DeliveryError as error:
            run.refuse(raw, error)
            _report(harvest_object, error, "Import")
        except (SozialdatenError, OSError) as error:
            _report(harvest_object, error, "Import")
        else:
            return True, not stored.unchanged
        return False, False

    def _close(self, harvest_object: Record, run: Run, content: dict[str, Any]) -> None:
        """The last delivery of the job was refused: the others still want their working copy."""
        try:
            self._publish(harvest_object, run, content)
        except (SozialdatenError, tk.ValidationError, tk.NotAuthorized, OSError) as error:
            _report(harvest_object, error, "Import")

    def _publish(self, harvest_object: Record, run: Run, content: dict[str, Any]) -> bool:
        """Write the working copy if this is the last delivery and the lake has changed."""
        if not content["last"] or not run.ledger.pending:
            return False
        publication = run.publication()
        if publication is None:
            run.ledger.published("")
            return False
        owner = harvest_object.source.publisher_id or publication.dataset["owner_org"]
        upload = FileStorage(io.BytesIO(publication.content), filename=publication.filename)
        package = tk.get_action("sozialdaten_working_copy_write")(
            Context(user=HARVEST_USER, ignore_auth=False),
            {
                "source": run.source.id,
                "dataset": {**publication.dataset, "owner_org": owner},
                "resources": [{**publication.resource, "upload": upload}],
            },
        )
        harvest_object.package_id = package["id"]
        harvest_object.save()
        changed = run.ledger.published(publication.digest)
        if p.plugin_loaded(_GATE):
            _announce(run, publication)
        return changed

    def _object(self, job: Record, run: Run, ref: Ref | None, *, last: bool) -> str:
        content: dict[str, Any] = {"last": last}
        if ref is not None:
            content |= {"name": ref.name, "size": ref.size, "marker": ref.marker}
            if run.is_web(ref):
                content["location"] = ref.location
        made = HarvestObject(
            guid=f"{run.source.id}/{ref.name if ref else ''}",
            job=job,
            content=json.dumps(content),
            # Neither True nor False: "current" objects are what ckanext-harvest adds to datasets
            # as extras and deletes when somebody clears the source.
            current=None,
        )
        made.save()
        return str(made.id)


def _announce(run: Run, publication: Publication) -> None:
    """Tell the gate what was written: a standing approval may cover it."""
    from ckanext.sozialdaten.publishing.harvests import announce

    written = {str(publication.resource["name"]): hashlib.sha256(publication.content).hexdigest()}
    definition = hashlib.sha256(repr(run.source).encode()).hexdigest()
    announce(run.source.id, HARVEST_USER, definition, written)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Writes down how far a fetch is, for the page of the sources."""

    run: Run

    def __call__(self, progress: Progress) -> None:
        """Called by the connector every now and then."""
        told = {"what": progress.what, "done": progress.done, "total": progress.total}
        write_whole(self.run.ledger.folder / registry.PROGRESS, told)


def _ref(run: Run, content: dict[str, Any]) -> Ref:
    """The delivery again: the address that was found, or a file in the folder of its source."""
    location = content.get("location") or str(landing_folder(run.source) / str(content["name"]))
    return Ref(content["name"], location, content["size"], content["marker"])


def _dealt_with(run: Run, content: dict[str, Any]) -> bool:
    """Whether an earlier pass of this very object has stored its delivery."""
    digest = content.get("digest")
    outcome = run.ledger.outcome(digest) if digest else None
    if outcome is None or run.is_accepted(content["marker"]):
        return outcome is Outcome.DONE
    return not (landing_folder(run.source) / str(content["file"])).exists()


def _raw(run: Run, content: dict[str, Any]) -> RawDelivery:
    path = landing_folder(run.source) / str(content["file"])
    if run.is_accepted(content["marker"]):
        path = run.fetch(_ref(run, content)).path
    return RawDelivery(
        run.source.id,
        content["name"],
        path,
        content["digest"],
        datetime.fromisoformat(content["captured_at"]).astimezone(UTC),
        content["size"],
    )


def _problems(error: Exception) -> list[Exception]:
    return list(error.problems) if isinstance(error, DeliveryRefused) else [error]


def _report(harvest_object: Record, error: Exception, stage: str) -> None:
    """Write every problem down: as a line for ckanext-harvest's pages, and as data for ours."""
    problems = _problems(error)
    as_data = [told(problem) for problem in problems]
    harvest_object.extras.append(
        HarvestObjectExtra(key=registry.PROBLEMS, value=json.dumps(as_data, ensure_ascii=False))
    )
    harvest_object.save()
    for problem in problems:
        place = problem.place if isinstance(problem, SozialdatenError) else None
        HarvestObjectError.create(
            _line(problem), harvest_object, stage, line=place.row if place else None
        )


def _line(error: Exception) -> str:
    """One line about an error, in the portal's language; no value of a delivery is in it."""
    if isinstance(error, SozialdatenError):
        return error.text("de" if config.get("ckan.locale_default") == "de" else "en")
    if isinstance(error, tk.ValidationError):
        return "; ".join(f"{field}: {text}" for field, text in error.error_summary.items())
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {error.strerror}"
    return str(error)
