"""What a submission brings that the last release does not have, for who decides on it.

Of a decided one the state submitted is compared, not the working copy as it stands today: an
approval released that state, and a rejected one is known as long as nobody changed the files.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.publishing import _history, _shape, _tables, _working_copy
from ckanext.sozialdaten.publishing._fingerprint import address_of, state_of
from ckanext.sozialdaten.publishing.model import (
    OPEN_STATES,
    Dataset,
    Release,
    Submission,
    latest_release,
)

__all__ = ["shown"]

_LONGEST = 5000  # a description is approved too: whoever decides reads all of it
_TECHNICAL = frozenset({"type"})  # the same for every dataset
_Changed = tuple[str, Any, Any]  # a field, its old and its new value
_NOTHING: dict[str, Any] = {"package": {}, "tags": [], "groups": [], "resources": []}


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A state that was submitted, and the release that was public before.

    Args:
        state: metadata and resources, as ``state_of`` gives them.
        tables: the tables by resource id.
        before: the release to compare with; None for the first.
        unchanged: whether the working copy still is in this state.
        release: number of the release that it became.
    """

    state: dict[str, Any]
    tables: Mapping[str, _tables.Table]
    before: Release | None
    unchanged: bool
    release: int | None = None


def _submitted(submission: Submission) -> _Submitted | None:
    """The state submitted; None where it is not known any more."""
    query = sa.select(Release).where(Release.submission_id == submission.id)
    release = model.Session.execute(query).scalar_one_or_none()
    if release is not None and not release.withdrawal:  # with it the bytes went from the store
        return _released(release)
    package = model.Package.get(submission.dataset_id)
    if package is None:
        return None
    digests = _working_copy.digests_of(package)
    unchanged = _working_copy.fingerprint_of(package, digests) == submission.fingerprint
    if not unchanged and submission.state not in OPEN_STATES:
        return None
    proposed = submission.report["resources"]
    found = {
        resource.id: _shape.table_of(resource, proposed.get(resource.id, {}).get("layout"))
        for resource in package.resources
    }
    return _Submitted(
        state_of(package, lambda resource_id: digests.get(resource_id, "")),
        {resource_id: table for resource_id, table in found.items() if table is not None},
        _last_release(package.id),
        unchanged,
    )


def _released(release: Release) -> _Submitted:
    state = release.record["internal"]["source_state"]
    files = {file["name"]: file for file in release.record["public"]["files"]}
    found = {
        resource["id"]: _history.table_of(release, files[resource["name"]])
        for resource in state["resources"]
        if resource.get("name") in files
    }
    earlier = _history.release_of(release.dataset_id, release.number - 1)
    gone = earlier.withdrawal if earlier else None
    before = None if gone and gone.withdrawn_at < release.released_at else earlier
    tables = {key: table for key, table in found.items() if table is not None}
    return _Submitted(state, tables, before, unchanged=True, release=release.number)


def _last_release(working_copy_id: str) -> Release | None:
    row = Dataset.of_working_copy(working_copy_id)
    return latest_release(row.released_id) if row and row.released_id else None


def shown(submission: Submission, rows: int) -> dict[str, Any]:
    """What the reviewer sees of a state submitted.

    Args:
        submission: what was submitted.
        rows: how many rows of each table.

    Returns:
        ``changes``: names and counts of what is new, and whether the state is ``known``;
        ``previews``: header and first rows of each table, by resource id.
    """
    submitted = _submitted(submission)
    tables = submitted.tables if submitted else {}
    return {
        "changes": _changes(submission, submitted),
        "previews": {key: _shape.preview_of(table, rows) for key, table in tables.items()},
    }


