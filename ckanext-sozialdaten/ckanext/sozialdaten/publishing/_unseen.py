"""What a reader may not read does not exist for them: a hidden name is answered as one nobody has.

CKAN says 403 to who asks for a hidden dataset and 404 for an unknown one, and so confirms names.
Before a request is handled, each identifier in it that names something its sender may not know of
(a dataset, file, preview, activity, release, submission) is exchanged for one that nobody has.
Every page and action then answers what it answers to an unknown name, by the same code: same
status, same text, same time. Afterwards the sender's own words are put back where the answer
repeats them.

Ids are exchanged wherever they stand alone. A name is exchanged only where the address or the key
says that it is one of a dataset: groups, regions and indicators may have the same.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import ckan.plugins as p
import sqlalchemy as sa
from ckan import authz, model
from ckan.common import current_user
from flask import g, request
from werkzeug.datastructures import ImmutableMultiDict

from ckanext.sozialdaten.publishing import _publishers
from ckanext.sozialdaten.publishing.model import Dataset, Reviewer, Submission

__all__ = ["before_request", "restore"]

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[a-z0-9_-]{2,100}")
# Addresses whose arguments are names of datasets.
_NAMED_PATH = re.compile(r"/(dataset|harvest|dokumente|datastore)\b")
# Actions whose ``id`` may be the name of a dataset.
_NAMED_ACTION = re.compile(
    r"package|dataset|harvest_source|bulk_update|sozialdaten_(check|submit|comment|formulas|protect|release)"
)
_NAMED_KEY = re.compile(r"(dataset|package)s?(_id)?|name_or_id|object|subject|match__(id|name)")
_PARENTS = ("match", "packages")
_ROWS = "records"  # of a table of the DataStore: data, no identifiers
_NAMED = """
    SELECT id AS value, id AS package_id FROM package WHERE id = ANY(:ids)
    UNION ALL SELECT name, id FROM package WHERE name = ANY(:names)
    UNION ALL SELECT id, package_id FROM resource WHERE id = ANY(:ids)
    UNION ALL SELECT v.id, r.package_id FROM resource_view v
        JOIN resource r ON r.id = v.resource_id WHERE v.id = ANY(:ids)
    UNION ALL SELECT r.id, r.dataset_id FROM sozialdaten_release r
        JOIN sozialdaten_withdrawal w ON w.release_id = r.id WHERE r.id = ANY(:ids)
    UNION ALL SELECT id, dataset_id FROM sozialdaten_submission WHERE id = ANY(:ids)
"""
_ACTIVITIES = """
    UNION ALL SELECT a.id, coalesce(r.package_id, a.object_id) FROM activity a
        LEFT JOIN resource_view v ON v.id = a.object_id
        LEFT JOIN resource r ON r.id = v.resource_id
        WHERE a.id = ANY(:ids)
        AND (a.activity_type LIKE '%package' OR a.activity_type LIKE '%view')
"""
_NOT_PUBLIC = """
    p.id IS NULL OR p.private OR p.state <> 'active' OR NOT sozialdaten_is_released(p.id)
"""

_Change = Callable[[str, bool], str]


def before_request() -> None:
    """Exchange every identifier of the request that names what its sender may not know of.

    The pages of releases are left to themselves: they know neither hidden nor unknown names, and
    what was withdrawn leaves a tombstone there.
    """
    if (request.blueprint or "") == "sozialdaten_releases" or request.endpoint == "static":
        return
    ids, names = set[str](), set[str]()

    def note(text: str, may_be_name: bool) -> str:
        if _ID.fullmatch(text):
            ids.add(text)
        if may_be_name and _NAME.fullmatch(text):
            names.add(text)
        return text

    _rewrite(note)
    hidden = _hidden(ids, names) if ids or names else {}
    if hidden:
        g.sozialdaten_unseen = hidden

        def exchange(text: str, may_be_name: bool) -> str:
            return hidden.get(text, text) if may_be_name or _ID.fullmatch(text) else text

        _rewrite(exchange)


def restore(response: Any) -> Any:
    """Put the sender's own words back into an answer that repeats them."""
    hidden: dict[str, str] = g.get("sozialdaten_unseen") or {}
    if not hidden or response.is_streamed or response.direct_passthrough:
        return response
    body = response.get_data()
    for word, unknown in hidden.items():
        body = body.replace(unknown.encode(), word.encode())
        if "Location" in response.headers:
            response.headers["Location"] = response.headers["Location"].replace(unknown, word)
    response.set_data(body)
    return response


