"""Generate the boundaries of the fictitious Kreis Musterland, the same ones for the same seed.

The Gemeinden are the cells of seeded points. Each border between two cells is broken into irregular
pieces once and used by both, so neighbours share every vertex; the outline of the Kreis is their
union. Run ``python -m ckanext.sozialdaten.demo.boundaries`` after a change, and commit the result.
"""

import json
import math
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon, mapping
from shapely.geometry.polygon import orient

from ckanext.sozialdaten.geography import Level, Register

__all__ = ["main", "regions"]

SEED = 99001
KREIS = "99001"
YEAR = 2024
CENTRE = (10.12, 51.18)  # degrees; in the middle of Germany
RADIUS_KM = 17.0
DIGITS = 5
_KM_NORTH = 1 / 111.2
_KM_EAST = 1 / (111.2 * math.cos(math.radians(CENTRE[1])))
_CORNERS = 26
_RELAXATIONS = 3
_PIECE_KM = 0.55
_WOBBLE = 0.24

XY = tuple[float, float]


def main() -> None:
    """Write the boundary files of the Gemeinden and of the Kreis."""
    register = Register.default()
    keys = register.children(KREIS, Level.GEMEINDE)
    cells = regions(len(keys), SEED)
    folder = Path(__file__).parents[2] / "schemas" / "geography"
    shapes = dict(zip(keys, cells, strict=True))
    _write(folder / f"boundaries_gemeinde_{YEAR}.geojson", shapes, register)
    whole = shapely.union_all(cells)
    _write(folder / f"boundaries_kreis_{YEAR}.geojson", {KREIS: whole}, register)


def regions(count: int, seed: int) -> list[Polygon]:
    """``count`` polygons in degrees that share their borders; the first is in the middle."""
    chance = random.Random(seed)  # noqa: S311 - a generator of landscapes, not of secrets
    outline = _outline(chance)
    points = _relaxed(_points(count, outline, chance), outline)
    points.sort(key=lambda point: math.hypot(*point))
    middle, others = points[0], points[1:]
    chance.shuffle(others)
    cells = _cells([middle, *others], outline)
    return _irregular(cells, chance)


def _outline(chance: random.Random) -> Polygon:
    """A Kreis is neither round nor square: radii that wander around a mean, in kilometres."""
    phases = [chance.uniform(0, 2 * math.pi) for _ in range(4)]
    ring: list[XY] = []
    for corner in range(_CORNERS):
        angle = 2 * math.pi * corner / _CORNERS
        waves = sum(
            0.11 / (number + 1) * math.sin((number + 2) * angle + phase)
            for number, phase in enumerate(phases)
        )
        radius = RADIUS_KM * (1 + waves + chance.uniform(-0.06, 0.06))
        ring.append((1.15 * radius * math.cos(angle), 0.92 * radius * math.sin(angle)))
    return Polygon(ring)


def _points(count: int, outline: Polygon, chance: random.Random) -> list[XY]:
    west, south, east, north = outline.bounds
    found: list[XY] = []
    while len(found) < count:
        point = (chance.uniform(west, east), chance.uniform(south, north))
        if outline.contains(Point(point)):
            found.append(point)
    return found


def _cells(points: list[XY], outline: Polygon) -> list[Polygon]:
    """The part of the outline that is nearest to each point, in the points' order."""
    found: Any = shapely.voronoi_polygons(MultiPoint(points), extend_to=outline)
    cells: list[Any] = [cell.intersection(outline) for cell in found.geoms]
    return [next(cell for cell in cells if cell.covers(Point(point))) for point in points]


def _relaxed(points: list[XY], outline: Polygon) -> list[XY]:
    """Move each point towards the middle of its cell: sizes stay different, slivers vanish."""
    for _ in range(_RELAXATIONS):
        centres = [cell.centroid for cell in _cells(points, outline)]
        points = [
            ((x + 2 * centre.x) / 3, (y + 2 * centre.y) / 3)
            for (x, y), centre in zip(points, centres, strict=True)
        ]
    return points


def _irregular(cells: list[Polygon], chance: random.Random) -> list[Polygon]:
    """Break the borders, each once, and put the cells together from the broken lines."""
    edges = shapely.node(shapely.union_all([cell.boundary for cell in cells]))
    lines = shapely.line_merge(edges)
    parts = sorted(_lines(lines), key=lambda line: line.coords[0])
    broken = [_degrees(_broken(line, chance)) for line in parts]
    polygonized: Any = shapely.polygonize(broken)
    faces: list[Any] = list(polygonized.geoms)
    found: list[Polygon] = []
    for cell in cells:
        inside = _degrees(LineString([cell.representative_point(), cell.centroid])).coords[0]
        face = min(faces, key=lambda item: item.distance(Point(inside)))
        found.append(orient(face))
    return found


def _lines(lines: Any) -> Iterator[LineString]:
    """The borders from one junction to the next."""
    yield from getattr(lines, "geoms", [lines])


def _broken(line: LineString, chance: random.Random) -> LineString:
    """The line as a walk that wavers; its ends stay where they are."""
    pieces = max(2, round(line.length / _PIECE_KM))
    ends: list[Any] = [line.coords[0], line.coords[-1]]
    points: list[XY] = [ends[0]]
    drift = 0.0
    for number in range(1, pieces):
        share = number / pieces
        point = line.interpolate(share, normalized=True)
        after = line.interpolate(min(1.0, share + 0.01), normalized=True)
        along = math.atan2(after.y - point.y, after.x - point.x)
        drift = 0.6 * drift + chance.gauss(0, _WOBBLE)
        off = max(-0.7, min(0.7, drift)) * math.sin(math.pi * share) ** 0.5
        points.append((point.x - off * math.sin(along), point.y + off * math.cos(along)))
    points.append(ends[1])
    return LineString(points)


def _degrees(line: LineString) -> LineString:
    """From kilometres around the centre to degrees, rounded alike for all who share a vertex."""
    return LineString(
        [
            (
                round(CENTRE[0] + x * _KM_EAST, DIGITS),
                round(CENTRE[1] + y * _KM_NORTH, DIGITS),
            )
            for x, y in line.coords
        ]
    )


def _write(path: Path, shapes: Mapping[str, Any], register: Register) -> None:
    features = [
        {
            "type": "Feature",
            "id": ags,
            "bbox": list(shape.bounds),
            "properties": {"ags": ags, "name": register.name(ags)},
            "geometry": mapping(orient(shape)),
        }
        for ags, shape in shapes.items()
    ]
    lines = ",\n".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features
    )
    path.write_text(
        '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
