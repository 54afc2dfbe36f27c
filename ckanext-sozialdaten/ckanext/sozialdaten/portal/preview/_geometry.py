"""From boundaries in degrees to short SVG paths.

Coordinates are projected onto a plane around the middle of the area (good to far below a pixel for
anything up to the size of a Land) and rounded to whole units of a 1000 wide drawing.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["Outline", "Plan", "draw"]

WIDTH = 1000
_TALLEST = 1300
_EDGE = 8

Ring = Sequence[Sequence[float]]
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outline:
    """A region on the drawing.

    Args:
        key: its AGS.
        name: its name.
        path: the ``d`` of an SVG path.
        centre: where a label may stand.
        room: width of the region in drawing units, to know whether a label fits.
    """

    key: str
    name: str
    path: str
    centre: Point
    room: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All regions of a map, the size of the drawing, and who made the boundaries."""

    outlines: tuple[Outline, ...]
    width: int
    height: int
    credit: str = ""


def draw(collection: dict[str, Any]) -> Plan:
    """The regions of a GeoJSON FeatureCollection with the properties ``ags`` and ``name``."""
    shapes = [
        (feature["properties"], _rings(feature["geometry"])) for feature in collection["features"]
    ]
    points = [point for _, rings in shapes for ring in rings for point in ring]
    if not points:
        return Plan((), WIDTH, 1)
    project, width, height = _projection(points)
    outlines = [
        _outline(str(properties["ags"]), str(properties["name"]), [project(r) for r in rings])
        for properties, rings in shapes
    ]
    ordered = tuple(sorted(outlines, key=lambda outline: outline.key))
    return Plan(ordered, width, height, str(collection.get("attribution", "")))


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    if geometry["type"] == "Polygon":
        return list(geometry["coordinates"])
    if geometry["type"] == "MultiPolygon":
        return [ring for polygon in geometry["coordinates"] for ring in polygon]
    return []


def _projection(points: Iterable[Sequence[float]]) -> Any:
    longitudes, latitudes = zip(*((p[0], p[1]) for p in points), strict=True)
    west, east, south, north = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, tall = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * _EDGE) / wide, (_TALLEST - 2 * _EDGE) / tall)

    def project(ring: Ring) -> list[Point]:
        return [
            (
                round(_EDGE + (point[0] - west) * squeeze * scale),
                round(_EDGE + (north - point[1]) * scale),
            )
            for point in ring
        ]

    return project, round(wide * scale) + 2 * _EDGE, round(tall * scale) + 2 * _EDGE


def _outline(key: str, name: str, rings: list[list[Point]]) -> Outline:
    largest = max(rings, key=lambda ring: abs(_area(ring)), default=[])
    xs = [x for x, _ in largest] or [0]
    path = "".join(_path(ring) for ring in rings)
    return Outline(key, name, path, _centroid(largest), max(xs) - min(xs))


def _path(ring: list[Point]) -> str:
    steps: list[str] = []
    last = ring[0]
    for x, y in ring[1:-1] if ring[0] == ring[-1] else ring[1:]:
        if (x, y) != last:
            steps.append(f"{x - last[0]},{y - last[1]}")
            last = (x, y)
    return f"M{ring[0][0]},{ring[0][1]}l{' '.join(steps)}z" if steps else ""


def _area(ring: list[Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _centroid(ring: list[Point]) -> Point:
    area = _area(ring)
    if not area:
        return ring[0] if ring else (0, 0)
    x = y = 0.0
    for a, b in pairwise(ring):
        cross = a[0] * b[1] - b[0] * a[1]
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    return round(x / (6 * area)), round(y / (6 * area))
