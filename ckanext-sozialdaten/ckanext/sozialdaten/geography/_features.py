"""Boundary files of register folders: which there are, and reading them.

``boundaries_<level>_<year>.topojson`` (or ``.geojson``); large levels come in one file for each
Land, ``boundaries_gemeinde_2023_06.topojson``, so that a page reads only what it draws.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import NotRequired, TypedDict, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import _topojson
from ckanext.sozialdaten.geography._keys import Level
from ckanext.sozialdaten.geography.errors import RegisterError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "BoundaryFile",
    "Feature",
    "FeatureCollection",
    "Geometry",
    "boundary_files",
    "bounding_box",
    "read_features",
]

_BOUNDARIES = re.compile(r"boundaries_([a-z]+)_(\d{4})(?:_(\d{2}))?\.(geojson|topojson)")


class Geometry(TypedDict):
    """A GeoJSON geometry in WGS 84, longitude first."""

    type: str
    coordinates: list[object]


class Feature(TypedDict):
    """A GeoJSON feature; its properties hold ``ags`` and ``name``."""

    type: str
    id: str
    bbox: list[float]
    properties: dict[str, str]
    geometry: Geometry


class FeatureCollection(TypedDict):
    """A GeoJSON feature collection; ``attribution`` credits the makers of the boundaries."""

    type: str
    features: list[Feature]
    bbox: NotRequired[list[float]]
    attribution: NotRequired[str]


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """A file with the boundaries of one level in one year, from one register folder.

    Args:
        folder: the register folder.
        level: level of the regions.
        year: territorial state.
        part: key of the Land whose regions it holds; empty for all.
        source: the file.
    """

    folder: str
    level: Level
    year: int
    part: str
    source: Traversable


def boundary_files(folder: Traversable) -> Iterator[BoundaryFile]:
    """The boundary files of a register folder."""
    for source in folder.iterdir():
        match = _BOUNDARIES.fullmatch(source.name)
        if match and match[1] in list(Level):
            yield BoundaryFile(str(folder), Level(match[1]), int(match[2]), match[3] or "", source)


def read_features(source: Traversable) -> tuple[list[Feature], str]:
    """The features of a boundary file, each with key, name and bounding box, and its attribution.

    Raises:
        RegisterError: neither TopoJSON nor a GeoJSON feature collection, or a feature without the
            property ``ags``.
    """
    try:
        data = cast("dict[str, object]", json.loads(source.read_text(encoding="utf-8")))
        if data["type"] == "Topology":
            found = [_feature(dict(p), cast("Geometry", g)) for p, g in _topojson.shapes(data)]
        else:
            found = [
                _feature(
                    cast("dict[str, object]", raw["properties"]) | {"bbox": raw.get("bbox")},
                    cast("Geometry", raw["geometry"]),
                )
                for raw in cast("list[dict[str, object]]", data["features"])
            ]
        return found, str(data.get("attribution", ""))
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise RegisterError(
            Message("The boundaries are no GeoJSON feature collection as the register needs it."),
            Message("Each feature needs the properties “ags” and “name” and a (Multi)Polygon."),
            Place(file=source.name),
        ) from None


def _feature(properties: dict[str, object], geometry: Geometry) -> Feature:
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError(geometry["type"])
    ags = str(properties["ags"])
    box = cast("list[float] | None", properties.get("bbox")) or bounding_box([geometry])
    return Feature(
        type="Feature",
        id=ags,
        bbox=box,
        properties={"ags": ags, "name": str(properties.get("name", ags))},
        geometry=geometry,
    )


def bounding_box(geometries: list[Geometry]) -> list[float]:
    """West, south, east and north in degrees."""
    points = [point for geometry in geometries for point in _points(geometry["coordinates"])]
    east = [point[0] for point in points]
    north = [point[1] for point in points]
    return [min(east), min(north), max(east), max(north)]


def _points(coordinates: list[object]) -> Iterator[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        longitude, latitude = cast("list[float]", coordinates[:2])
        yield (float(longitude), float(latitude))
        return
    for item in cast("list[list[object]]", coordinates):
        yield from _points(item)
