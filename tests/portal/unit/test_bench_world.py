"""The Kreis of the benchmarks of pages: as heavy as a real one, and the same each time."""

from itertools import pairwise
from typing import Any

from ckanext.sozialdaten.cli._bench_pages_world import collection, gemeinden


def _rings(count: int) -> dict[str, list[tuple[float, float]]]:
    features: Any = collection(count)["features"]
    return {item["id"]: item["geometry"]["coordinates"][0] for item in features}


def test_each_gemeinde_has_a_closed_boundary_of_24_points() -> None:
    rings = _rings(30)
    assert list(rings) == gemeinden(30)
    assert all(ring[0] == ring[-1] and len(ring) == 25 for ring in rings.values())


def test_neighbours_share_the_points_of_their_edge() -> None:
    rings = _rings(25)
    edges = [frozenset(pair) for ring in rings.values() for pair in pairwise(ring)]
    shared = len(edges) - len(set(edges))
    assert shared == 2 * 5 * 4 * 6, "each of the 40 inner edges has 6 pieces, drawn twice"


def test_the_drawing_is_the_same_each_time() -> None:
    assert _rings(9) == _rings(9)
