"""Who reads which version: staff their organisation's, reviewers what was submitted, all the rest.

Everybody reads what is approved. Who wrote it, who decided and why stays with staff and reviewers.
"""

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from ckan import authz, model
from ckan.types import Context

from ckanext.sozialdaten.publishing.model import Reviewer
from ckanext.sozialdaten.publishing.proposals._kinds import kind_of, kinds
from ckanext.sozialdaten.publishing.proposals._model import (
    Proposal,
    Row,
    newest_standing,
    rows_of,
    writers,
)
from ckanext.sozialdaten.publishing.proposals._work import approved_versions, of_row

__all__ = [
    "Line",
    "Mark",
    "as_dict",
    "changes",
    "listed",
    "of_staff",
    "readable",
    "rows",
    "versions",
]


class Mark(StrEnum):
    """What became of a line."""

    SAME = "same"
    NEW = "new"
    GONE = "gone"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison with the approved version.

    Args:
        mark: what became of it.
        text: the line; of skipped ones how many they are.
    """

    mark: Mark
    text: str


def _user(context: Context) -> model.User | None:
    user = model.User.get(context.get("user"))
    return user if user is not None and user.state == "active" else None


def of_staff(context: Context, row: Row) -> bool:
    """Whether who asks belongs to the staff or, once it was submitted, to the reviewers."""
    user = _user(context)
    if user is None:
        return False
    if row.submitted_at is not None and Reviewer.current(user.id):
        return True
    writes = authz.has_user_permission_for_group_or_org(
        row.organisation, user.name, "update_dataset"
    )
    return bool(writes)


def readable(context: Context, row: Row) -> bool:
    """Whether who asks may know of a version."""
    if of_staff(context, row):
        return True
    return row.id in {found.id for found in approved_versions(row.kind, row.key)}


def listed(context: Context, kind: str = "", state: str = "") -> tuple[Proposal, ...]:
    """The versions that an account may read, the newest first.

    Without an account, or for one of no staff, these are the approved ones that the public sees.

    Args:
        context: names who asks.
        kind: name of a kind; all of them without one.
        state: a state; all of them without one.
    """
    return tuple(of_row(row) for row in rows(context, kind, state))


def rows(context: Context, kind: str = "", state: str = "") -> list[Row]:
    """What :func:`listed` lists, as rows."""
    names = [kind] if kind else sorted(kinds())
    public = {row.id for name in names for row in newest_standing(name)}
    query = sa.select(Row).where(Row.kind.in_(names))
    if state:
        query = query.where(Row.state == state)
    if _user(context) is None:
        query = query.where(Row.id.in_(public))
    found = model.Session.scalars(query.order_by(Row.saved_at.desc(), Row.id))
    return [row for row in found if row.id in public or of_staff(context, row)]


def versions(context: Context, kind: str, key: str) -> tuple[Proposal, ...]:
    """The versions of a text that an account may read, the newest first."""
    return tuple(of_row(row) for row in rows_of(kind, key) if readable(context, row))


def changes(row: Row, around: int = 3) -> list[Line]:
    """A version line by line beside the approved one, unchanged passages shortened.

    Args:
        row: the version.
        around: how many unchanged lines stay at each side of a change.
    """
    kind = kind_of(row.kind)
    before = next(
        (one for one in approved_versions(row.kind, row.key) if one.version < row.version), None
    )
    old = list(kind.render(before.body)) if before else []
    new = list(kind.render(row.body))
    found: list[Line] = []
    for tag, i, j, m, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += _shortened(old[i:j], around, first=i == 0, last=j == len(old))
        else:
            found += [Line(Mark.GONE, text) for text in old[i:j]]
            found += [Line(Mark.NEW, text) for text in new[m:n]]
    return found


def _shortened(lines: list[str], around: int, *, first: bool, last: bool) -> list[Line]:
    head, tail = 0 if first else around, 0 if last else around
    if len(lines) <= head + tail + 1:
        return [Line(Mark.SAME, text) for text in lines]
    skipped = len(lines) - head - tail
    return [
        *(Line(Mark.SAME, text) for text in lines[:head]),
        Line(Mark.SKIPPED, str(skipped)),
        *(Line(Mark.SAME, text) for text in lines[len(lines) - tail :]),
    ]


def as_dict(context: Context, row: Row) -> dict[str, Any]:
    """A version as actions give it back; the public gets neither names nor reasons."""
    found, organisation = of_row(row), model.Group.get(row.organisation)
    public: dict[str, Any] = {
        "id": found.id,
        "kind": found.kind,
        "key": found.key,
        "version": found.version,
        "organisation": organisation.name if organisation else found.organisation,
        "state": found.state.value,
        "digest": found.digest,
        "decided": found.decided.isoformat() if found.decided else None,
        "body": found.body,
    }
    if not of_staff(context, row):
        return public
    user = _user(context)
    return public | {
        "author": found.author,
        "saved": found.saved.isoformat(),
        "submitted": found.submitted.isoformat() if found.submitted else None,
        "reviewer": found.reviewer,
        "reason": found.reason,
        "retired": row.retired_at.isoformat() if row.retired_at else None,
        "retired_because": row.retired_because,
        "own": user is not None and user.id in writers(row) | {row.submitted_by},
    }
