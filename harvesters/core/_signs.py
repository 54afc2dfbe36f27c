"""The quality signs of each source's legend (``schemas/codelists/quality_signs.yaml``)."""

from functools import cache
from importlib import resources
from typing import cast

import yaml

__all__ = ["known_signs"]

# Signs that real files hold beside those of the shared legend: "e" marks a final result.
_ALSO = {"genesis": frozenset({"e"})}


@cache
def known_signs(convention: str) -> frozenset[str]:
    """All signs of a convention; an unknown convention has none."""
    folder = resources.files("ckanext.sozialdaten.schemas.codelists")
    text = (folder / "quality_signs.yaml").read_text(encoding="utf-8")
    data = cast("dict[str, list[dict[str, object]]]", yaml.safe_load(text))
    for entry in data["codes"]:
        if entry["code"] == convention:
            signs = cast("list[dict[str, str]]", entry["signs"])
            return frozenset(sign["sign"] for sign in signs) | _ALSO.get(convention, frozenset())
    return frozenset()
