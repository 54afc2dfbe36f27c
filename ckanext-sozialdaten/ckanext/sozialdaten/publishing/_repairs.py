"""The repair menu of a file: every way to protect it, tried once for each state and stored.

A menu holds the protected copies and a preview of what they change: it is for those who may edit
the working copy, is stored beside the checks, and goes when its file changes.
"""

import base64
import datetime as dt
import io
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.sozialdaten.config import gate_check_at_once_bytes
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _checks, _linked, _store, _uploader
from ckanext.sozialdaten.publishing._repair_menu import menu_of
from ckanext.sozialdaten.publishing.model import Check
from ckanext.sozialdaten.publishing.records import digest

__all__ = [
    "adopt",
    "current",
    "forget",
    "forget_old",
    "forget_stale",
    "is_repairable",
    "repair_job",
    "resource_of",
    "start",
]

# Some hundred cells: several searches and attacks take seconds, a check of the same file moments.
_AT_ONCE_BYTES = 4096
_KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".ods", ".parquet")
_KEEP = dt.timedelta(days=7)
_BROKEN = Message("The versions could not be computed.")


def is_repairable(resource: model.Resource) -> bool:
    """Whether a resource is a table whose bytes the portal holds."""
    return resource.url_type == "upload" and (resource.url or "").lower().endswith(_KINDS)


def resource_of(package: model.Package, resource_id: str) -> model.Resource:
    """A table of a working copy.

    Raises:
        tk.ObjectNotFound: the working copy has no such table.
    """
    for resource in package.resources:
        if resource.id == resource_id and is_repairable(resource):
            return resource
    raise tk.ObjectNotFound(tk._("This working copy has no such table."))


def _key(policy: str, resource_id: str) -> str:
    return f"repair:{policy}:{resource_id}"


def _path(resource: model.Resource) -> Path:
    path = _uploader.file_of({"id": resource.id, "url_type": resource.url_type})
    if path is None:
        raise tk.ObjectNotFound(tk._("This working copy has no such table."))
    return path


def _fingerprint(package: model.Package, resource: model.Resource) -> str:
    """What a menu depends on: all files and layouts of the working copy, and what is public."""
    files = [
        [known.id, known.url, (known.extras or {}).get("layout"), _store.sha256_of(path)]
        for known in package.resources
        if (path := _uploader.file_of({"id": known.id, "url_type": known.url_type}))
    ]
    return digest([resource.id, files, _linked.linked(package).ids])


def start(
    package: model.Package, resource: model.Resource, policy: str, *, again: bool = False
) -> Check:
    """The menu of a file: stored, made at once, or begun as a job.

    Args:
        package: the working copy.
        resource: one of its tables.
        policy: name of the policy.
        again: whether to try anew where a menu is stored, or could not be made.
    """
    fingerprint, key = _fingerprint(package, resource), _key(policy, resource.id)
    found = _checks.stored(fingerprint, key)
    if found and (found.state == "running" or not again):
        return found
    forget(resource.id)
    forget_old()
    size = sum(path.stat().st_size for path in _checks.paths_of(package).values())
    if size > min(_AT_ONCE_BYTES, gate_check_at_once_bytes()):
        _checks.save(fingerprint, key, "running", {"done": 0, "of": 0})
        tk.enqueue_job(
            repair_job,
            [package.id, resource.id, policy, fingerprint],
            title=f"repair {resource.id}",
            rq_kwargs={"timeout": 3600},
        )
    else:
        _make(package, resource, policy, fingerprint, None)
    made = _checks.stored(fingerprint, key)
    assert made is not None  # noqa: S101 - just written
    return made


def current(package: model.Package, resource: model.Resource, policy: str) -> Check | None:
    """The stored menu of a file as it stands now, if there is one."""
    return _checks.stored(_fingerprint(package, resource), _key(policy, resource.id))


def repair_job(package_id: str, resource_id: str, policy: str, fingerprint: str) -> None:
    """The background job: try all ways for a file if it still is what was asked about."""
    key = _key(policy, resource_id)
    try:
        package = model.Package.get(package_id)
        if package is None:
            forget(resource_id)
            return
        resource = resource_of(package, resource_id)
        if _fingerprint(package, resource) != fingerprint:
            forget(resource_id)
            return

        def tell(done: int, of: int) -> None:
            _checks.save(fingerprint, key, "running", {"done": done, "of": of})

        _make(package, resource, policy, fingerprint, tell)
    except Exception:
        model.Session.rollback()
        _checks.save(fingerprint, key, "failed", {"problem": [_BROKEN.both()]})
        raise


def _make(
    package: model.Package,
    resource: model.Resource,
    policy: str,
    fingerprint: str,
    tell: Callable[[int, int], None] | None,
) -> None:
    state, report = "done", dict[str, Any]()
    try:
        with tempfile.TemporaryDirectory(prefix="sozialdaten-repair-") as folder:
            beside = _checks.Beside(
                _linked.linked(package), Path(folder, "named"), _checks.paths_of(package)
            )
            report = menu_of(resource, policy, beside, tell)
    except SozialdatenError as error:
        texts = (error.message, *([error.hint] if error.hint else []))
        state, report = "failed", {"problem": [text.both() for text in texts]}
    _checks.save(fingerprint, _key(policy, resource.id), state, report)


def forget(resource_id: str) -> None:
    """Delete the menus of a resource."""
    _delete(Check.policy.like(f"repair:%:{resource_id}"))
    model.Session.commit()


def forget_stale(package: model.Package) -> None:
    """Delete the menus of a working copy's tables that no longer are what they were."""
    for resource in filter(is_repairable, package.resources):
        mine = Check.policy.like(f"repair:%:{resource.id}")
        known = set(model.Session.scalars(sa.select(Check.fingerprint).where(mine).distinct()))
        if known - ({_fingerprint(package, resource)} if known else set()):
            _delete(mine, Check.fingerprint != _fingerprint(package, resource))
    model.Session.commit()


def forget_old() -> None:
    """Delete menus that nobody has taken for a week; the caller commits."""
    before = dt.datetime.now(dt.UTC) - _KEEP
    _delete(Check.policy.like("repair:%"), Check.updated_at < before)


def _delete(*conditions: Any) -> None:
    model.Session.execute(sa.delete(Check).where(*conditions))


def adopt(
    context: Context, resource: model.Resource, menu: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """Make a safe alternative the file of its resource, in the user's name.

    Returns:
        the alternative.

    Raises:
        tk.ValidationError: there is no such alternative, or it is not safe.
    """
    chosen = next((one for one in menu["alternatives"] if one["name"] == name), None)
    if chosen is None or chosen["outcome"] != "safe":
        raise tk.ValidationError({"alternative": [tk._("There is no safe version of this name.")]})
    data = zlib.decompress(base64.b64decode(menu["copies"][name]))
    change: dict[str, Any] = {
        "id": resource.id,
        "format": "CSV",
        "upload": FileStorage(io.BytesIO(data), chosen["filename"]),
    }
    extras = resource.extras or {}
    if chosen["layout"]:
        change["layout"] = Layout.from_json(chosen["layout"]).to_json_text()
    if extras.get("encoding"):
        change["encoding"] = "utf-8"
    tk.get_action("resource_patch")(tk.fresh_context(context), change)
    return chosen
