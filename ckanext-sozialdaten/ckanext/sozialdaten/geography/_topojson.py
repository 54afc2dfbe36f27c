"""Reading quantised TopoJSON: arcs that neighbours share, as integers on a grid.

Format: Bostock and Metcalf, The TopoJSON Format Specification 1.0 (2013). No geometry library.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import cast

__all__ = ["shapes"]

Point = list[float]
Ring = list[Point]
_DECIMALS = 6


def shapes(topology: Mapping[str, object]) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Properties and GeoJSON geometry of each (Multi)Polygon of a topology, in its order.

    The points of a border are the same objects in both neighbours, which halves the memory.

    Raises:
        ValueError, KeyError, TypeError, IndexError: no TopoJSON, or other geometries.
    """
    arcs = _arcs(topology)
    for entry in cast("Mapping[str, Mapping[str, object]]", topology["objects"]).values():
        for item in cast("list[dict[str, object]]", entry["geometries"]):
            if item["type"] == "Polygon":
                coordinates: object = _polygon(cast("list[list[int]]", item["arcs"]), arcs)
            elif item["type"] == "MultiPolygon":
                parts = cast("list[list[list[int]]]", item["arcs"])
                coordinates = [_polygon(part, arcs) for part in parts]
            else:
                raise ValueError(item["type"])
            yield (
                {**cast("dict[str, object]", item["properties"]), "bbox": item.get("bbox")},
                {"type": item["type"], "coordinates": coordinates},
            )


def _arcs(topology: Mapping[str, object]) -> list[Ring]:
    transform = cast("Mapping[str, list[float]]", topology["transform"])
    (wide, tall), (west, south) = transform["scale"], transform["translate"]
    found: list[Ring] = []
    for arc in cast("list[list[list[int]]]", topology["arcs"]):
        xs = accumulate(step[0] for step in arc)
        ys = accumulate(step[1] for step in arc)
        found.append(
            [
                [round(west + x * wide, _DECIMALS), round(south + y * tall, _DECIMALS)]
                for x, y in zip(xs, ys, strict=True)
            ]
        )
    return found


def _polygon(rings: Sequence[Sequence[int]], arcs: list[Ring]) -> list[Ring]:
    return [_ring(ring, arcs) for ring in rings]


def _ring(numbers: Sequence[int], arcs: list[Ring]) -> Ring:
    """A negative number is the arc with the complement of that index, backwards."""
    ring: Ring = []
    for number in numbers:
        points = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring.extend(points[1:] if ring else points)
    return ring
