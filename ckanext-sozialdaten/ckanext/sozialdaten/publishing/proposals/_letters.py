"""E-mails about texts: to reviewers that one waits, to its author what became of it."""

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.sozialdaten.publishing import _notices, _roles
from ckanext.sozialdaten.publishing.proposals._model import Row, State, writers

__all__ = ["APPROVED", "REJECTED", "SUBMITTED", "send", "tell"]

APPROVED = _notices.TEXT_APPROVED
REJECTED = _notices.TEXT_REJECTED
SUBMITTED = _notices.TEXT_SUBMITTED


def tell(event: str, proposal_id: str) -> None:
    """Queue the messages of an event."""
    _notices.queue(send, event, proposal_id)


def send(event: str, proposal_id: str) -> int:
    """The job: tell everybody whom an event concerns; how many messages left the portal."""
    row = Row.get(proposal_id)
    if row is None:
        return 0
    link = tk.url_for("sozialdaten_proposals.review", proposal_id=row.id, qualified=True)
    if event == SUBMITTED:
        out = writers(row) | {row.submitted_by}
        people = [user for user in _roles.reviewer_ids() if user not in out]
        return _notices.deliver(event, people if row.state == State.SUBMITTED else [], None, link)
    author = model.User.get(row.submitted_by)
    writes = author is not None and authz.has_user_permission_for_group_or_org(
        row.organisation, author.name, "update_dataset"
    )
    return _notices.deliver(event, [author.id] if author and writes else [], None, link)
