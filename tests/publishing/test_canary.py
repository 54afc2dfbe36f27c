"""A canary sings in every field of a dataset; nobody who may not hear it ever does.

Every address that answers to GET and every action without side effects is asked, as a visitor and
as an editor of another organisation, before the release and after its withdrawal.
"""

import io
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

import ckan.logic
import pytest
from ckan import model
from ckan_world import Account
from gate_office import LAYOUT, TABLE, Office

from ckanext.sozialdaten.publishing.model import Submission

# What an answer may repeat because the question said it is no leak; markers share a beginning, so
# that completions and searches can be asked for it.
_BEGINNING = "zk"
# Actions that name their object otherwise, and those that refuse what they do not know.
_ID_OF = {
    "datastore_search": ("resource_id",),
    "datastore_info": ("id", "resource_id"),
    "harvest_job_list": ("source_id",),
    "sozialdaten_release_list": ("dataset_id",),
}
_STRICT = {"datastore_search", "package_search"}


@dataclass
class Canary:
    """A dataset and every word and id of it that nobody may hear."""

    office: Office
    package: dict[str, Any]
    markers: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)

    def heard(self, question: str, answer: str) -> list[str]:
        """The fields whose marker an answer tells although the question did not know it."""
        return [
            name
            for name, marker in (self.markers | self.ids).items()
            if marker in answer and marker not in question
        ]


def _marker() -> str:
    return _BEGINNING + secrets.token_hex(8)


@pytest.fixture
def canary(office: Office) -> Canary:
    """A working copy with a marker in every field, file, row and view."""
    fields = ("title", "name", "notes", "tag", "resource", "description", "format", "view", "extra")
    marks = {name: _marker() for name in (*fields, "file", "purpose", "column")}
    package = office.world.dataset(
        office.editor,
        office.organisation,
        title=marks["title"],
        name=marks["name"],
        notes=marks["notes"],
        tags=[{"name": marks["tag"]}],
        quality_notes=marks["extra"],
    )
    table = TABLE.replace(b"faelle\n", b"faelle;" + marks["column"].encode() + b"\n").replace(
        b"99001001;2022;29", b"99001001;2022;29;99"
    )
    rows = [line if line.count(b";") == 3 else line + b";99" for line in table.split(b"\n") if line]
    extra = '"count"}, {"name": "' + marks["column"] + '", "type": "integer", "role": "count"}'
    layout = LAYOUT.replace('"count", "unit": "Anzahl"}', extra)
    resource = office.world.call(
        "resource_create",
        office.editor,
        package_id=package["id"],
        name=marks["resource"],
        description=marks["description"],
        format=marks["format"],
        layout=layout,
        upload=(io.BytesIO(b"\n".join(rows) + b"\n"), f"{marks['file']}.csv"),
    )
    view = office.world.call(
        "resource_view_create",
        office.editor,
        resource_id=resource["id"],
        title=marks["view"],
        view_type="text_view",
    )
    ids = {"package id": package["id"], "resource id": resource["id"], "view id": view["id"]}
    return Canary(office, office.show(package["id"]), marks, ids)


def _submit(canary: Canary) -> dict[str, Any]:
    submission = canary.office.world.call(
        "sozialdaten_submit",
        canary.office.editor,
        id=canary.package["id"],
        purpose=canary.markers["purpose"],
        legal_basis="SGB X",
        policy="amtliche-statistik-3",
    )
    canary.ids["submission id"] = submission["id"]
    return submission


def _withdrawn(canary: Canary) -> None:
    """Release the canary and withdraw it."""
    world, office = canary.office.world, canary.office
    release = office.approve(_submit(canary))
    public = world.call("package_show", id=release["dataset_id"])
    assert canary.markers["notes"] in json.dumps(public)
    canary.ids |= {
        "released id": public["id"],
        "released resource id": public["resources"][0]["id"],
        "release id": release["id"],
    }
    world.call(
        "sozialdaten_release_withdraw", office.editor, id=release["id"], reason=_BEGINNING * 3
    )


def _known(canary: Canary) -> dict[str, list[str]]:
    """What an attacker puts into the arguments of an address, by the argument's kind."""
    ids, office = canary.ids, canary.office
    packages = [canary.markers["name"], ids["package id"], ids.get("released id", "")]
    resources = [ids["resource id"], ids.get("released resource id", "")]
    return {
        "package": [value for value in packages if value],
        "resource": [value for value in resources if value],
        "view": [ids["view id"]],
        "released": [ids["released id"]] if "released id" in ids else [],
        "other": [office.organisation["name"], office.editor.name, canary.markers["tag"]],
    }


