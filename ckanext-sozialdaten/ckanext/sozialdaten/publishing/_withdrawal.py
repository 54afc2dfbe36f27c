"""Withdrawal: a release disappears from everywhere that the portal serves; its row stays."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import _datastore, _gate, _index, _jobs, _review, _store
from ckanext.sozialdaten.publishing._labels import private_labels
from ckanext.sozialdaten.publishing._lake import withdraw_job
from ckanext.sozialdaten.publishing.model import (
    Release,
    ReleasedFile,
    Withdrawal,
    latest_release,
    lock_releases,
)

__all__ = ["withdraw"]


def withdraw(
    context: Context,
    release_id: str,
    reason: str,
    public_reason: str = "",
    *,
    earlier: bool = False,
) -> Release:
    """Withdraw a release. The newest one takes its dataset off the portal.

    Args:
        context: names who withdraws.
        release_id: what is withdrawn.
        reason: for the protocol; internal.
        public_reason: what the tombstone says.
        earlier: whether those before it go, too; else each stays at its own address.
    """
    user = _review.user_of(context)
    lock_releases()
    release = Release.get(release_id)
    if release is None:
        raise tk.ObjectNotFound(tk._("There is no such release."))
    package = model.Session.get(
        model.Package, release.dataset_id, with_for_update=True, populate_existing=True
    )
    if release.withdrawal:
        raise tk.ValidationError({"id": [tk._("This release is withdrawn already.")]})
    newest = latest_release(release.dataset_id)
    going = [release, *(_standing_before(release) if earlier else [])]
    with _gate.opened():
        if package is not None and newest is not None and newest.id == release.id:
            package.private = True
            _close_activities(package)
        said = {"reason": reason, "public_reason": public_reason, "withdrawn_by": user.id}
        model.Session.add_all(Withdrawal(release_id=one.id, **said) for one in going)
        model.Session.commit()
    _index.refresh([release.dataset_id])
    for one in going:
        _remove_content(one)
        _jobs.enqueue(withdraw_job, [one.id], f"lake {one.id}", timeout=3600)
    return release


def _standing_before(release: Release) -> list[Release]:
    """The earlier releases of the same dataset that are not withdrawn."""
    withdrawn = sa.select(Withdrawal.release_id)
    query = sa.select(Release).where(
        Release.dataset_id == release.dataset_id,
        Release.number < release.number,
        Release.id.not_in(withdrawn),
    )
    return list(model.Session.execute(query.order_by(Release.number.desc())).scalars())


def _close_activities(package: model.Package) -> None:
    """Activities keep the labels of their day and the whole dataset: show them to staff alone."""
    if not p.plugin_loaded("activity"):
        return
    from ckanext.activity.model import Activity

    views = sa.select(model.ResourceView.id).join(
        model.Resource, model.Resource.id == model.ResourceView.resource_id
    )
    of_package = views.where(model.Resource.package_id == package.id)
    labels: dict[Any, Any] = {"permission_labels": private_labels(package)}
    model.Session.execute(
        sa.update(Activity)
        .where(sa.or_(Activity.object_id == package.id, Activity.object_id.in_(of_package)))
        .values(labels)
        .execution_options(synchronize_session=False)
    )


def _remove_content(release: Release) -> None:
    """Tables and bytes, once the database says that nobody may ask for them."""
    lock_releases()
    files = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
    for file in model.Session.execute(files).scalars().all():
        _datastore.drop(file.resource_id)
        if not _still_released(file.sha256):
            _store.remove(file.sha256)
    model.Session.commit()


def _still_released(sha256: str) -> bool:
    """Whether a release that is not withdrawn holds the same bytes."""
    withdrawn = sa.select(Withdrawal.release_id)
    query = sa.select(sa.func.count()).where(
        ReleasedFile.sha256 == sha256, ReleasedFile.release_id.not_in(withdrawn)
    )
    return bool(model.Session.execute(query).scalar())
