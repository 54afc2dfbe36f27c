"""Files of resources: released ones come from the store, all others as CKAN keeps them."""

from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader
from flask import abort

from ckanext.sozialdaten.publishing import _store
from ckanext.sozialdaten.publishing.model import Release, ReleasedFile

__all__ = ["ReleasedUpload", "file_of", "is_uploaded", "released_upload"]


class ReleasedUpload(uploader.ResourceUpload):
    """The bytes of a released resource: readable, never writable."""

    def __init__(self, resource: dict[str, Any], file: ReleasedFile) -> None:
        if resource.get("upload") or resource.get("clear_upload"):
            raise tk.ValidationError({"upload": [tk._("The file of a release never changes.")]})
        self._file = file
        super().__init__(resource)

    def get_path(self, id: str) -> str:  # noqa: A002 - the name is CKAN's
        """Where the approved bytes lie; nowhere once the release is withdrawn."""
        query = sa.select(Release).where(Release.id == self._file.release_id)
        release = model.Session.execute(query).scalar_one_or_none()
        if id != self._file.resource_id or release is None or release.withdrawal:
            abort(404, tk._("This file was withdrawn."))
        return str(_store.path_of(self._file.sha256))

    def upload(self, id: str, max_size: int = 10) -> None:  # noqa: A002
        """Nothing: the bytes stand in the store before the resource exists."""


def released_upload(resource: dict[str, Any]) -> ReleasedUpload | None:
    """The uploader of a released resource, or None for every other resource."""
    resource_id = resource.get("id")
    file = ReleasedFile.get(resource_id) if isinstance(resource_id, str) else None
    return ReleasedUpload(resource, file) if file else None


def is_uploaded(resource: dict[str, Any]) -> bool:
    """Whether the portal itself holds the resource's bytes."""
    return resource.get("url_type") == "upload"


def file_of(resource: dict[str, Any]) -> Path | None:
    """Where the bytes of a resource lie, or None if the portal holds none."""
    if not is_uploaded(resource):
        return None
    named = {"id": resource["id"], "url": resource.get("url", "")}
    path = Path(uploader.get_resource_uploader(named).get_path(resource["id"]))
    return path if path.is_file() else None
