"""What waits for whom: decisions for reviewers, corrections and answers for staff.

States follow the submissions alone; the working copy's own page also compares the bytes.
"""

from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.publishing import _roles
from ckanext.sozialdaten.publishing._people_model import Publisher, Standing
from ckanext.sozialdaten.publishing._standing import OPEN_POLICIES
from ckanext.sozialdaten.publishing._writers import writers
from ckanext.sozialdaten.publishing.model import (
    OPEN_STATES,
    Dataset,
    Release,
    Submission,
    Withdrawal,
    latest_release,
)

__all__ = ["copies_of", "on_desk", "open_sources", "to_publish", "waiting_for"]

_LISTED = 30  # working copies that an overview lists
_SENT_BACK = ("rejected", "returned")


def copies_of(offices: list[str]) -> list[model.Package]:
    """The newest working copies of some organisations: private, and written by no release."""
    released = sa.select(Dataset.released_id).where(Dataset.released_id.is_not(None))
    query = (
        sa.select(model.Package)
        .where(
            model.Package.owner_org.in_(offices),
            model.Package.private.is_(True),
            model.Package.type == "dataset",
            model.Package.state.in_(("active", "draft")),
            model.Package.id.not_in(released),
        )
        .order_by(model.Package.metadata_modified.desc())
        .limit(_LISTED)
    )
    return list(model.Session.scalars(query))


def on_desk(copy: model.Package) -> dict[str, Any]:
    """State of a working copy, and whether staff have to do something.

    ``state`` is ``pending``, ``cleared``, ``rejected``, ``returned``, ``withdrawn``, ``released``
    or ``editing``.
    """
    row = Dataset.of_working_copy(copy.id)
    submission = Submission.newest(copy.id)
    state = submission.state if submission else "editing"
    if state not in (*OPEN_STATES, *_SENT_BACK):
        state = _released_state(row, submission)
    return {
        "name": copy.name,
        "title": copy.title or copy.name,
        "state": state,
        "reason": submission.reason if submission and state in _SENT_BACK else "",
        "changed": copy.metadata_modified,
        "todo": state in (*_SENT_BACK, "withdrawn"),
    }


def _released_state(row: Dataset | None, submission: Submission | None) -> str:
    if row is None or row.released_id is None:
        return "editing"
    if latest_release(row.released_id):
        return "released"
    newest = sa.select(Release.submission_id, Withdrawal.release_id).join(
        Withdrawal, Withdrawal.release_id == Release.id
    )
    query = newest.where(Release.dataset_id == row.released_id).order_by(Release.number.desc())
    found = model.Session.execute(query.limit(1)).first()
    withdrawn = found is not None and submission is not None and found[0] == submission.id
    return "withdrawn" if withdrawn else "editing"


def waiting_for(user_id: str, pending: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The submissions on which a reviewer may decide, first those that answer a question.

    ``answers`` says that this reviewer asked back before, ``for`` names whom a deputy represents.
    """
    represented = set(_roles.stands_in_for(user_id))
    found: list[dict[str, Any]] = []
    for item in pending:
        submission = Submission.get(item["id"])
        if submission is None or user_id in writers(submission.dataset_id):
            continue
        if user_id == submission.submitted_by:
            continue
        asked = set(_roles.asked_back(submission.dataset_id))
        found.append({**item, "answers": user_id in asked, "deputised": bool(represented & asked)})
    return sorted(found, key=lambda item: not (item["answers"] or item["deputised"]))


def to_publish(user_id: str) -> list[dict[str, Any]]:
    """The approved submissions that an account may publish as the third person."""
    query = (
        sa.select(Submission, model.Package)
        .join(model.Package, model.Package.id == Submission.dataset_id)
        .join(Publisher, Publisher.organisation_id == model.Package.owner_org)
        .where(
            Submission.state == "cleared",
            Publisher.user_id == user_id,
            Publisher.ended_at.is_(None),
            Submission.submitted_by != user_id,
            Submission.decided_by != user_id,
        )
        .order_by(Submission.decided_at)
    )
    return [
        {"id": submission.id, "title": package.title or package.name}
        for submission, package in model.Session.execute(query)
        if user_id not in writers(package.id)
    ]


def open_sources() -> list[dict[str, str]]:
    """Working copies that sources of open statistics write and that nothing covers in advance."""
    covered = sa.select(Standing.source).where(Standing.ended_at.is_(None))
    query = (
        sa.select(Dataset.source, model.Package)
        .join(model.Package, model.Package.id == Dataset.working_copy_id)
        .where(
            Dataset.source.is_not(None),
            Dataset.definition.is_not(None),
            Dataset.released_id.is_not(None),
            Dataset.policy.in_(OPEN_POLICIES),
            Dataset.source.not_in(covered),
            model.Package.state == "active",
        )
        .order_by(model.Package.title)
    )
    return [
        {"id": package.id, "title": package.title or package.name, "source": source}
        for source, package in model.Session.execute(query)
    ]
