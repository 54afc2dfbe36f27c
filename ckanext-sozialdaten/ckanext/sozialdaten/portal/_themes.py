"""The social themes of this portal, in their order."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

__all__ = ["social_themes"]


@cache
def social_themes() -> list[Mapping[str, str]]:
    """Code, German and English name of each theme."""
    source = resources.files("ckanext.sozialdaten.schemas") / "codelists/social_themes.yaml"
    return yaml.safe_load(source.read_text("utf-8"))["codes"]
