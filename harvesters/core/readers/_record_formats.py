"""Formats of exports about persons, from ``schemas/formats/record_formats.yaml``."""

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, cast

import yaml

__all__ = ["RecordFormat", "record_formats"]


@dataclass(frozen=True)
class RecordFormat:
    """One format; the file explains each entry."""

    name: str
    kind: str
    seen: tuple[str, ...]
    region: tuple[str, ...] = ()
    place: str = ""
    time: str = ""
    count_by: tuple[str, ...] = ()
    distinct: bool = False
    footer: str = ""
    length: int = 0
    fields: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    columns: tuple[str, ...] = ()
    record: str = ""
    members: dict[str, str] = field(default_factory=dict[str, str])
    sums: dict[str, str] = field(default_factory=dict[str, str])

    def matches(self, start: str) -> bool:
        """Whether the beginning of a file is of this format, for all kinds but tables."""
        search = re.match if self.kind in ("fixed", "plain") else re.search
        return search(self.seen[0], start) is not None


@cache
def record_formats() -> tuple[RecordFormat, ...]:
    """All formats, read once."""
    source = resources.files("ckanext.sozialdaten.schemas.formats") / "record_formats.yaml"
    data = cast("dict[str, list[dict[str, Any]]]", yaml.safe_load(source.read_text("utf-8")))
    return tuple(_format(item) for item in data["formats"])


def _format(item: dict[str, Any]) -> RecordFormat:
    seen = item.pop("seen")
    lists = {
        name: tuple(item.pop(name)) for name in ("region", "count_by", "columns") if name in item
    }
    spans = {name: (span[0], span[1]) for name, span in item.pop("fields", {}).items()}
    texts = (seen,) if isinstance(seen, str) else tuple(seen)
    return RecordFormat(seen=texts, fields=spans, **lists, **item)
