"""Parsed JSON with types: what is no object or no list is an empty one."""

from typing import Any, cast

__all__ = ["as_list", "as_object", "is_list", "is_object", "objects"]


def is_object(item: object) -> bool:
    """Whether an item is a JSON object."""
    return isinstance(item, dict)


def is_list(item: object) -> bool:
    """Whether an item is a JSON list."""
    return isinstance(item, list)


def as_object(item: object) -> dict[str, Any]:
    """The object that an item is, else an empty one."""
    return cast("dict[str, Any]", item) if isinstance(item, dict) else {}


def as_list(item: object) -> list[Any]:
    """The list that an item is, else an empty one."""
    return cast("list[Any]", item) if isinstance(item, list) else []


def objects(item: object) -> list[dict[str, Any]]:
    """The objects of a list that holds nothing else, else an empty list."""
    found = as_list(item)
    return found if all(is_object(one) for one in found) else []
