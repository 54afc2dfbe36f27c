"""One portal in one process, to which tables are published over its API, timed step by step.

Started by the benchmark with an ini file; reads orders from standard input, one line of JSON each,
and answers in the same way. Everything else that CKAN prints goes to standard error.
"""

import io
import json
import os
import resource
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.lib import jobs
from ckan.lib.search import clear_all
from ckan.plugins import toolkit as tk
from ckan.types import Context
from werkzeug.test import Client

from ckanext.sozialdaten.cli._bench_orders import serve

__all__ = ["main"]

_AGES = ("00-06", "06-12", "12-18", "18-27", "27-40", "40-50", "50-60", "60-65", "65-80", "80-")
_SEXES = ("w", "m")
_YEARS = range(2015, 2025)
_SLICE = 20_000
_FIELDS = (
    ("gemeinde", "string", "region"),
    ("jahr", "year", "time"),
    ("alter", "string", "dimension"),
    ("geschlecht", "string", "dimension"),
    ("faelle", "integer", "count"),
)
_LAYOUT = json.dumps({"fields": [{"name": n, "type": t, "role": r} for n, t, r in _FIELDS]})


def _rows(count: int) -> Iterator[tuple[str, int, str, str, int]]:
    """Figures of fictitious Gemeinden, none of them small, by year, age and sex."""
    for number in range(count):
        cell, sex = divmod(number, len(_SEXES))
        cell, age = divmod(cell, len(_AGES))
        place, year = divmod(cell, len(_YEARS))
        region = f"99{place // 999:03d}{place % 999 + 1:03d}"
        yield region, _YEARS[year], _AGES[age], _SEXES[sex], 20 + number * 7919 % 900


def _file(count: int) -> bytes:
    lines = [";".join(name for name, _, _ in _FIELDS)]
    lines += [";".join(map(str, row)) for row in _rows(count)]
    return ("\n".join(lines) + "\n").encode()


