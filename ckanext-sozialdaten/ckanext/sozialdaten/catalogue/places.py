"""Search by place: the box, and a map of this portal's regions that asks no foreign server."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlencode

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Feature, Level, Region, Register

__all__ = [
    "PlaceMap",
    "PlaceSearch",
    "Shape",
    "find_place",
    "place_map",
    "place_search",
    "region_line",
    "similar_regions",
]

_BOX = re.compile(r"-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}")
_OWN_ARGUMENTS = ("ext_place", "ext_bbox", "page")
_LEVELS = (Level.GEMEINDE, Level.KREIS, Level.LAND)
_MOST_SHAPES = 450
_MOST_NAMES = 2000
_WIDTH = 300.0
_MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One region on the map.

    Args:
        ags: its key.
        name: its name.
        path: the SVG path of its boundary.
    """

    ags: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """The map, and what a script needs to turn a drawn rectangle into coordinates.

    Args:
        width: width of the drawing in its own units.
        height: height of the drawing.
        bounds: west, south, east, north of the drawing in degrees.
        shapes: its regions.
    """

    width: float
    height: float
    bounds: tuple[float, float, float, float]
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class PlaceSearch:
    """What the place box shows.

    Args:
        text: what stands in the box: the name of the place, or what the visitor wrote.
        region: the place; None if none is chosen or no register knows it.
        box: the drawn rectangle as ``west,south,east,north``; empty if none is drawn.
        arguments: the rest of the question, which stays.
        without: the address of the same question without a place.
        drawing: the map; None where no boundaries are known.
        names: names to choose from.
    """

    text: str
    region: Region | None
    box: str
    arguments: tuple[tuple[str, str], ...]
    without: str
    drawing: PlaceMap | None
    names: tuple[str, ...]

    @property
    def rectangle(self) -> tuple[float, float, float, float] | None:
        """The drawn rectangle on the map: x, y, width, height; None if none can be shown."""
        if not self.drawing or not _BOX.fullmatch(self.box):
            return None
        west, south, east, north = map(float, self.box.split(","))
        left, bottom, right, top = self.drawing.bounds
        across = self.drawing.width / (right - left)
        down = self.drawing.height / (top - bottom)
        return (
            round((west - left) * across, 1),
            round((top - north) * down, 1),
            round(max(east - west, 0) * across, 1),
            round(max(north - south, 0) * down, 1),
        )

    @property
    def joint(self) -> str:
        """``without`` ready to take one more argument."""
        return f"{self.without}{'&' if '?' in self.without else '?'}"


def place_search(path: str, arguments: list[tuple[str, str]]) -> PlaceSearch:
    """The place box of a page.

    Args:
        path: the address of the page.
        arguments: the arguments of its question, in order.
    """
    given = dict(arguments)
    kept = tuple(
        (name, value)
        for name, value in arguments
        if name not in _OWN_ARGUMENTS and not name.startswith("_")
    )
    text = given.get("ext_place", "").strip()
    region = find_place(text) if text else None
    return PlaceSearch(
        text=region.name if region else text,
        region=region,
        box=given.get("ext_bbox", ""),
        arguments=kept,
        without=f"{path}?{urlencode(kept)}" if kept else path,
        drawing=place_map(),
        names=place_names(),
    )


def find_place(text: str) -> Region | None:
    """The region that a visitor means by a key or a name; None where no register knows it."""
    register = Register.default()
    text = text.strip()
    try:
        return register.get(text)
    except SozialdatenError:
        pass
    found = register.search(text, limit=1)
    return found[0] if found else None


def similar_regions(text: str) -> list[str]:
    """Names and keys of up to three regions that are written like ``text``."""
    by_name = {region.name.casefold(): region for region in Register.default()}
    close = get_close_matches(text.strip().casefold(), by_name, n=3, cutoff=0.75)
    return [region_line(by_name[name]) for name in close]


def region_line(region: Region) -> str:
    """A region as forms write it: name and key."""
    return f"{region.name} ({region.ags})"


@lru_cache(maxsize=1)
def place_names() -> tuple[str, ...]:
    """Names to choose from in the place box, where there are few enough to send."""
    register = Register.default()
    return (
        tuple(sorted({region.name for region in register})) if len(register) < _MOST_NAMES else ()
    )


@lru_cache(maxsize=1)
def place_map() -> PlaceMap | None:
    """The finest level of which all boundaries still fit a small map; None without boundaries."""
    register = Register.default()
    for level in _LEVELS:
        known = register.boundaries(level)
        if 1 < len(known["features"]) <= _MOST_SHAPES and "bbox" in known:
            west, south, east, north = known["bbox"]
            return _draw(register, known["features"], (west, south, east, north))
    return None


def _draw(
    register: Register, features: list[Feature], bounds: tuple[float, float, float, float]
) -> PlaceMap:
    west, south, east, north = bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (_WIDTH - 2 * _MARGIN) / ((east - west) * squeeze)
    shapes = tuple(
        Shape(
            ags=feature["id"],
            name=register.name(feature["id"]),
            path=_path(cast("Any", feature["geometry"]), west, north, squeeze, scale),
        )
        for feature in features
        if feature["id"] in register
    )
    margin_x, margin_y = _MARGIN / scale / squeeze, _MARGIN / scale
    return PlaceMap(
        width=_WIDTH,
        height=round((north - south) * scale + 2 * _MARGIN, 1),
        bounds=(west - margin_x, south - margin_y, east + margin_x, north + margin_y),
        shapes=shapes,
    )


def _path(geometry: Any, west: float, north: float, squeeze: float, scale: float) -> str:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    rings = (ring for polygon in polygons for ring in polygon)
    return "".join(_ring(ring, west, north, squeeze, scale) for ring in rings)


def _ring(
    ring: Iterable[list[float]], west: float, north: float, squeeze: float, scale: float
) -> str:
    """A ring in whole tenths; points that fall on the one before are left out."""
    points: list[str] = []
    for point in ring:
        x = round((point[0] - west) * squeeze * scale + _MARGIN, 1)
        y = round((north - point[1]) * scale + _MARGIN, 1)
        text = f"{x:g} {y:g}"
        if not points or points[-1] != text:
            points.append(text)
    return f"M{'L'.join(points)}Z"
