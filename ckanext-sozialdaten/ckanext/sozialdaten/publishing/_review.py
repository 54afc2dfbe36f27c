"""Submissions and reviewers: who may decide, and on what."""

import datetime as dt
import json
import uuid
from contextlib import suppress
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import (
    _checks,
    _policies,
    _tokens,
    _working_copy,
    _writers,
)
from ckanext.sozialdaten.publishing._fingerprint import address_of, state_of
from ckanext.sozialdaten.publishing._history import changed_values, table_diff
from ckanext.sozialdaten.publishing._shape import shape_of, table_of
from ckanext.sozialdaten.publishing.model import (
    OPEN_STATES,
    Dataset,
    Release,
    Reviewer,
    Submission,
    latest_release,
)

__all__ = [
    "as_dict",
    "changes",
    "deciding_user",
    "name_of",
    "reviewer_of",
    "send_back",
    "submit",
    "user_of",
]


_LONGEST = 300


def user_of(context: Context) -> model.User:
    """The account that acts. ``ignore_auth`` does not stand in for a person.

    Raises:
        tk.NotAuthorized: nobody is named, or the account is not active.
    """
    user = model.User.get(context.get("user"))
    if user is None or user.state != "active":
        raise tk.NotAuthorized(tk._("Sign in with an account of your own."))
    return user


def reviewer_of(context: Context) -> model.User:
    """The reviewer that acts, signed in as themselves or by a token that was made to decide.

    Raises:
        tk.NotAuthorized: no reviewer, or a token that does not decide.
    """
    _tokens.require_person()
    user = user_of(context)
    if Reviewer.current(user.id) is None:
        raise tk.NotAuthorized(tk._("Only a reviewer decides. Two people grant this role."))
    return user


def deciding_user(context: Context, submission: Submission) -> model.User:
    """The reviewer that decides on a submission.

    Raises:
        tk.NotAuthorized: no reviewer, or somebody who submitted it or wrote it, in person or by
            another account.
    """
    user = reviewer_of(context)
    refusal = tk._("Nobody decides on their own submission.")
    _writers.require_none_of(user, {submission.submitted_by}, refusal)
    _writers.require_other_person(user, submission.dataset_id)
    return user


def submit(context: Context, data: dict[str, Any]) -> Submission:
    """Submit the present state of a working copy; an undecided earlier submission is replaced."""
    package = _working_copy.package_of(data["id"])
    user = user_of(context)
    if package.state != "active":
        raise tk.ValidationError({"id": [tk._("Finish the draft first.")]})
    _policies.require_strength(package, data["policy"])
    check = _checks.start(package, data["policy"])
    if check.state != "done" or check.report is None:
        raise tk.ValidationError({"id": [tk._("The check still runs. Submit when it is done.")]})
    if _checks.blocks(check.report):
        raise tk.ValidationError(
            {"findings": [tk._("Findings forbid the release. Remedy them first.")]}
        )
    _working_copy.row_of(package.id)
    earlier = Submission.pending(package.id, lock=True)
    if earlier:
        earlier.state = "replaced"
        model.Session.flush()
    submission = Submission(
        id=str(uuid.uuid4()),
        dataset_id=package.id,
        fingerprint=check.fingerprint,
        policy=data["policy"],
        purpose=data["purpose"],
        legal_basis=data["legal_basis"],
        report=check.report,
        submitted_by=user.id,
    )
    model.Session.add(submission)
    model.Session.commit()
    return submission


def send_back(context: Context, submission_id: str, state: str, reason: str) -> Submission:
    """Give a submission back as ``rejected`` or ``returned``; the working copy stays as it is."""
    submission = Submission.get(submission_id, lock=True)
    if submission is None:
        raise tk.ObjectNotFound(tk._("There is no such submission."))
    user = deciding_user(context, submission)
    if submission.state not in OPEN_STATES:
        raise tk.ValidationError({"id": [tk._("This submission is decided already.")]})
    submission.state = state
    submission.decided_by = user.id
    submission.decided_at = dt.datetime.now(dt.UTC)
    submission.reason = reason
    model.Session.commit()
    return submission


