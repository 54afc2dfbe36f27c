"""Public pages of the rules: what is checked before anything is published, and why."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.sozialdaten.disclosure import (
    DEFAULT_POLICY,
    Policy,
    PolicyError,
    UnknownRuleError,
    explain,
    handbook_intro,
    list_explained,
    list_policies,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["explained"]

explained = Blueprint("sozialdaten_explained", __name__)


def _policy(name: str) -> Policy:
    """A shipped policy: a name in an address never becomes a path."""
    found = {policy.name: policy for policy in list_policies()}.get(name)
    if found is None:
        raise PolicyError(Message("There is no policy {name}.", {"name": name}))
    return found


def _language() -> str:
    return "de" if tk.h.lang() == "de" else "en"


@explained.get("/geheimhaltung")
def rules() -> str:
    """All rules and policies."""
    language = _language()
    return tk.render(
        "sozialdaten/publishing/rules.html",
        {
            "intro": handbook_intro(language),
            "pages": [explain(rule, None, language) for rule in list_explained()],
            "policies": list_policies(),
            "language": language,
        },
    )


@explained.get("/geheimhaltung/<rule>")
def rule(rule: str) -> Any:
    """One rule with the numbers of a policy; ``?policy=`` names another than the default."""
    try:
        policy = _policy(tk.request.args.get("policy", DEFAULT_POLICY))
        page = explain(rule, policy, _language())
    except (PolicyError, UnknownRuleError):
        return tk.abort(404, tk._("This page does not exist."))
    return tk.render(
        "sozialdaten/publishing/rule.html",
        {"page": page, "policy": policy, "language": _language()},
    )
