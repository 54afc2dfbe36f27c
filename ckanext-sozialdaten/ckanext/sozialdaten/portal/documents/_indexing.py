"""The text of public documents in the search index: a value for each page, with its mark.

Text is part of the dataset's own search document, so that it comes and goes with it and has its
permission labels. A dataset that is not public brings no text along. Reading takes seconds and is
done by a job, which indexes the dataset again; an index that is built anew finds the text ready.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from redis.exceptions import RedisError

from ckanext.sozialdaten.portal.documents import _cache
from ckanext.sozialdaten.portal.documents._files import files_of, has_document

__all__ = ["FIELD", "document_text", "mark", "read_job"]

FIELD = "document_text"
_MOST_PAGES = 2_000
_SECONDS = 900
_log = logging.getLogger(__name__)


def mark(digest: str, page: int) -> str:
    """Names a page within the text of a dataset; one word that nobody searches for."""
    return f"x{digest[:12]}p{page}"


def document_text(fields: Mapping[str, Any]) -> list[str]:
    """The pages of a public document for its search document.

    Args:
        fields: the search document, as CKAN is about to send it.
    """
    package = json.loads(fields["validated_data_dict"])
    if not has_document(package):
        return []
    if fields.get("capacity") != "public":
        for resource in package.get("resources", ()):
            _cache.forget(str(resource.get("hash") or "-"))
        return []
    pages: list[str] = []
    for file in files_of(package):
        known = _cache.known_text(file.digest) if file.released else None
        if known is None:
            _ask(str(package["id"]))
            return []
        pages += [
            f"{mark(file.digest, number)}\n{page.text}"
            for number, page in enumerate(known.pages[:_MOST_PAGES], 1)
            if page.text.strip()
        ]
    return pages


def _ask(package_id: str) -> None:
    title = f"read documents {package_id}"
    try:
        tk.enqueue_job(read_job, [package_id], title=title, rq_kwargs={"timeout": _SECONDS})
    except RedisError as error:
        _log.error("The job %r was not queued, the next index does it: %s", title, error)


def read_job(package_id: str) -> None:
    """The background job: read the files of a public document, then index it again."""
    package = model.Package.get(package_id)
    if package is None or package.private or package.state != "active":
        return
    shown = tk.get_action("package_show")({"ignore_auth": True}, {"id": package_id})
    files = [file for file in files_of(shown) if file.released]
    for file in files:
        _cache.text_of(file)
    # what cannot be kept would be asked for again and again
    if files and all(_cache.known_text(file.digest) for file in files):
        search.rebuild(package_id)
