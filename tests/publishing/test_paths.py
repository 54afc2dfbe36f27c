"""Every path by which CKAN 2.12 makes data public, tried by everybody; nothing becomes public.

Paths and numbers are those of the list that the gate was built against: visibility (A), and content
without an update of the dataset (B). Some attempts are refused, some do nothing harmful; what a
visitor and a stranger can read is the same afterwards, to the byte. Views, files, the session and
raw SQL are the business of ``test_rings.py`` and ``test_attacks.py``.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan_world import Account, RefusedError, World, truncate_own_tables
from gate_office import Office, new_office

from ckanext.sozialdaten.publishing.errors import GateClosedError

SECRET = "unveroeffentlicht"
_NAMES = iter(range(1, 10_000))


@dataclass(frozen=True)
class Target:
    """A released dataset and a working copy that nobody submitted."""

    office: Office
    released: dict[str, Any]
    copy: dict[str, Any]
    view: str
    people: dict[str, Account | None]

    @property
    def resource(self) -> str:
        return self.released["resources"][0]["id"]

    def public(self) -> dict[str, Any]:
        """What visitor and stranger can read of both."""
        world, seen = self.office.world, dict[str, Any]()
        path = f"/dataset/{self.released['id']}/resource/{self.resource}/download/faelle.csv"
        for reader in (None, self.office.stranger):
            told = {
                "dataset": world.call("package_show", reader, id=self.released["id"]),
                "rows": world.call("datastore_search", reader, resource_id=self.resource)[
                    "records"
                ],
                "views": world.call("resource_view_list", reader, id=self.resource),
                "file": world.page(path, reader).data,
                "names": world.call("package_list", reader),
                "found": world.call("package_search", reader, q=SECRET)["count"],
            }
            try:
                told["copy"] = world.call("package_show", reader, id=self.copy["id"])
            except RefusedError:
                told["copy"] = None
            seen[reader.name if reader else ""] = told
        return seen


@pytest.fixture(scope="module")
def target(portal: Any, reset_db: Any, reset_index: Any) -> Iterator[Target]:
    """One office for all paths: whatever is tried, nothing of it may stay."""
    model.Session.remove()
    truncate_own_tables()
    reset_db()
    reset_index()
    office = new_office(World(portal))
    office.world.organisation(editor=office.stranger)
    released, _ = office.release(name="offen")
    copy = office.working_copy(name="geschlossen", title=SECRET)
    collaborator = office.world.account()
    for package in (copy, released):
        row = {"package_id": package["id"], "user_id": collaborator.id, "capacity": "editor"}
        model.Session.add(model.PackageMember(**row, modified=sa.func.now()))
    model.Session.commit()
    names = ("stranger", "member", "editor", "admin", "reviewer", "sysadmin")
    people: dict[str, Account | None] = {name: getattr(office, name) for name in names}
    people |= {"visitor": None, "collaborator": collaborator}
    resource = released["resources"][0]["id"]
    view = office.world.call("resource_view_list", id=resource)[0]["id"]
    yield Target(office, released, copy, view, people)
    model.Session.remove()


Attempt = tuple[str, dict[str, Any]]
_ROW = {"gemeinde": "99001001", "jahr": 2023, "faelle": 999}


def _visibility(t: Target) -> dict[str, list[Attempt]]:
    """A: metadata and visibility."""
    copy, done = t.copy["id"], t.released["id"]
    new = {"title": SECRET, "owner_org": t.copy["owner_org"], "license_id": "dl-de/zero-2-0"}
    new |= {"notes": SECRET, "name": f"neu-{next(_NAMES)}"}
    group = {"id": t.copy["owner_org"], "object": done, "object_type": "package"}
    return {
        "A1 package_create": [("package_create", new | {"private": False})],
        "A2 package_update": [
            ("package_update", t.copy | {"private": False}),
            ("package_update", t.released | {"title": SECRET}),
        ],
        "A3 package_patch": [
            ("package_patch", {"id": copy, "private": False}),
            ("package_patch", {"id": copy, "private": "false", "state": "active"}),
            ("package_patch", {"id": done, "notes": SECRET}),
        ],
        "A4 package_revise": [
            ("package_revise", {"match__id": copy, "update__private": False}),
            ("package_revise", {"match": {"name": "offen"}, "update": {"notes": SECRET}}),
        ],
        "A5 bulk_update": [
            ("bulk_update_public", {"datasets": [copy], "org_id": t.copy["owner_org"]}),
            ("bulk_update_private", {"datasets": [done], "org_id": t.copy["owner_org"]}),
            ("bulk_update_delete", {"datasets": [done], "org_id": t.copy["owner_org"]}),
        ],
        "A7 undelete": [("package_patch", {"id": done, "state": "deleted"})],
        "A8 resources": [
            ("resource_create", {"package_id": done, "url": "https://a.test", "name": SECRET}),
            ("resource_update", {"id": t.resource, "url": "https://a.test"}),
            ("resource_patch", {"id": t.resource, "name": SECRET}),
            ("resource_delete", {"id": t.resource}),
            ("package_resource_reorder", {"id": done, "order": [t.resource]}),
        ],
        "A9 owner": [("package_owner_org_update", {"id": done, "organization_id": "keine"})],
        "A10 readers": [
            ("package_collaborator_create", _with(t, copy, "editor")),
            ("package_collaborator_create", _with(t, done, "admin")),
        ],
        "A12 delete": [
            ("package_delete", {"id": done}),
            ("dataset_purge", {"id": done}),
            ("organization_delete", {"id": t.copy["owner_org"]}),
            ("organization_purge", {"id": t.copy["owner_org"]}),
        ],
        "A13 names": [
            ("package_relationship_create", {"subject": done, "object": copy, "type": "child_of"}),
            ("member_create", group | {"capacity": "private"}),
            ("member_delete", group),
        ],
        "A14 plugin_data": [("package_patch", {"id": done, "plugin_data": {"a": {"b": SECRET}}})],
    }


def _with(t: Target, package: str, capacity: str) -> dict[str, Any]:
    return {"id": package, "user_id": t.office.stranger.id, "capacity": capacity}


def _content(t: Target) -> dict[str, list[Attempt]]:
    """B: content without an update of the dataset."""
    rows: dict[str, Any] = {"resource_id": t.resource, "records": [_ROW], "force": True}
    mine = {"package_id": t.released["id"], "name": SECRET}
    return {
        "B16 datastore": [
            ("datastore_create", rows),
            ("datastore_create", {"resource": mine, "records": [_ROW]}),
            ("datastore_upsert", rows | {"method": "insert"}),
            ("datastore_delete", {"resource_id": t.resource, "force": True}),
            ("datastore_delete", {"resource_id": t.resource, "filters": {}, "force": True}),
            ("datastore_records_delete", {"resource_id": t.resource, "filters": {}, "force": True}),
            ("datastore_run_triggers", {"resource_id": t.resource}),
        ],
        "B17 dictionary": [
            (
                "datastore_create",
                {
                    "resource_id": t.resource,
                    "fields": [{"id": "faelle", "info": {"label": SECRET}}],
                    "force": True,
                },
            )
        ],
    }


_PATHS = (
    *("A1 package_create", "A2 package_update", "A3 package_patch", "A4 package_revise"),
    *("A5 bulk_update", "A7 undelete", "A8 resources", "A9 owner", "A10 readers", "A12 delete"),
    *("A13 names", "A14 plugin_data", "B16 datastore", "B17 dictionary"),
)


def _ignoring(t: Target, action: str, params: dict[str, Any]) -> None:
    """The action as a plugin or a job calls it, without authorisation."""
    given = {key: value for key, value in params.items() if key != "upload"}
    context: Any = {"user": t.office.sysadmin.name, "ignore_auth": True}
    try:
        tk.get_action(action)(context, given)
    except (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound, GateClosedError):
        model.Session.rollback()
    finally:
        model.Session.remove()


@pytest.mark.parametrize("path", _PATHS)
def test_no_path_makes_anything_public(target: Target, path: str) -> None:
    before = target.public()
    for account in target.people.values():
        for action, params in (_visibility(target) | _content(target))[path]:
            with contextlib.suppress(RefusedError):
                target.office.world.call(action, account, **params)
    for action, params in (_visibility(target) | _content(target))[path]:
        _ignoring(target, action, params)
    assert target.public() == before
