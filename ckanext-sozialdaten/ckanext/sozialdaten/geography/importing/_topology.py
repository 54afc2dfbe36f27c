"""Polygons as quantised TopoJSON: every border between two regions is stored once.

Method: Bostock's topojson-server. A vertex at which not all rings go on alike is a junction; rings
are cut at junctions into arcs, and equal arcs, forwards or backwards, are one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Area", "topology"]

SCALE = 100_000
Point = tuple[int, int]
Ring = list[Point]


@dataclass(frozen=True, slots=True)
class Area:
    """A region: its properties, and polygons of rings in degrees, longitude first."""

    properties: Mapping[str, str]
    polygons: Sequence[Sequence[Sequence[Sequence[float]]]]


def topology(areas: Iterable[Area], attribution: str) -> str:
    """The regions as TopoJSON on a grid of 0.00001 degrees (about a metre).

    Rings that collapse on the grid are left out.
    """
    shapes = [(area.properties, _gridded(area.polygons)) for area in areas]
    rings = [ring for _, polygons in shapes for polygon in polygons for ring in polygon]
    junctions = _junctions(rings)
    arcs: dict[tuple[Point, ...], int] = {}
    west = min(x for ring in rings for x, _ in ring)
    south = min(y for ring in rings for _, y in ring)
    geometries = [
        {
            "type": "MultiPolygon",
            "id": properties["ags"],
            "bbox": _box([point for polygon in polygons for point in polygon[0]]),
            "properties": dict(properties),
            "arcs": [[_cut(ring, junctions, arcs) for ring in polygon] for polygon in polygons],
        }
        for properties, polygons in shapes
    ]
    whole = {
        "type": "Topology",
        "attribution": attribution,
        "transform": {"scale": [1 / SCALE, 1 / SCALE], "translate": [west / SCALE, south / SCALE]},
        "objects": {"regions": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": [_steps(arc, west, south) for arc in arcs],
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _box(points: Sequence[Point]) -> list[float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return [value / SCALE for value in (min(xs), min(ys), max(xs), max(ys))]


def _gridded(polygons: Sequence[Sequence[Sequence[Sequence[float]]]]) -> list[list[Ring]]:
    found: list[list[Ring]] = []
    for polygon in polygons:
        rings = [_ring(ring) for ring in polygon]
        if rings[0]:
            found.append([ring for ring in rings if ring])
    return found


def _ring(points: Sequence[Sequence[float]]) -> Ring:
    """Whole numbers, without repeated points and without the closing one."""
    ring: Ring = []
    for point in points:
        place = (round(point[0] * SCALE), round(point[1] * SCALE))
        if not ring or ring[-1] != place:
            ring.append(place)
    while len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return ring if len(ring) > 2 else []


def _junctions(rings: Iterable[Ring]) -> set[Point]:
    seen: dict[Point, tuple[Point, Point]] = {}
    found: set[Point] = set()
    for ring in rings:
        before = ring[-1]
        for index, point in enumerate(ring):
            after = ring[index + 1 - len(ring)]
            around = (before, after) if before < after else (after, before)
            if seen.setdefault(point, around) != around:
                found.add(point)
            before = point
    return found


def _cut(ring: Ring, junctions: set[Point], arcs: dict[tuple[Point, ...], int]) -> list[int]:
    ends = [index for index, point in enumerate(ring) if point in junctions]
    # a ring that meets no other begins at its least point, so that a hole finds what fills it
    first = ends[0] if ends else ring.index(min(ring))
    turned = [*ring[first:], *ring[: first + 1]]
    cuts = [*(index - first for index in ends), len(ring)] if ends else [0, len(ring)]
    return [_number(tuple(turned[a : b + 1]), arcs) for a, b in pairwise(cuts)]


def _number(arc: tuple[Point, ...], arcs: dict[tuple[Point, ...], int]) -> int:
    backwards = arc[::-1]
    if backwards in arcs:
        return ~arcs[backwards]
    return arcs.setdefault(arc, len(arcs))


def _steps(arc: Sequence[Point], west: int, south: int) -> list[list[int]]:
    steps: list[list[int]] = []
    last = (west, south)
    for x, y in arc:
        steps.append([x - last[0], y - last[1]])
        last = (x, y)
    return steps
