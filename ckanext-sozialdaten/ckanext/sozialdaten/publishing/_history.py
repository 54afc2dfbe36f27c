"""Releases of a dataset by number, their files and tables, and what lies between two of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.publishing import _store, _tables
from ckanext.sozialdaten.publishing._diff import compare
from ckanext.sozialdaten.publishing.model import Release, ReleasedFile

__all__ = [
    "FileDiff",
    "MetadataDiff",
    "changed_fields",
    "changed_values",
    "diff",
    "files_of",
    "release_of",
    "releases_of",
    "table_diff",
    "table_of",
]

_MOST_ROWS = 300_000


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What changed in one file.

    Args:
        name: the resource.
        state: ``new``, ``removed``, ``unchanged`` or ``changed``.
        table: the difference of its tables; None where there is none or where they are too big to
            be compared while somebody waits.
    """

    name: str
    state: str
    table: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MetadataDiff:
    """Metadata fields that differ, and files."""

    fields: tuple[str, ...]
    files: tuple[FileDiff, ...]

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON."""
        files = [{"name": f.name, "state": f.state, "table": f.table} for f in self.files]
        return {"metadata": list(self.fields), "files": files}


def releases_of(dataset_id: str) -> list[Release]:
    """All releases of a released dataset, the newest first."""
    query = sa.select(Release).where(Release.dataset_id == dataset_id)
    return list(model.Session.execute(query.order_by(Release.number.desc())).scalars())


def release_of(dataset_id: str, number: int) -> Release | None:
    """A release by its number."""
    query = sa.select(Release).where(Release.dataset_id == dataset_id, Release.number == number)
    found: Release | None = model.Session.execute(query).scalar_one_or_none()
    return found


def files_of(release: Release) -> list[ReleasedFile]:
    """The files of a release, in the order of its record."""
    query = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
    order = [file["sha256"] for file in release.record["public"]["files"]]
    found = list(model.Session.execute(query).scalars())
    return sorted(found, key=lambda file: (order.index(file.sha256), file.filename))


def table_of(release: Release, file: dict[str, Any]) -> _tables.Table | None:
    """The table of a recorded file; None if it is none or cannot be read."""
    layout = release.record["internal"]["layouts"].get(file["sha256"])
    path: Path = _store.path_of(file["sha256"])
    if not layout or not _tables.is_table(file["filename"]) or not path.is_file():
        return None
    try:
        return _tables.open_table(path, file["filename"], Layout.from_json(layout))
    except SozialdatenError:
        return None


def diff(old: Release, new: Release) -> MetadataDiff:
    """What changed from one release to another one of the same dataset."""
    before = {file["name"]: file for file in old.record["public"]["files"]}
    after = {file["name"]: file for file in new.record["public"]["files"]}
    files = [_file_diff(old, new, before.get(name), file) for name, file in after.items()]
    files += [FileDiff(name, "removed") for name in before if name not in after]
    states = (release.record["internal"]["source_state"] for release in (old, new))
    return MetadataDiff(changed_fields(*states), tuple(files))


def _file_diff(
    old: Release, new: Release, before: dict[str, Any] | None, after: dict[str, Any]
) -> FileDiff:
    if before is None:
        return FileDiff(after["name"], "new")
    if before["sha256"] == after["sha256"]:
        return FileDiff(after["name"], "unchanged")
    now = table_of(new, after)
    return FileDiff(after["name"], "changed", table_diff(old, before, now) if now else None)


def table_diff(old: Release, before: dict[str, Any], now: _tables.Table) -> dict[str, Any] | None:
    """The difference of a recorded file and a table; None if they cannot be compared at once."""
    then = table_of(old, before)
    if then is None or before.get("rows", 0) > _MOST_ROWS:
        return None
    try:
        return compare(then, now).to_json()
    except SozialdatenError:
        return None


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of metadata fields that differ between two states of a dataset."""
    return tuple(name for name, _, _ in changed_values(old, new))


def changed_values(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[tuple[str, Any, Any], ...]:
    """Metadata fields that differ between two states of a dataset: name, old and new value."""

    def flat(state: Mapping[str, Any]) -> dict[str, Any]:
        fields = {k: v for k, v in state["package"].items() if k not in ("extras", "id", "name")}
        own = state["package"].get("extras", {})
        return fields | own | {"tags": state["tags"], "groups": state.get("groups", [])}

    before, after = flat(old), flat(new)
    names = before.keys() | after.keys()
    return tuple(
        (name, before.get(name), after.get(name))
        for name in sorted(names)
        if before.get(name) != after.get(name)
    )
