"""The way of a text from its draft to the public: written by some, decided by somebody else."""

import datetime as dt
import hashlib
import re
import uuid

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import authz, model
from ckan.types import Context

from ckanext.sozialdaten.publishing import _review, _writers
from ckanext.sozialdaten.publishing.model import Reviewer
from ckanext.sozialdaten.publishing.proposals import _letters
from ckanext.sozialdaten.publishing.proposals._kinds import Kind, kind_of
from ckanext.sozialdaten.publishing.proposals._model import (
    Proposal,
    Row,
    State,
    lock,
    newest_standing,
    rows_of,
    writers,
)

__all__ = [
    "approve",
    "approved",
    "approved_versions",
    "is_taken",
    "of_row",
    "reject",
    "retire",
    "row_by_id",
    "save",
    "submit",
]

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,98}[a-z0-9])?")
_LONGEST = 1_000_000  # characters of a text
_OPEN = (State.DRAFT, State.SUBMITTED)


def save(context: Context, kind: str, key: str, body: str, organisation: str = "") -> Proposal:
    """Write the draft of a text; where there is none, a next version begins as one.

    Args:
        context: names who writes.
        kind: what the text is.
        key: names it: small letters, digits, hyphens and underscores, at most 100.
        body: the whole text.
        organisation: id or name of the organisation that begins a new text; later versions stay
            with it.

    Returns:
        The draft.

    Raises:
        tk.ValidationError: unknown kind, bad key, a text with errors, or no such organisation.
        tk.NotAuthorized: nobody is named, or the text belongs to another organisation.
    """
    user, known = _review.user_of(context), kind_of(kind)
    if not _KEY.fullmatch(key):
        text = tk._("Use small letters, digits, hyphens and underscores, at most 100.")
        raise tk.ValidationError({"key": [text]})
    _require_sound(known, body)
    lock(kind, key)
    rows = rows_of(kind, key)
    owner = rows[0].organisation if rows else _organisation(organisation)
    _require_member(user, owner)
    draft = next((row for row in rows if row.state == State.DRAFT), None)
    if draft is None:
        draft = Row(id=str(uuid.uuid4()), kind=kind, key=key, organisation=owner, writers=[])
        draft.version = rows[0].version + 1 if rows else 1
        draft.state = State.DRAFT.value
    draft.body, draft.digest = body, hashlib.sha256(body.encode()).hexdigest()
    draft.author, draft.saved_at = user.id, _now()
    draft.writers = [*draft.writers, *({user.id} - {*draft.writers})]
    model.Session.add(draft)
    model.Session.commit()
    return of_row(draft)


def submit(context: Context, proposal_id: str) -> Proposal:
    """Submit a draft; from now on it never changes. It replaces what waits under the same key.

    Raises:
        tk.ObjectNotFound: there is no such version.
        tk.ValidationError: it is no draft, or its text has errors by now.
        tk.NotAuthorized: nobody is named, or it belongs to another organisation.
    """
    user, row = _review.user_of(context), _locked(proposal_id)
    _require_member(user, row.organisation)
    if row.state != State.DRAFT:
        raise tk.ValidationError({"id": [tk._("Only a draft is submitted.")]})
    _require_sound(kind_of(row.kind), row.body)
    for earlier in rows_of(row.kind, row.key):
        if earlier.state == State.SUBMITTED:
            earlier.state = State.REPLACED.value
            model.Session.flush()
    row.state, row.submitted_by, row.submitted_at = State.SUBMITTED.value, user.id, _now()
    model.Session.commit()
    _letters.tell(_letters.SUBMITTED, row.id)
    return of_row(row)


def approve(context: Context, proposal_id: str, reason: str) -> Proposal:
    """Show a submitted text to the public.

    Raises:
        tk.ObjectNotFound: there is no such version.
        tk.ValidationError: it does not wait, has errors by now, or no reason is given.
        tk.NotAuthorized: no reviewer, or somebody who submitted it or wrote any of it since the
            last approved version, in person or by another account.
    """
    row = _decided(context, proposal_id, State.APPROVED, reason)
    kind_of(row.kind).on_change()
    _letters.tell(_letters.APPROVED, row.id)
    return of_row(row)


def reject(context: Context, proposal_id: str, reason: str) -> Proposal:
    """Send a submitted text back; what the public sees stays as it is.

    Raises:
        tk.ObjectNotFound: there is no such version.
        tk.ValidationError: it does not wait, or no reason is given.
        tk.NotAuthorized: as for an approval.
    """
    row = _decided(context, proposal_id, State.REJECTED, reason)
    _letters.tell(_letters.REJECTED, row.id)
    return of_row(row)


