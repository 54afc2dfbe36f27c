"""Working copies: the private datasets that staff and harvesters write."""

import hashlib
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.publishing import _uploader
from ckanext.sozialdaten.publishing._fingerprint import fingerprint_of
from ckanext.sozialdaten.publishing._policies import stricter
from ckanext.sozialdaten.publishing._store import sha256_of
from ckanext.sozialdaten.publishing.model import Dataset, is_released
from ckanext.sozialdaten.publishing.records import digest

__all__ = ["digests_of", "fingerprint", "package_of", "row_of", "write"]

_CHUNK = 1 << 20
_RESOURCE_FIELDS = (
    "description", "format", "mimetype", "encoding", "quality_signs", "license", "captured_at",
)  # fmt: skip


def package_of(name_or_id: str) -> model.Package:
    """The working copy with this name or id.

    Raises:
        tk.ObjectNotFound: there is none.
        tk.ValidationError: that is a released dataset, no working copy.
    """
    package = model.Package.get(name_or_id)
    if package is None or package.state == "deleted":
        raise tk.ObjectNotFound(tk._("There is no such working copy."))
    if is_released(package.id):
        row = Dataset.of_released(package.id)
        text = tk._("This is a release. Its working copy is {id}.")
        raise tk.ValidationError({"id": [text.format(id=row and row.working_copy_id)]})
    return package


def row_of(package_id: str) -> Dataset:
    """The gate's row of a working copy, made if need be and locked until the commit."""
    row = Dataset.of_working_copy(package_id, lock=True)
    if row is None:
        row = Dataset(working_copy_id=package_id)
        model.Session.add(row)
        model.Session.flush()
    return row


def digests_of(package: model.Package) -> dict[str, str]:
    """SHA-256 of the bytes of each uploaded resource, by resource id."""
    found: dict[str, str] = {}
    for resource in package.resources:
        path = _uploader.file_of({"id": resource.id, "url_type": resource.url_type})
        if path is not None:
            found[resource.id] = sha256_of(path)
    return found


def fingerprint(package: model.Package) -> str:
    """The fingerprint of a working copy as it stands in database and storage."""
    return fingerprint_of(package, digests_of(package))


def write(
    context: Context, source: str, dataset: dict[str, Any], resources: list[dict[str, Any]]
) -> dict[str, Any]:
    """Create or update the working copy of a source; the same content changes nothing."""
    model.Session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 0))"), {"source": source}
    )
    row = Dataset.of_source(source)
    prepared = [_prepared(resource) for resource in resources]
    content = digest([dataset, [(known, sha256) for known, _, sha256 in prepared]])
    package = model.Package.get(row.working_copy_id) if row else None
    if row and package and package.state != "deleted":
        if row.content == content:
            model.Session.commit()
            return _show(row.working_copy_id)
    else:
        row, package = _create(context, source, dataset), None
    row.content = content
    row.policy = stricter(row.policy, dataset.get("policy"))
    model.Session.flush()
    _update(context, row.working_copy_id, dataset, prepared, keep_name=package is not None)
    return _show(row.working_copy_id)


def _show(package_id: str) -> dict[str, Any]:
    """The package dictionary; the caller has passed the authorisation of the write."""
    return tk.get_action("package_show")(Context(ignore_auth=True), {"id": package_id})


def _create(context: Context, source: str, dataset: dict[str, Any]) -> Dataset:
    """A private dataset without resources, not yet committed."""
    deferred = tk.fresh_context(context, defer_commit=True)
    created = tk.get_action("package_create")(deferred, {**dataset, "private": True})
    gone = Dataset.of_source(source)
    if gone:  # its working copy was deleted: the source starts anew
        gone.source = None
        model.Session.flush()
    row = Dataset(working_copy_id=created["id"], source=source)
    model.Session.add(row)
    model.Session.flush()
    return row


_Prepared = tuple[dict[str, Any], FileStorage | None, str]


def _update(
    context: Context,
    package_id: str,
    dataset: dict[str, Any],
    prepared: list[_Prepared],
    *,
    keep_name: bool,
) -> None:
    """Write metadata and resources in one update; known resources keep their id."""
    shown = tk.get_action("package_show")(Context(ignore_auth=True), {"id": package_id})
    by_name = {resource["name"]: resource for resource in shown["resources"]}
    fields = {key: value for key, value in dataset.items() if not (keep_name and key == "name")}
    shown.pop("metadata_modified", None)
    shown |= fields | {"private": True}
    shown["resources"] = [
        _merged(by_name.get(known["name"]), known, upload, sha256)
        for known, upload, sha256 in prepared
    ]
    tk.get_action("package_update")(tk.fresh_context(context), shown)


def _merged(
    present: dict[str, Any] | None, known: dict[str, Any], upload: FileStorage | None, sha256: str
) -> dict[str, Any]:
    resource = {**(present or {}), **known}
    if upload is None:
        return resource
    path = _uploader.file_of(present) if present else None
    if path is None or sha256_of(path) != sha256:
        resource |= {"upload": upload, "url": upload.filename, "url_type": "upload"}
    return resource


def _prepared(resource: Mapping[str, Any]) -> _Prepared:
    """A resource's fields, its upload and the SHA-256 of that upload's bytes."""
    fields = {key: resource[key] for key in _RESOURCE_FIELDS if resource.get(key) is not None}
    fields["name"] = resource["name"]
    layout = resource.get("layout")
    if layout:
        fields["layout"] = Layout.from_json(layout).to_json_text()
    upload = resource.get("upload")
    if upload is None:
        return {**fields, "url": resource.get("url", "")}, None, ""
    stored = _as_storage(upload)
    return fields, stored, _hash_of(stored)


def _as_storage(upload: Any) -> FileStorage:
    """CKAN's uploader takes nothing else than werkzeug's file storage."""
    if isinstance(upload, FileStorage):
        return upload
    stream = getattr(upload, "stream", None) or getattr(upload, "file", None) or upload
    name = getattr(upload, "filename", None) or getattr(upload, "name", None)
    if not name or not hasattr(stream, "read"):
        raise tk.ValidationError({"upload": [tk._("An upload is a file object with a filename.")]})
    return FileStorage(stream=stream, filename=str(name).rsplit("/", 1)[-1])


def _hash_of(stored: FileStorage) -> str:
    hashed = hashlib.sha256()
    stored.stream.seek(0)
    while chunk := stored.stream.read(_CHUNK):
        hashed.update(chunk)
    stored.stream.seek(0)
    return hashed.hexdigest()
