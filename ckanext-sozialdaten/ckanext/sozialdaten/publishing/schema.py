"""What the gate's actions accept."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

__all__ = [
    "by_id",
    "by_user",
    "check_schema",
    "comment",
    "decision",
    "deputy",
    "formulas_schema",
    "protect_apply_schema",
    "protect_menu_schema",
    "publisher",
    "release_diff_schema",
    "release_list_schema",
    "review_list_schema",
    "submit_schema",
    "withdrawal",
]


def _validators(*names: str) -> list[Any]:
    return [tk.get_validator(name) for name in names]


def _joined(value: Any) -> Any:
    """Several legal bases as one text."""
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value


def by_id() -> Schema:
    """One object by its id."""
    return {"id": _validators("not_empty", "unicode_safe")}


def decision() -> Schema:
    """A decision with its reason."""
    return {**by_id(), "reason": _validators("not_empty", "unicode_safe")}


def withdrawal() -> Schema:
    """The reason for the protocol, what the public may read, and how much goes."""
    return {
        **decision(),
        "public_reason": _validators("ignore_empty", "unicode_safe"),
        "earlier": _validators("ignore_empty", "boolean_validator"),
    }


def publisher() -> Schema:
    """An account and the organisation for which it publishes."""
    return {**by_id(), **by_user()}


def check_schema() -> Schema:
    """The working copy and, if another than its own is asked for, the policy."""
    return {**by_id(), "policy": _validators("ignore_empty", "unicode_safe")}


def protect_menu_schema() -> Schema:
    """A table of a working copy and, if another than its own is asked for, the policy."""
    return {
        **check_schema(),
        "resource_id": _validators("not_empty", "unicode_safe"),
        "again": _validators("ignore_empty", "boolean_validator"),
        "stored": _validators("ignore_empty", "boolean_validator"),
    }


def formulas_schema() -> Schema:
    """A table of a working copy."""
    return {**by_id(), "resource_id": _validators("not_empty", "unicode_safe")}


def protect_apply_schema() -> Schema:
    """A version of a table, and the state that was looked at."""
    return {
        **check_schema(),
        "resource_id": _validators("not_empty", "unicode_safe"),
        "alternative": _validators("not_empty", "unicode_safe"),
        "fingerprint": _validators("not_empty", "unicode_safe"),
    }


def submit_schema() -> Schema:
    """What a submission has to say."""
    return {
        **by_id(),
        "purpose": _validators("not_empty", "unicode_safe"),
        "legal_basis": [_joined, *_validators("not_empty", "unicode_safe")],
        "policy": _validators("not_empty", "unicode_safe"),
    }


def review_list_schema() -> Schema:
    """Which submissions are asked for."""
    return {"state": _validators("ignore_empty", "unicode_safe")}


def release_diff_schema() -> Schema:
    """Two releases of one dataset."""
    return {**by_id(), "other": _validators("not_empty", "unicode_safe")}


def release_list_schema() -> Schema:
    """Which dataset's releases are asked for."""
    return {"dataset_id": _validators("not_empty", "unicode_safe")}


def comment() -> Schema:
    """A comment on a working copy."""
    return {**by_id(), "body": _validators("not_empty", "unicode_safe")}


def by_user() -> Schema:
    """An account by its name or id."""
    return {"user": _validators("not_empty", "unicode_safe")}


def deputy() -> Schema:
    """Who stands in, and for how long."""
    days = {key: _validators("not_empty", "unicode_safe") for key in ("first_day", "last_day")}
    return {**by_user(), **days}