def retire(context: Context, proposal_id: str, reason: str = "") -> Proposal:
    """Take an approved text from the public, or drop one that nobody has decided on.

    Staff of its organisation and reviewers do so, one of them alone: closing is always quick.
    Only the newest approved version is retired; older ones do not return then.

    Raises:
        tk.ObjectNotFound: there is no such version.
        tk.ValidationError: it is neither open nor the newest approved one, or no reason is given
            although the public has seen it.
        tk.NotAuthorized: neither staff nor reviewer.
    """
    user, row = _review.user_of(context), _locked(proposal_id)
    if not (Reviewer.current(user.id) and row.submitted_at is not None):
        _require_member(user, row.organisation)
    if row.state in _OPEN:
        row.state = State.DROPPED.value
        model.Session.commit()
        return of_row(row)
    standing = [found.id for found in rows_of(row.kind, row.key) if found.state == State.APPROVED]
    if row.id not in standing[:1]:
        raise tk.ValidationError({"id": [tk._("This version is not shown to the public.")]})
    if not reason.strip():
        raise tk.ValidationError({"reason": [tk._("Give a reason.")]})
    row.state, row.retired_by, row.retired_at = State.RETIRED.value, user.id, _now()
    row.retired_because = reason
    model.Session.commit()
    kind_of(row.kind).on_change()
    return of_row(row)


def approved(kind: str) -> tuple[Proposal, ...]:
    """What the public sees of a kind: the newest approved version of each key, by key."""
    return tuple(of_row(row) for row in newest_standing(kind))


def approved_versions(kind: str, key: str) -> tuple[Proposal, ...]:
    """The approved versions of a text, the newest first; none once it was retired."""
    rows = rows_of(kind, key)
    once = [row for row in rows if row.state in (State.APPROVED, State.RETIRED)]
    if not once or once[0].state == State.RETIRED:
        return ()
    return tuple(of_row(row) for row in once if row.state == State.APPROVED)


def is_taken(kind: str, key: str) -> bool:
    """Whether any version of a text was ever begun, by whomever."""
    return bool(rows_of(kind, key))


def row_by_id(proposal_id: str) -> Row:
    """A version by its id, whoever asks.

    Raises:
        tk.ObjectNotFound: there is no such version.
    """
    row = Row.get(proposal_id)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such proposal."))
    return row


def of_row(row: Row) -> Proposal:
    """A version as others see it."""
    return Proposal(
        id=row.id,
        kind=row.kind,
        key=row.key,
        version=row.version,
        organisation=row.organisation,
        body=row.body,
        state=State(row.state),
        digest=row.digest,
        author=_review.name_of(row.author) or "",
        saved=row.saved_at,
        submitted=row.submitted_at,
        reviewer=_review.name_of(row.reviewer),
        decided=row.decided_at,
        reason=row.reason,
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _locked(proposal_id: str) -> Row:
    """A version that nobody else writes until the commit, and no other version of its text."""
    found = row_by_id(proposal_id)
    lock(found.kind, found.key)
    row = Row.get(proposal_id, lock=True)
    return row if row is not None else found


def _decided(context: Context, proposal_id: str, state: State, reason: str) -> Row:
    """A version with the decision of a reviewer who wrote none of it."""
    row, user = _locked(proposal_id), _review.reviewer_of(context)
    people = writers(row) | ({row.submitted_by} if row.submitted_by else set())
    refusal = tk._("Nobody decides on what they wrote themselves.")
    _writers.require_none_of(user, people, refusal)
    if row.state != State.SUBMITTED:
        raise tk.ValidationError({"id": [tk._("This proposal does not wait for a decision.")]})
    if not reason.strip():
        raise tk.ValidationError({"reason": [tk._("Give a reason.")]})
    if state is State.APPROVED:
        _require_sound(kind_of(row.kind), row.body)
    row.state, row.reviewer, row.decided_at, row.reason = state.value, user.id, _now(), reason
    model.Session.commit()
    return row


def _require_sound(kind: Kind, body: str) -> None:
    if not body.strip() or len(body) > _LONGEST or "\x00" in body:
        text = tk._("Write a text of at most {count} characters.").format(count=_LONGEST)
        raise tk.ValidationError({"body": [text]})
    language = "de" if tk.h.lang() == "de" else "en"
    errors = [error.text(language) for error in kind.validate(body)]
    if errors:
        raise tk.ValidationError({"body": errors})


def _require_member(user: model.User, organisation: str) -> None:
    if not authz.has_user_permission_for_group_or_org(organisation, user.name, "update_dataset"):
        raise tk.NotAuthorized(tk._("This text belongs to another organisation."))


def _organisation(name_or_id: str) -> str:
    query = sa.select(model.Group.id).where(
        sa.or_(model.Group.id == name_or_id, model.Group.name == name_or_id),
        model.Group.is_organization.is_(True),
        model.Group.state == "active",
    )
    found = model.Session.scalar(query)
    if found is None:
        raise tk.ValidationError({"organisation": [tk._("There is no such organisation.")]})
    return str(found)
