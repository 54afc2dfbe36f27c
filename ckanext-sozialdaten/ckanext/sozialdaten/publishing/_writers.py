"""Who wrote a working copy since its last release: nobody approves what they wrote.

Every write of a working copy passes ``package_create`` or ``package_update``. Both tell plugins of
it inside their transaction, after the row of the dataset was changed and thereby locked. A release
takes the same lock: it comes wholly before or wholly after the write.
"""

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import _gate
from ckanext.sozialdaten.publishing._people_model import Editor
from ckanext.sozialdaten.publishing.model import Release, Withdrawal

__all__ = ["mailbox", "note", "require_none_of", "require_other_person", "writers"]


def note(context: Context, package_id: str) -> None:
    """Write down who writes a working copy, in the transaction of that write."""
    user = model.User.get(context.get("user"))
    if user is not None and not _gate.is_open():
        model.Session.add(Editor(working_copy_id=package_id, user_id=user.id))


def writers(package_id: str) -> set[str]:
    """The ids of all accounts that wrote a working copy since the last release that stands.

    Who wrote what was withdrawn does not approve it a second time.
    """
    withdrawn = sa.select(Withdrawal.release_id)
    last = sa.select(sa.func.max(Release.released_at)).where(
        Release.working_copy_id == package_id, Release.id.not_in(withdrawn)
    )
    query = sa.select(Editor.user_id).where(Editor.working_copy_id == package_id)
    since = model.Session.scalar(last)
    if since is not None:
        query = query.where(Editor.edited_at > since)
    return set(model.Session.scalars(query.distinct()))


def mailbox(user: model.User) -> str:
    """The mailbox behind an address: case and what follows a ``+`` do not make another person."""
    local, _, domain = (user.email or "").strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if domain else ""


def require_other_person(user: model.User, package_id: str) -> None:
    """Refuse who wrote the working copy since its last release, also by another account.

    Raises:
        tk.NotAuthorized: one of the writers is this person, by id or by mailbox.
    """
    require_none_of(
        user, writers(package_id), tk._("Nobody decides on what they wrote themselves.")
    )


def require_none_of(user: model.User, others: set[str], refusal: str) -> None:
    """Refuse who is one of others, also by another account.

    Raises:
        tk.NotAuthorized: with the refusal; one of the others is this person, by id or by mailbox.
    """
    own = mailbox(user)
    for other_id in others:
        other = model.User.get(other_id)
        same_mailbox = other is not None and bool(own) and mailbox(other) == own
        if other_id == user.id or same_mailbox:
            raise tk.NotAuthorized(refusal)
