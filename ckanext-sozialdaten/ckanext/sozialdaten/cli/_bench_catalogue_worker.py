"""One portal in one process that harvests a catalogue, by ckanext-harvest's own stages.

Started by the benchmark with an ini file; reads orders from standard input, one line of JSON each,
and answers in the same way. Everything else that CKAN prints goes to standard error.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.lib.search import clear_all
from ckan.plugins import PluginImplementations
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.sozialdaten.cli._bench_orders import serve

__all__ = ["main"]

_ORGANISATION = "bench"
_ADMIN = "admin"


class _Portal:
    def __init__(self, ini: str) -> None:
        self._app = make_app(CKANConfigLoader(ini).get_config())
        logging.disable(logging.WARNING)

    def _inside(self) -> Any:
        return self._app._wsgi_app.test_request_context()  # pyright: ignore[reportAttributeAccessIssue]

    def prepare(self, *, source: str, url: str) -> bool:
        """An administrator, an organisation and the source; ``url`` where the peer harvests."""
        clear_all()
        with self._inside():
            system = Context(ignore_auth=True, user="")
            fields = {
                "name": _ADMIN,
                "email": "admin@example.org",
                "password": os.urandom(16).hex(),
            }
            tk.get_action("user_create")(system, fields)
            model.User.get(_ADMIN).sysadmin = True  # pyright: ignore[reportOptionalMemberAccess]
            model.Session.commit()
            admin = Context(user=_ADMIN)
            tk.get_action("organization_create")(admin, {"name": _ORGANISATION})
            # ckanext-harvest wants what CKAN's own actions do without
            asking: Any = {"user": _ADMIN, "model": model, "session": model.Session}
            if url:
                peer = {"name": source, "title": source, "url": url, "source_type": "ckan"}
                tk.get_action("harvest_source_create")(
                    asking, {**peer, "owner_org": _ORGANISATION, "config": "{}"}
                )
            else:
                tk.get_action("sozialdaten_source_create")(asking, {"id": source})
        return True

    def harvest(self) -> dict[str, float]:
        """A whole job: gather, fetch and import, one object after the other."""
        from ckanext.harvest import queue
        from ckanext.harvest.interfaces import IHarvester
        from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource

        with self._inside():
            started, cpu = time.perf_counter(), time.process_time()
            source = model.Session.execute(sa.select(HarvestSource)).scalars().one()
            job = HarvestJob(source=source)
            job.save()
            plugins: Any = PluginImplementations(IHarvester)  # its methods have no types
            harvester = next(one for one in plugins if one.info()["name"] == source.type)
            for identifier in queue.gather_stage(harvester, job) or []:
                queue.fetch_and_import_stages(harvester, HarvestObject.get(identifier))
            seconds, spent = time.perf_counter() - started, time.process_time() - cpu
        return {"seconds": seconds, "cpu": spent, **self.count()}

    def count(self) -> dict[str, float]:
        """Datasets in the database, and different identifiers of theirs in the search index."""
        with self._inside():
            rows = model.Session.execute(
                sa.select(model.Package.title).where(
                    model.Package.state == "active", model.Package.type == "dataset"
                )
            )
            titles = [str(title) for (title,) in rows]
            found: Any = tk.get_action("package_search")(
                Context(ignore_auth=True, user=_ADMIN),
                {"q": "dataset_type:dataset", "rows": 0, "include_private": True},
            )
        indexed = found["count"] if found else 0
        return {"datasets": len(titles), "titles": len(set(titles)), "indexed": indexed}


def main(ini: str) -> None:
    """Answer orders until standard input ends."""

    def begin() -> dict[str, Callable[..., Any]]:
        portal = _Portal(ini)
        return {
            "prepare": portal.prepare,
            "harvest": portal.harvest,
            "count": portal.count,
        }

    serve(begin)


if __name__ == "__main__":
    main(sys.argv[1])