class _Portal:
    """CKAN's WSGI application and the people that publish on it."""

    def __init__(self, ini: str) -> None:
        self._app = make_app(CKANConfigLoader(ini).get_config())
        self._client = Client(self._app)
        self._tokens: dict[str, str] = {}

    def prepare(self, *, gate: bool) -> bool:
        """An editor and a reviewer on an empty portal."""
        clear_all()
        with self._app._wsgi_app.test_request_context():  # pyright: ignore[reportAttributeAccessIssue]
            system = Context(ignore_auth=True, user="")
            users = {name: self._account(name) for name in ("editor", "reviewer", "admin", "other")}
            model.User.get("admin").sysadmin = True  # pyright: ignore[reportOptionalMemberAccess]
            model.Session.commit()
            if gate:
                from ckanext.sozialdaten.publishing.model import Reviewer

                row = Reviewer(
                    user_id=users["reviewer"],
                    granted_by=users["admin"],
                    confirmed_by=users["other"],
                )
                model.Session.add(row)
                model.Session.commit()
            for name in ("editor", "reviewer"):
                fields = {"user": name, "name": "bench"}
                if gate and name == "reviewer":
                    fields["scope"] = "approve"
                token = tk.get_action("api_token_create")(system, fields)
                self._tokens[name] = token["token"]
        return True

    def _account(self, name: str) -> str:
        data = {"name": name, "email": f"{name}@example.org", "password": os.urandom(16).hex()}
        return tk.get_action("user_create")(Context(ignore_auth=True), data)["id"]

    def _call(self, who: str, action: str, **params: Any) -> Any:
        body = {"data": params} if "upload" in params else {"json": params}
        headers = {"Authorization": self._tokens[who]}
        answer = self._client.post(f"/api/3/action/{action}", headers=headers, **body)
        found = json.loads(answer.data)
        if not found.get("success"):
            raise RuntimeError(f"{action}: {found.get('error')}")
        return found["result"]

    def _office(self) -> str:
        """A new organisation: a check is asked of one table, not of the same one many times."""
        owner = {"users": [{"name": "editor", "capacity": "editor"}]}
        with self._app._wsgi_app.test_request_context():  # pyright: ignore[reportAttributeAccessIssue]
            made = tk.get_action("organization_create")(
                Context(user="admin"), {"name": f"bench-{uuid.uuid4()}", **owner}
            )
        return made["id"]

    def _uploaded(self, content: bytes, times: "_Times", **fields: str) -> tuple[str, str]:
        """A dataset with one file; its id and that of its resource."""
        office = self._office()
        with times.of("create"):
            package = self._call(
                "editor",
                "package_create",
                name=f"bench-{uuid.uuid4()}",
                title="Hilfen",
                notes="Hilfen nach Gemeinde, Jahr, Alter und Geschlecht.",
                license_id="dl-de/zero-2-0",
                owner_org=office,
            )["id"]
        with times.of("upload"):
            resource = self._call(
                "editor",
                "resource_create",
                package_id=package,
                name="Hilfen",
                format="CSV",
                upload=(io.BytesIO(content), "hilfen.csv"),
                **fields,
            )["id"]
        return package, resource

    def publish(self, rows: int) -> dict[str, Any]:
        """Each step from nothing to the release of a table."""
        times = _Times()
        package, _ = self._uploaded(_file(rows), times, layout=_LAYOUT)
        with times.of("check"):
            policy = "amtliche-statistik-3"
            state = self._call("editor", "sozialdaten_check", id=package, policy=policy)["state"]
            if state == "running":
                jobs.Worker().work(burst=True)
        with times.of("submit"):
            submission = self._call(
                "editor",
                "sozialdaten_submit",
                id=package,
                purpose="Vergleich",
                legal_basis="SGB X",
                policy=policy,
            )["id"]
        with times.of("approve"):
            params = {"id": submission, "reason": "Vergleich"}
            release = self._call("reviewer", "sozialdaten_review_approve", **params)
        shown = self._call("editor", "package_show", id=release["dataset_id"])
        resource = shown["resources"][0]["id"]
        found = self._call("editor", "datastore_search", resource_id=resource, limit=0)
        if shown["private"] or found["total"] != rows:
            raise RuntimeError("the table was not released")
        with times.of("lake"):
            jobs.Worker().work(burst=True)
        return times.told()

    def upload(self, rows: int) -> dict[str, Any]:
        """Plain CKAN's way to a public dataset with the same file, and its table by rows."""
        times = _Times()
        _, resource = self._uploaded(_file(rows), times)
        fields = [
            {"id": n, "type": "int" if n in ("jahr", "faelle") else "text"} for n, *_ in _FIELDS
        ]
        with times.of("datastore"):
            names = [name for name, *_ in _FIELDS]
            records = [dict(zip(names, row, strict=True)) for row in _rows(rows)]
            for start in range(0, rows, _SLICE):
                self._call(
                    "editor",
                    "datastore_create",
                    resource_id=resource,
                    fields=fields,
                    records=records[start : start + _SLICE],
                    force=True,
                )
        return times.told()


def _spent() -> float:
    """CPU seconds of this process and of those that it has waited for, the jobs."""
    known = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in known)


class _Times:
    """Seconds on the clock and CPU seconds of the steps of one run."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._cpu: dict[str, float] = {}

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Measure the block."""
        spent, began = _spent(), time.perf_counter()
        yield
        self._seconds[step] = time.perf_counter() - began
        self._cpu[step] = _spent() - spent

    def told(self) -> dict[str, Any]:
        """All steps, and the most memory that the server and any of its jobs has held, in MiB."""
        peaks = {
            name: resource.getrusage(who).ru_maxrss // 1024
            for name, who in (("web", resource.RUSAGE_SELF), ("jobs", resource.RUSAGE_CHILDREN))
        }
        return {"seconds": self._seconds, "cpu": self._cpu, "memory": peaks}


def main(ini: str) -> None:
    """Answer orders until standard input ends."""

    def begin() -> dict[str, Callable[..., Any]]:
        portal = _Portal(ini)
        return {
            "prepare": portal.prepare,
            "publish": portal.publish,
            "upload": portal.upload,
        }

    serve(begin)


if __name__ == "__main__":
    main(sys.argv[1])
