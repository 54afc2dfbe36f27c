"""Many working copies at once: the datasets of a foreign catalogue, in one transaction.

One commit and one commit of the search index for all of them; what has not changed costs one query.
Harvesters call this in their own process, as an account without special rights. Whether it may
write is asked once for each organisation of a batch and for each dataset that is there already, not
again for every part of it. There is no action for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import _index, _many
from ckanext.sozialdaten.publishing.model import Dataset, is_released

__all__ = ["Written", "known", "retire", "write_all"]


@dataclass(slots=True)
class Written:
    """What became of each copy, by its key."""

    created: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])
    unchanged: list[str] = field(default_factory=list[str])
    refused: dict[str, Any] = field(default_factory=dict[str, Any])


def known(catalogue: str) -> dict[str, str]:
    """Key -> digest of the working copies that a catalogue has here."""
    rows = model.Session.execute(
        sa.select(Dataset.source, Dataset.content)
        .join(model.Package, model.Package.id == Dataset.working_copy_id)
        .where(
            Dataset.source.startswith(f"{catalogue}/", autoescape=True),
            model.Package.state == "active",
        )
    )
    return {str(source): str(content or "") for source, content in rows}


def write_all(context: Context, catalogue: str, copies: Sequence[Mapping[str, Any]]) -> Written:
    """Create or update working copies; those of unchanged digest are left alone.

    A change that is refused takes the whole transaction with it (CKAN rolls back), so the others
    are written again without it. A new one that is refused is left out.
    """
    refused: dict[str, Any] = {}
    while True:
        rest = [copy for copy in copies if copy["key"] not in refused]
        written, ids, failed = _attempt(context, catalogue, rest)
        if failed is None:
            break
        refused.update([failed])
    model.Session.commit()
    if ids:
        _index.refresh_many(ids)
        done = {*written.created, *written.changed}
        _confirm([copy for copy in rest if copy["key"] in done])
    written.refused |= refused
    return written


def _confirm(copies: Sequence[Mapping[str, Any]]) -> None:
    """Note what was written only now that the index has it: who dies before writes it again."""
    digests = {str(copy["key"]): str(copy["digest"]) for copy in copies}
    for key, (row, _) in _rows(list(digests)).items():
        row.content = digests[key]
    model.Session.commit()


def _attempt(
    context: Context, catalogue: str, copies: Sequence[Mapping[str, Any]]
) -> tuple[Written, list[str], tuple[str, Any] | None]:
    """Write all in the open transaction; stops at the first change that is refused."""
    _lock(catalogue)
    rows = _rows([str(copy["key"]) for copy in copies])
    for owner in {str(copy["dataset"].get("owner_org")) for copy in copies}:
        tk.check_access("package_create", tk.fresh_context(context), {"owner_org": owner})
    written, ids = Written(), list[str]()
    fresh = dict[str, Mapping[str, Any]]()
    for copy in copies:
        key = str(copy["key"])
        row, package = rows.get(key, (None, None))
        if row is None or package is None:
            fresh[key] = {**copy["dataset"], "resources": copy["resources"]}
        elif row.content == copy["digest"]:
            written.unchanged.append(key)
        else:
            try:
                ids.append(_changed(context, copy, row, package))
            except tk.ValidationError as error:
                model.Session.rollback()
                return written, [], (key, error.error_summary)
            written.changed.append(key)
    made = _many.create(context, fresh)
    _connect(made.ids, rows)
    written.created, written.refused = list(made.ids), made.refused
    return written, [*ids, *made.ids.values()], None


def _lock(catalogue: str) -> None:
    model.Session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 0))"), {"source": catalogue}
    )


def _rows(keys: list[str]) -> dict[str, tuple[Dataset, model.Package | None]]:
    """The gate's rows of some keys, each with its working copy if that still exists."""
    found = model.Session.execute(
        sa.select(Dataset, model.Package)
        .join(
            model.Package,
            sa.and_(model.Package.id == Dataset.working_copy_id, model.Package.state == "active"),
            isouter=True,
        )
        .where(Dataset.source.in_(keys))
    )
    return {str(row.source): (row, package) for row, package in found}


def _changed(
    context: Context, copy: Mapping[str, Any], row: Dataset, package: model.Package
) -> str:
    """Update one working copy without a commit; its id."""
    tk.check_access("package_update", tk.fresh_context(context), {"id": package.id})
    deferred = tk.fresh_context(context, defer_commit=True, ignore_auth=True)
    deferred["return_id_only"] = True
    # an address that readers know stays; files keep their ids by their names
    kept = {resource.name: resource.id for resource in package.resources}
    resources = [
        {**resource, **({"id": kept[resource["name"]]} if resource["name"] in kept else {})}
        for resource in copy["resources"]
    ]
    own = {"id": package.id, "name": package.name, "private": True, "resources": resources}
    _quietly("package_update", deferred, {**copy["dataset"], **own})
    row.content = None
    return str(package.id)


def _connect(
    ids: Mapping[str, str], rows: Mapping[str, tuple[Dataset, model.Package | None]]
) -> None:
    """Note which dataset of the catalogue each new working copy is."""
    for key in ids:
        if key in rows:  # its working copy was deleted: the dataset starts anew
            rows[key][0].source = None
    model.Session.flush()
    model.Session.add_all(
        Dataset(working_copy_id=identifier, source=key) for key, identifier in ids.items()
    )
    model.Session.flush()


def _quietly(action: str, context: Context, fields: dict[str, Any]) -> Any:
    """An action with all its chains and checks of access, without the signal that makes activities.

    Thousands of entries “has changed a dataset” tell nobody anything, and cost as much as writing.
    """
    inner: Any = getattr(tk.get_action(action), "__wrapped__", None) or tk.get_action(action)
    return inner(context, fields)


def retire(context: Context, catalogue: str, keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Delete working copies that were never released; released ones stay for people to decide on.

    Returns:
        Keys of the deleted ones and of those that stay.
    """
    gone, stay = list[str](), list[str]()
    own = [key for key in keys if key.startswith(f"{catalogue}/")]
    for key, (row, package) in _rows(own).items():
        if package is None:
            continue
        if row.released_id and is_released(row.released_id):
            stay.append(key)
            continue
        tk.get_action("package_delete")(tk.fresh_context(context), {"id": package.id})
        gone.append(key)
    return gone, stay
