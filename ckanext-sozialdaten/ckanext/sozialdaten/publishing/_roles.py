"""The reviewer role: one person proposes, another confirms, each signed in as themselves.

Administrators of the portal or of an organisation give the role. Neither of the two is the
candidate, all three have mailboxes of their own, and at least one of the two belongs to none of the
organisations whose working copies the candidate may write: an organisation alone cannot choose who
judges it. One person suffices to take the role away.
"""

import datetime as dt
import uuid
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import _review, _standing, _tokens
from ckanext.sozialdaten.publishing._people_model import Candidacy, Deputy
from ckanext.sozialdaten.publishing._writers import mailbox
from ckanext.sozialdaten.publishing.model import Reviewer, Submission

__all__ = [
    "asked_back",
    "confirm",
    "deputies_of",
    "drop",
    "may_give",
    "name_deputy",
    "overview",
    "propose",
    "reviewer_ids",
    "revoke",
    "stands_in_for",
]

_VALID = dt.timedelta(days=30)  # a proposal that nobody confirmed is forgotten
_WRITES = ("admin", "editor")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _offices(user_id: str, capacities: tuple[str, ...] | None = None) -> set[str]:
    """The organisations of an account; with ``capacities`` those in which it has one of them."""
    query = (
        sa.select(model.Member.group_id)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .where(
            model.Member.table_name == "user",
            model.Member.table_id == user_id,
            model.Member.state == "active",
            model.Group.is_organization.is_(True),
            model.Group.state == "active",
        )
    )
    if capacities is not None:
        query = query.where(model.Member.capacity.in_(capacities))
    return {found for found in model.Session.scalars(query) if found}


def may_give(user: model.User) -> bool:
    """Whether an account administers the portal or an organisation."""
    return bool(user.sysadmin) or bool(_offices(user.id, ("admin",)))


def _candidate(name_or_id: str) -> model.User:
    user = model.User.get(name_or_id)
    if user is None or user.state != "active":
        raise tk.ValidationError({"user": [tk._("There is no such active account.")]})
    if not mailbox(user):
        raise tk.ValidationError({"user": [tk._("The account needs an e-mail address.")]})
    return user


def _require_people(candidate: model.User, *people: model.User) -> None:
    """Refuse that two of them are one person."""
    everybody = (candidate, *people)
    boxes = {mailbox(person) for person in everybody}
    ids = {person.id for person in everybody}
    if "" in boxes or len(boxes) != len(everybody) or len(ids) != len(everybody):
        text = tk._(
            "Two people give the role, neither of them the candidate, each with an e-mail address"
            " of their own."
        )
        raise tk.NotAuthorized(text)


def propose(context: Context, name_or_id: str) -> dict[str, Any]:
    """Propose a candidate."""
    _tokens.require_person()
    user, candidate = _review.user_of(context), _candidate(name_or_id)
    _require_people(candidate, user)
    if Reviewer.current(candidate.id):
        raise tk.ValidationError({"user": [tk._("This account is a reviewer already.")]})
    earlier = Candidacy.open_for(candidate.id)
    if earlier is not None and _now() - earlier.proposed_at < _VALID:
        text = tk._("This account is proposed already. A second person has to confirm.")
        raise tk.ValidationError({"user": [text]})
    if earlier is not None:
        earlier.closed_at = _now()
        model.Session.flush()
    proposal = Candidacy(id=str(uuid.uuid4()), user_id=candidate.id, proposed_by=user.id)
    model.Session.add(proposal)
    model.Session.commit()
    return _proposal_dict(proposal)


def _open(proposal_id: str) -> Candidacy:
    proposal = model.Session.get(Candidacy, proposal_id, with_for_update=True)
    if proposal is None:
        raise tk.ObjectNotFound(tk._("There is no such proposal."))
    if proposal.closed_at is not None or _now() - proposal.proposed_at >= _VALID:
        raise tk.ValidationError({"id": [tk._("This proposal is closed.")]})
    return proposal


def confirm(context: Context, proposal_id: str) -> dict[str, Any]:
    """Make the candidate of a proposal a reviewer."""
    _tokens.require_person()
    user, proposal = _review.user_of(context), _open(proposal_id)
    candidate, first = _candidate(proposal.user_id), model.User.get(proposal.proposed_by)
    if first is None or first.state != "active" or not may_give(first):
        text = tk._("Who proposed no longer gives this role. Propose again.")
        raise tk.ValidationError({"id": [text]})
    _require_people(candidate, first, user)
    written = _offices(candidate.id, _WRITES)
    if written & _offices(first.id) and written & _offices(user.id):
        text = tk._(
            "Both of you belong to an organisation whose data the candidate may edit. Somebody from"
            " outside has to confirm."
        )
        raise tk.NotAuthorized(text)
    if Reviewer.current(candidate.id):
        raise tk.ValidationError({"user": [tk._("This account is a reviewer already.")]})
    row = Reviewer(user_id=candidate.id, granted_by=first.id, confirmed_by=user.id)
    proposal.closed_by, proposal.closed_at = user.id, _now()
    model.Session.add(row)
    model.Session.commit()
    return _reviewer_dict(row)


