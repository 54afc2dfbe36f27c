"""Files of a table on disk: which of them some state needs, and how the others go."""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pyarrow.fs as pafs
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table import Table

from ckanext.sozialdaten.lake._model import Erased
from ckanext.sozialdaten.lake.errors import BusyError
from ckanext.sozialdaten.messages import Message

__all__ = ["ABANDONED", "erase", "expire", "referenced", "remove", "sweep"]

ABANDONED = dt.timedelta(days=1)
"""So long may a reader or a writer be at work; files younger than that are nobody's rubbish."""
_ATTEMPTS = 10


def referenced(table: Table, live_only: bool = True) -> set[str]:
    """Every file that some state of the table needs, or also those it only mentions as deleted."""
    metadata = table.metadata
    files = {table.metadata_location}
    files |= {entry.metadata_file for entry in metadata.metadata_log}
    seen: set[str] = set()
    for snapshot in metadata.snapshots:
        files.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            entries = manifest.fetch_manifest_entry(table.io, discard_deleted=live_only)
            files |= {entry.data_file.file_path for entry in entries}
    return files | seen


def remove(table: Table, files: Iterable[str]) -> int:
    """Delete files; those that are gone already do not count."""
    count = 0
    for path in files:
        try:
            table.io.delete(path)
        except FileNotFoundError:
            continue  # an earlier, interrupted erasure removed it
        count += 1
    return count


def erase(table: Table, where: Any) -> Erased:
    """Delete rows and then every file that held them and is no longer referred to."""
    count = table.scan(row_filter=where, selected_fields=(table.schema().fields[0].name,)).count()
    if not count and len(table.metadata.snapshots) <= 1:
        return Erased(0, 0)
    before = referenced(table, live_only=False)
    if count:
        _delete(table, where)
    table.refresh()
    head = table.current_snapshot()
    _forget(table, [one.snapshot_id for one in table.snapshots() if one != head])
    return Erased(count, remove(table, before - referenced(table)))


def expire(table: Table, limit: dt.datetime) -> int:
    """Forget states older than ``limit``, but never the latest; returns the files removed.

    What others commit meanwhile is kept: only files go that nothing refers to afterwards.
    """
    before = referenced(table, live_only=False)
    head = table.current_snapshot()
    oldest = int(limit.timestamp() * 1000)
    old = [one for one in table.snapshots() if one != head and one.timestamp_ms < oldest]
    _forget(table, [one.snapshot_id for one in old])
    return remove(table, before - referenced(table))


def sweep(table: Table) -> int:
    """Remove files below the table that nothing refers to and that no writer can still need."""
    io: Any = table.io
    scheme, host, root = PyArrowFileIO.parse_location(table.location())
    system = io.fs_by_scheme(scheme, host)
    limit = dt.datetime.now(dt.UTC) - ABANDONED
    known = {PyArrowFileIO.parse_location(path)[2] for path in referenced(table)}
    selector = pafs.FileSelector(root, recursive=True, allow_not_found=True)
    count = 0
    for info in system.get_file_info(selector):
        if info.is_file and info.path not in known and info.mtime < limit:
            system.delete_file(info.path)
            count += 1
    return count


def _delete(table: Table, where: Any) -> None:
    """Delete rows, also while others write to the table."""
    for _ in range(_ATTEMPTS):
        try:
            table.delete(where)
        except (CommitFailedException, ValidationException):
            table.refresh()
        else:
            return
    raise BusyError(
        Message("Other processes kept writing to the table; nothing was erased."),
        Message("Try again later."),
    )


def _forget(table: Table, snapshots: list[int]) -> None:
    """Forget states, also while others write to the table; another may have forgotten them."""
    for _ in range(_ATTEMPTS):
        known = {one.snapshot_id for one in table.snapshots()}
        old = [one for one in snapshots if one in known]
        if not old:
            return
        with suppress(CommitFailedException):
            table.maintenance.expire_snapshots().by_ids(old).commit()
        table.refresh()
