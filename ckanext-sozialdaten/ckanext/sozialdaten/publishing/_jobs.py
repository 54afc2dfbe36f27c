"""Jobs that come after a release: they try again while a server is away."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

__all__ = ["enqueue"]

# Seconds until the next try: a restart, a maintenance window, a night.
_TRIES = (10, 60, 300, 1800, 14400)


def enqueue(job: Callable[..., object], arguments: list[Any], title: str, *, timeout: int) -> None:
    """Queue an idempotent job that is repeated until it succeeds, at most for some hours.

    What still fails then is put right by ``ckan sozialdaten sweep``.

    Args:
        job: the function.
        arguments: what it is called with.
        title: names the object, never a value of its data.
        timeout: seconds that one try may take.
    """
    from rq import Retry

    retry = Retry(max=len(_TRIES), interval=list(_TRIES))
    tk.enqueue_job(job, arguments, title=title, rq_kwargs={"timeout": timeout, "retry": retry})
