"""Who may see and run sources: the people of the organisation that answers for them.

ckanext-harvest lets everybody list sources and read harvest objects. Ours concern deliveries that
nobody has approved, so both are narrowed to those who may read the source.
"""

from typing import Any

import ckan.authz as authz
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthFunction, AuthResult, Context

from ckanext.sozialdaten.harvesters.ckan import registry
from ckanext.sozialdaten.harvesters.ckan._records import HarvestObject

__all__ = [
    "harvest_object_list",
    "harvest_object_show",
    "harvest_source_list",
    "sozialdaten_erasure_list",
    "sozialdaten_source_accept",
    "sozialdaten_source_create",
    "sozialdaten_source_harvest",
    "sozialdaten_source_harvest_all",
    "sozialdaten_source_list",
    "sozialdaten_source_preview",
    "sozialdaten_source_reject",
    "sozialdaten_source_show",
]


def sozialdaten_erasure_list(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Editors of any organisation, and reviewers: the log names nobody."""
    user = context.get("user")
    if user and authz.has_user_permission_for_some_org(user, "create_dataset"):
        return {"success": True}
    return authz.is_authorized("sozialdaten_review_list", tk.fresh_context(context), {})


def sozialdaten_source_list(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Whoever is signed in; the list holds only sources of their organisations."""
    return {"success": bool(context.get("user"))}


def sozialdaten_source_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may read the source's private package."""
    return authz.is_authorized("package_show", tk.fresh_context(context), _package(data_dict))


def sozialdaten_source_harvest(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the organisation."""
    return authz.is_authorized("package_update", tk.fresh_context(context), _package(data_dict))


def sozialdaten_source_harvest_all(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Whoever is signed in; fetched are only the sources that they may fetch one by one."""
    return {"success": bool(context.get("user"))}


def sozialdaten_source_preview(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the organisation: a dry run reads what nobody has approved."""
    return sozialdaten_source_harvest(context, data_dict)


def sozialdaten_source_accept(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the organisation; their name and reason go into the log."""
    return sozialdaten_source_harvest(context, data_dict)


def sozialdaten_source_reject(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the organisation; their name and reason go into the log."""
    return sozialdaten_source_harvest(context, data_dict)


def sozialdaten_source_create(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators of the organisation: they let the harvesters write in its name."""
    organisation = model.Group.get(data_dict.get("owner_org", ""))
    if organisation is None or not organisation.is_organization:
        return {"success": False, "msg": tk._("There is no such organisation.")}
    allowed = authz.has_user_permission_for_group_or_org(
        organisation.id, context.get("user"), "admin"
    )
    return {"success": bool(allowed)}


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_object_show(
    next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None
) -> AuthResult:
    """Whoever may read the source of the object."""
    found = HarvestObject.get((data_dict or {}).get("id"))
    if found is None or found.source is None or found.source.type != registry.TYPE:
        return next_auth(context, data_dict or {})
    return authz.is_authorized(
        "package_show", tk.fresh_context(context), {"id": found.harvest_source_id}
    )


@tk.chained_auth_function
def harvest_object_list(
    _next: AuthFunction, _context: Context, _data_dict: dict[str, Any] | None
) -> AuthResult:
    """Nobody but sysadmins: the list names objects of all organisations."""
    return {"success": False}


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_source_list(
    _next: AuthFunction, _context: Context, _data_dict: dict[str, Any] | None
) -> AuthResult:
    """Nobody but sysadmins: ``sozialdaten_source_list`` shows everybody their own."""
    return {"success": False, "msg": tk._("Sources are listed by sozialdaten_source_list.")}


def _package(data_dict: dict[str, Any]) -> dict[str, str]:
    found = registry.find(tk.get_or_bust(data_dict, "id"))
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such source."))
    return {"id": found.id}
