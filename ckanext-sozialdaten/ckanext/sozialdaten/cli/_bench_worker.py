"""One portal in one process: answers pages and counts the CPU seconds that they cost.

Started by the benchmark with an ini file; reads orders from standard input, one line of JSON each,
and answers in the same way. Everything else that CKAN prints goes to standard error.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.lib.search import clear_all
from ckan.plugins import toolkit as tk
from ckan.types import Context
from werkzeug.datastructures import FileStorage
from werkzeug.test import Client

from ckanext.sozialdaten.cli._bench_orders import serve

__all__ = ["main"]

_WARM_UP = 15
_SAME = ("title", "notes", "license_id", "version", "url", "author", "maintainer")
_SAME_OF_RESOURCES = ("name", "description", "format", "mimetype")
_BOOKKEEPING = {
    *("id", "name", "private", "state", "type", "isopen", "num_tags", "num_resources", "groups"),
    *("metadata_created", "metadata_modified", "creator_user_id", "license_title", "license_url"),
    *("owner_org", "organization", "resources", "tags", "extras", "relationships_as_object"),
    *("relationships_as_subject", "author_email", "maintainer_email", *_SAME),
}


class _Portal:
    """CKAN's WSGI application and what the benchmark asks of it."""

    def __init__(self, ini: str) -> None:
        self._app = make_app(CKANConfigLoader(ini).get_config())
        self._client = Client(self._app)

    def _get(self, page: str) -> bytes:
        answer = self._client.get(page)
        if answer.status_code != 200:
            raise RuntimeError(f"{page} answers {answer.status}")
        return answer.data

    def dataset(self, name: str) -> dict[str, Any]:
        """A public dataset with the bytes of its files in it, as Latin-1 text."""
        if not name:
            answer = json.loads(self._get("/api/3/action/package_search?rows=1&fq=type:dataset"))
            found = answer["result"]["results"]
            if not found:
                raise RuntimeError("the portal has no public dataset: run `deployment/portal demo`")
            name = found[0]["name"]
        dataset = json.loads(self._get(f"/api/3/action/package_show?id={name}"))["result"]
        for resource in dataset["resources"]:
            content = self._get(urlsplit(resource["url"]).path)
            resource["content"] = content.decode("latin-1")
        return dataset

    def create(self, dataset: dict[str, Any]) -> str:
        """The same dataset in an empty plain CKAN; fields that it does not know become extras."""
        clear_all()
        with self._app._wsgi_app.test_request_context():  # pyright: ignore[reportAttributeAccessIssue]
            user = tk.get_action("user_create")(
                Context(ignore_auth=True),
                {"name": "bench", "email": "bench@example.org", "password": os.urandom(16).hex()},
            )
            account = model.User.get(user["id"])
            if account is None:
                raise RuntimeError("CKAN did not keep the account that it has just made")
            account.sysadmin = True
            model.Session.commit()
            owner = {key: dataset["organization"][key] for key in ("name", "title")}
            tk.get_action("organization_create")(Context(user="bench"), owner)
            made = tk.get_action("package_create")(
                Context(user="bench"),
                {
                    **{key: dataset[key] for key in _SAME if dataset.get(key)},
                    "name": dataset["name"],
                    "owner_org": owner["name"],
                    "private": False,
                    "tags": [{"name": tag["name"]} for tag in dataset["tags"]],
                    "extras": _extras(dataset),
                },
            )
            for resource in dataset["resources"]:
                tk.get_action("resource_create")(
                    Context(user="bench"), _upload(resource, made["id"])
                )
            return made["name"]

    def warm(self, page: str) -> int:
        """Ask for the page until caches are filled; its size in bytes."""
        for _ in range(_WARM_UP):
            self._get(page)
        return len(self._get(page))

    def measure(self, page: str, count: int) -> float:
        """CPU seconds of this process for one request."""
        before = time.process_time()
        for _ in range(count):
            self._get(page)
        return (time.process_time() - before) / count


def _extras(dataset: dict[str, Any]) -> list[dict[str, str]]:
    """Everything beyond CKAN's own fields, as plain CKAN would hold it."""
    return [
        {"key": key, "value": value if isinstance(value, str) else json.dumps(value)}
        for key, value in sorted(dataset.items())
        if key not in _BOOKKEEPING and value not in (None, "", [], {})
    ]


def _upload(resource: dict[str, Any], package: str) -> dict[str, Any]:
    content = io.BytesIO(resource["content"].encode("latin-1"))
    return {
        **{key: resource[key] for key in _SAME_OF_RESOURCES if resource.get(key)},
        "package_id": package,
        "upload": FileStorage(content, filename=Path(resource["url"]).name),
        "url": Path(resource["url"]).name,
    }


def main(ini: str) -> None:
    """Answer orders until standard input ends."""

    def begin() -> dict[str, Callable[..., Any]]:
        portal = _Portal(ini)
        return {
            "dataset": portal.dataset,
            "create": portal.create,
            "warm": portal.warm,
            "measure": portal.measure,
        }

    serve(begin)


if __name__ == "__main__":
    main(sys.argv[1])
