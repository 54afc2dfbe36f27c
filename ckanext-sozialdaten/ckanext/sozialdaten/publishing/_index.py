"""Tells the search index what the database holds, after the commit and never before."""

import logging
from collections.abc import Iterable, Sequence

from ckan.lib import search

from ckanext.sozialdaten.publishing import _documents, _jobs

__all__ = ["refresh", "refresh_job", "refresh_many"]

_log = logging.getLogger(__name__)


def refresh(package_ids: Iterable[str]) -> None:
    """Index datasets anew. If the index does not answer, a job repairs it later.

    Until then the database decides: searches are filtered by it (`_lists`).
    """
    ids = list(package_ids)
    try:
        refresh_job(ids)
    except (search.SearchIndexError, search.SearchError) as error:
        _try_again(ids, error)


def refresh_many(package_ids: Sequence[str]) -> None:
    """The same for hundreds of datasets, by one request."""
    try:
        _documents.send(package_ids)
    except search.SearchIndexError as error:
        _try_again(list(package_ids), error)


def _try_again(ids: list[str], error: Exception) -> None:
    _log.error("The search index did not take %s, a job tries again: %s", ids, error)
    _jobs.enqueue(refresh_job, [ids], "index again", timeout=600)


def refresh_job(package_ids: list[str]) -> None:
    """Index datasets as they stand in the database; raises if the index does not answer.

    All of them become visible by the one commit that comes with the last.
    """
    search.rebuild(package_ids=package_ids[:-1])  # without a commit
    search.rebuild(package_ids[-1])
