"""Submissions and reviewers: who may decide, and on what."""

import datetime as dt
import uuid
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
from ckanext.sozialdaten.publishing.model import (
    OPEN_STATES,
    Reviewer,
    Submission,
)

__all__ = [
    "as_dict",
    "deciding_user",
    "name_of",
    "reviewer_of",
    "send_back",
    "submit",
    "user_of",
]


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
