"""API tokens for machines: how long they live, and what they are for.

A token without a scope has the rights of its account, but it decides nothing: who approves,
rejects, publishes or gives a role is signed in, or holds a token made for that. A token with a
scope does what its scope names and no more: it reads, or it also writes working copies, or it also
decides; and it may give itself up. Members, accounts and further tokens are on none of their lists,
whoever the owner is. The scope is a signed claim of the token itself, so that no later write
changes it.
"""

import json
from enum import StrEnum
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import config
from flask import Response, g, has_request_context, request

__all__ = [
    "Scope",
    "before_request",
    "claimed",
    "noted",
    "refuse_too_long",
    "require_person",
    "schema",
]

_CLAIM = "sozialdaten_scope"
_DAY = 86_400


class Scope(StrEnum):
    """What a token is for."""

    READ = "read"
    WORKING_COPY = "working-copy"
    APPROVE = "approve"


_WRITES_COPIES = frozenset(
    {
        "package_create",
        "package_patch",
        "package_revise",
        "package_update",
        "resource_create",
        "resource_delete",
        "resource_patch",
        "resource_update",
        "sozialdaten_check",
        "sozialdaten_formulas_to_values",
        "sozialdaten_proposal_save",
        "sozialdaten_proposal_submit",
        "sozialdaten_submit",
        "sozialdaten_working_copy_write",
    }
)

_DECIDES = frozenset(
    {
        "sozialdaten_comment_create",
        "sozialdaten_deputy_name",
        "sozialdaten_proposal_approve",
        "sozialdaten_proposal_reject",
        "sozialdaten_proposal_retire",
        "sozialdaten_publisher_drop",
        "sozialdaten_publisher_name",
        "sozialdaten_release_withdraw",
        "sozialdaten_review_approve",
        "sozialdaten_review_ask",
        "sozialdaten_review_publish",
        "sozialdaten_review_reject",
        "sozialdaten_reviewer_confirm",
        "sozialdaten_reviewer_propose",
        "sozialdaten_standing_grant",
        "sozialdaten_standing_revoke",
    }
)
_LISTS = {Scope.WORKING_COPY: _WRITES_COPIES, Scope.APPROVE: _DECIDES}
_PAGES = {
    Scope.APPROVE: frozenset(
        {
            "sozialdaten_gate.review",
            "sozialdaten_people.publishers",
            "sozialdaten_people.roles",
            "sozialdaten_people.standing",
            "sozialdaten_proposals.review",
        }
    )
}


def schema(given: dict[str, Any]) -> dict[str, Any]:
    """The schema of a new token, with its scope."""
    one_of: Any = tk.get_validator("one_of")
    given["scope"] = [tk.get_validator("ignore_empty"), one_of([scope.value for scope in Scope])]
    return given


def refuse_too_long(data_dict: dict[str, Any]) -> None:
    """Refuse a life beyond the longest.

    Raises:
        tk.ValidationError: with the longest life.
    """
    try:
        seconds = int(data_dict.get("expires_in") or 0) * int(data_dict.get("unit") or 0)
    except (TypeError, ValueError):
        return  # the schema says so
    days: int = config["ckanext.sozialdaten.limits.token_days"]
    if seconds > days * _DAY:
        text = tk._("A token lives {days} days at most.").format(days=days)
        raise tk.ValidationError({"expires_in": [text]})


def claimed(data: dict[str, Any], jti: str, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A new token's data with the claim of its scope; the list of tokens shows it, too."""
    scope = data_dict.get("scope")
    token = model.ApiToken.get(jti)
    if scope and token is not None:
        data[_CLAIM] = scope
        token.set_extra(_CLAIM, scope, commit=True)
    return data


def noted(data: Any) -> Any:
    """The data of a token that signs a request in; the request remembers its scope, or ""."""
    if has_request_context() and data:
        g.sozialdaten_token_scope = str(data.get(_CLAIM) or "")
    return data


def require_person() -> None:
    """Refuse a token that was not made to decide; a signed-in person needs none.

    Raises:
        tk.NotAuthorized: the request is signed by a token without the scope ``approve``.
    """
    scope = g.get("sozialdaten_token_scope") if has_request_context() else None
    if scope is not None and scope != Scope.APPROVE:
        text = tk._("Sign in to decide: this token may not. A token with the scope “approve” may.")
        raise tk.NotAuthorized(text)


def _allowed(scope: str) -> bool:
    action = str((request.view_args or {}).get("logic_function", ""))
    if not action:
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        return reads or request.endpoint in _PAGES.get(Scope(scope), ())
    try:
        if getattr(tk.get_action(action), "side_effect_free", False):
            return True
    except KeyError:
        return True  # CKAN answers that there is no such action
    if action == "api_token_revoke" and _gives_itself_up():
        return True
    return action in _LISTS.get(Scope(scope), ())


def _gives_itself_up() -> bool:
    """Whether the token that signs the request is the one to be revoked."""
    given: Any = request.get_json(silent=True)
    own = request.headers.get(config["apitoken_header_name"])
    return isinstance(given, dict) and bool(own) and given.get("token") == own


def before_request() -> Response | None:
    """The refusal of what the scope of the request's token does not cover, or None."""
    scope = g.get("sozialdaten_token_scope")
    if not scope or _allowed(scope):
        return None
    error = {"__type": "Authorization Error", "message": tk._("This token is not meant for that.")}
    body = json.dumps({"success": False, "error": error}, ensure_ascii=False)
    return Response(body, 403, mimetype="application/json")
