"""Brings the running servers to what the configuration says, in one process that loads CKAN once.

Migrations of CKAN and its plugins, the first accounts, the search index where its schema changed.
Started by ``deployment/portal up``.
"""

import contextlib
import os
import sys
from pathlib import Path

import click
from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.cli.db import _migrate_plugins, _run_migrations
from ckan.config.middleware import make_app
from ckan.lib.search import rebuild
from ckan.logic import get_action

ADMIN, HARVESTER = "admin", "sozialdaten_harvest"
SECRETS = Path(os.environ["SOZIALDATEN_HOME"]) / "secrets"


def _secret(name: str) -> str:
    path = SECRETS / name
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _account(name: str, fullname: str, password: str, *, sysadmin: bool) -> None:
    user = model.User.get(name)
    if user is None:
        site_user = get_action("get_site_user")({"ignore_auth": True}, {})
        get_action("user_create")(
            {"ignore_auth": True, "user": site_user["name"]},
            {
                "name": name,
                "email": f"{name}@localhost.localdomain",
                "password": password,
                "fullname": fullname,
            },
        )
        user = model.User.get(name)
    if user is not None and user.sysadmin != sysadmin:
        user.sysadmin = sysadmin
        model.Session.commit()


@click.command()
@click.option("--reindex", is_flag=True, help="Fill the search index anew.")
def main(reindex: bool) -> None:
    """Do it all; what CKAN prints goes to standard error.

    A command, as ``ckan db upgrade`` is one: a server would be refused before the migrations.
    """
    with contextlib.redirect_stdout(sys.stderr):
        app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
        _run_migrations("")
        _migrate_plugins(apply=True)
        with app._wsgi_app.test_request_context():  # pyright: ignore[reportAttributeAccessIssue]
            _account(ADMIN, "Administration", _secret("admin-password"), sysadmin=True)
            _account(HARVESTER, "Harvester", _secret("harvest-password"), sysadmin=False)
            if reindex:
                rebuild()


if __name__ == "__main__":
    main()
