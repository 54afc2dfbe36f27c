"""The third person, where an organisation wants one: publishes what a reviewer has approved.

An organisation that names publishers gets a further step: the approval clears the submission, and
one of them publishes it. Who submitted, wrote or approved it is never the third person, by account
or by mailbox. Without publishers the approval releases at once, as everywhere else. The second
person stays in every case: naming publishers adds a step and never replaces the reviewer.
"""

import datetime as dt
import uuid
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import _review, _tokens, _working_copy, _writers
from ckanext.sozialdaten.publishing._people_model import Publisher
from ckanext.sozialdaten.publishing._writers import mailbox
from ckanext.sozialdaten.publishing.model import Reviewer, Submission

__all__ = [
    "clear",
    "end",
    "is_publisher",
    "name",
    "overview",
    "publishers_of",
    "reviewer_of",
    "third_person",
    "wanted",
]


def publishers_of(package_id: str) -> list[str]:
    """The ids of those who publish for the organisation of a working copy."""
    package = model.Package.get(package_id)
    found = Publisher.of(package.owner_org) if package else []
    return [row.user_id for row in found]


def wanted(package: model.Package) -> bool:
    """Whether the organisation of a working copy wants a third person."""
    return bool(Publisher.of(package.owner_org))


def is_publisher(user_id: str, package_id: str) -> bool:
    """Whether an active account publishes for the organisation of a working copy."""
    user = model.User.get(user_id)
    return user is not None and user.state == "active" and user.id in publishers_of(package_id)


def clear(context: Context, submission_id: str, reason: str) -> Submission | None:
    """Approve for the third person; None where the organisation wants none.

    The release judges everything again. What was changed since is refused here at once.
    """
    known = Submission.get(submission_id)
    package = model.Package.get(known.dataset_id) if known else None
    if package is None or not wanted(package):
        return None  # without a lock: a release takes its own, in its own order
    submission = Submission.get(submission_id, lock=True)
    if submission is None:
        return None
    user = _review.deciding_user(context, submission)
    if submission.state != "pending":
        raise tk.ValidationError({"id": [tk._("This submission is decided already.")]})
    if _working_copy.fingerprint(package) != submission.fingerprint:
        text = tk._("The working copy was changed after its submission. Submit it again.")
        raise tk.ValidationError({"id": [text]})
    submission.state = "cleared"
    submission.decided_by, submission.decided_at = user.id, dt.datetime.now(dt.UTC)
    submission.reason = reason
    model.Session.commit()
    return submission


def third_person(context: Context, submission: Submission) -> model.User:
    """Who publishes: named by the organisation, and neither submitter nor writer nor reviewer.

    Raises:
        tk.NotAuthorized: none of the publishers, or one of the people before.
    """
    _tokens.require_person()
    user = _review.user_of(context)
    if not is_publisher(user.id, submission.dataset_id):
        raise tk.NotAuthorized(tk._("Only the publishers of the organisation publish this."))
    before = {submission.submitted_by, submission.decided_by}
    known = [model.User.get(user_id) for user_id in before if user_id]
    boxes = {mailbox(person) for person in known if person is not None and person.email}
    if user.id in before or mailbox(user) in boxes:
        text = tk._("A third person publishes: not who submitted it, and not who approved it.")
        raise tk.NotAuthorized(text)
    _writers.require_other_person(user, submission.dataset_id)
    return user


def reviewer_of(
    context: Context,
    submission: Submission,
    package: model.Package,
    publisher: model.User | None,
) -> model.User:
    """In whose name a submission is released: the one who decides now, or who has decided before.

    Raises:
        tk.NotAuthorized: no reviewer, or no longer one.
        tk.ValidationError: a third person has to publish, or nobody has approved.
    """
    if publisher is None:
        reviewer = _review.deciding_user(context, submission)
        if wanted(package):
            text = tk._("In this organisation a third person publishes what was approved.")
            raise tk.ValidationError({"id": [text]})
        return reviewer
    decided = model.User.get(submission.decided_by) if submission.decided_by else None
    if submission.state != "cleared" or decided is None:
        raise tk.ValidationError({"id": [tk._("No reviewer has approved this yet.")]})
    if decided.state != "active" or Reviewer.current(decided.id) is None:
        text = tk._("Who approved this no longer reviews. Submit it again.")
        raise tk.ValidationError({"id": [text]})
    return decided


def name(context: Context, organisation: model.Group, name_or_id: str) -> dict[str, Any]:
    """Name a member of an organisation as its publisher."""
    _tokens.require_person()
    user, found = _review.user_of(context), model.User.get(name_or_id)
    if found is None or found.state != "active" or not _is_member(found.id, organisation.id):
        raise tk.ValidationError({"user": [tk._("A publisher is a member of the organisation.")]})
    if any(row.user_id == found.id for row in Publisher.of(organisation.id)):
        raise tk.ValidationError({"user": [tk._("This account is a publisher already.")]})
    row = Publisher(
        id=str(uuid.uuid4()),
        organisation_id=organisation.id,
        user_id=found.id,
        named_by=user.id,
    )
    model.Session.add(row)
    model.Session.commit()
    return _as_dict(row)


def end(context: Context, organisation: model.Group, name_or_id: str) -> dict[str, Any]:
    """Take the role away; after the last one the approval releases at once again."""
    _tokens.require_person()
    user, found = _review.user_of(context), model.User.get(name_or_id)
    rows = [row for row in Publisher.of(organisation.id) if found and row.user_id == found.id]
    if not rows:
        raise tk.ObjectNotFound(tk._("This account is no publisher."))
    rows[0].ended_by, rows[0].ended_at = user.id, dt.datetime.now(dt.UTC)
    model.Session.commit()
    return _as_dict(rows[0])


def _is_member(user_id: str, organisation_id: str) -> bool:
    query = sa.select(model.Member.id).where(
        model.Member.group_id == organisation_id,
        model.Member.table_name == "user",
        model.Member.table_id == user_id,
        model.Member.state == "active",
    )
    return model.Session.scalar(query.limit(1)) is not None


def overview(organisation_id: str) -> list[dict[str, Any]]:
    """The publishers of an organisation."""
    return [_as_dict(row) for row in Publisher.of(organisation_id)]


def _as_dict(row: Publisher) -> dict[str, Any]:
    user = model.User.get(row.user_id)
    return {
        "user": user.name if user else row.user_id,
        "name": _review.name_of(row.user_id),
        "named_by": _review.name_of(row.named_by),
        "named_at": row.named_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }
