"""Ring 1: no change of the session's objects publishes a dataset or edits a released one.

Bulk statements and raw SQL pass by the session; the trigger of ring 0 stops them.
"""

from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy import event

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _gate
from ckanext.sozialdaten.publishing.errors import GateClosedError

__all__ = ["install", "is_installed"]

_WAY = Message("Change the working copy, submit it for review and let a reviewer release it.")


def _ask(session: Any, query: str, package_id: str | None) -> bool:
    return bool(session.connection().execute(sa.text(query), {"id": package_id}).scalar())


def _has_live_release(session: Any, package_id: str | None) -> bool:
    return _ask(session, "SELECT sozialdaten_is_released(:id)", package_id)


def _was_released(session: Any, package_ids: set[str]) -> str | None:
    """One of some datasets that was released, if any."""
    query = sa.text(
        "SELECT min(released_id) FROM sozialdaten_dataset WHERE released_id = ANY(:ids)"
    )
    return session.connection().execute(query, {"ids": list(package_ids)}).scalar()


def _is_public(package: model.Package) -> bool:
    return package.state in (None, "active") and not package.private


def _check_package(session: Any, package: model.Package) -> None:
    if _is_public(package) and not _has_live_release(session, package.id):
        raise GateClosedError(
            Message("Dataset {id} has no release and must stay private.", {"id": str(package.id)}),
            _WAY,
        )


def _check_unreleased(session: Any, package_ids: set[str]) -> None:
    package_id = _was_released(session, package_ids) if package_ids else None
    if package_id:
        raise GateClosedError(
            Message("Dataset {id} is released and never changes.", {"id": package_id}), _WAY
        )


def _owners(session: Any, changed: Any) -> set[str]:
    """The datasets that a changed object belongs to, before and after the change."""
    if isinstance(changed, model.Package):
        return {changed.id} if changed.id else set()
    if isinstance(changed, model.Member):
        return _values(changed, "table_id") if changed.table_name == "package" else set()
    if isinstance(changed, model.ResourceView):
        query = sa.text("SELECT package_id FROM resource WHERE id = ANY(:ids)")
        ids = {"ids": list(_values(changed, "resource_id"))}
        return set(session.connection().execute(query, ids).scalars())
    return _values(changed, "package_id")


def _values(changed: Any, column: str) -> set[str]:
    """What a column of a changed object holds, before and after the change."""
    history = sa.inspect(changed).attrs[column].history
    return {value for value in (*history.unchanged, *history.added, *history.deleted) if value}


def _before_flush(session: Any, _context: Any, _instances: Any) -> None:
    watched = (
        model.Package,
        model.Resource,
        model.PackageTag,
        model.Member,
        model.ResourceView,
    )
    changed = [
        found
        for found in (*session.new, *session.dirty)
        if isinstance(found, watched) and (found in session.new or session.is_modified(found))
    ]
    for found in changed:
        if isinstance(found, model.Package):
            _check_package(session, found)
    if _gate.is_open():
        return
    removed = [found for found in session.deleted if isinstance(found, watched)]
    _check_unreleased(
        session, {owner for found in (*changed, *removed) for owner in _owners(session, found)}
    )


def install() -> None:
    """Watch the session; a second call changes nothing."""
    if not is_installed():
        event.listen(model.Session, "before_flush", _before_flush)


def is_installed() -> bool:
    """Whether the session is watched."""
    return event.contains(model.Session, "before_flush", _before_flush)
