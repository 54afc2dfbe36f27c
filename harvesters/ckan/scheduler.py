"""The scheduler: a process of its own that never works itself, but sees to it that others do.

ckanext-harvest infers the end of a job by looking at it, so somebody must look; that is why jobs of
portals without a scheduler stay "Running" for ever.
"""

import logging
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import ckan.plugins.toolkit as tk
import redis
from ckan import model
from ckan.lib.search import SearchError, SearchIndexError
from ckan.types import Context
from ckanext.harvest.logic import HarvestJobExists
from sqlalchemy.exc import SQLAlchemyError

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.harvesters.ckan import registry
from ckanext.sozialdaten.harvesters.ckan._records import Record
from ckanext.sozialdaten.harvesters.ckan.shown import PERIODS, effective_schedule
from ckanext.sozialdaten.harvesters.core.erasures import record_erasure
from ckanext.sozialdaten.harvesters.core.run import Run
from ckanext.sozialdaten.harvesters.core.source import Schedule
from ckanext.sozialdaten.harvesters.core.storage import erase_expired_files
from ckanext.sozialdaten.publishing.upkeep import apart, queue_due, upkeep

__all__ = ["Scheduler", "finish_jobs", "is_due"]

log = logging.getLogger(__name__)
HEARTBEAT = "scheduler.heartbeat"
_QUIET = timedelta(seconds=10)
_AFTER_FAILURE = timedelta(minutes=5)
_EVERY_HOUR = 3600.0
_SEARCH = (SearchError, SearchIndexError)


class Scheduler:
    """Looks around every few seconds until it is told to stop.

    Args:
        every: seconds between two looks.
    """

    def __init__(self, every: float) -> None:
        self.every = every
        self._stop = threading.Event()
        self._erased = 0.0
        self._kept_up = 0.0

    def run(self) -> None:
        """Look around until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        log.info("scheduler started")
        while not self._stop.is_set():
            self.look()
            self._stop.wait(self.every)
        log.info("scheduler stopped")

    def look(self) -> None:
        """One round. Databases may be away for a moment: then the next round tries again."""
        for step in (queue_due, finish_jobs, _queue_due, self._erase, self._keep_up):
            try:
                step()
            except (SQLAlchemyError, redis.RedisError, SozialdatenError, OSError, *_SEARCH):
                log.exception("the scheduler will try again")
                model.Session.rollback()
            finally:
                model.Session.remove()
        _beat()

    def _erase(self) -> None:
        """Erase rows and files whose retention is over, once an hour."""
        if self._erased and time.monotonic() - self._erased < _EVERY_HOUR:
            return
        if apart(_erase_expired):
            self._erased = time.monotonic()
        else:
            log.error("what has expired was not erased: the next round tries again")

    def _keep_up(self) -> None:
        """Put right what a crash left behind and tidy the lake, once an hour."""
        if self._kept_up and time.monotonic() - self._kept_up < _EVERY_HOUR:
            return
        self._kept_up = time.monotonic()
        if not apart(upkeep):
            log.error("the upkeep was not done: it is tried again in an hour")

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()


def _erase_expired() -> None:
    from ckanext.sozialdaten.lake import Lake, LakeSettings

    today = datetime.now(UTC).date()
    files = erase_expired_files(today)
    with Lake.open(LakeSettings.from_environment()) as lake:
        erased = lake.erase_expired(today)
    if files or erased.rows:
        record_erasure(today, files=files, rows=erased.rows, sources=erased.sources)
        log.info("erased %d files and %d rows that had expired", files, erased.rows)


def finish_jobs() -> None:
    """Let ckanext-harvest close the jobs that are through, and resend what Redis has lost."""
    tk.get_action("harvest_jobs_run")(_context(), {})


def _queue_due() -> None:
    now = datetime.now(UTC)
    for found in registry.registered():
        if registry.active_job(found) is None and is_due(found, now):
            try:
                tk.get_action("harvest_job_create")(
                    _context(), {"source_id": found.id, "run": True}
                )
            except HarvestJobExists:
                continue
            log.info("%s: queued", registry.source_id(found))


def is_due(found: Record, now: datetime) -> bool:
    """Whether a source is to be fetched now.

    By period, or because files have arrived and the folder has been quiet for some seconds. After a
    failure it waits for some minutes.
    """
    source = registry.source_of(found)
    if source.schedule is Schedule.MANUAL:
        return False
    last = registry.last_job(found)
    since = now - last.created.replace(tzinfo=UTC) if last else None
    schedule = effective_schedule(source)
    if schedule in PERIODS:
        return since is None or since >= PERIODS[schedule]
    run = Run(source)
    waiting = list(run.discover())
    newest = max((Path(ref.location).lstat().st_mtime for ref in waiting), default=0.0)
    if not waiting:
        return run.ledger.pending and (since is None or since >= _AFTER_FAILURE)
    quiet = now - datetime.fromtimestamp(newest, UTC) >= _QUIET
    failed = last is not None and (registry.last_run(found) or {}).get("state") == "failed"
    return quiet and not (failed and since is not None and since < _AFTER_FAILURE)


def _context() -> Any:
    """The portal itself asks, in nobody's name."""
    user = tk.get_action("get_site_user")(Context(ignore_auth=True), {})["name"]
    return {"ignore_auth": True, "user": user, "model": model, "session": model.Session}


def _beat() -> None:
    """Say that we live, for the supervisor's eyes."""
    home = os.environ.get("SOZIALDATEN_HOME", "")
    if home:
        (Path(home) / HEARTBEAT).write_text(datetime.now(UTC).isoformat(), encoding="ascii")
