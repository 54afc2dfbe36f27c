"""Jobs that come after a release: they try again while a server is away."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

import ckan.plugins.toolkit as tk
from redis.exceptions import RedisError

__all__ = ["enqueue", "preload", "queue_due", "waits"]

_log = logging.getLogger(__name__)

# Seconds until the next try: a restart, a maintenance window, a night.
_TRIES = (10, 60, 300, 1800, 14400)
# What checks and the lake import when they are first used.
_ENGINES = (
    "pyiceberg.io.pyarrow",
    "ckanext.sozialdaten.lake._append",
    "ckanext.sozialdaten.disclosure.rules",
)


def enqueue(job: Callable[..., object], arguments: list[Any], title: str, *, timeout: int) -> None:
    """Queue an idempotent job that is repeated until it succeeds, at most for some hours.

    What still fails then, or was never queued because Redis is away, is put right by the hourly
    ``ckan sozialdaten sweep``: what the job follows is committed already.

    Args:
        job: the function.
        arguments: what it is called with.
        title: names the object, never a value of its data.
        timeout: seconds that one try may take.
    """
    from rq import Retry

    retry = Retry(max=len(_TRIES), interval=list(_TRIES))
    try:
        tk.enqueue_job(job, arguments, title=title, rq_kwargs={"timeout": timeout, "retry": retry})
    except RedisError as error:
        _log.error("The job %r was not queued, the sweeper does its work: %s", title, error)


def waits(title: str) -> bool:
    """Whether a job of this title is queued and not begun; no, where Redis is away."""
    from ckan.lib.jobs import get_queue

    try:
        return any(job.meta.get("title") == title for job in get_queue().jobs)
    except RedisError:
        return False


def queue_due() -> None:
    """Bring the jobs whose time has come into their queues.

    RQ's own scheduler does so in a fork of the worker that holds its memory for ever; a process
    that looks around anyway needs none. Where another one is at it, RQ's lock leaves it to that.
    """
    from ckan.lib.jobs import get_all_queues
    from ckan.lib.redis import connect_to_redis
    from rq.scheduler import RQScheduler

    due = RQScheduler(
        get_all_queues(), connection=connect_to_redis(), logging_level=logging.WARNING
    )
    if due.acquire_locks():
        try:
            due.enqueue_scheduled_jobs()
        finally:
            due.release_locks()


def preload() -> None:
    """Import the engines: three seconds that every job would else spend again."""
    for name in _ENGINES:
        import_module(name)
