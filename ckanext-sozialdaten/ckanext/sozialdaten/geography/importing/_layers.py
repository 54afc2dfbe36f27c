"""Layers of polygons in GeoJSON, GeoPackage and Shapefile, plain or zipped, in bounded memory.

GeoPackage (OGC 12-128r18) is SQLite with geometries in WKB; Shapefile by pyshp. Both without GDAL.
"""

# pyright: reportUnknownMemberType=false
# (shapely and pyproj leave the types of **kwargs open)

import json
import re
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import shapefile
import shapely
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography.errors import RegisterError
from ckanext.sozialdaten.messages import Message

__all__ = ["Layer", "Shape", "has_boundaries", "read_layer"]

_SUFFIXES = (".geojson", ".json", ".gpkg", ".shp")
_INSIDE = (".geojson", ".gpkg", ".shp")
_WITH = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MOST_BYTES = {".geojson": 200_000_000, ".json": 200_000_000}
_MOST = 2_000_000_000
_MOST_FEATURES = 100_000
_MOST_VERTICES = 30_000_000
_STEPS = 2_000_000_000
_ENVELOPES = (0, 32, 48, 48, 64)


@dataclass(frozen=True, slots=True)
class Shape:
    """A feature: its place in the file (from 1), attributes by lower-case name, and polygon."""

    row: int
    attributes: Mapping[str, object]
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Layer:
    """All features of a layer.

    Args:
        file: name of the file.
        crs: what the file says of its coordinates, for pyproj; empty if it says nothing.
        shapes: the features.
    """

    file: str
    crs: str
    shapes: tuple[Shape, ...]


def has_boundaries(path: Path) -> bool:
    """Whether a file is one of boundaries, by its name and, in a ZIP file, those of its members."""
    if path.suffix.lower() != ".zip":
        return path.suffix.lower() in _SUFFIXES
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith(_INSIDE) for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def read_layer(path: Path, wanted: Sequence[str] = ()) -> Layer:
    """The layer of a file.

    Args:
        path: ``.geojson``, ``.json``, ``.gpkg``, ``.shp`` or a ZIP file with one of them.
        wanted: ends of layer names, any case, of which one is taken where a file has several.

    Raises:
        RegisterError: too large, damaged, no polygons, or several layers of which none is wanted.
    """
    suffix = path.suffix.lower()
    if path.stat().st_size > _MOST_BYTES.get(suffix, _MOST):
        raise _error(path.name, _TOO_LARGE, _SMALLER)
    try:
        if suffix == ".zip":
            return _zipped(path, wanted)
        if suffix == ".gpkg":
            return _geopackage(path, wanted)
        if suffix == ".shp":
            return _shapefile(path)
        return _geojson(path)
    except _TROUBLE as error:
        raise _error(path.name, _DAMAGED, _AGAIN) from error


_TROUBLE = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError,
    MemoryError, NotImplementedError, RuntimeError, EOFError, struct.error, zlib.error,
    zipfile.BadZipFile, sqlite3.Error, GEOSException, shapefile.ShapefileException,
)  # fmt: skip
_TOO_LARGE = Message("The file is larger than is read here.")
_SMALLER = Message("Export only the regions and columns that are needed.")
_DAMAGED = Message("The file holds no boundaries that can be read.")
_AGAIN = Message("Export it again as GeoJSON, GeoPackage or Shapefile with polygons.")


def _error(file: str, message: Message, hint: Message, row: int | None = None) -> RegisterError:
    return RegisterError(message, hint, Place(file, row=row))


def _zipped(path: Path, wanted: Sequence[str]) -> Layer:
    """Members are unpacked under their last name only, so none can leave the folder."""
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        members = {Path(info.filename).name: info for info in archive.infolist()}
        layers = [n for n in members if n.lower().endswith(_INSIDE) and not n.startswith(".")]
        chosen = _choose(path.name, layers, wanted)
        stem = Path(chosen).stem.lower()
        left = _MOST
        for member, info in members.items():
            own = Path(member)
            if own.stem.lower() != stem or own.suffix.lower() not in (*_INSIDE, *_WITH):
                continue
            with archive.open(info) as source:
                data = source.read(min(left, _MOST_BYTES.get(own.suffix.lower(), left)) + 1)
            left -= len(data)
            if left < 0:
                raise _error(path.name, _TOO_LARGE, _SMALLER)
            (folder / f"{stem}{own.suffix.lower()}").write_bytes(data)
        layer = read_layer(folder / f"{stem}{Path(chosen).suffix.lower()}", wanted)
        return Layer(path.name, layer.crs, layer.shapes)


def _choose(file: str, layers: Sequence[str], wanted: Sequence[str]) -> str:
    fitting = [n for n in layers if Path(n).stem.lower().endswith(tuple(wanted))] if wanted else []
    chosen = fitting or layers
    if not layers:
        raise _error(file, _DAMAGED, _AGAIN)
    if len(chosen) > 1:
        raise _error(
            file,
            Message(
                "The file has several layers: {layers}.", {"layers": ", ".join(sorted(layers))}
            ),
            Message("Choose one with --layer."),
        )
    return chosen[0]


