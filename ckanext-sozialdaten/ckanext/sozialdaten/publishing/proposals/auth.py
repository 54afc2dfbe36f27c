"""Who may do what with texts for the public. The work itself refuses again, sysadmins too."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context

from ckanext.sozialdaten.publishing.model import Reviewer
from ckanext.sozialdaten.publishing.proposals import _reading
from ckanext.sozialdaten.publishing.proposals._model import Row

__all__ = [
    "sozialdaten_proposal_approve",
    "sozialdaten_proposal_list",
    "sozialdaten_proposal_reject",
    "sozialdaten_proposal_retire",
    "sozialdaten_proposal_save",
    "sozialdaten_proposal_show",
    "sozialdaten_proposal_submit",
]


def _no(text: str) -> AuthResult:
    return {"success": False, "msg": text}


def _readable(context: Context, data_dict: dict[str, Any]) -> Row:
    """The version; who may not know of it learns only that there is none."""
    row = Row.get(data_dict["id"])
    if row is None or not _reading.readable(context, row):
        raise tk.ObjectNotFound(tk._("There is no such proposal."))
    return row


def sozialdaten_proposal_save(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Staff of any organisation; the action itself refuses texts of another one."""
    if authz.has_user_permission_for_some_org(context.get("user", ""), "update_dataset"):
        return {"success": True}
    return _no(tk._("Only editors of an organisation write texts for the public."))


@tk.auth_sysadmins_check
def sozialdaten_proposal_submit(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Staff of its organisation; the action itself refuses all others."""
    _readable(context, data_dict)
    return sozialdaten_proposal_save(context, data_dict)


@tk.auth_allow_anonymous_access
def sozialdaten_proposal_list(_context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Everybody; each finds what they may read."""
    return {"success": True}


@tk.auth_sysadmins_check
@tk.auth_allow_anonymous_access
def sozialdaten_proposal_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Everybody what is approved, staff and reviewers more."""
    _readable(context, data_dict)
    return {"success": True}


def _reviews(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    _readable(context, data_dict)
    user = model.User.get(context.get("user"))
    if user is not None and user.state == "active" and Reviewer.current(user.id):
        return {"success": True}
    return _no(tk._("Only a reviewer decides. Two people grant this role."))


@tk.auth_sysadmins_check
def sozialdaten_proposal_approve(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers; the action itself refuses who wrote it, also with ``ignore_auth``."""
    return _reviews(context, data_dict)


@tk.auth_sysadmins_check
def sozialdaten_proposal_reject(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers; the action itself refuses who wrote it, also with ``ignore_auth``."""
    return _reviews(context, data_dict)


@tk.auth_sysadmins_check
def sozialdaten_proposal_retire(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Staff of its organisation and reviewers: closing is always quick."""
    row = _readable(context, data_dict)
    if _reading.of_staff(context, row):
        return {"success": True}
    return _no(tk._("This text belongs to another organisation."))
