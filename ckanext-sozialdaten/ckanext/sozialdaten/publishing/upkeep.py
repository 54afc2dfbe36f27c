"""What the scheduler does once an hour so that nobody has to: sweep, and tidy the lake."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.publishing import _sweep

__all__ = ["upkeep"]

_log = logging.getLogger(__name__)
_KEY = "hashtext('sozialdaten_upkeep')"


def upkeep() -> bool:
    """Bring store, DataStore, index and lake in line with the database, and tidy the lake.

    Returns:
        False if another process is at it already.

    Raises:
        SozialdatenError: a zone of the lake is not open to this process.
    """
    from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone

    with _alone() as alone:
        if not alone:
            _log.info("upkeep: another process is at it")
            return False
        swept = _sweep.sweep()
        with Lake.open(LakeSettings.from_environment()) as lake:
            tidied = sum(lake.tidy(zone) for zone in Zone)
    _log.info(
        "upkeep: %d files and %d tables removed, %d datasets indexed, %d releases in the lake,"
        " %d files of the lake removed",
        swept.files,
        swept.tables,
        swept.indexed,
        swept.lake,
        tidied,
    )
    return True


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process got the lock; it lasts over the commits of the sweep."""
    with model.ensure_engine().connect() as connection:
        got = bool(connection.execute(sa.text(f"SELECT pg_try_advisory_lock({_KEY})")).scalar())
        try:
            yield got
        finally:
            if got:
                connection.execute(sa.text(f"SELECT pg_advisory_unlock({_KEY})"))