def as_dict(submission: Submission) -> dict[str, Any]:
    """A submission as actions give it back."""
    package = model.Package.get(submission.dataset_id)
    organisation = model.Group.get(package.owner_org) if package and package.owner_org else None
    return {
        "id": submission.id,
        "dataset_id": submission.dataset_id,
        "dataset_name": package.name if package else "",
        "dataset_title": (package.title or package.name) if package else "",
        "organization": (organisation.title or organisation.name) if organisation else "",
        "state": submission.state,
        "policy": submission.policy,
        "warnings": _policies.warnings(submission.policy),
        "purpose": submission.purpose,
        "legal_basis": submission.legal_basis,
        "submitted_by": name_of(submission.submitted_by),
        "submitted_at": submission.submitted_at.isoformat(),
        "decided_by": name_of(submission.decided_by),
        "decided_at": submission.decided_at.isoformat() if submission.decided_at else None,
        "reason": submission.reason,
        "verdict": submission.report["verdict"],
        "findings": submission.report["findings"],
    }


def name_of(user_id: str | None) -> str | None:
    """What people call an account; its id where it is gone."""
    user = model.User.get(user_id) if user_id else None
    return (user.fullname or user.name) if user else user_id


def changes(submission: Submission) -> dict[str, Any]:
    """What a submission brings that the last release does not have: names and counts."""
    package = model.Package.get(submission.dataset_id)
    row = Dataset.of_working_copy(submission.dataset_id)
    before = latest_release(row.released_id) if row and row.released_id else None
    if package is None:
        gone: dict[str, Any] = {"metadata": [], "resources": [], "groups": [], "address": ""}
        return {"first": before is None, **gone}
    digests = _working_copy.digests_of(package)
    now = state_of(package, lambda resource_id: digests.get(resource_id, ""))
    nothing: dict[str, Any] = {"package": {}, "tags": [], "groups": [], "resources": []}
    old = before.record["internal"]["source_state"] if before else nothing
    changed = changed_values(old, now)
    return {
        "first": before is None,
        "address": address_of(package),
        "groups": _titles(now["groups"]),
        "last_number": before.number if before else None,
        "unchanged_since_submission": _working_copy.fingerprint_of(package, digests)
        == submission.fingerprint,
        "metadata": [name for name, _, _ in changed],
        "metadata_values": [
            {"field": name, "before": _shown(name, was), "after": _shown(name, value)}
            for name, was, value in changed
        ],
        "resources": _changed_resources(old, now, before, submission.report["resources"]),
    }


def _titles(group_ids: list[str]) -> list[str]:
    found = (model.Group.get(group_id) for group_id in group_ids)
    return [str(group.title or group.name) for group in found if group is not None]


def _shown(name: str, value: Any) -> str:
    """A metadata value for people; lists lie in the database as JSON."""
    if name == "groups":
        return _shortened(_titles(value or []))
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            value = json.loads(value)
    return _shortened(tk.h.sozialdaten_legal_basis(value) if name == "legal_basis" else value)


def _shortened(value: Any) -> str:
    """A metadata value for people: lists as a line, long texts cut."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _changed_resources(
    old: dict[str, Any], now: dict[str, Any], before: Release | None, proposed: dict[str, Any]
) -> list[dict[str, Any]]:
    known = {resource.get("name"): resource for resource in old["resources"]}
    files = before.record["public"]["files"] if before else []
    shapes = {file["name"]: file for file in files if "rows" in file}
    found: list[dict[str, Any]] = []
    for resource in now["resources"]:
        name = resource.get("name")
        earlier = known.pop(name, None)
        state, layout = _state(earlier, resource), proposed.get(resource["id"], {}).get("layout")
        table = _table_diff(before, resource, layout) if state == "changed" else None
        found.append(
            {
                "id": resource["id"],
                "name": name,
                "state": state,
                "now": shape_of(resource["id"], layout),
                "before": shapes.get(name) if earlier else None,
                "table": table,
            }
        )
    return found + [
        {"id": None, "name": name, "state": "removed", "now": None, "before": shapes.get(name)}
        for name in known
    ]


def _table_diff(
    before: Release | None, resource: dict[str, Any], layout: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Rows and figures of a file that differ from the last release, cell by cell."""
    found = model.Resource.get(resource["id"])
    files = before.record["public"]["files"] if before else []
    old = next((file for file in files if file["name"] == resource.get("name")), None)
    now = table_of(found, layout) if found else None
    if before is None or old is None or now is None:
        return None
    return table_diff(before, old, now)


def _state(earlier: dict[str, Any] | None, now: dict[str, Any]) -> str:
    if earlier is None:
        return "new"
    return "unchanged" if earlier["sha256"] == now["sha256"] else "changed"
