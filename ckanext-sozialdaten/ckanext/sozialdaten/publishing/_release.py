"""The release: the only code that makes a dataset public.

Bytes go to the store and tables to the DataStore first, where nobody can ask for them yet. Then one
database transaction writes the dataset, the release row, its files and the decision. The search
index hears of it after the commit. Whatever fails before the commit is undone, and nothing was
public.
"""

import datetime as dt
import json
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import (
    _checks,
    _datastore,
    _gate,
    _index,
    _jobs,
    _publishers,
    _recording,
    _standing,
    _store,
    _tables,
    _views,
    _vouched,
    _working_copy,
)
from ckanext.sozialdaten.publishing._fingerprint import (
    fingerprint_of,
    released_fingerprint,
    state_of,
)
from ckanext.sozialdaten.publishing.model import (
    OPEN_STATES,
    Dataset,
    Release,
    ReleasedFile,
    Submission,
    lock_releases,
)
from ckanext.sozialdaten.publishing.records import canonical

__all__ = ["WORKING_COPY_SUFFIX", "approve"]

WORKING_COPY_SUFFIX = "-arbeitsfassung"
_NAME_MAX = 100
# What CKAN gives each dataset and resource itself, or what the release decides.
_PACKAGE_OWN = (
    "id", "name", "private", "state", "metadata_created", "metadata_modified", "creator_user_id",
    "organization", "num_tags", "num_resources", "relationships_as_subject",
    "relationships_as_object", "resources", "isopen", "license_title", "license_url",
)  # fmt: skip
_RESOURCE_OWN = (
    "id", "package_id", "position", "state", "created", "last_modified", "metadata_modified",
    "cache_last_updated", "cache_url", "datastore_active", "url", "url_type", "hash", "size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """A resource of the working copy on its way into the release."""

    old_id: str
    new_id: str
    name: str
    filename: str
    sha256: str
    size: int
    shape: dict[str, int] | None
    layout: str

    @property
    def in_datastore(self) -> bool:
        return self.shape is not None

    @property
    def recorded(self) -> dict[str, Any]:
        """What the disclosure record says of the file."""
        known = {"name": self.name, "filename": self.filename, "sha256": self.sha256}
        return {**known, "size": self.size, **(self.shape or {})}


@dataclass(frozen=True, slots=True)
class _Decision:
    """Who approves, why, the standing approval in whose name, and who publishes as a third."""

    reviewer: model.User
    reason: str
    standing: str
    publisher: model.User | None


def approve(
    context: Context,
    submission_id: str,
    reason: str,
    *,
    standing: str = "",
    publisher: model.User | None = None,
) -> Release:
    """Approve a submission and release exactly what was submitted.

    Args:
        context: names the reviewer.
        submission_id: what is approved.
        reason: why it may be published.
        standing: id of the standing approval in whose name this happens; empty: in person.
        publisher: the third person, where the organisation wants one: the reviewer has decided
            before.
    """
    with ExitStack() as undo:
        undo.callback(model.Session.rollback)
        lock_releases()
        submission, package, row = _locked(submission_id)
        reviewer = _publishers.reviewer_of(context, submission, package, publisher)
        if standing:
            _standing.require(standing, package, row, submission.report)
        stored = _stored_bytes(package, undo)
        _require_unchanged(submission, package, stored)
        files = [_file(submission, found, stored, undo) for found in package.resources]
        decision = _Decision(reviewer, reason, standing, publisher)
        release = _write(submission, package, row, decision, files)
        model.Session.commit()
        undo.pop_all()
    # the first release takes the address of its working copy, later ones leave that as it is
    moved = [release.working_copy_id] if release.number == 1 else []
    _index.refresh([*moved, release.dataset_id])
    _announce(release)
    return release


def _announce(release: Release) -> None:
    from ckanext.sozialdaten.publishing._lake import publish_job

    _jobs.enqueue(publish_job, [release.id], f"lake {release.id}", timeout=3600)


def _locked(submission_id: str) -> tuple[Submission, model.Package, Dataset]:
    """Submission, working copy and its row, locked against other decisions and edits."""
    submission = Submission.get(submission_id)
    if submission is None:
        raise tk.ObjectNotFound(tk._("There is no such submission."))
    row = _working_copy.row_of(submission.dataset_id)
    submission = Submission.get(submission_id, lock=True)
    if submission is None or submission.state not in OPEN_STATES:
        raise tk.ValidationError({"id": [tk._("This submission is decided already.")]})
    package = model.Session.get(
        model.Package, submission.dataset_id, with_for_update=True, populate_existing=True
    )
    if package is None or package.state != "active":
        raise tk.ValidationError({"id": [tk._("The working copy was deleted.")]})
    model.Session.expire(package)
    return submission, package, row


def _stored_bytes(package: model.Package, undo: ExitStack) -> dict[str, str]:
    """Copy the bytes of all resources into the store; the addresses by resource id."""
    stored: dict[str, str] = {}
    for resource_id, path in _checks.paths_of(package).items():
        sha256 = _store.add(path)
        stored[resource_id] = sha256
        undo.callback(_forget, sha256)
    return stored


def _forget(sha256: str) -> None:
    """Remove bytes that no release holds: the one they were stored for did not come to be."""
    model.Session.rollback()
    lock_releases()
    query = sa.select(sa.func.count()).where(ReleasedFile.sha256 == sha256)
    if not model.Session.execute(query).scalar():
        _store.remove(sha256)
    model.Session.rollback()


def _require_unchanged(
    submission: Submission, package: model.Package, stored: dict[str, str]
) -> None:
    """Refuse what is not what was submitted, or what now has other findings."""
    if fingerprint_of(package, stored) != submission.fingerprint:
        raise tk.ValidationError(
            {"id": [tk._("The working copy was changed after its submission. Submit it again.")]}
        )
    known = submission.report
    same = known["policy"] == submission.policy and not _checks.blocks(known)
    if same and _vouched.holds(known, package, submission.fingerprint):
        return  # the very same was judged
    paths = {resource_id: _store.path_of(sha256) for resource_id, sha256 in stored.items()}
    report = _checks.compute(package, submission.policy, paths)
    if _checks.blocks(report) or _weighty(report) != _weighty(submission.report):
        raise tk.ValidationError(
            {"findings": [tk._("The findings are no longer those submitted. Submit again.")]}
        )


def _weighty(report: dict[str, Any]) -> str:
    """The findings that a decision rests on. Notes are left out: how many a search for insiders
    finds may depend on how busy the machine is.
    """
    return canonical([found for found in report["findings"] if found["severity"] != "info"])


def _file(
    submission: Submission,
    resource: model.Resource,
    stored: dict[str, str],
    undo: ExitStack,
) -> _File:
    """Give a resource its new id and fill its DataStore table."""
    path = _store.path_of(stored[resource.id])
    new_id, filename = str(uuid.uuid4()), Path(resource.url).name
    layout = _checks.layout_of(resource, submission.report)
    shape: dict[str, int] | None = None
    if layout is not None and _tables.is_table(filename):
        undo.callback(_datastore.drop, new_id)
        table = _tables.open_table(path, filename, layout)
        shape = {"rows": _datastore.fill(new_id, table), "columns": len(table.header)}
    return _File(
        old_id=resource.id,
        new_id=new_id,
        name=resource.name or filename,
        filename=filename,
        sha256=stored[resource.id],
        size=path.stat().st_size,
        shape=shape,
        layout=layout.to_json_text() if layout else "",
    )


def _write(
    submission: Submission,
    package: model.Package,
    row: Dataset,
    decision: _Decision,
    files: list[_File],
) -> Release:
    """All rows of the release in the open transaction."""
    number = _next_number(row)
    digests = {file.old_id: file.sha256 for file in files}
    source_state = state_of(package, lambda resource_id: digests.get(resource_id, ""))
    with _gate.opened():
        submitter = model.User.get(submission.submitted_by)
        released = _write_dataset(package, row, files, number, submitter)
        release = _release_row(
            submission,
            released,
            decision,
            files,
            number,
            {
                "source": row.source,
                "source_state": source_state,
                "layouts": {f.sha256: json.loads(f.layout) for f in files if f.layout},
            },
        )
        row.released_id = released.id
        submission.state = "approved"
        submission.decided_by = decision.reviewer.id
        if decision.publisher is None:
            submission.decided_at = release.released_at
        submission.reason = decision.reason
        model.Session.flush()
        released.private = False
        model.Session.flush()
    return release


def _next_number(row: Dataset) -> int:
    query = sa.select(sa.func.max(Release.number)).where(Release.dataset_id == row.released_id)
    return (model.Session.execute(query).scalar() or 0) + 1


def _write_dataset(
    package: model.Package,
    row: Dataset,
    files: list[_File],
    number: int,
    submitter: model.User | None,
) -> model.Package:
    """The public dataset, still private: created at the first release, else given new content.

    What is approved stands in the database. The search index, from which CKAN shows a dataset
    otherwise, is not asked: whoever can write there would change what is released.
    """
    # return_id_only: with defer_commit alone, CKAN 2.12 rolls an update back
    context = Context(
        user=submitter.name if submitter else "",
        ignore_auth=True,
        defer_commit=True,
        return_id_only=True,
    )
    held = Context(ignore_auth=True, use_cache=False)
    shown = tk.get_action("package_show")(held, {"id": package.id})
    fields = {key: value for key, value in shown.items() if key not in _PACKAGE_OWN}
    fields["version"] = str(number)
    fields["resources"] = [
        _resource_fields(found, file) for found, file in zip(shown["resources"], files, strict=True)
    ]
    if row.released_id is None:
        fields["name"] = package.name
        package.name = _free_name(package.name)
        model.Session.flush()
        released_id: str = tk.get_action("package_create")(context, {**fields, "private": True})
    else:
        released_id = row.released_id
        fields |= {"id": released_id, "name": _name_of(released_id), "private": True}
        tk.get_action("package_update")(context, fields)
    model.Session.flush()
    _views.create(fields, submitter)
    model.Session.flush()
    return model.Session.get_one(model.Package, released_id, populate_existing=True)


def _free_name(name: str) -> str:
    """The address that a working copy moves to; somebody else may have taken the first one."""
    for number in count(1):
        suffix = WORKING_COPY_SUFFIX + (f"-{number}" if number > 1 else "")
        found = name[: _NAME_MAX - len(suffix)] + suffix
        if model.Package.get(found) is None:
            return found
    raise AssertionError  # the numbers do not end


def _name_of(package_id: str) -> str:
    return model.Session.get_one(model.Package, package_id).name


def _resource_fields(shown: dict[str, Any], file: _File) -> dict[str, Any]:
    fields = {key: value for key, value in shown.items() if key not in _RESOURCE_OWN}
    fields |= {
        "id": file.new_id,
        "url": file.filename,
        "url_type": "upload",
        "hash": file.sha256,
        "size": file.size,
        "datastore_active": file.in_datastore,
    }
    if file.layout:
        fields["layout"] = file.layout
    return fields


def _release_row(
    submission: Submission,
    released: model.Package,
    decision: _Decision,
    files: list[_File],
    number: int,
    origin: dict[str, Any],
) -> Release:
    """The row of the release, chained to the one before it, and the rows of its files."""
    last = sa.select(Release.hash).order_by(Release.seq.desc()).limit(1)
    new_digests = {file.new_id: file.sha256 for file in files}
    now = dt.datetime.now(dt.UTC)
    decided = {
        "by": decision.reviewer.id,
        "at": submission.decided_at if decision.publisher else now,
        "reason": decision.reason,
        "standing": decision.standing,
        "publisher": decision.publisher.id if decision.publisher else "",
        "published_at": now,
    }
    recorded = [file.recorded for file in files]
    release = Release(
        id=str(uuid.uuid4()),
        dataset_id=released.id,
        working_copy_id=submission.dataset_id,
        number=number,
        submission_id=submission.id,
        fingerprint=submission.fingerprint,
        dataset_fingerprint=released_fingerprint(released, new_digests),
        record=_recording.record_of(submission, released, decided, recorded, origin),
        previous_hash=model.Session.execute(last).scalar() or "",
        submitted_by=submission.submitted_by,
        approved_by=decision.reviewer.id,
        released_at=now,
    )
    release.hash = _recording.complete(release)
    model.Session.add(release)
    model.Session.flush()
    for file in files:
        model.Session.add(
            ReleasedFile(
                resource_id=file.new_id,
                release_id=release.id,
                sha256=file.sha256,
                size=file.size,
                filename=file.filename,
            )
        )
    model.Session.flush()
    return release
