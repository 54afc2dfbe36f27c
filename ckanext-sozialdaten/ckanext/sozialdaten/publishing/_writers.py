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
from ckanext.sozialdaten.publishing.model import Release

__all__ = ["mailbox", "note", "require_other_person", "writers"]


def note(context: Context, package_id: str) -> None:
    """Write down who writes a working copy, in the transaction of that write."""
    user = model.User.get(context.get("user"))
    if user is not None and not _gate.is_open():
        model.Session.add(Editor(working_copy_id=package_id, user_id=user.id))


def writers(package_id: str) -> set[str]:
    """The ids of all accounts that wrote a working copy since its last release."""
    last = sa.select(sa.func.max(Release.released_at)).where(Release.working_copy_id == package_id)
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
    own = mailbox(user)
    for writer_id in writers(package_id):
        writer = model.User.get(writer_id)
        same_mailbox = writer is not None and bool(own) and mailbox(writer) == own
        if writer_id == user.id or same_mailbox:
            raise tk.NotAuthorized(tk._("Nobody decides on what they wrote themselves."))
