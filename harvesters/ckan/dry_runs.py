"""Dry runs as jobs: a slow server holds up a worker, never the page of the one who asked.

What a dry run found is kept for a quarter of an hour in Redis, for those who may ask for it.
"""

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.harvesters.ckan.shown import preview
from ckanext.sozialdaten.harvesters.core.quarantine import told
from ckanext.sozialdaten.harvesters.core.sources import load_source

__all__ = ["WAITING", "begin", "found", "run"]

WAITING = "waiting"
_KEPT = 900
_LONGEST = 600


def _key(name: str) -> str:
    return f"sozialdaten:{tk.config['ckan.site_id']}:dry-run:{name}"


def begin(name: str) -> bool:
    """Queue a dry run of a source, unless one waits already; no, where there is no queue."""
    try:
        queue = connect_to_redis()
        state = json.dumps({"state": WAITING})
        if found(name).get("state") != WAITING:
            queue.set(_key(name), state, ex=_LONGEST)
            title = f"dry run of {name}"
            tk.enqueue_job(run, [name], title=title, rq_kwargs={"timeout": _LONGEST})
    except RedisError:
        return False
    return True


def found(name: str) -> dict[str, Any]:
    """``state`` and, of a finished one, what it ``found``; empty where there was none of late."""
    try:
        kept: Any = connect_to_redis().get(_key(name))
    except RedisError:
        return {}
    return json.loads(kept) if kept else {}


def run(name: str) -> None:
    """The job: what the next fetch would bring."""
    try:
        shown = preview(load_source(name))
    except SozialdatenError as error:
        shown = {"deliveries": [{"name": name, "problems": [told(error)]}], "more": False}
    kept = json.dumps({"state": "done", "found": shown})
    connect_to_redis().set(_key(name), kept, ex=_KEPT)
