"""The files of a dataset that can be read as documents."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckan.lib import uploader
from werkzeug.exceptions import NotFound

from ckanext.sozialdaten.disclosure.documents import is_readable

__all__ = ["File", "files_of", "forms_of", "has_document"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class File:
    """A document that the portal holds.

    Args:
        resource: its id.
        title: what people call it.
        filename: with its ending.
        path: where its bytes lie.
        digest: SHA-256 of its bytes.
        size: in bytes.
        released: whether these are the bytes of a release.
        address: where it can be taken from.
    """

    resource: str
    title: str
    filename: str
    path: Path
    digest: str
    size: int
    released: bool
    address: str

    @property
    def kind(self) -> str:
        """Its ending, as people say it: ``PDF``."""
        return self.filename.rsplit(".", 1)[-1].upper()


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource.get("url") or "").rsplit("/", 1)[-1]


def has_document(package: Mapping[str, Any]) -> bool:
    """Whether a dataset is a document: it names its kind."""
    return bool(package.get("document_kind"))


def files_of(package: Mapping[str, Any]) -> tuple[File, ...]:
    """The documents of a dataset whose bytes lie here, in order."""
    found = (_file(resource, package) for resource in package.get("resources", ()))
    return tuple(file for file in found if file)


def forms_of(package: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Endings and sizes of the documents of a dataset, as its metadata say them."""
    return tuple(
        (_name(resource).rsplit(".", 1)[-1].upper(), int(resource.get("size") or 0))
        for resource in package.get("resources", ())
        if resource.get("url_type") == "upload" and is_readable(_name(resource))
    )


def _file(resource: Mapping[str, Any], package: Mapping[str, Any]) -> File | None:
    filename = _name(resource)
    if resource.get("url_type") != "upload" or not is_readable(filename):
        return None
    named = {"id": resource["id"], "url": filename}
    try:
        path = Path(uploader.get_resource_uploader(named).get_path(str(resource["id"])))
        size = path.stat().st_size
    except (OSError, NotFound):  # withdrawn, or not there
        return None
    digest = str(resource.get("hash") or "")
    # bytes of a release lie under their digest; a working copy may claim any
    released = bool(_DIGEST.fullmatch(digest)) and path.parent.name + path.name == digest
    return File(
        resource=str(resource["id"]),
        title=str(resource.get("name") or filename),
        filename=filename,
        path=path,
        digest=digest if released else hashlib.sha256(path.read_bytes()).hexdigest(),
        size=size,
        released=released and not package.get("private"),
        address=str(resource.get("url") or ""),
    )
