"""Reading register folders: ``regions.csv`` and ``boundaries_<level>_<year>.geojson``."""

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import NotRequired, TypedDict, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._keys import GERMANY, Level, key_level
from ckanext.sozialdaten.geography.errors import GeographyError, RegisterError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "BoundaryFile",
    "Feature",
    "FeatureCollection",
    "Geometry",
    "Region",
    "boundary_files",
    "read_features",
    "read_regions",
]

_REQUIRED = ("ags", "ars", "name", "level", "parent", "valid_from", "valid_to")
_OPTIONAL = ("designation", "nuts", "aliases")
_BOUNDARIES = re.compile(r"boundaries_([a-z]+)_(\d{4})\.geojson")
_ARS = re.compile(r"\d{12}")


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
    """A GeoJSON feature collection."""

    type: str
    features: list[Feature]
    bbox: NotRequired[list[float]]


@dataclass(frozen=True, slots=True)
class Region:
    """One region as it was between two dates.

    Args:
        ags: canonical key: ``DG``, 2, 3, 5 or 8 digits (9 for a Verband).
        ars: 12 digits; changes more often than the AGS.
        name: official name without designation.
        level: level of the region.
        parent: canonical key of the region above; None for Germany.
        valid_from: first day of this state; None: always.
        valid_to: last day of this state; None: still valid.
        designation: for instance ``Kreisstadt`` or ``Landkreis``.
        nuts: NUTS code, where the level has one.
        aliases: other spellings by which sources call it.
    """

    ags: str
    ars: str
    name: str
    level: Level
    parent: str | None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    designation: str = ""
    nuts: str = ""
    aliases: tuple[str, ...] = ()

    def valid_on(self, day: dt.date) -> bool:
        """Whether this state held on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def read_regions(source: Traversable) -> Iterator[Region]:
    """The rows of a ``regions.csv`` (UTF-8, comma).

    Raises:
        RegisterError: a column is missing or a cell is wrong; names file, row and column.
    """
    try:
        lines = source.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise RegisterError(
            Message("The register is not UTF-8."),
            Message("Save it as “CSV UTF-8”."),
            Place(file=source.name),
        ) from None
    reader = csv.DictReader(lines)
    missing = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise RegisterError(
            Message("The register lacks the column “{column}”.", {"column": missing[0]}),
            Message("Columns: {columns}.", {"columns": ", ".join(_REQUIRED + _OPTIONAL)}),
            Place(file=source.name, row=1),
        )
    for number, row in enumerate(reader, start=2):
        yield _region(row, Place(file=source.name, row=number))


def _region(row: dict[str, str | None], place: Place) -> Region:
    cells = {name: (row.get(name) or "").strip() for name in _REQUIRED + _OPTIONAL}
    try:
        level = key_level(cells["ags"])
        if cells["parent"]:
            key_level(cells["parent"])
    except GeographyError as error:
        raise RegisterError(error.message, error.hint, place) from None
    if cells["level"] != level:
        raise _wrong(place, "level", f"“{level}”")
    if not _ARS.fullmatch(cells["ars"]):
        raise _wrong(place, "ars", "12 digits")
    if not cells["name"]:
        raise _wrong(place, "name", "a name")
    if (cells["ags"] == GERMANY) == bool(cells["parent"]):
        raise _wrong(place, "parent", "the key of the region above")
    return Region(
        ags=cells["ags"],
        ars=cells["ars"],
        name=cells["name"],
        level=level,
        parent=cells["parent"] or None,
        valid_from=_date(cells["valid_from"], place, "valid_from"),
        valid_to=_date(cells["valid_to"], place, "valid_to"),
        designation=cells["designation"],
        nuts=cells["nuts"],
        aliases=tuple(alias.strip() for alias in cells["aliases"].split("|") if alias.strip()),
    )


def _date(text: str, place: Place, column: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _wrong(place, column, "YYYY-MM-DD") from None


def _wrong(place: Place, column: str, expected: str) -> RegisterError:
    return RegisterError(
        Message("The cell is not what the register needs here."),
        Message("Expected: {expected}.", {"expected": expected}),
        Place(file=place.file, row=place.row, column=column),
    )


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """A file with the boundaries of one level in one year, from one register folder."""

    folder: str
    level: Level
    year: int
    source: Traversable


def boundary_files(folder: Traversable) -> Iterator[BoundaryFile]:
    """The boundary files of a register folder."""
    for source in folder.iterdir():
        match = _BOUNDARIES.fullmatch(source.name)
        if match and match[1] in list(Level):
            yield BoundaryFile(str(folder), Level(match[1]), int(match[2]), source)


def read_features(source: Traversable) -> list[Feature]:
    """The features of a boundary file, each with its key, name and bounding box.

    Raises:
        RegisterError: no GeoJSON feature collection, or a feature without the property ``ags``.
    """
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
        found = [_feature(feature) for feature in data["features"]]
    except (ValueError, KeyError, TypeError):
        raise RegisterError(
            Message("The boundaries are no GeoJSON feature collection as the register needs it."),
            Message("Each feature needs the properties “ags” and “name” and a (Multi)Polygon."),
            Place(file=source.name),
        ) from None
    return found


def _feature(raw: dict[str, object]) -> Feature:
    properties = cast("dict[str, object]", raw["properties"])
    geometry = cast("Geometry", raw["geometry"])
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError(geometry["type"])
    ags = str(properties["ags"])
    box = cast("list[float] | None", raw.get("bbox")) or bounding_box([geometry])
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
