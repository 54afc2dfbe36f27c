"""Puts right what a crash left behind: orphaned bytes and tables, index and lake that lag.

A release that dies before its commit leaves bytes and tables that nobody can ask for; one that dies
after it leaves an index and a lake that do not know of it yet, or still know what was withdrawn. A
second run finds nothing to do.
"""

import re
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckanext.datastore.backend.postgres import get_read_engine

from ckanext.sozialdaten.publishing import _datastore, _index, _lake, _repairs, _store
from ckanext.sozialdaten.publishing.model import (
    Release,
    ReleasedFile,
    Withdrawal,
    live_dataset_ids,
    lock_releases,
)

__all__ = ["Swept", "sweep"]

_RESOURCE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was put right.

    Args:
        files: files of the store that no standing release holds.
        tables: tables of the DataStore without a standing release or a resource.
        indexed: datasets that the search index showed wrongly, or not at all.
        lake: releases whose figures were missing in the public zone, or withdrawn and still there.
    """

    files: int
    tables: int
    indexed: int
    lake: int


def sweep() -> Swept:
    """Compare store, DataStore, index and lake with the database, which decides.

    Releases and withdrawals wait meanwhile, so that nothing of theirs looks like an orphan.

    Raises:
        SettingsError: the public zone of the lake is not open to this process.
    """
    lock_releases()
    files, tables = _files(), _tables()
    _repairs.forget_old()
    model.Session.commit()
    return Swept(files, tables, _indexed(), _in_lake())


def _standing() -> sa.Select[tuple[ReleasedFile]]:
    withdrawn = sa.select(Withdrawal.release_id)
    return sa.select(ReleasedFile).where(ReleasedFile.release_id.not_in(withdrawn))


def _files() -> int:
    kept = {file.sha256 for file in model.Session.execute(_standing()).scalars()}
    orphans = [address for address in _store.addresses() if address not in kept]
    for address in orphans:
        _store.remove(address)
    return len(orphans) + _store.remove_unfinished()


def _tables() -> int:
    names = sa.inspect(get_read_engine()).get_table_names()
    present = {name for name in names if _RESOURCE_ID.fullmatch(name)}
    standing = {file.resource_id for file in model.Session.execute(_standing()).scalars()}
    released = set(model.Session.execute(sa.select(ReleasedFile.resource_id)).scalars())
    others = set(model.Session.execute(sa.select(model.Resource.id)).scalars()) - released
    orphans = present - standing - others
    for name in orphans:
        _datastore.drop(name)
    return len(orphans)


def _indexed() -> int:
    query = {"q": "*:*", "fq": "+capacity:public +dataset_type:dataset", "fl": "id", "rows": _MANY}
    found = search.query_for(model.Package).run(query, permission_labels=None)["results"]
    shown = {item["id"] if isinstance(item, dict) else item for item in found}
    wrong = shown ^ live_dataset_ids()
    if wrong:
        _index.refresh_job(sorted(wrong))
    return len(wrong)


def _in_lake() -> int:
    from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone

    lake = Lake.open(LakeSettings.from_environment())
    repaired, live = 0, live_dataset_ids()
    releases = model.Session.execute(sa.select(Release).order_by(Release.seq)).scalars().all()
    for release in releases:
        wanted = release.withdrawal is None and release.dataset_id in live
        known = {lake.known(*key, Zone.PUBLIC) for key in _lake.keys_of(release, filled=wanted)}
        if wanted and False in known:
            _lake.publish_job(release.id)
            repaired += 1
        elif not wanted and True in known:
            _lake.withdraw_job(release.id)
            repaired += 1
    return repaired