# --- what a request names


def _rewrite(change: _Change) -> None:
    """Let ``change`` see each text of the request and put another in its place."""
    asked: Any = request._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
    named = bool(_NAMED_PATH.match(str(request.url_rule or "")))
    if asked.view_args:
        asked.view_args = {
            key: change(value, named) if isinstance(value, str) else value
            for key, value in asked.view_args.items()
        }
    asked.args = _changed_form(asked.args, change)
    if asked.form:
        asked.form = _changed_form(asked.form, change)
    elif asked.is_json and isinstance(body := asked.get_json(silent=True), dict):
        changed = _changed(body, (), change)
        body.clear()  # the very object that the view is given, too
        body.update(changed)


def _changed_form(form: Any, change: _Change) -> Any:
    """Parameters of an address or a form; one key that is a JSON text is read as that."""
    pairs: list[tuple[str, str]] = []
    for key, value in form.items(multi=True):
        body = _json(key) if key.startswith("{") and len(form) == 1 else None
        if body is None:
            pairs.append((key, _changed(value, (_role(key, form),), change)))
        else:
            pairs.append((json.dumps(_changed(body, (), change)), value))
    return ImmutableMultiDict(pairs)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _changed(value: Any, path: tuple[str, ...], change: _Change) -> Any:
    """A JSON value with its texts changed; ``path``: the keys that lead to it."""
    if isinstance(value, str):
        return change(value, _may_be_name(path))
    if isinstance(value, list):
        return [_changed(one, path, change) for one in value]
    if isinstance(value, dict):
        return {
            key: one if key == _ROWS else _changed(one, (*path, _role(key, value)), change)
            for key, one in value.items()
        }
    return value


def _role(key: Any, among: Iterable[str]) -> str:
    """The key of a value; beside an id, a name is one that somebody wants to give."""
    return "new name" if key == "name" and "id" in among else str(key)


def _may_be_name(path: tuple[str, ...]) -> bool:
    """Whether the value of a parameter may be the name of a dataset that there is.

    The name of a new one is not: somebody who may create datasets learns that a name is taken.
    """
    key = path[-1] if path else ""
    if _NAMED_KEY.fullmatch(key) or (len(path) > 1 and path[-2] in _PARENTS):
        return True
    action = str((request.view_args or {}).get("logic_function", ""))
    if key == "name" and action.endswith("_create"):
        return False
    named = bool(_NAMED_ACTION.search(action) or _NAMED_PATH.match(request.path))
    return key in ("id", "name") and named


# --- what its sender may know of


def _hidden(ids: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """The identifiers that name what the sender may not know of, and what stands in for each."""
    named = _NAMED + (_ACTIVITIES if p.plugin_loaded("activity") else "")
    query = sa.text(
        f"SELECT named.value, named.package_id FROM ({named}) named"  # noqa: S608 - texts of this file
        f" LEFT JOIN package p ON p.id = named.package_id WHERE {_NOT_PUBLIC}"
    )
    found = model.Session.execute(query, {"ids": list(ids), "names": list(names)}).all()
    known = {package_id: _knows(package_id) for package_id in {row.package_id for row in found}}
    return {
        row.value: str(uuid.uuid4()) if _ID.fullmatch(row.value) else uuid.uuid4().hex
        for row in found
        if not known[row.package_id]
    }


def _knows(package_id: str) -> bool:
    """Whether the sender may know that there is this dataset, which is not public."""
    if not current_user.is_authenticated:
        return False
    user = model.User.get(current_user.name)
    if user is None or user.state != "active":
        return False
    if user.sysadmin or (model.Package.get(package_id) is not None and _reads(user, package_id)):
        return True
    came_to_review = Submission.newest(package_id) or Dataset.of_released(package_id)
    if came_to_review is None:
        return False
    return Reviewer.current(user.id) is not None or _publishers.is_publisher(user.id, package_id)


def _reads(user: Any, package_id: str) -> bool:
    context: Any = {"user": user.name, "auth_user_obj": user}
    return bool(authz.is_authorized("package_show", context, {"id": package_id}).get("success"))