def drop(context: Context, proposal_id: str) -> dict[str, Any]:
    """Close a proposal without effect."""
    user, proposal = _review.user_of(context), _open(proposal_id)
    if user.id == proposal.user_id:
        raise tk.NotAuthorized(tk._("Nobody decides on their own role."))
    proposal.closed_by, proposal.closed_at = user.id, _now()
    model.Session.commit()
    return _proposal_dict(proposal)


def revoke(context: Context, name_or_id: str) -> dict[str, Any]:
    """Take the role away, and end what was approved in advance."""
    user = _review.user_of(context)
    found = model.User.get(name_or_id)
    current = Reviewer.current(found.id) if found else None
    if found is None or current is None:
        raise tk.ObjectNotFound(tk._("This account is no reviewer."))
    current.revoked_by, current.revoked_at = user.id, _now()
    _standing.end_all_of(found.id, user.id)
    model.Session.commit()
    return _reviewer_dict(current)


def _day(key: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise tk.ValidationError({key: [tk._("Write the day as YYYY-MM-DD.")]}) from None


def name_deputy(context: Context, name_or_id: str, first_day: str, last_day: str) -> dict[str, Any]:
    """Name another reviewer as one's own deputy."""
    user, found = _review.user_of(context), model.User.get(name_or_id)
    if Reviewer.current(user.id) is None:
        raise tk.NotAuthorized(tk._("Only reviewers name a deputy."))
    if found is None or found.id == user.id or Reviewer.current(found.id) is None:
        raise tk.ValidationError({"user": [tk._("A deputy is another reviewer.")]})
    first, last = _day("first_day", first_day), _day("last_day", last_day)
    if last < _now().date():
        raise tk.ValidationError({"last_day": [tk._("The last day lies in the past.")]})
    if last < first:
        raise tk.ValidationError({"last_day": [tk._("The last day lies before the first one.")]})
    row = Deputy(
        id=str(uuid.uuid4()),
        user_id=user.id,
        deputy_id=found.id,
        first_day=first,
        last_day=last,
    )
    model.Session.add(row)
    model.Session.commit()
    return _deputy_dict(row)


def deputies_of(user_id: str) -> list[str]:
    """The ids of those who stand in for a reviewer today; only reviewers count."""
    return [
        row.deputy_id
        for row in Deputy.on(_now().date())
        if row.user_id == user_id and Reviewer.current(row.deputy_id)
    ]


def stands_in_for(user_id: str) -> list[str]:
    """The ids of those for whom a reviewer stands in today."""
    today = Deputy.on(_now().date())
    return [row.user_id for row in today if row.deputy_id == user_id]


def reviewer_ids() -> list[str]:
    """The ids of all reviewers."""
    query = sa.select(Reviewer.user_id).where(Reviewer.revoked_at.is_(None))
    return list(model.Session.scalars(query.order_by(Reviewer.granted_at)))


def asked_back(working_copy_id: str) -> list[str]:
    """The ids of those who asked back about a working copy since its last approval or rejection."""
    query = (
        sa.select(Submission.state, Submission.decided_by)
        .where(Submission.dataset_id == working_copy_id, Submission.decided_by.is_not(None))
        .order_by(Submission.decided_at.desc())
    )
    found: dict[str, None] = {}
    for state, user_id in model.Session.execute(query):
        if state != "returned":
            break
        found[user_id] = None
    return list(found)


def overview() -> dict[str, Any]:
    """Reviewers, open proposals and deputies from today on."""
    reviewers = sa.select(Reviewer).where(Reviewer.revoked_at.is_(None))
    proposals = sa.select(Candidacy).where(
        Candidacy.closed_at.is_(None), Candidacy.proposed_at > _now() - _VALID
    )
    deputies = sa.select(Deputy).where(Deputy.last_day >= _now().date())
    return {
        "reviewers": [
            _reviewer_dict(row)
            for row in model.Session.scalars(reviewers.order_by(Reviewer.granted_at))
        ],
        "proposals": [
            _proposal_dict(row)
            for row in model.Session.scalars(proposals.order_by(Candidacy.proposed_at))
        ],
        "deputies": [
            _deputy_dict(row) for row in model.Session.scalars(deputies.order_by(Deputy.first_day))
        ],
    }


def _user_name(user_id: str) -> str:
    user = model.User.get(user_id)
    return user.name if user else user_id


def _reviewer_dict(row: Reviewer) -> dict[str, Any]:
    return {
        "user": _user_name(row.user_id),
        "name": _review.name_of(row.user_id),
        "granted_by": _review.name_of(row.granted_by),
        "confirmed_by": _review.name_of(row.confirmed_by),
        "granted_at": row.granted_at.isoformat(),
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
    }


def _proposal_dict(row: Candidacy) -> dict[str, Any]:
    return {
        "id": row.id,
        "user": _user_name(row.user_id),
        "name": _review.name_of(row.user_id),
        "proposed_by": _review.name_of(row.proposed_by),
        "proposed_by_user": _user_name(row.proposed_by),
        "proposed_at": row.proposed_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
    }


def _deputy_dict(row: Deputy) -> dict[str, Any]:
    return {
        "user": _user_name(row.user_id),
        "name": _review.name_of(row.user_id),
        "deputy": _user_name(row.deputy_id),
        "deputy_name": _review.name_of(row.deputy_id),
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
    }