def _changes(submission: Submission, submitted: _Submitted | None) -> dict[str, Any]:
    package = model.Package.get(submission.dataset_id)
    address = address_of(package) if package is not None else ""
    if submitted is None:
        before = _last_release(submission.dataset_id)
        gone: dict[str, Any] = {"metadata": [], "metadata_values": [], "resources": []}
        return {"known": False, "first": before is None, "address": address, "groups": [], **gone}
    before, now = submitted.before, submitted.state
    old = before.record["internal"]["source_state"] if before else _NOTHING
    changed = _history.changed_values(old, now)
    return {
        "known": True,
        "first": before is None,
        "address": address,
        "groups": _titles(now["groups"]),
        "last_number": before.number if before else None,
        "release": submitted.release,
        "unchanged_since_submission": submitted.unchanged,
        "metadata": [name for name, _, _ in changed],
        "metadata_values": [
            {"field": name, "before": _shown(name, was), "after": _shown(name, value)}
            for name, was, value in _in_order_of_form(changed)
            if name not in _TECHNICAL
        ],
        "resources": _changed_resources(old, submitted),
    }


def _in_order_of_form(changed: Iterable[_Changed]) -> list[_Changed]:
    """Changed fields as the form asks for them, title first; those without a field at the end."""
    form = tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"]
    places = {field["field_name"]: place for place, field in enumerate(form)}
    return sorted(changed, key=lambda one: (places.get(one[0], len(places)), one[0]))


def _titles(group_ids: list[str]) -> list[str]:
    found = (model.Group.get(group_id) for group_id in group_ids)
    return [str(group.title or group.name) for group in found if group is not None]


def _shown(name: str, value: Any) -> str:
    """A metadata value for people; lists lie in the database as JSON."""
    if name in ("groups", "owner_org"):
        ids = value if isinstance(value, list) else [value]
        return _shortened(_titles(ids))
    if name == "license_id":
        known = model.Package.get_license_register().get(value)
        return str(known.title if known is not None else value or "")
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            value = json.loads(value)
    return _shortened(tk.h.sozialdaten_legal_basis(value) if name == "legal_basis" else value)


def _shortened(value: Any) -> str:
    """A metadata value for people: lists as a line, long texts cut."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _changed_resources(old: dict[str, Any], submitted: _Submitted) -> list[dict[str, Any]]:
    before = submitted.before
    known = {resource.get("name"): resource for resource in old["resources"]}
    files = {file["name"]: file for file in before.record["public"]["files"]} if before else {}
    shapes = {name: file for name, file in files.items() if "rows" in file}
    found: list[dict[str, Any]] = []
    for resource in submitted.state["resources"]:
        name, table = resource.get("name"), submitted.tables.get(resource["id"])
        earlier = known.pop(name, None)
        state = _state(earlier, resource)
        found.append(
            {
                "id": resource["id"],
                "name": name,
                "description": _shortened(resource.get("description")),
                "state": state,
                "now": _shape.shape_of(table) if table else None,
                "before": shapes.get(name) if earlier else None,
                "table": _diff(before, files.get(name), table) if state == "changed" else None,
                "file": _file_of(resource) if submitted.release is None else None,
            }
        )
    return found + [
        {"id": None, "name": name, "state": "removed", "now": None, "before": shapes.get(name)}
        for name in known
    ]


def _file_of(resource: dict[str, Any]) -> dict[str, str] | None:
    """Name and digest of a file that the reviewer may take down; None for a mere link."""
    if not resource["sha256"]:
        return None
    return {"filename": Path(resource.get("url") or "").name, "sha256": resource["sha256"]}


def _diff(
    before: Release | None, file: dict[str, Any] | None, now: _tables.Table | None
) -> dict[str, Any] | None:
    """Rows and figures of a file that differ from the release before, cell by cell."""
    if before is None or file is None or now is None:
        return None
    return _history.table_diff(before, file, now)


def _state(earlier: dict[str, Any] | None, now: dict[str, Any]) -> str:
    if earlier is None:
        return "new"
    return "unchanged" if earlier["sha256"] == now["sha256"] else "changed"
