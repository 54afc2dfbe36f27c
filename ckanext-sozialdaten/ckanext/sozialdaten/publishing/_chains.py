"""Ring 2: every action that writes refuses what only a release may do.

The gate is the last plugin, so that these functions stand innermost and see what really is written.
Sysadmins and ``ignore_auth`` obey too: actions are chained, not authorisations.
"""

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from flask import has_request_context

from ckanext.sozialdaten.publishing import _gate
from ckanext.sozialdaten.publishing.model import Dataset

__all__ = ["CORE", "DATASTORE", "OTHERS", "refusal"]

_HARVEST_SOURCE = "harvest"
_PATTERN = "-REPEATING-INDEX"
_TRUE = frozenset({"true", "yes", "t", "y", "1"})  # what CKAN's boolean validator takes for true


def refusal(released_id: str) -> tk.ValidationError | None:
    """Why a released dataset may not be written; who reads its working copy is told the way."""
    row = None if _gate.is_open() else Dataset.of_released(released_id)
    if row is None:
        return None
    if has_request_context() and not tk.h.check_access("package_show", {"id": row.working_copy_id}):
        text = tk._("This dataset is released and never changes.")
        return tk.ValidationError({"released": [text]})
    link = tk.url_for("dataset.read", id=row.working_copy_id, qualified=True)
    text = tk._(
        "This dataset is released and never changes. Change its working copy instead and submit it"
        " for review: {link}"
    )
    return tk.ValidationError({"released": [text.format(link=link)]})


def _refuse_released(package_id_or_name: Any) -> None:
    package = model.Package.get(package_id_or_name) if package_id_or_name else None
    error = refusal(package.id) if package else None
    if error:
        raise error


def _refuse_released_resource(resource_id: Any) -> None:
    resource = model.Resource.get(resource_id) if resource_id else None
    if resource:
        _refuse_released(resource.package_id)


def _refuse_released_view(view_id: Any) -> None:
    view = model.ResourceView.get(view_id) if view_id else None
    if view:
        _refuse_released_resource(view.resource_id)


def _says_public(value: Any) -> bool:
    return value.lower() not in _TRUE if isinstance(value, str) else not value


def _keep_private(data_dict: dict[str, Any], kind: str | None) -> None:
    """Make the dataset private; saying otherwise is an error that names the way."""
    asked = data_dict.get("private")
    if asked not in (None, "") and _says_public(asked) and kind != _HARVEST_SOURCE:
        raise tk.ValidationError(
            {
                "private": [
                    tk._(
                        "A working copy is always private. It becomes public when it is checked,"
                        " submitted for review and released by a reviewer."
                    )
                ]
            }
        )
    data_dict["private"] = True


def _refuse_foreign_ids(data_dict: dict[str, Any], own: Iterable[str]) -> None:
    """Resource ids are given by the portal: a chosen one could revive another dataset's file."""
    resources = data_dict.get("resources")
    allowed = set(own)
    for resource in resources if isinstance(resources, list) else []:
        chosen = resource.get("id") if isinstance(resource, dict) else None
        if chosen and chosen not in allowed:
            raise tk.ValidationError(
                {"resources": [tk._("The id of a new resource is given by the portal.")]}
            )


def _drop_templates(data_dict: dict[str, Any]) -> None:
    """Forget the empty pattern that a form sends beside its repeated fields.

    ckanext-scheming takes it out of the page by a script; without one, or before it has run, the
    pattern would be stored as a contact, publisher or period of its own and shift the others.
    """
    resources = data_dict.get("resources")
    for fields in (data_dict, *(resources if isinstance(resources, list) else ())):
        if isinstance(fields, dict):
            for key in [key for key in fields if isinstance(key, str) and _PATTERN in key]:
                del fields[key]


