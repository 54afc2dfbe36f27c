"""What exactly was approved: one hash over the metadata and the bytes of a dataset."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.publishing.model import Dataset, ReleasedFile
from ckanext.sozialdaten.publishing.records import digest

__all__ = ["address_of", "fingerprint_of", "released_fingerprint", "state_of"]

# What may change without changing what readers see: moments, visibility, technical flags.
_PACKAGE_IGNORED = frozenset(
    {"private", "state", "metadata_modified", "metadata_created", "creator_user_id", "plugin_data"}
)
_RESOURCE_IGNORED = frozenset(
    {"created", "last_modified", "metadata_modified", "cache_last_updated", "package_id", "size"}
)
_EXTRAS_IGNORED = frozenset({"datastore_active"})


def _columns(row: Any, ignored: frozenset[str]) -> dict[str, Any]:
    names = [column.key for column in sa.inspect(type(row)).columns]
    found = {name: getattr(row, name) for name in names if name not in ignored}
    extras = found.get("extras") or {}
    found["extras"] = {key: extras[key] for key in extras if key not in _EXTRAS_IGNORED}
    return {key: value for key, value in found.items() if value not in (None, "", {})}


def _tags(package_id: str) -> list[str]:
    query = (
        sa.select(model.Tag.name)
        .join(model.PackageTag, model.PackageTag.tag_id == model.Tag.id)
        .where(model.PackageTag.package_id == package_id, model.PackageTag.state == "active")
        .order_by(model.Tag.name)
    )
    return list(model.Session.execute(query).scalars())


def _resources(package_id: str) -> list[model.Resource]:
    query = (
        sa.select(model.Resource)
        .where(model.Resource.package_id == package_id, model.Resource.state == "active")
        .order_by(model.Resource.position)
    )
    return list(model.Session.execute(query).scalars())


def _groups(package_id: str) -> list[str | None]:
    query = (
        sa.select(model.Member.group_id)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .where(
            model.Member.table_name == "package",
            model.Member.table_id == package_id,
            model.Member.state == "active",
            model.Group.is_organization.is_(False),
        )
        .order_by(model.Member.group_id)
    )
    return list(model.Session.execute(query).scalars())


def _views(package_id: str) -> list[dict[str, Any]]:
    """What the previews of a dataset say; CKAN shows their texts to everybody."""
    view = model.ResourceView
    query = (
        sa.select(view)
        .join(model.Resource, model.Resource.id == view.resource_id)
        .where(model.Resource.package_id == package_id, model.Resource.state == "active")
        .order_by(view.resource_id, view.order, view.id)
    )
    names = ("resource_id", "view_type", "title", "description", "config")
    found = model.Session.execute(query).scalars()
    return [{name: getattr(one, name) for name in names if getattr(one, name)} for one in found]


def state_of(package: model.Package, bytes_of: Callable[[str], str]) -> dict[str, Any]:
    """Metadata, tags, groups and resources of a dataset as they stand in the database.

    Args:
        package: the dataset.
        bytes_of: gives the SHA-256 of a resource's bytes by its id; "" where it has none.
    """
    resources = [
        {**_columns(resource, _RESOURCE_IGNORED), "sha256": bytes_of(resource.id)}
        for resource in _resources(package.id)
    ]
    return {
        "package": _columns(package, _PACKAGE_IGNORED),
        "tags": _tags(package.id),
        "groups": _groups(package.id),
        "resources": resources,
    }


def address_of(package: model.Package) -> str:
    """The name under which a working copy is, or would be, released.

    The first release takes over the name of its working copy, later ones keep it.
    """
    row = Dataset.of_working_copy(package.id)
    released = model.Package.get(row.released_id) if row and row.released_id else None
    return str(released.name if released is not None else package.name)


def fingerprint_of(package: model.Package, digests: Mapping[str, str]) -> str:
    """The fingerprint of a working copy, with the name under which it is released.

    Args:
        package: the working copy.
        digests: SHA-256 of the bytes of each resource, by its id.
    """
    state = state_of(package, lambda resource_id: digests.get(resource_id, ""))
    state["package"]["name"] = address_of(package)
    return digest(state)


def released_fingerprint(package: model.Package, digests: Mapping[str, str] | None = None) -> str:
    """The fingerprint of a released dataset as it stands now, with its name and its previews.

    Args:
        package: the released dataset.
        digests: SHA-256 of its files by resource id, while the release is being written.
    """

    def of_release(resource_id: str) -> str:
        file = ReleasedFile.get(resource_id)
        return file.sha256 if file else ""

    state = state_of(package, of_release if digests is None else digests.__getitem__)
    return digest({**state, "views": _views(package.id)})