def _geojson(path: Path) -> Layer:
    data = cast("dict[str, object]", json.loads(path.read_text(encoding="utf-8-sig")))
    if data["type"] != "FeatureCollection":
        raise ValueError(data["type"])
    named = cast("dict[str, dict[str, str]]", data.get("crs") or {}).get("properties", {})
    features = cast("list[dict[str, object]]", data["features"])
    rows = (
        (cast("Mapping[str, object]", feature["properties"] or {}), _shape(feature["geometry"]))
        for feature in features
    )
    return Layer(path.name, _crs_name(named.get("name", "EPSG:4326")), _collected(path.name, rows))


def _shape(geometry: object) -> BaseGeometry | None:
    return shape(cast("dict[str, object]", geometry)) if geometry else None


def _crs_name(text: str) -> str:
    """``urn:ogc:def:crs:EPSG::25832`` as ``EPSG:25832``; CRS84 is WGS 84, longitude first."""
    code = re.search(r"(EPSG|ESRI)[:/]+(?:[\d.]*[:/])?(\d+)$", text)
    return f"{code[1]}:{code[2]}" if code else "EPSG:4326" if "CRS84" in text else text


def _shapefile(path: Path) -> Layer:
    prj, cpg = path.with_suffix(".prj"), path.with_suffix(".cpg")
    encoding = cpg.read_text(encoding="ascii", errors="replace").strip() if cpg.exists() else ""
    crs = prj.read_text(encoding="utf-8", errors="replace").strip() if prj.exists() else ""
    with shapefile.Reader(
        str(path.with_suffix("")), encoding=_codec(encoding), encodingErrors="replace"
    ) as reader:
        if len(reader) > _MOST_FEATURES:
            raise _error(path.name, _TOO_LARGE, _SMALLER)
        rows = (
            (item.record.as_dict(), _shape(item.shape.__geo_interface__))
            for item in reader.iterShapeRecords()
        )
        return Layer(path.name, crs, _collected(path.name, rows))


def _codec(named: str) -> str:
    text = named.lower().replace("ansi ", "cp").replace("_", "-")
    try:
        "".encode(f"cp{text}" if text.isdigit() else text or "cp1252")
    except LookupError:
        return "cp1252"
    return f"cp{text}" if text.isdigit() else text or "cp1252"


def _geopackage(path: Path, wanted: Sequence[str]) -> Layer:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        steps = iter(range(_STEPS // 100_000))
        # a crafted view could count for ever
        connection.set_progress_handler(lambda: next(steps, None) is None, 100_000)
        connection.execute("PRAGMA trusted_schema = OFF")
        tables = {
            str(row[0]): (str(row[1]), row[2])
            for row in connection.execute(
                "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
            )
        }
        table = _choose(path.name, list(tables), wanted)
        column, srs = tables[table]
        system = connection.execute(
            "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys"
            " WHERE srs_id = ?",
            (srs,),
        ).fetchone()
        crs = f"{system[0]}:{system[1]}".upper() if system and int(system[1]) > 0 else ""
        quoted = table.replace('"', '""')
        cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608
        names = [item[0] for item in cursor.description]
        where = names.index(column)
        rows = (
            (dict(zip(names, row, strict=True)) | {column: None}, _gpkg_geometry(row[where]))
            for row in cursor
        )
        return Layer(path.name, crs, _collected(path.name, rows))


def _gpkg_geometry(blob: bytes | None) -> BaseGeometry | None:
    """The header tells by its flags how long it is; WKB follows."""
    if not blob:
        return None
    if blob[:2] != b"GP":
        raise ValueError("GP")
    return shapely.from_wkb(blob[8 + _ENVELOPES[(blob[3] >> 1) & 7] :])


def _collected(
    file: str, rows: Iterable[tuple[Mapping[str, object], BaseGeometry | None]]
) -> tuple[Shape, ...]:
    found = tuple(_polygons(file, rows))
    if not found:
        raise _error(file, _DAMAGED, _AGAIN)
    return found


def _polygons(
    file: str, rows: Iterable[tuple[Mapping[str, object], BaseGeometry | None]]
) -> Iterator[Shape]:
    vertices = 0
    for row, (attributes, geometry) in enumerate(rows, 1):
        if row > _MOST_FEATURES:
            raise _error(file, _TOO_LARGE, _SMALLER)
        if geometry is None or geometry.is_empty:
            raise _error(file, Message("This feature has no boundary."), _AGAIN, row)
        if geometry.geom_type not in ("Polygon", "MultiPolygon"):
            raise _error(file, Message("This feature is no polygon."), _AGAIN, row)
        vertices += shapely.get_num_coordinates(geometry)
        if vertices > _MOST_VERTICES:
            raise _error(file, _TOO_LARGE, _SMALLER)
        yield Shape(row, {name.lower(): value for name, value in attributes.items()}, geometry)
