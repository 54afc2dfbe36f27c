"""Where files of deliveries stay until they expire, beside the restricted zone of the lake."""

import logging
import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ckanext.sozialdaten.harvesters.core.ledger import state_folder
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery

__all__ = ["erase_expired_files", "kept_path", "put_away", "storage_folder"]

log = logging.getLogger(__name__)
_PREFIX = "until-"
_LANDED_DAYS = 7


def storage_folder() -> Path:
    """The folder for files of deliveries: beside the restricted zone, with its rights."""
    zone = os.environ.get("SOZIALDATEN_LAKE_RESTRICTED", "")
    if zone and "://" not in zone:
        path = Path(zone.removeprefix("file://"))
        return path.with_name(f"{path.name}-deliveries")
    return state_folder() / "deliveries"


def kept_path(raw: RawDelivery, days: int, today: date) -> Path:
    """Where :func:`put_away` keeps a file."""
    expires = today + timedelta(days=days)
    folder = storage_folder() / raw.source / f"{_PREFIX}{expires.isoformat()}"
    return folder / f"{raw.digest[:16]}-{raw.name}"


def put_away(raw: RawDelivery, days: int, today: date) -> None:
    """Take a file out of the inbox: into the restricted area for ``days``, or erase it at once.

    A file that is gone already, because an earlier run got this far, is fine.
    """
    if days <= 0:
        raw.path.unlink(missing_ok=True)
        log.info("%s: erased %s", raw.source, raw.name)
        return
    target = kept_path(raw, days, today)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        shutil.move(raw.path, target)
    except FileNotFoundError:
        return
    target.chmod(0o600)
    until = today + timedelta(days=days)
    log.info("%s: moved %s to the restricted area until %s", raw.source, raw.name, until)


def erase_expired_files(today: date) -> int:
    """Erase all files whose time is over.

    Returns:
        How many files were erased.
    """
    erased = 0
    for folder in sorted(storage_folder().glob(f"*/{_PREFIX}*")):
        if date.fromisoformat(folder.name.removeprefix(_PREFIX)) > today:
            continue
        erased += sum(1 for _ in folder.iterdir())
        shutil.rmtree(folder)
        log.info("%s: erased what was kept until %s", folder.parent.name, folder.name)
    return erased + _erase_left_behind(today)


def _erase_left_behind(today: date) -> int:
    """Erase what was fetched, in whole or in part, and then never dealt with."""
    erased = 0
    for path in storage_folder().glob("*/landing/**/*"):
        if not path.is_file():
            continue
        fetched = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        if fetched + timedelta(days=_LANDED_DAYS) <= today:
            path.unlink(missing_ok=True)
            erased += 1
    return erased
