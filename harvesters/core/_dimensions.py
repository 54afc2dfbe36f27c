"""Dimensions from their canonical JSON, each text parsed once."""

import json
from functools import lru_cache
from types import MappingProxyType
from typing import cast

__all__ = ["parse_dimensions"]


@lru_cache(maxsize=65536)
def parse_dimensions(text: str) -> MappingProxyType[str, str]:
    """Name -> code.

    >>> dict(parse_dimensions('{"GES":"GESM"}'))
    {'GES': 'GESM'}
    """
    return MappingProxyType(cast("dict[str, str]", json.loads(text)))
