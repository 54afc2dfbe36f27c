"""Who may do what at the gate. Sysadmins are nobody special where a second person decides."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context

from ckanext.sozialdaten.publishing import _gate, _publishers, _roles
from ckanext.sozialdaten.publishing.model import (
    Dataset,
    Release,
    Reviewer,
    Submission,
    is_released,
    latest_release,
)

__all__ = [
    "package_delete",
    "package_show",
    "package_update",
    "resource_show",
    "sozialdaten_check",
    "sozialdaten_comment_create",
    "sozialdaten_comment_list",
    "sozialdaten_deputy_name",
    "sozialdaten_formulas_to_values",
    "sozialdaten_protect_apply",
    "sozialdaten_protect_menu",
    "sozialdaten_publisher_drop",
    "sozialdaten_publisher_list",
    "sozialdaten_publisher_name",
    "sozialdaten_release_diff",
    "sozialdaten_release_list",
    "sozialdaten_release_show",
    "sozialdaten_release_withdraw",
    "sozialdaten_review_approve",
    "sozialdaten_review_ask",
    "sozialdaten_review_list",
    "sozialdaten_review_publish",
    "sozialdaten_review_reject",
    "sozialdaten_review_show",
    "sozialdaten_reviewer_confirm",
    "sozialdaten_reviewer_drop",
    "sozialdaten_reviewer_list",
    "sozialdaten_reviewer_propose",
    "sozialdaten_reviewer_revoke",
    "sozialdaten_standing_grant",
    "sozialdaten_standing_list",
    "sozialdaten_standing_revoke",
    "sozialdaten_submit",
    "sozialdaten_working_copy_write",
]


def _no(text: str) -> AuthResult:
    return {"success": False, "msg": text}


def _may_update(context: Context, package_id: str) -> AuthResult:
    return authz.is_authorized("package_update", tk.fresh_context(context), {"id": package_id})


def _unless_released(
    next_auth: Any, context: Context, data_dict: dict[str, Any] | None
) -> AuthResult:
    package = context.get("package") or model.Package.get((data_dict or {}).get("id"))
    if package is not None and not _gate.is_open() and is_released(package.id):
        return _no(tk._("A released dataset never changes. Change its working copy instead."))
    result: AuthResult = next_auth(context, data_dict)
    return result if result.get("success") else _no(tk._("You may not change this dataset."))


@tk.chained_auth_function
@tk.auth_sysadmins_check
def package_update(
    next_auth: Any, context: Context, data_dict: dict[str, Any] | None
) -> AuthResult:
    """Nobody edits a released dataset; pages show no button for it."""
    return _unless_released(next_auth, context, data_dict)


@tk.chained_auth_function
@tk.auth_sysadmins_check
def package_delete(
    next_auth: Any, context: Context, data_dict: dict[str, Any] | None
) -> AuthResult:
    """Nobody deletes a released dataset; it is withdrawn."""
    return _unless_released(next_auth, context, data_dict)


def _without_ids(result: AuthResult) -> AuthResult:
    return result if result.get("success") else _no(tk._("You may not read this dataset."))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_show(next_auth: Any, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """As before, but a refusal does not tell the id of what lies behind a name."""
    return _without_ids(next_auth(context, data_dict))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def resource_show(next_auth: Any, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """As before, but a refusal does not tell the id of the resource behind a view."""
    return _without_ids(next_auth(context, data_dict))


def sozialdaten_working_copy_write(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may write the dataset in its organisation."""
    row = Dataset.of_source(data_dict["source"])
    package = model.Package.get(row.working_copy_id) if row else None
    if package is None or package.state == "deleted":
        return authz.is_authorized("package_create", context, dict(data_dict["dataset"]))
    return _may_update(context, package.id)


