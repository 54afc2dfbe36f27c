"""What the gate's actions accept."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

__all__ = [
    "by_id",
    "check_schema",
    "decision",
    "release_diff_schema",
    "release_list_schema",
    "review_list_schema",
    "submit_schema",
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


def check_schema() -> Schema:
    """The working copy and, if another than its own is asked for, the policy."""
    return {**by_id(), "policy": _validators("ignore_empty", "unicode_safe")}


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
