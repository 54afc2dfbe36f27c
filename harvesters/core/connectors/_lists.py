"""Lists of objects that services give in pages, put together into one file."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

__all__ = ["Object", "as_object", "as_objects", "objects_digest", "write_json"]

Object = Mapping[str, object]


def as_object(value: object) -> Object:
    """An object of JSON; empty where there is none."""
    return cast("Object", value) if isinstance(value, dict) else {}


def as_objects(value: object) -> list[Object]:
    """The objects of a list of JSON; none where it is no list."""
    if not isinstance(value, list):
        return []
    return [cast("Object", item) for item in cast("list[object]", value) if isinstance(item, dict)]


def objects_digest(items: Iterable[object]) -> str:
    """SHA-256 of objects, whatever their order and that of their keys."""
    lines = sorted(json.dumps(item, sort_keys=True, ensure_ascii=False) for item in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def write_json(target: Path, document: object) -> None:
    """A whole file or none."""
    temporary = target.with_name(f"{target.name}.part")
    temporary.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    temporary.chmod(0o600)
    temporary.replace(target)
