"""Union of shapes. The only place that loads shapely: pages never need it, only writers do."""

from typing import cast

import shapely
from shapely.geometry import mapping, shape

from ckanext.sozialdaten.geography._features import Geometry

__all__ = ["union"]


def union(shapes: list[Geometry]) -> Geometry:
    """The area that the shapes cover together."""
    whole = shapely.union_all([shape(dict(item)) for item in shapes])
    return cast("Geometry", _lists(mapping(whole)))


def _lists(value: object) -> object:
    """Tuples as lists, as JSON has them."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_lists(item) for item in cast("list[object]", value)]
    return value