@tk.chained_action
def package_create(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A new dataset is private, whoever creates it."""
    _drop_templates(data_dict)
    if not _gate.is_open():
        _keep_private(data_dict, data_dict.get("type"))
        _refuse_foreign_ids(data_dict, ())
    return original(context, data_dict)


@tk.chained_action
def package_update(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A working copy stays private, a released dataset stays as it is."""
    _drop_templates(data_dict)
    package = model.Package.get(data_dict.get("id") or data_dict.get("name"))
    if package and not _gate.is_open():
        _refuse_released(package.id)
        _keep_private(data_dict, package.type)
        _refuse_foreign_ids(data_dict, [resource.id for resource in package.resources_all])
    return original(context, data_dict)


@tk.chained_action
def bulk_update_public(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Datasets are published one by one, by a release."""
    tk.check_access("bulk_update_public", context, data_dict)
    _keep_private({"private": False}, None)
    return original(context, data_dict)


def _guarded(check: Any, *keys: str) -> Any:
    """A chained action that lets ``check`` refuse the object named by one of ``keys``."""

    @tk.chained_action
    def guarded(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
        for key in () if _gate.is_open() else keys:
            check(data_dict.get(key))
        return original(context, data_dict)

    return guarded


@tk.chained_action
def package_revise(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Refuse a released dataset, however the caller names it."""
    match = data_dict.get("match")
    for named in (match if isinstance(match, dict) else {}, data_dict):
        for key in ("id", "name", "match__id", "match__name"):
            _refuse_released(named.get(key))
    return original(context, data_dict)


@tk.chained_action
def package_collaborator_create(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Collaborators would widen who reads what is not approved."""
    tk.check_access("package_collaborator_create", context, data_dict)
    if _gate.is_open():
        return original(context, data_dict)
    raise tk.ValidationError(
        {"id": [tk._("Working copies are read by the members of their organisation alone.")]}
    )


def _refuse_organisation_with_releases(organisation_id: Any) -> None:
    group = model.Group.get(organisation_id) if organisation_id else None
    if group is None:
        return
    owned = model.Session.query(model.Package.id).filter(model.Package.owner_org == group.id)
    if any(refusal(package_id) for (package_id,) in owned):
        raise tk.ValidationError(
            {"id": [tk._("The organisation owns releases; withdraw them before it is removed.")]}
        )


@tk.chained_action
def organization_removed(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """An organisation that owns releases stays: its datasets would change their owner."""
    _refuse_organisation_with_releases(data_dict.get("id"))
    return original(context, data_dict)


@tk.chained_action
def no_default_views(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A release makes its views itself, inside its own transaction."""
    return [] if _gate.is_open() else original(context, data_dict)


no_default_views.auth_audit_exempt = True  # pyright: ignore[reportFunctionMemberAccess]


@tk.chained_action
def membership_changed(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A released dataset does not move to another organisation or group."""
    if data_dict.get("object_type") == "package":
        _refuse_released(data_dict.get("object"))
    return original(context, data_dict)


def _members_of(group: model.Group | None) -> set[str]:
    """The ids of the datasets that belong to a group."""
    if group is None:
        return set()
    found = model.Session.query(model.Member.table_id).filter_by(
        group_id=group.id, table_name="package", state="active"
    )
    return {package_id for (package_id,) in found}


@tk.chained_action
def group_content_changed(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A release neither joins nor leaves a group: its page and its search entry name the groups."""
    listed = data_dict.get("packages")
    if isinstance(listed, list):
        named = [item.get("id") or item.get("name") for item in listed if isinstance(item, dict)]
        wanted = {found.id for name in named if name and (found := model.Package.get(name))}
        present = _members_of(model.Group.get(data_dict.get("id") or data_dict.get("name")))
        for package_id in sorted(wanted ^ present):
            _refuse_released(package_id)
    return original(context, data_dict)


@tk.chained_action
def group_removed(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A group that holds releases stays."""
    for package_id in sorted(_members_of(model.Group.get(data_dict.get("id")))):
        _refuse_released(package_id)
    return original(context, data_dict)


def _refused(key: str, reason: str) -> Any:
    """A chained action that nobody may use, for ``reason``."""

    @tk.chained_action
    def refused(_original: Any, _context: Context, _data_dict: dict[str, Any]) -> Any:
        raise tk.ValidationError({key: [tk._(reason)]})

    return refused


@tk.chained_action
def datastore_create(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A table goes by the id of its file alone: another name could be guessed."""
    _refuse_released_resource(data_dict.get("resource_id"))
    if data_dict.get("aliases"):
        raise tk.ValidationError({"aliases": [tk._("A table has no name but the id of its file.")]})
    return original(context, data_dict)


@tk.chained_action
def harvest_source_reindex(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """For who may change the source; ckanext-harvest asks nobody."""
    tk.check_access("harvest_source_update", tk.fresh_context(context), {"id": data_dict.get("id")})
    return original(context, data_dict)


# it asks, but by another name; without this each finished harvest would end the scheduler
harvest_source_reindex.auth_audit_exempt = True  # pyright: ignore[reportFunctionMemberAccess]


_package = _guarded(_refuse_released, "id", "name")
_resource = _guarded(_refuse_released_resource, "id", "resource_id")
_of_package = _guarded(_refuse_released, "package_id")
_view = _guarded(_refuse_released_view, "id")
_relationship = _guarded(_refuse_released, "subject", "object")
_no_loader = _refused(
    "resource_id",
    "Tables are loaded by the release with the types of their layout, never by guessing.",
)
_no_function = _refused(
    "name", "Functions of the DataStore could change the tables of releases; they are not offered."
)
_no_clearing = _refused(
    "view_types", "Views of releases never change; remove those of a working copy one by one."
)

CORE: dict[str, Any] = {
    "package_create": package_create,
    "package_update": package_update,
    "package_patch": _package,
    "package_revise": package_revise,
    "package_delete": _package,
    "dataset_purge": _package,
    "package_owner_org_update": _package,
    "package_resource_reorder": _package,
    "package_collaborator_create": package_collaborator_create,
    "package_relationship_create": _relationship,
    "package_relationship_update": _relationship,
    "package_relationship_delete": _relationship,
    "bulk_update_public": bulk_update_public,
    "group_create": group_content_changed,
    "group_update": group_content_changed,
    "group_delete": group_removed,
    "group_purge": group_removed,
    "member_create": membership_changed,
    "member_delete": membership_changed,
    "organization_delete": organization_removed,
    "organization_purge": organization_removed,
    "resource_create": _of_package,
    "resource_update": _resource,
    "resource_patch": _resource,
    "resource_delete": _resource,
    "resource_view_create": _guarded(_refuse_released_resource, "resource_id"),
    "resource_view_update": _view,
    "resource_view_delete": _view,
    "resource_view_reorder": _guarded(_refuse_released_resource, "id"),
    "resource_view_clear": _no_clearing,
    "package_create_default_resource_views": no_default_views,
    "resource_create_default_resource_views": no_default_views,
}
DATASTORE: dict[str, Any] = {
    "datastore_create": datastore_create,
    "datastore_upsert": _resource,
    "datastore_delete": _resource,
    "datastore_records_delete": _resource,
    "datastore_run_triggers": _resource,
    "datastore_function_create": _no_function,
    "datastore_function_delete": _no_function,
}
# By the plugin that brings them: whichever loader somebody enables, it loads nothing.
OTHERS: dict[str, dict[str, Any]] = {
    "harvest": {"harvest_source_reindex": harvest_source_reindex},
    "xloader": {"xloader_submit": _no_loader},
    "datapusher": {"datapusher_submit": _no_loader},
}
