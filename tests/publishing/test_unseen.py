"""What somebody may not read is to them as if it were not there: hidden and unknown answer alike.

Every address and every action is asked twice: once with the names and ids of a dataset that is
hidden, once with names and ids that nobody has. Nothing in the two answers may differ.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import ckan.logic
import pytest
from canary_world import CANARIES, GROUP, Canary
from ckan.lib import helpers as h
from ckan_world import Account
from gate_crawl import addresses, known
from gate_office import Office

from ckanext.sozialdaten.publishing import releases

# A tombstone stands there, for everybody who knows the address.
_TOMBSTONES = ("dataset.read", "sozialdaten_releases.")
# What differs from one answer to the next, whoever asks for whatever.
_CHANGING = re.compile(
    r'nonce-[\w-]+|nonce="[\w-]+"|csrf[^>]*content="[^"]+"|name="_csrf_token"[^>]*value="[^"]+"'
)


@dataclass
class Pair:
    """A hidden dataset, and one that never was but has names of the same form.

    Args:
        office: whose dataset it is.
        hidden: what is there.
        unknown: what is not.
        words: for each of their names and ids the one word that stands for both.
    """

    office: Office
    hidden: Canary
    unknown: Canary
    words: dict[str, str]

    def difference(self, asked: tuple[str, str], account: Account | None) -> str:
        """What tells the hidden from the unknown in the answers to two addresses; "": nothing."""
        one, other = (self._answer(address, account) for address in asked)
        return "" if one == other else _first_difference(one, other)

    def posted(self, action: str, given: tuple[Any, Any], account: Account | None) -> str:
        """The same for the answers of an action to two bodies."""
        one, other = (self._answer(f"/api/3/action/{action}", account, body) for body in given)
        return "" if one == other else _first_difference(one, other)

    def _answer(self, address: str, account: Account | None, body: Any = None) -> str:
        client = self.office.world.app.test_client(use_cookies=False)
        headers = account.headers if account else {}
        sent = {"json": body, "method": "POST"} if body is not None else {}
        found = client.open(address, headers=headers, **sent)
        kept = {name: found.headers.get(name) for name in ("Location", "Cache-Control")}
        said = f"{found.status_code} {kept}\n{found.get_data(as_text=True)}"
        for value, word in self.words.items():
            said = said.replace(value, word)
        return _CHANGING.sub("", said)


def _first_difference(one: str, other: str) -> str:
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = max(0, place - 60)
    return f"{one[:4]}{one[start : place + 60]!r} or {other[:4]}{other[start : place + 60]!r}"


def _twin(hidden: Canary) -> Canary:
    """A dataset that is not there, with names of the same form."""
    words = {
        name: word[:2] + uuid.uuid4().hex[: len(word) - 2] for name, word in hidden.words.items()
    }
    words["file"] = hidden.words["file"]
    ids = {name: str(uuid.uuid4()) for name in hidden.ids}
    return Canary(hidden.kind, hidden.office, words, ids)


@pytest.fixture(scope="module")
def house(shared_office: Office) -> Iterator[Office]:
    """An office whose portal answers errors as a server does, and fast."""
    with pytest.MonkeyPatch.context() as patch:
        config = shared_office.world.app.flask_app.config
        patch.setitem(config, "PROPAGATE_EXCEPTIONS", False)
        patch.setitem(h.helper_functions, "include_asset", lambda _name: None)
        patch.setattr(releases, "pdf_of", lambda html: html.encode())
        shared_office.world.call("group_create", shared_office.sysadmin, name=GROUP)
        yield shared_office


@pytest.fixture(scope="module", params=["pending", "withdrawn"])
def pair(request: pytest.FixtureRequest, house: Office) -> Pair:
    """A dataset that waits for review, and one that was withdrawn; each with its twin."""
    hidden = CANARIES[request.param](house)
    unknown = _twin(hidden)
    words = {
        value: f"<{kind}>"
        for one in (hidden, unknown)
        for kind, values in known(one).items()
        for value in values
        if kind != "number"
    }
    return Pair(house, hidden, unknown, words)


def _differing(pair: Pair, asked: Any, account: Account | None) -> str:
    """A line for each question whose answer tells the hidden from the unknown."""
    found: list[str] = []
    both = zip(list(asked(pair.hidden)), list(asked(pair.unknown)), strict=True)
    for (name, one), (_, other) in both:
        if one != other and not name.startswith(_TOMBSTONES):
            told = pair.difference((one, other), account)
            found += [f"{name} {one}: {told}"] if told else []
    return "\n".join(found)


def _pages(canary: Canary) -> list[tuple[str, str]]:
    return list(addresses(canary.office.world.app, [canary], [GROUP]))


def test_no_page_tells_a_visitor_hidden_from_unknown(pair: Pair) -> None:
    assert len(_pages(pair.hidden)) > 150
    assert _differing(pair, _pages, None) == ""


@pytest.mark.parametrize("pair", ["pending"], indirect=True)
def test_no_page_tells_a_foreign_editor_hidden_from_unknown(pair: Pair) -> None:
    assert _differing(pair, _pages, pair.office.stranger) == ""


def _actions(*, reads: bool) -> Iterator[str]:
    ckan.logic.get_action("package_list")  # fills the registry
    for name, action in sorted(ckan.logic._actions.items()):
        if bool(getattr(action, "side_effect_free", False)) is reads:
            yield name


_KEYS = ("id", "resource_id", "dataset_id")


def _questions(canary: Canary) -> Iterator[tuple[str, str]]:
    """Every action that reads, asked for the dataset, its file, its preview and the decision."""
    given = known(canary)
    for name in _actions(reads=True):
        for kind in ("dataset", "resource", "view", "decision"):
            keys = (
                ("resource_id",)
                if name == "datastore_search"
                else ("id", "resource_id", "dataset_id")
            )
            yield name, f"/api/3/action/{name}?{urlencode(dict.fromkeys(keys, given[kind][0]))}"


def test_no_action_that_reads_tells_hidden_from_unknown(pair: Pair) -> None:
    assert _differing(pair, _questions, None) == ""


def _sent(action: str, canary: Canary) -> list[dict[str, Any]]:
    """What a stranger may send to an action about a dataset, as far as it only names one."""
    given = known(canary)
    name, resource, decision = given["dataset"][0], given["resource"][0], given["decision"][0]
    chosen = decision if _DECIDES.search(action) else name
    chosen = resource if action.startswith(("resource", "datastore")) else chosen
    chosen = given["view"][0] if action.startswith("resource_view") else chosen
    return [
        {
            "id": chosen, "dataset_id": name, "package_id": name, "resource_id": resource,
            "object": name, "datasets": [name], "match": {"name": name}, "subject": name,
            "object_type": "package", "capacity": "public", "org_id": GROUP, "type": "child_of",
            "dataset": name, "body": "Text", "reason": "Text", "public_reason": "Text",
        },
        {"name": name, "title": "Text"},
    ]  # fmt: skip


_DECIDES = re.compile(r"_(review|release|standing)_")
# They make something that anybody with the right may make, or know people and groups alone.
_NOT_ASKED = re.compile(
    r"_register$|_save$|_write$|_invite$|^(user|api_token|group|organization|tag|vocabulary|term"
    r"|task|job|config|license|sysadmin)_|^(package|harvest_source|resource)_create$"
)


@pytest.mark.parametrize("pair", ["pending"], indirect=True)
def test_no_action_that_writes_tells_a_stranger_hidden_from_unknown(pair: Pair) -> None:
    stranger, found = pair.office.stranger, list[str]()
    for name in _actions(reads=False):
        if _NOT_ASKED.search(name):
            continue
        for given in zip(_sent(name, pair.hidden), _sent(name, pair.unknown), strict=True):
            told = pair.posted(name, given, stranger)
            found += [f"{name} {given[0]}: {told}"] if told else []
    assert "\n".join(found) == ""


def test_who_may_read_it_is_answered_as_ever(pair: Pair) -> None:
    for key in ("dataset", "resource"):
        one = known(pair.hidden)[key][0]
        action = "package_show" if key == "dataset" else "resource_show"
        assert one in str(pair.office.world.call(action, pair.office.member, id=one))


def test_a_reviewer_may_speak_of_what_was_submitted(pair: Pair) -> None:
    copy = pair.hidden.ids["package id"]
    assert pair.office.world.call("sozialdaten_comment_list", pair.office.reviewer, id=copy)


def test_a_group_of_the_same_name_is_found(pair: Pair) -> None:
    name = known(pair.hidden)["dataset"][0]
    pair.office.world.call("group_create", pair.office.sysadmin, name=name)
    assert pair.office.world.call("group_show", id=name)["name"] == name
