"""What the scheduler does so that nobody has to: late jobs, and once an hour sweep and tidy."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context

import sqlalchemy as sa
from ckan import model
from ckanext.datastore.backend.postgres import _dispose_engines

from ckanext.sozialdaten.publishing import _sweep
from ckanext.sozialdaten.publishing._jobs import queue_due
from ckanext.sozialdaten.publishing._lake import renew_figures

__all__ = ["apart", "queue_due", "upkeep"]

_log = logging.getLogger(__name__)
_KEY = "hashtext('sozialdaten_upkeep')"


def upkeep() -> bool:
    """Bring store, DataStore, index, lake and figures in line with the database; tidy the lake.

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
        renew_figures()  # an update may have changed definitions: nobody waits for them
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


def apart(work: Callable[[], object]) -> bool:
    """Do some work in a process of its own, whose memory goes back to the machine with its end.

    Returns:
        Whether it was done; why not stands in the log.
    """
    model.Session.remove()
    model.ensure_engine().dispose()
    _dispose_engines()  # of the DataStore: no connection is shared
    child = get_context("fork").Process(target=work)
    child.start()
    child.join()
    return child.exitcode == 0


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
