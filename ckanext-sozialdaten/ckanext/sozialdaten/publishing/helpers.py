"""What the gate's pages need to know about a dataset."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.sozialdaten.publishing import _checks, _working_copy
from ckanext.sozialdaten.publishing.model import (
    Dataset,
    Release,
    Reviewer,
    Submission,
    latest_release,
)

__all__ = [
    "sozialdaten_gate_is_reviewer",
    "sozialdaten_gate_policies",
    "sozialdaten_gate_release",
    "sozialdaten_gate_working_copy",
]


def _may_edit(package_id: str) -> bool:
    return bool(tk.h.check_access("package_update", {"id": package_id}))


def sozialdaten_gate_release(package: dict[str, Any]) -> dict[str, Any] | None:
    """Number and date of the release that a page shows, and the working copy for staff."""
    release = latest_release(package["id"])
    if release is None:
        return None
    copy = model.Package.get(release.working_copy_id)
    staff = copy is not None and _may_edit(copy.id)
    return {
        "id": release.id,
        "number": release.number,
        "released_at": release.released_at,
        "working_copy": copy.name if copy is not None and staff else None,
        "may_withdraw": staff or sozialdaten_gate_is_reviewer(),
    }


def sozialdaten_gate_working_copy(package: dict[str, Any]) -> dict[str, Any] | None:
    """State, findings and next steps of a working copy; None for everything else."""
    if package.get("type") != "dataset" or not package.get("private"):
        return None
    row = Dataset.of_working_copy(package["id"])
    found = model.Package.get(package["id"])
    if Dataset.of_released(package["id"]) is not None or found is None:
        return None
    fingerprint = _working_copy.fingerprint(found)
    policy = _checks.policy_of(found)
    submission = Submission.newest(found.id)
    release = latest_release(row.released_id) if row and row.released_id else None
    check = _checks.stored(fingerprint, policy)
    return {
        "state": _state(submission, fingerprint, release),
        "submission": submission,
        "release": release,
        "released_name": _name(row.released_id) if row and release else None,
        "check": check,
        "policy": policy,
        "may_edit": _may_edit(found.id),
        "draft": found.state.startswith("draft"),
    }


def _name(package_id: str | None) -> str | None:
    package = model.Package.get(package_id) if package_id else None
    return package.name if package else None


def _state(submission: Submission | None, fingerprint: str, release: Release | None) -> str:
    """``released``, ``pending``, ``outdated``, ``rejected`` or ``editing``."""
    if release is not None and release.fingerprint == fingerprint:
        return "released"
    if submission is not None and submission.state == "pending":
        return "pending" if submission.fingerprint == fingerprint else "outdated"
    if (
        submission is not None
        and submission.state == "rejected"
        and submission.fingerprint == fingerprint
    ):
        return "rejected"
    return "editing"


def sozialdaten_gate_is_reviewer() -> bool:
    """Whether the visitor holds the reviewer role."""
    user = tk.current_user
    return bool(user.is_authenticated) and Reviewer.current(user.id) is not None


def sozialdaten_gate_policies() -> list[dict[str, str]]:
    """The policies to choose from, in the visitor's language."""
    language = "de" if tk.h.lang() == "de" else "en"
    return [
        {"value": name, "text": title.get(language, name)}
        for name, title in _checks.policies().items()
    ]
