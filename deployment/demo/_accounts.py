"""The people of the demo: accounts with generated passwords, the organisation, the reviewer."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.demo._portal import Installation, Portal, PortalRefusedError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "EDITOR",
    "HEAD",
    "OPERATOR",
    "ORGANISATION",
    "PEOPLE",
    "REVIEWER",
    "Person",
    "passwords_file",
    "settle",
]

OPERATOR = "admin"
EDITOR = "erika"
REVIEWER = "dieter"
HEAD = "leitung"
ORGANISATION = "kreis-musterland"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in.

    Args:
        name: account name.
        fullname: as pages show it.
        part: what they do, for the closing lines.
        role: role in the organisation; empty for none.
    """

    name: str
    fullname: str
    part: Message
    role: str = ""


PEOPLE = (
    Person(EDITOR, "Erika Beispiel", Message("youth office: writes and submits"), "editor"),
    Person(REVIEWER, "Dieter Muster", Message("data protection: reviews and approves"), "member"),
    Person(HEAD, "Lena Vorlage", Message("head of the office: appoints the reviewer"), "admin"),
)


def passwords_file(installation: Installation) -> Path:
    """Where the passwords lie, readable by the installation's owner alone."""
    return installation.home / "secrets" / "demo-accounts.json"


def _passwords(installation: Installation) -> dict[str, str]:
    """A password for everybody; those that are there stay."""
    path = passwords_file(installation)
    known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    for person in PEOPLE:
        known.setdefault(person.name, secrets.token_urlsafe(12))
    operator = path.with_name("admin-password")
    if operator.is_file():
        known[OPERATOR] = operator.read_text("utf-8").strip()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(known, stream, indent=1)
    part.replace(path)
    return known


def _exists(portal: Portal, action: str, name: str) -> bool:
    try:
        portal.call(action, OPERATOR, id=name)
    except PortalRefusedError as error:
        if error.status == 404:
            return False
        raise
    return True


def _create_people(portal: Portal, passwords: dict[str, str]) -> list[str]:
    created: list[str] = []
    for person in PEOPLE:
        if _exists(portal, "user_show", person.name):
            continue
        portal.call(
            "user_create",
            OPERATOR,
            name=person.name,
            fullname=person.fullname,
            email=f"{person.name}@kreis-musterland.example",
            password=passwords[person.name],
        )
        created.append(person.name)
    return created


def _create_organisation(portal: Portal) -> list[str]:
    created: list[str] = []
    if not _exists(portal, "organization_show", ORGANISATION):
        portal.call(
            "organization_create",
            OPERATOR,
            name=ORGANISATION,
            title="Kreis Musterland",
            description="Ein erfundener Kreis mit 20 Gemeinden; alle Zahlen sind fiktiv.",
        )
        created.append(ORGANISATION)
    shown = portal.call("organization_show", OPERATOR, id=ORGANISATION, include_users=True)
    members = {user["name"]: user["capacity"] for user in shown["users"]}
    wanted = {person.name: person.role for person in PEOPLE if person.role}
    for name, role in wanted.items():
        if members.get(name) != role:
            member = {"id": ORGANISATION, "username": name, "role": role}
            portal.call("organization_member_create", OPERATOR, **member)
    return created


def settle(portal: Portal) -> tuple[dict[str, str], list[str]]:
    """Create whatever is missing of accounts, organisation and reviewer.

    Returns:
        the password of each account, and the names of what was created in this run.
    """
    passwords = _passwords(portal.installation)
    portal.sign_in_on_machine(OPERATOR)
    created = _create_people(portal, passwords) + _create_organisation(portal)
    _grant_reviewer(portal)
    for person in PEOPLE:
        if person.name == REVIEWER:  # no operator makes a token for a reviewer over the API
            portal.sign_in_on_machine(person.name, scope="approve")
        else:
            portal.sign_in(person.name, OPERATOR)
    return passwords, created


def _grant_reviewer(portal: Portal) -> None:
    """Appoint the reviewer; it takes two people, neither of whom is the reviewer."""
    words = ("sozialdaten", "reviewer", "grant", REVIEWER, "--by", OPERATOR, "--by", HEAD)
    portal.installation.ckan(*words)
