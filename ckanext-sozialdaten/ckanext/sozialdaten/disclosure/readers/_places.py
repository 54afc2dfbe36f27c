"""Areas so small that they are an exact place: the outline of a building or of a plot."""

import re
from collections.abc import Iterator, Sequence
from math import cos, radians
from typing import cast

__all__ = ["outline_place", "small_area_in"]

_DEGREE = 111_320.0  # metres of a degree of latitude
_SMALL = 100.0  # metres: longest side of what stands for one address
_FEW, _MOST = 3, 2_000
_AREA = re.compile(r"(?:MULTI)?POLYGON\s*Z?M?\s*\(([-\d., ()eE+]{10,100000})\)", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def outline_place(coordinates: object) -> tuple[float, float] | None:
    """The place that the coordinates of an area stand for; None if it is larger than a building.

    Args:
        coordinates: rings of points, nested as in GeoJSON.
    """
    return _place(list(_points(coordinates)))


def small_area_in(text: str) -> bool:
    """Whether a text is an area as Well-Known Text that is no larger than a building."""
    found = _AREA.search(text)
    if found is None:
        return False
    points: list[tuple[float, float]] = []
    for pair in found[1].split(","):
        numbers = [float(number) for number in _NUMBER.findall(pair)]
        if len(numbers) > 1:
            points.append((numbers[0], numbers[1]))
    return _place(points) is not None


def _place(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    if not _FEW <= len(points) < _MOST:
        return None
    wests, souths = [x for x, _ in points], [y for _, y in points]
    west, east, south, north = min(wests), max(wests), min(souths), max(souths)
    degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    across = _DEGREE * cos(radians(south)) if degrees else 1.0
    wide, high = (east - west) * across, (north - south) * (_DEGREE if degrees else 1.0)
    return (west, south) if max(wide, high) < _SMALL and max(wide, high) > 0 else None


def _points(node: object, depth: int = 0) -> Iterator[tuple[float, float]]:
    """All points of nested lists."""
    if not isinstance(node, list) or depth > _FEW:
        return
    items = cast("list[object]", node)
    pair = [item for item in items[:2] if isinstance(item, int | float)]
    if len(pair) == 2:
        yield float(pair[0]), float(pair[1])
        return
    for item in items:
        yield from _points(item, depth + 1)
