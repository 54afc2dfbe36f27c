"""Every question that the portal answers to GET, put with all that an attacker may know.

An attacker knows names, ids and old addresses; an answer that only repeats its question tells
nothing. Addresses come from the map of the application and actions from its registry, so that a
new one is asked without anybody thinking of it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

import ckan.logic
from canary_world import BEGINNING, Canary, activities
from ckan_world import Account
from werkzeug.routing import BuildError

__all__ = ["Known", "addresses", "answer", "heard", "questions"]

Known = dict[str, list[str]]

# The kind of what an argument of an address is given, by its name; all others get datasets, people.
_KINDS = {
    "ver": "version", "version": "version", "number": "number", "other": "number",
    "release_id": "decision", "submission_id": "decision", "proposal_id": "text",
    "activity_id": "activity",
    "filename": "file", "_format": "rdf", "format": "word", "extension": "word",
    "vendor": "word", "logic_function": "action", "name": "dataset", "dataset": "dataset",
    "package_name": "dataset", "package_id": "dataset", "lang": "word", "rule": "word",
    "key": "word", "path": "word", "location": "file", "storage_name": "word", "token": "word",
}  # fmt: skip
_IDS = ("released id", "package id")
_QUERY = "?" + urlencode({"q": BEGINNING, "query": BEGINNING, "incomplete": BEGINNING})
# Actions and addresses that know datasets and releases are asked about every canary; the others,
# on people, groups or jobs, about one.
_KNOWS_DATASETS = re.compile(
    r"package|resource|view|datastore|sozialdaten|activity|dataset|file|pruefung"
)
_KNOWS_TEXTS = re.compile(r"proposal|pruefung")
_NOT_ASKED = re.compile(
    r"^/(webassets|base|vendor|static|_debug|user/_logout|api/3/action|api/<.*action|no/|zh_|<path)"
)
_FACETS = '["tags","res_format","name","title_string","organization","license_id","groups"]'


def known(canary: Canary) -> Known:
    """What an attacker knows of a canary, by kind."""
    ids, words = canary.ids, canary.words

    def present(*names: str) -> list[str]:
        return [(words | ids)[name] for name in names if name in words or name in ids]

    return {
        # The name is that of the release, once there was one.
        "dataset": present("name", "package id") if "name" in words else present(*_IDS),
        "released": present("released id"),
        "resource": present("resource id", "released resource id"),
        "view": present("view id"),
        "decision": present("release id", "submission id"),
        "text": [ids[name] for name in sorted(ids)] if canary.kind == "texts" else [],
        "file": [f"{words['file']}.csv"] if "file" in words else [],
        "number": ["1", "2"],
    }


def _common(canaries: Iterable[Canary], people: list[str]) -> Known:
    office = next(iter(canaries)).office
    return {
        "version": ["3"],
        "rdf": ["ttl", "jsonld"],
        "word": ["karte"],
        "action": ["package_list"],
        "activity": activities(),
        "other": [office.organisation["name"], *people],
    }


def _values(path: str, name: str, given: Known) -> list[str]:
    """What an attacker puts in the place of an argument."""
    if "resource" in name:
        return given["resource"]
    if name == "view_id":
        return given["view"]
    if name == "name" and "any(" in path:
        return given["word"]
    if name in _KINDS:
        return given[_KINDS[name]]
    if path.startswith(("/dataset", "/harvest", "/file", "/datastore")):
        # An old activity tells of any dataset: it is not asked once for each of them.
        return given["activity"] if "activity" in path or "changes" in path else given["dataset"]
    return given["other"]


def addresses(app: Any, canaries: list[Canary], people: list[str]) -> Iterator[tuple[str, str]]:
    """Endpoint and address of all that answers to GET; datasets one by one, the rest once."""
    common, seen = _common(canaries, people), set[str]()
    with app.flask_app.test_request_context():
        adapter = app.flask_app.create_url_adapter(None) or app.flask_app.url_map.bind("test.test")
        for rule in app.flask_app.url_map.iter_rules():
            if "GET" not in rule.methods or _NOT_ASKED.match(str(rule)):
                continue
            for canary in _about(str(rule), canaries):
                given = common | known(canary)
                choices = [_values(str(rule), name, given) for name in rule.arguments]
                for values in _together(choices):
                    arguments = dict(zip(rule.arguments, values, strict=True))
                    try:
                        built = adapter.build(rule.endpoint, arguments, force_external=False)
                    except (BuildError, ValueError):
                        continue  # a converter refuses this value
                    if built not in seen:
                        seen.add(built)
                        yield rule.endpoint, built + _QUERY


def _about(name: str, canaries: list[Canary]) -> list[Canary]:
    asked = canaries if _KNOWS_DATASETS.search(name) else canaries[:1]
    return [one for one in asked if one.kind != "texts" or _KNOWS_TEXTS.search(name)]


def _together(choices: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """Values of several arguments that belong together: the first of each, the second of each."""
    longest = max((len(values) for values in choices), default=1)
    for place in range(longest if all(choices) else 0):
        yield tuple(values[min(place, len(values) - 1)] for values in choices)


_LISTING: dict[str, str] = {
    "q": BEGINNING, "query": f"name:{BEGINNING}", "object_type": "package", "rows": "100",
    "include_private": "true", "include_datasets": "true", "all_fields": "true",
    "include_data": "true", "include_hidden_activity": "true", "limit": "100",
}  # fmt: skip
_SEARCHES: tuple[dict[str, str], ...] = (
    {"fq": f"text:{BEGINNING}*"},
    {"q": f"title:{BEGINNING}* OR notes:{BEGINNING}* OR tags:{BEGINNING}*"},
    {"q": "*:*", "facet.field": _FACETS, "facet.limit": "-1", "include_private": "true"},
    {"fq": "capacity:private", "facet.field": _FACETS, "include_private": "true"},
    {"fq": "{!lucene}*:*", "include_private": "true", "rows": "100"},
    {"q": "*:* OR permission_labels:*", "include_private": "true"},
    {"fq": "+state:*", "fl": "id,name,title,data_dict,validated_data_dict", "rows": "100"},
    {"q": "*:*", "include_drafts": "true", "include_deleted": "true", "rows": "100"},
    {"q": "*:*", "sort": "title_string desc", "use_default_schema": "true", "rows": "100"},
)


def questions(canaries: list[Canary], people: list[str]) -> Iterator[tuple[str, str]]:
    """Action and address of every action without side effects, with every object there is."""
    common = _common(canaries, people)
    ckan.logic.get_action("package_list")  # fills the registry
    for name in sorted(ckan.logic._actions):
        if not getattr(ckan.logic._actions[name], "side_effect_free", False):
            continue
        asked = [{}, _LISTING]
        own = _objects(_about(name, canaries)) + common["other"]
        if name.startswith("activity_"):
            own = common["activity"]
        asked += [_LISTING | {"id": v, "resource_id": v, "dataset_id": v} for v in own]
        asked += _SEARCHES if name in ("package_search", "dcat_catalog_search") else ()
        for params in asked:
            strict = {k: v for k, v in params.items() if _takes(name, k)}
            yield name, f"/api/3/action/{name}?{urlencode(strict)}"


def _objects(canaries: list[Canary]) -> list[str]:
    kinds = ("dataset", "released", "resource", "view", "decision", "text")
    return [value for canary in canaries for kind in kinds for value in known(canary)[kind]]


# Actions that refuse arguments which they do not know.
_STRICT = {
    "datastore_search": ("resource_id",),
    "package_search": tuple({key for search in _SEARCHES for key in search}),
}


def _takes(action: str, key: str) -> bool:
    return action not in _STRICT or key in _STRICT[action]


def answer(app: Any, address: str, account: Account | None, method: str = "GET") -> str:
    """Headers and body of an answer, without cookies of an earlier one."""
    headers = account.headers if account else {}
    found = app.test_client(use_cookies=False).open(address, method=method, headers=headers)
    return f"{found.headers}\n{found.get_data(as_text=True)}"


def heard(address: str, said: str, secrets: dict[str, str]) -> list[str]:
    """The names of the secrets that an answer tells although the question did not know them."""
    return [name for name, one in secrets.items() if one in said and one not in address]
