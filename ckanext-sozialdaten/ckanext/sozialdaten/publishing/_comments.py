"""What staff and reviewers write to each other about a working copy: internal, and only here.

Comments enter no activity, no index, no record and no export. A question of a reviewer and the
reason of a rejection are part of the thread; they stand in their submission and are not copied.
"""

import datetime as dt
import uuid
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import _review
from ckanext.sozialdaten.publishing._people_model import Comment
from ckanext.sozialdaten.publishing.model import Submission

__all__ = ["add", "thread"]

_SHOWN = ("rejected", "returned")


def add(context: Context, package_id: str, body: str) -> dict[str, Any]:
    """Add a comment to the thread of a working copy."""
    user = _review.user_of(context)
    comment = Comment(id=str(uuid.uuid4()), working_copy_id=package_id, user_id=user.id, body=body)
    model.Session.add(comment)
    model.Session.commit()
    return _entry(comment.id, "comment", comment.user_id, comment.created_at, comment.body)


def thread(package_id: str) -> list[dict[str, Any]]:
    """Comments, questions and rejections of a working copy, the oldest first."""
    comments = model.Session.scalars(
        sa.select(Comment).where(Comment.working_copy_id == package_id)
    )
    decisions = model.Session.scalars(
        sa.select(Submission).where(
            Submission.dataset_id == package_id, Submission.state.in_(_SHOWN)
        )
    )
    found = [_entry(row.id, "comment", row.user_id, row.created_at, row.body) for row in comments]
    found += [
        _entry(row.id, row.state, row.decided_by, row.decided_at, row.reason) for row in decisions
    ]
    return sorted(found, key=lambda entry: entry["at"])


def _entry(
    entry_id: str, kind: str, user_id: str | None, at: dt.datetime | None, body: str | None
) -> dict[str, Any]:
    moment = at.astimezone(tk.h.get_display_timezone()).isoformat() if at else ""
    name = _review.name_of(user_id)
    return {"id": entry_id, "kind": kind, "by": name, "at": moment, "body": body}
