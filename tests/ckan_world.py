"""The world of the CKAN rooms' tests: one application for the whole run, real servers, real HTTP.

The conftest of a room takes what it needs by name::

    from ckan_world import empty, portal, world  # noqa: F401

``portal`` starts the application once, with the plugins of the ini file and all their migrations.
``empty`` is the same portal without any content. ``world`` brings accounts with tokens and speaks
to the portal as a client does, so that authorisation is never skipped by accident.
"""

import importlib.metadata
import importlib.util
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.plugins as p
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.db import _resolve_alembic_config
from ckan.common import config
from ckan.tests import factories, helpers

__all__ = ["Account", "RefusedError", "World", "empty", "portal", "truncate_own_tables", "world"]


# What a token does only if it was made for it.
_DECISIONS = frozenset(
    f"sozialdaten_{name}"
    for name in (
        "proposal_approve",
        "proposal_reject",
        "publisher_drop",
        "publisher_name",
        "review_approve",
        "review_ask",
        "review_publish",
        "review_reject",
        "reviewer_confirm",
        "reviewer_propose",
        "standing_grant",
    )
)


class RefusedError(Exception):
    """The portal said no.

    Args:
        status: the HTTP status.
        error: CKAN's error dictionary, or the body where it is not JSON.
    """

    def __init__(self, status: int, error: Any) -> None:
        self.status = status
        self.error = error
        super().__init__(f"{status}: {error}")


@dataclass(frozen=True, slots=True)
class Account:
    """A user with an API token."""

    id: str
    name: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request in this account's name."""
        return {"Authorization": self.token}


class World:
    """A client's view of the portal.

    Args:
        app: CKAN's test client.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self._deciding: dict[str, str] = {}

    def deciding(self, account: Account) -> dict[str, str]:
        """The headers of a request by a token of this account that may decide."""
        if account.id not in self._deciding:
            context = {"user": account.name, "ignore_auth": True}
            made = helpers.call_action(
                "api_token_create", context, user=account.name, name="decides", scope="approve"
            )
            self._deciding[account.id] = made["token"]
        return {"Authorization": self._deciding[account.id]}

    def _headers(self, action: str, account: Account | None) -> dict[str, str]:
        if account is None:
            return {}
        return self.deciding(account) if action in _DECISIONS else account.headers

    def account(self, name: str | None = None, *, sysadmin: bool = False) -> Account:
        """A new user with a token."""
        factory = factories.SysadminWithToken if sysadmin else factories.UserWithToken
        named = {"name": name} if name else {}
        user = factory(image_url="", **named)  # the factories' pictures are on foreign servers
        return Account(user["id"], user["name"], user["token"])

    def organisation(self, name: str | None = None, **members: Account) -> dict[str, Any]:
        """A new organisation; ``members`` by role: ``admin=``, ``editor=``, ``member=``."""
        users = [{"name": who.name, "capacity": role} for role, who in members.items()]
        named = {"name": name} if name else {}
        return factories.Organization(users=users, image_url="", **named)

    def dataset(
        self, owner: Account, organisation: dict[str, Any], **fields: Any
    ) -> dict[str, Any]:
        """A new dataset with the required fields, written over the API by ``owner``."""
        required = {
            "name": factories.fake.unique.slug(),
            "title": "Hilfen zur Erziehung",
            "notes": "Fälle nach Gemeinde und Jahr.",
            "license_id": "dl-de/zero-2-0",
            "owner_org": organisation["id"],
        }
        return self.call("package_create", owner, **(required | fields))

    def call(self, action: str, account: Account | None = None, /, **params: Any) -> Any:
        """The result of an action called over HTTP.

        A file is given as ``upload=(stream, filename)``; then the other parameters are sent as form
        fields.

        Raises:
            RefusedError: the portal answered with an error.
        """
        headers = self._headers(action, account)
        body = {"data": params} if "upload" in params else {"json": params}
        answer = self.app.post(f"/api/3/action/{action}", headers=headers, **body)
        try:
            found = json.loads(answer.body)
        except ValueError:
            raise RefusedError(answer.status_code, answer.body) from None
        if answer.status_code != 200 or not found["success"]:
            raise RefusedError(answer.status_code, found.get("error", found))
        return found["result"]

    def page(self, path: str, account: Account | None = None, language: str = "") -> Any:
        """The answer to a GET request; ``language`` (``"de"``) chooses the language of the page."""
        prefix = f"/{language}" if language else ""
        return self.app.get(f"{prefix}{path}", headers=account.headers if account else {})


def _present(name: str) -> bool:
    """Whether the plugin's module is there: a room under construction must not stop the others."""
    for entry in importlib.metadata.entry_points(group="ckan.plugins", name=name):
        try:
            return importlib.util.find_spec(entry.module) is not None
        except ModuleNotFoundError:
            return False
    return False


def _plugins() -> list[str]:
    wanted = config["ckan.plugins"]
    names = wanted.split() if isinstance(wanted, str) else list(wanted)
    absent = [name for name in names if not _present(name)]
    if absent:
        warnings.warn(f"plugins without a module: {', '.join(absent)}", stacklevel=2)
    return [name for name in names if name not in absent]


def truncate_own_tables() -> None:
    """Empty our own tables although some of them forbid deletion by a trigger."""
    with model.ensure_engine().begin() as connection:
        tables = [
            table
            for table in sa.inspect(connection).get_table_names()
            if table.startswith("sozialdaten_") and not table.endswith("alembic_version")
        ]
        for change in ("DISABLE", "ENABLE"):
            for table in tables:
                connection.execute(sa.text(f'ALTER TABLE "{table}" {change} TRIGGER USER'))
            if change == "DISABLE" and tables:
                names = ", ".join(f'"{table}"' for table in tables)
                connection.execute(sa.text(f"TRUNCATE {names} CASCADE"))


@pytest.fixture(scope="session")
def portal(
    reset_db: Callable[[], None],
    reset_index: Callable[[], None],
    migrate_db_for: Callable[[str], None],
) -> Iterator[Any]:
    """The application with all its plugins and tables, built once for the whole run."""
    config["ckan.plugins"] = _plugins()
    reset_db()
    app = helpers._get_test_app()
    for plugin in config["ckan.plugins"]:
        if Path(_resolve_alembic_config(plugin)).exists():
            migrate_db_for(plugin)
    reset_index()
    yield app
    p.unload_all()


@pytest.fixture
def empty(portal: Any, reset_db: Callable[[], None], reset_index: Callable[[], None]) -> Any:
    """The portal without content: no accounts, no organisations, no datasets."""
    model.Session.remove()
    truncate_own_tables()
    reset_db()
    reset_index()
    return portal


@pytest.fixture
def world(empty: Any) -> World:
    """A client of an empty portal."""
    return World(empty)
