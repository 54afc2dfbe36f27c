"""A canary sings in every field of a dataset; nobody who may not hear it ever does.

A sysadmin who is a reviewer too asks everything that the portal answers to GET, to learn where the
canaries are heard at all. A visitor asks everything too. Everybody else asks again where somebody
heard something.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from canary_world import CANARIES, GROUP, Canary
from ckan import model
from ckan.lib import helpers as h
from ckan_world import Account
from ckanext.datastore.backend.postgres import get_write_engine
from gate_crawl import addresses, answer, heard, questions
from gate_office import Office
from proposal_world import bring

from ckanext.sozialdaten.publishing import releases

# Pages that write when they are only looked at, and why that is harmless.
WRITES_ON_GET = {
    "activity.dashboard": "what one account has read, seen by that account alone",
}
# The protocol keeps the reason of a withdrawal; no address has to tell it.
_KEPT = {"withdrawal"}
_WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|TRUNCATE|COPY)\b", re.IGNORECASE)
# Removed for good, or withdrawn and replaced by a release without it.
_GONE = ("purged", "replaced")
# When a token was used last, and when its owner was last seen.
_NOTES = ("UPDATE api_token SET last_access", 'UPDATE "user" SET last_active')


@dataclass
class Flock:
    """An office with a canary of each kind, and what a sysadmin found out about the portal.

    Args:
        office: the office.
        canaries: one of each kind.
        people: names of accounts that an attacker knows.
        asked: endpoint or action of each address.
        telling: an address of each endpoint or action that told of a canary.
        sung: the secrets that a sysadmin heard, by kind of canary.
        writes: the statements that a question made the portal execute, by endpoint or action.
    """

    office: Office
    canaries: list[Canary]
    people: list[str]
    asked: dict[str, str] = field(default_factory=dict)
    telling: dict[tuple[str, str], str] = field(default_factory=dict)
    sung: dict[str, set[str]] = field(default_factory=dict)
    writes: dict[str, set[str]] = field(default_factory=dict)

    def leaks(
        self,
        reader: Account | None,
        asked: Iterable[str],
        *,
        member: bool = False,
        method: str = "GET",
    ) -> list[str]:
        """What a reader hears of the canaries and must not."""
        found: list[str] = []
        for address in asked:
            said = answer(self.office.world.app, address, reader, method)
            for canary in self.canaries:
                told = heard(address, said, canary.secrets(member=member))
                if told:
                    found.append(f"{address} tells of the {canary.kind}: {', '.join(told)}")
        return found

    def learn(self, insider: Account) -> None:
        """Ask everything as who reads all there is; remember where somebody hears something."""
        app, noted = self.office.world.app, list[str]()

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if _WRITE.match(statement) and not statement.startswith(_NOTES):
                noted.append(" ".join(statement.split()[:4]))

        every = [*questions(self.canaries, self.people)]
        every += addresses(app, self.canaries, self.people)
        self.asked = {address: name for name, address in every}
        engines = (model.ensure_engine(), get_write_engine())
        for engine in engines:
            sa.event.listen(engine, "before_cursor_execute", note)
        for address, name in self.asked.items():
            noted.clear()
            said = answer(app, address, insider)
            if noted:
                self.writes.setdefault(name, set()).update(noted)
            for canary in self.canaries:
                told = heard(address, said, canary.words | canary.ids)
                if told:
                    self.sung.setdefault(canary.kind, set()).update(told)
                    self.telling.setdefault((name, canary.kind), address)
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def flock(shared_office: Office) -> Iterator[Flock]:
    """Every canary, and a sysadmin's round through the portal."""
    office = shared_office
    with pytest.MonkeyPatch.context() as patch:
        # A page of CKAN's that breaks answers as it does on a server.
        patch.setitem(office.world.app.flask_app.config, "PROPAGATE_EXCEPTIONS", False)
        # The same pages without looking for their style sheets, and records as text.
        patch.setitem(h.helper_functions, "include_asset", lambda _name: None)
        patch.setattr(releases, "pdf_of", lambda html: html.encode())
        bring(patch)
        office.world.call("group_create", office.sysadmin, name=GROUP)
        canaries = [make(office) for make in CANARIES.values()]
        insider = office.world.account(sysadmin=True)
        office.appoint(insider)
        flock = Flock(office, canaries, [office.editor.name, office.reviewer.name, GROUP])
        flock.learn(insider)
        yield flock


def test_the_crawl_finds_the_portal(flock: Flock) -> None:
    assert len(flock.asked) > 2000
    assert len(set(flock.asked.values())) > 190


def test_who_reads_all_hears_every_canary_that_lives(flock: Flock) -> None:
    """Else silence would prove nothing."""
    mute = {
        canary.kind: sorted((canary.words | canary.ids).keys() - flock.sung[canary.kind] - _KEPT)
        for canary in flock.canaries
        if canary.kind not in _GONE
    }
    assert {kind: names for kind, names in mute.items() if names} == {}


def test_nobody_at_all_reads_the_file_of_what_is_gone(flock: Flock) -> None:
    assert [kind for kind in _GONE if "row" in flock.sung.get(kind, set())] == []


def test_a_visitor_hears_nothing(flock: Flock) -> None:
    assert flock.leaks(None, flock.asked) == []


def test_the_head_of_an_answer_tells_nothing(flock: Flock) -> None:
    pages = {address for address in flock.telling.values() if not address.startswith("/api/")}
    assert flock.leaks(None, pages, method="HEAD") == []


def _scoped(office: Office) -> Account:
    """A foreign editor's token that may only read."""
    made = office.world.call(
        "api_token_create", office.stranger, user=office.stranger.name, name="m", scope="read"
    )
    return Account(office.stranger.id, office.stranger.name, made["token"])


def _collaborator(flock: Flock) -> Account:
    """An account that the database names a collaborator; the action would refuse that."""
    account = flock.office.world.account()
    for canary in flock.canaries:
        for name in ("package id", "released id"):
            if name in canary.ids and model.Package.get(canary.ids[name]):
                row = {"package_id": canary.ids[name], "user_id": account.id, "capacity": "editor"}
                model.Session.add(model.PackageMember(**row, modified=sa.func.now()))
    model.Session.commit()
    return account


def _reader(flock: Flock, who: str) -> Account:
    office = flock.office
    match who:
        case "foreign editor":
            return office.stranger
        case "foreign admin":
            account = office.world.account()
            office.world.organisation(admin=account)
            return account
        case "account without an organisation":
            return office.world.account()
        case "token with a scope":
            return _scoped(office)
        case _:
            return _collaborator(flock)


@pytest.mark.parametrize(
    "who",
    [
        "foreign editor",
        "foreign admin",
        "account without an organisation",
        "token with a scope",
        "collaborator",
    ],
)
def test_no_stranger_hears_anything(flock: Flock, who: str) -> None:
    assert flock.leaks(_reader(flock, who), set(flock.telling.values())) == []


def test_a_member_hears_the_working_copies_alone(flock: Flock) -> None:
    assert flock.leaks(flock.office.member, set(flock.telling.values()), member=True) == []


def test_looking_writes_nothing(flock: Flock) -> None:
    assert {name: done for name, done in flock.writes.items() if name not in WRITES_ON_GET} == {}
