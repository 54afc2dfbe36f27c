"""What the ways of ``test_paths.py`` aim at: a release and a working copy, and who tries."""

import contextlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan_world import Account, RefusedError
from gate_office import TABLE, Office

from ckanext.sozialdaten.publishing.errors import GateClosedError

__all__ = ["SECRET", "Attempt", "Target", "new_target", "other_table"]

SECRET = "unveroeffentlicht"
_REFUSALS = (
    tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound, GateClosedError,
    sa.exc.SQLAlchemyError,
)  # fmt: skip
Attempt = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Target:
    """A released dataset and a working copy that nobody submitted, with a secret in every field."""

    office: Office
    released: dict[str, Any]
    copy: dict[str, Any]
    view: str
    people: dict[str, Account | None]

    @property
    def resource(self) -> str:
        """The id of the released file."""
        return self.released["resources"][0]["id"]

    @property
    def draft(self) -> str:
        """The id of the working copy's file."""
        return self.copy["resources"][0]["id"]

    @property
    def outsiders(self) -> dict[str, Account | None]:
        """Who may not read the working copy."""
        return {who: self.people[who] for who in ("visitor", "stranger", "loose", "collaborator")}

    def public(self) -> dict[str, Any]:
        """What visitor and stranger can read of both."""
        return {who: self._read_by(self.people[who]) for who in ("visitor", "stranger")}

    def _read_by(self, reader: Account | None) -> dict[str, Any]:
        call, page = self.office.world.call, self.office.world.page
        path = f"/dataset/{self.released['id']}/resource/{self.resource}/download/faelle.csv"
        seen: dict[str, Any] = {
            "dataset": call("package_show", reader, id=self.released["id"]),
            "rows": call("datastore_search", reader, resource_id=self.resource)["records"],
            "views": call("resource_view_list", reader, id=self.resource),
            "file": page(path, reader).data,
            "names": call("package_list", reader),
            "found": call("package_search", reader, q=SECRET)["count"],
            "copy": None,
        }
        with contextlib.suppress(RefusedError):
            seen["copy"] = call("package_show", reader, id=self.copy["id"])
        return seen

    def attempt(self, *attempts: Attempt, flags: Iterable[dict[str, Any]] = ({},)) -> None:
        """Everybody tries over HTTP, then a plugin or job that ignores authorisation."""
        for action, params in attempts:
            for account in self.people.values():
                with contextlib.suppress(RefusedError):
                    self.office.world.call(action, account, **_fresh(params))
            for flag in flags:
                self.ignoring(action, params, **flag)

    def ignoring(self, action: str, params: dict[str, Any], **flags: Any) -> None:
        """The action without authorisation, with further flags in its context."""
        given = {key: value for key, value in params.items() if key != "upload"}
        context: Any = {"user": self.office.sysadmin.name, "ignore_auth": True, **flags}
        try:
            tk.get_action(action)(context, given)
        except (*_REFUSALS, KeyError):
            model.Session.rollback()
        finally:
            model.Session.remove()

    def send(self, address: str, form: dict[str, str]) -> None:
        """Everybody sends a form as a browser does."""
        for account in self.people.values():
            headers = account.headers if account else {}
            client = self.office.world.app.test_client(use_cookies=False)
            client.post(address, data=form, headers=headers, follow_redirects=False)

    def told(self, *questions: Attempt | str) -> list[str]:
        """Which questions tell an outsider the secret or an id of the working copy."""
        found: list[str] = []
        for who, account in self.outsiders.items():
            for question in questions:
                said = self._answer(question, account).lower()
                asked = str(question).lower()
                words = (SECRET, self.copy["id"], self.draft)
                heard = [word for word in words if word in said and word not in asked]
                found += [f"{question} tells {who} {word}" for word in heard]
        return found

    def _answer(self, question: Attempt | str, account: Account | None) -> str:
        world = self.office.world
        if isinstance(question, str):
            client = world.app.test_client(use_cookies=False)
            answer = client.get(question, headers=account.headers if account else {})
            return f"{answer.headers}{answer.get_data(as_text=True)}"
        try:
            return str(world.call(question[0], account, **question[1]))
        except RefusedError as refused:
            return str(refused)


def _fresh(params: dict[str, Any]) -> dict[str, Any]:
    """The same parameters with an upload that was not read yet."""
    return params | {"upload": other_table()} if "upload" in params else params


def other_table() -> tuple[io.BytesIO, str]:
    """An upload that is not what was released."""
    return io.BytesIO(TABLE.replace(b"2022", b"2021")), "faelle.csv"


def new_target(office: Office) -> Target:
    """The target in an office; a collaborator is written into the database by hand."""
    world = office.world
    released, _ = office.release(name="offen")
    copy = office.working_copy(
        name="geschlossen", title=SECRET, notes=SECRET, tags=[{"name": SECRET}]
    )
    draft = copy["resources"][0]["id"]
    world.call("resource_patch", office.editor, id=draft, name=SECRET, format=SECRET)
    view = {"resource_id": draft, "title": SECRET, "view_type": "text_view"}
    world.call("resource_view_create", office.editor, **view)
    table = {"resource_id": draft, "records": [{"satz": SECRET}], "force": True}
    tk.get_action("datastore_create")({"user": office.sysadmin.name, "ignore_auth": True}, table)
    collaborator = world.account()
    for package in (copy, released):
        row = {"package_id": package["id"], "user_id": collaborator.id, "capacity": "editor"}
        model.Session.add(model.PackageMember(**row, modified=sa.func.now()))
    model.Session.commit()
    names = ("stranger", "member", "editor", "admin", "reviewer", "sysadmin")
    people: dict[str, Account | None] = {name: getattr(office, name) for name in names}
    people |= {"visitor": None, "collaborator": collaborator, "loose": world.account()}
    shown = world.call("resource_view_list", id=released["resources"][0]["id"])
    return Target(office, released, office.show(copy["id"]), shown[0]["id"], people)