def sozialdaten_check(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may edit the working copy."""
    return _may_update(context, data_dict["id"])


def sozialdaten_protect_menu(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may edit the working copy: previews tell what a protected version hides."""
    return _may_update(context, data_dict["id"])


def sozialdaten_formulas_to_values(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may edit the working copy."""
    return _may_update(context, data_dict["id"])


def sozialdaten_protect_apply(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may edit the working copy."""
    return _may_update(context, data_dict["id"])


def sozialdaten_submit(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may edit the working copy."""
    return _may_update(context, data_dict["id"])


def _is_reviewer(context: Context) -> AuthResult:
    user = model.User.get(context.get("user"))
    if user is not None and user.state == "active" and Reviewer.current(user.id):
        return {"success": True}
    return _no(tk._("Only reviewers see submissions."))


@tk.auth_sysadmins_check
def sozialdaten_review_list(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers."""
    return _is_reviewer(context)


@tk.auth_sysadmins_check
def sozialdaten_review_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers, and publishers of the organisation once a reviewer has approved."""
    reviewer = _is_reviewer(context)
    if reviewer.get("success"):
        return reviewer
    publisher = sozialdaten_review_publish(context, data_dict)
    return publisher if publisher.get("success") else reviewer


@tk.auth_sysadmins_check
def sozialdaten_review_publish(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Publishers of the organisation; the action itself refuses who submitted or approved."""
    user = model.User.get(context.get("user"))
    submission = Submission.get(data_dict["id"])
    cleared = submission is not None and submission.decided_by is not None
    if user and submission and cleared and _publishers.is_publisher(user.id, submission.dataset_id):
        return {"success": True}
    return _no(tk._("Only the publishers of the organisation publish this."))


def _administers(context: Context, name_or_id: str) -> AuthResult:
    given = {"id": name_or_id}
    return authz.is_authorized("organization_update", tk.fresh_context(context), given)


def sozialdaten_publisher_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators of the organisation."""
    return _administers(context, data_dict["id"])


def sozialdaten_publisher_name(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators of the organisation."""
    return _administers(context, data_dict["id"])


def sozialdaten_publisher_drop(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators of the organisation."""
    return _administers(context, data_dict["id"])


@tk.auth_sysadmins_check
def sozialdaten_review_approve(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers; the action itself refuses the submitter, also with ``ignore_auth``."""
    return _is_reviewer(context)


@tk.auth_sysadmins_check
def sozialdaten_review_reject(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers; the action itself refuses the submitter, also with ``ignore_auth``."""
    return _is_reviewer(context)


@tk.auth_allow_anonymous_access
def sozialdaten_release_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may read the dataset."""
    given = {"id": data_dict["dataset_id"]}
    return authz.is_authorized("package_show", tk.fresh_context(context), given)


@tk.auth_allow_anonymous_access
def sozialdaten_release_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may read the dataset; everybody, where it stands and only its successor is gone."""
    release = Release.get(data_dict["id"])
    if release is None:
        raise tk.ObjectNotFound(tk._("There is no such release."))
    if latest_release(release.dataset_id) is None and not release.withdrawal:
        return {"success": True}
    given = {"id": release.dataset_id}
    return authz.is_authorized("package_show", tk.fresh_context(context), given)


@tk.auth_allow_anonymous_access
def sozialdaten_release_diff(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may read the dataset."""
    return sozialdaten_release_show(context, data_dict)


def sozialdaten_release_withdraw(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers, and whoever may edit the working copy: closing is always quick."""
    release = Release.get(data_dict["id"])
    if release is None:
        raise tk.ObjectNotFound(tk._("There is no such release."))
    reviewer = _is_reviewer(context)
    return reviewer if reviewer.get("success") else _may_update(context, release.working_copy_id)


@tk.auth_sysadmins_check
def sozialdaten_review_ask(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers; the action itself refuses the submitter, also with ``ignore_auth``."""
    return _is_reviewer(context)


def _may_discuss(context: Context, name_or_id: str) -> AuthResult:
    """Staff who may edit the working copy; once it was submitted, reviewers and publishers."""
    package = model.Package.get(name_or_id)
    if package is None:
        return _no(tk._("You may not read this dataset."))
    submitted = Submission.newest(package.id) is not None
    if submitted and _is_reviewer(context).get("success"):
        return {"success": True}
    user = model.User.get(context.get("user"))
    if submitted and user is not None and _publishers.is_publisher(user.id, package.id):
        return {"success": True}
    return _without_ids(_may_update(context, package.id))


def sozialdaten_comment_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Staff who may edit the working copy, and reviewers."""
    return _may_discuss(context, data_dict["id"])


def sozialdaten_comment_create(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Staff who may edit the working copy, and reviewers."""
    return _may_discuss(context, data_dict["id"])


def _gives_roles(context: Context) -> AuthResult:
    user = model.User.get(context.get("user"))
    if user is not None and user.state == "active" and _roles.may_give(user):
        return {"success": True}
    return _no(tk._("Only administrators of an organisation or of the portal give this role."))


@tk.auth_sysadmins_check
def sozialdaten_reviewer_list(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers, and those who give the role."""
    reviewer = _is_reviewer(context)
    return reviewer if reviewer.get("success") else _gives_roles(context)


@tk.auth_sysadmins_check
def sozialdaten_reviewer_propose(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Administrators; the action itself refuses the candidate."""
    return _gives_roles(context)


@tk.auth_sysadmins_check
def sozialdaten_reviewer_confirm(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Administrators; the action itself refuses the candidate and who proposed."""
    return _gives_roles(context)


@tk.auth_sysadmins_check
def sozialdaten_reviewer_drop(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Administrators."""
    return _gives_roles(context)


@tk.auth_sysadmins_check
def sozialdaten_reviewer_revoke(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators, and reviewers for themselves."""
    user = model.User.get(context.get("user"))
    if user is not None and data_dict["user"] in (user.id, user.name):
        return _is_reviewer(context)
    return _gives_roles(context)


@tk.auth_sysadmins_check
def sozialdaten_deputy_name(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers, for themselves."""
    return _is_reviewer(context)


@tk.auth_sysadmins_check
def sozialdaten_standing_list(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers."""
    return _is_reviewer(context)


@tk.auth_sysadmins_check
def sozialdaten_standing_grant(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers; the action itself refuses who wrote the working copy."""
    return _is_reviewer(context)


@tk.auth_sysadmins_check
def sozialdaten_standing_revoke(context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers: closing is always quick."""
    return _is_reviewer(context)
