"""API tokens for machines: how long they live, and what they are for.

A token without a scope has all rights of its account. One with a scope has fewer, never more: it
reads, or it also writes working copies. It decides nothing: approving, withdrawing, members,
accounts and further tokens are not on its list, whoever its owner is. The scope is a signed claim
of the token itself, so that no later write changes it.
"""

import json
from enum import StrEnum
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import config
from flask import Response, g, has_request_context, request

__all__ = ["Scope", "before_request", "claimed", "noted", "refuse_too_long", "schema"]

_CLAIM = "sozialdaten_scope"
_DAY = 86_400


class Scope(StrEnum):
    """What a token is for."""

    READ = "read"
    WORKING_COPY = "working-copy"


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
        "sozialdaten_submit",
        "sozialdaten_working_copy_write",
    }
)


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
    """The data of a token that signs a request in; the request remembers its scope."""
    if has_request_context() and data and data.get(_CLAIM):
        g.sozialdaten_token_scope = str(data[_CLAIM])
    return data


def _allowed(scope: str) -> bool:
    action = str((request.view_args or {}).get("logic_function", ""))
    if not action:
        return request.method in ("GET", "HEAD", "OPTIONS")
    try:
        if getattr(tk.get_action(action), "side_effect_free", False):
            return True
    except KeyError:
        return True  # CKAN answers that there is no such action
    return scope == Scope.WORKING_COPY and action in _WRITES_COPIES


def before_request() -> Response | None:
    """The refusal of what the scope of the request's token does not cover, or None."""
    scope = g.get("sozialdaten_token_scope")
    if scope is None or _allowed(scope):
        return None
    error = {"__type": "Authorization Error", "message": tk._("This token is not meant for that.")}
    body = json.dumps({"success": False, "error": error}, ensure_ascii=False)
    return Response(body, 403, mimetype="application/json")
