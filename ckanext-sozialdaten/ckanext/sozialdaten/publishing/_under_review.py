"""The very bytes that a reviewer decides on: those of the fingerprint, or none."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ckan import model

from ckanext.sozialdaten.publishing import _uploader, _working_copy
from ckanext.sozialdaten.publishing.model import Submission

__all__ = ["ReviewedFile", "opened"]


@dataclass(frozen=True, slots=True)
class ReviewedFile:
    """An open file of a submission.

    Args:
        stream: its bytes, at their beginning; whoever takes it closes it.
        filename: how it is called.
        sha256: the digest of these bytes.
    """

    stream: BinaryIO
    filename: str
    sha256: str


def opened(submission: Submission, resource_id: str) -> ReviewedFile | None:
    """A file of a submission as it was submitted.

    None once the working copy is another: then nobody can see any more what was submitted. The
    stream itself is hashed, so that a file replaced in between is not handed out as the old one.
    """
    package = model.Package.get(submission.dataset_id)
    if package is None:
        return None
    digests = _working_copy.digests_of(package)
    if _working_copy.fingerprint_of(package, digests) != submission.fingerprint:
        return None
    resource = next((one for one in package.resources if one.id == resource_id), None)
    given = {"id": resource_id, "url_type": "upload"}
    path = _uploader.file_of(given) if resource is not None and resource_id in digests else None
    if resource is None or path is None:
        return None
    stream = path.open("rb")
    if hashlib.file_digest(stream, "sha256").hexdigest() != digests[resource_id]:
        stream.close()
        return None
    stream.seek(0)
    return ReviewedFile(stream, Path(resource.url).name, digests[resource_id])