def _arguments(rule: Any, known: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """Values for the arguments of an address."""
    choices: list[list[str]] = []
    path = str(rule)
    for name in rule.arguments:
        if "resource" in name or (name == "id" and ("datastore" in path or "resource" in path)):
            choices.append(known["resource"] + (known["package"][:1] if name == "id" else []))
        elif "view" in name:
            choices.append(known["view"])
        elif name in ("ver", "version"):
            choices.append(["3"])
        elif name == "logic_function":
            choices.append(["package_list"])
        elif name in ("filename", "name", "_format", "format", "extension", "vendor"):
            choices.append({"_format": ["ttl"], "name": known["package"][:1]}.get(name, ["karte"]))
        elif name in ("dataset", "package_name", "package_id"):
            choices.append(known["package"][:1] + known["released"])
        else:
            choices.append(known["package"][:1] + known["released"] + known["other"])
    for values in product(*choices):
        yield dict(zip(rule.arguments, values, strict=True))


_QUERY = "?" + urlencode({"q": _BEGINNING, "query": _BEGINNING, "incomplete": _BEGINNING})
_NOT_ASKED = re.compile(r"^/(webassets|base|vendor|static|_debug|user/_logout|api/3/action|api/<)")


def _addresses(canary: Canary) -> Iterator[str]:
    """Every address that answers to GET, with all that an attacker may know put in."""
    known = _known(canary)
    app = canary.office.world.app.flask_app
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("test.ckan.net")
        for rule in app.url_map.iter_rules():
            if "GET" not in rule.methods or _NOT_ASKED.match(str(rule)):
                continue
            for arguments in _arguments(rule, known):
                try:
                    yield adapter.build(rule.endpoint, arguments, force_external=False) + _QUERY
                except Exception:  # noqa: BLE001 - a converter refuses this value
                    continue


def _questions(canary: Canary) -> Iterator[tuple[str, dict[str, str]]]:
    """Every action without side effects, with every object that an attacker may know of."""
    known = _known(canary)
    objects = [value for values in known.values() for value in values]
    common = {"q": _BEGINNING, "query": f"name:{_BEGINNING}", "object_type": "package"}
    common |= {"include_private": "true", "include_datasets": "true", "all_fields": "true"}
    common |= {"include_data": "true", "rows": "100"}
    ckan.logic.get_action("package_list")
    for name in sorted(ckan.logic._actions):
        if not getattr(ckan.logic._actions[name], "side_effect_free", False):
            continue
        yield name, {}
        yield name, common
        for value in objects:
            yield name, common | {"id": value, "resource_id": value, "dataset_id": value}
    yield "package_search", {"fq": f"text:{_BEGINNING}*"}
    for query in ({"q": "*:*"}, {"fq": "capacity:private"}, {"fq": "+state:*", "fl": "id,name"}):
        facets = {"facet.field": '["tags","res_format","name","title_string","organization"]'}
        yield "package_search", {**query, **facets, "include_private": "true", "rows": "100"}
        yield "package_search", {**query, "include_drafts": "true", "include_deleted": "true"}


def _leaks(canary: Canary, account: Account | None) -> list[str]:
    app = canary.office.world.app
    headers = account.headers if account else {}
    found: list[str] = []
    seen: set[str] = set()
    api = (f"/api/3/action/{action}?{urlencode(params)}" for action, params in _questions(canary))
    for address in (*api, *_addresses(canary)):
        if address in seen:
            continue
        seen.add(address)
        heard = canary.heard(address, _answer(app, address, headers))
        if heard:
            found.append(f"{address} tells {', '.join(heard)}")
    assert len(seen) > 200, "the crawl did not find the portal"
    return found


def _answer(app: Any, address: str, headers: dict[str, str]) -> str:
    """The whole answer. A page of CKAN's that breaks tells nothing but an error page."""
    try:
        answer = app.get(address, headers=headers, follow_redirects=True)
    except Exception:  # noqa: BLE001 - the test client passes on what a server answers with 500
        return ""
    return f"{answer.headers}\n{answer.get_data(as_text=True)}"


@pytest.mark.parametrize("state", ["pending", "withdrawn"])
def test_nobody_hears_the_canary(canary: Canary, state: str) -> None:
    office = canary.office
    office.world.organisation(admin=office.stranger)
    if state == "pending":
        _submit(canary)
    else:
        _withdrawn(canary)
    assert model.Session.query(Submission).count() == 1
    assert "\n".join(_leaks(canary, None) + _leaks(canary, office.stranger)) == ""


def test_the_canary_is_heard_by_its_own_office(canary: Canary) -> None:
    _submit(canary)
    page = f"/dataset/{quote(canary.markers['name'])}"
    answer = canary.office.world.page(page, canary.office.editor).body
    told = set(canary.heard(page, answer))
    assert {"title", "notes", "tag", "resource", "resource id"} <= told
