"""Boundaries taken into a register folder: keys, projection, simplification, TopoJSON."""

# pyright: reportUnknownMemberType=false
# (shapely and pyproj leave the types of **kwargs open)

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._features import boundary_files
from ckanext.sozialdaten.geography._files import Region
from ckanext.sozialdaten.geography._keys import Level, candidates, small_area_key
from ckanext.sozialdaten.geography._register import Register
from ckanext.sozialdaten.geography.errors import GeographyError, RegisterError
from ckanext.sozialdaten.geography.importing._folder import Folder
from ckanext.sozialdaten.geography.importing._layers import Layer, Shape, read_layer
from ckanext.sozialdaten.geography.importing._topology import Area, topology
from ckanext.sozialdaten.messages import Message

__all__ = ["BoundaryOptions", "import_boundaries"]

_PLANE = "EPSG:25832"
_DEGREES = "EPSG:4326"
_GERMANY = (5.0, 46.5, 16.0, 56.0)
_CENTIMETRE = 0.01
_LARGE = 1500
_LAND_AREAS = ("4", "9")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)|(?<!\d)((?:19|20)\d{2})[01]\d[0-3]\d(?!\d)")
_LAYERS: Mapping[Level, tuple[str, ...]] = MappingProxyType(
    {
        Level.BUND: ("_sta",),
        Level.LAND: ("_lan",),
        Level.REGIERUNGSBEZIRK: ("_rbz",),
        Level.KREIS: ("_krs",),
        Level.VERBAND: ("_vwg",),
        Level.GEMEINDE: ("_gem",),
    }
)
_TOLERANCES: Mapping[Level, float] = MappingProxyType(
    {
        Level.BUND: 500, Level.LAND: 500, Level.REGIERUNGSBEZIRK: 300, Level.KREIS: 200,
        Level.VERBAND: 50, Level.GEMEINDE: 50, Level.ORTSTEIL: 10,
    }
)  # fmt: skip
_LENGTHS: Mapping[int, Level] = MappingProxyType(
    {
        2: Level.LAND, 3: Level.REGIERUNGSBEZIRK, 4: Level.KREIS, 5: Level.KREIS,
        7: Level.GEMEINDE, 8: Level.GEMEINDE, 9: Level.VERBAND, 12: Level.GEMEINDE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoundaryOptions:
    """What a file of boundaries does not say itself.

    Args:
        level: level of the regions; default: by the length of their keys.
        year: territorial state; default: the year in the name of the file.
        key: column of the key; default ``ags``, else ``ars``.
        parent: Gemeinde or Kreis of small areas.
        layer: end of the layer's name, where a file has several.
        crs: coordinate reference system, such as ``EPSG:25832``, where the file has none.
        tolerance: in metres; about the width of what simplification removes. Default by level.
        attribution: whom to credit, such as ``© BKG 2024, dl-de/by-2-0, vereinfacht``.
    """

    level: Level | None = None
    year: int | None = None
    key: str = ""
    parent: str = ""
    layer: str = ""
    crs: str = ""
    tolerance: float | None = None
    attribution: str = ""


def import_boundaries(
    files: Sequence[Path], folder: Path, options: BoundaryOptions | None = None
) -> list[Message]:
    """Take boundaries into a register folder, in place of those of the same level and year.

    VG250 and the like (of several rows of one region those on land, GF 4, are joined) and any
    polygons with a column of keys. Simplified together in metres, so that neighbours keep one
    border (`shapely.coverage_simplify`), and written as TopoJSON in WGS 84; large levels as one
    file for each Land.

    Args:
        files: GeoJSON, GeoPackage or Shapefile, also zipped; several of one level are joined.
        folder: register folder, which knows the regions already.
        options: what the files do not say.

    Returns:
        what was done, and what a clerk should look at.

    Raises:
        RegisterError: a file cannot be read, a key or the projection is missing or wrong.
    """
    options = options or BoundaryOptions()
    target = Folder(folder)
    states = target.states()
    groups: dict[tuple[Level, int], list[tuple[Layer, dict[str, BaseGeometry]]]] = {}
    repaired = 0
    for path in files:
        wanted = (options.layer.lower(),) if options.layer else _ends(options.level)
        layer = read_layer(path, wanted)
        shapes = _on_land(layer.shapes)
        column = _key_column(layer, options)
        level = options.level or _level_of(layer, shapes, column)
        year = options.year or _year_of(path)
        mended = [_mended(layer.file, item) for item in shapes]
        repaired += sum(not shapely.is_valid(item.geometry) for item in shapes)
        keyed: dict[str, list[BaseGeometry]] = {}
        canonical = _canonical(level, options.parent, states)
        for item, geometry in zip(shapes, mended, strict=True):
            key = _keyed(layer.file, item, column, canonical)
            keyed.setdefault(key, []).append(geometry)
        joined = {key: shapely.union_all(parts) for key, parts in keyed.items()}
        plane = _projected(layer, joined, options.crs)
        groups.setdefault((level, year), []).append((layer, plane))
    notes = [_mended_note(repaired)] if repaired else []
    for (level, year), layers in sorted(groups.items()):
        whole = {key: shape for _, shapes in layers for key, shape in shapes.items()}
        notes += _write(target, level, year, whole, states, options)
    for path in files:
        target.note(path, "boundaries")
    return notes


def _ends(level: Level | None) -> tuple[str, ...]:
    return _LAYERS.get(level, ()) if level else ()


def _on_land(shapes: Sequence[Shape]) -> list[Shape]:
    """VG250 has rows of their own for the waters of a region, with the same key."""
    if not all({"gf", "ars"} <= item.attributes.keys() for item in shapes):
        return list(shapes)
    return [item for item in shapes if str(item.attributes["gf"]) in _LAND_AREAS]


def _key_column(layer: Layer, options: BoundaryOptions) -> str:
    names = list(layer.shapes[0].attributes)
    usual = (
        ("ars", "ags") if options.level is Level.VERBAND else ("ags", "ars", "key", "schluessel")
    )
    wanted = (options.key.lower(),) if options.key else usual
    column = next((name for name in wanted if name in names), None)
    if column is None:
        raise RegisterError(
            Message("The column “{name}” is missing.", {"name": options.key or "ags"}),
            Message(
                "Choose the column of the keys with --key. Columns: {columns}.",
                {"columns": ", ".join(names)},
            ),
            Place(layer.file),
        )
    return column


def _level_of(layer: Layer, shapes: Sequence[Shape], column: str) -> Level:
    lengths = Counter(len(str(item.attributes[column])) for item in shapes)
    level = _LENGTHS.get(lengths.most_common(1)[0][0]) if lengths else None
    if level is None:
        raise RegisterError(
            Message("The keys do not tell the level of the regions."),
            Message("Name it with --level; small areas are “ortsteil”."),
            Place(layer.file, column=column),
        )
    return level


def _year_of(path: Path) -> int:
    found = _YEAR.search(path.stem)
    if not found:
        raise RegisterError(
            Message("The file does not say of which year its boundaries are."),
            Message("Name the year with --year."),
            Place(path.name),
        )
    return int(found[1] or found[2])


def _canonical(
    level: Level, parent: str, states: Mapping[str, list[Region]]
) -> Callable[[str], str]:
    known = Register.default()
    small: dict[str, list[str]] = {}
    for key in states:
        if "-" in key:
            small.setdefault(key.partition("-")[2], []).append(key)

    def canonical(text: str) -> str:
        if level is Level.ORTSTEIL and "-" not in text:
            own = small.get(text, [])
            key = own[0] if len(own) == 1 and not parent else small_area_key(parent, text)
        else:
            key = candidates(text, level)[-1]
        if key not in states and key not in known:
            raise RegisterError(
                Message("No region has the key “{key}”.", {"key": text}),
                Message("Import the list of regions first; for small areas see also --parent."),
            )
        return key

    return canonical


def _keyed(file: str, item: Shape, column: str, canonical: Callable[[str], str]) -> str:
    value = item.attributes.get(column)
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "")
    try:
        return canonical(text)
    except GeographyError as error:
        place = Place(file, row=item.row, column=column)
        raise RegisterError(error.message, error.hint, place) from None


def _mended(file: str, item: Shape) -> BaseGeometry:
    """The polygon, without what crosses itself."""
    geometry = shapely.force_2d(item.geometry)
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        geometry = shapely.Polygon()
    if shapely.is_valid(geometry) and not geometry.is_empty:
        return geometry
    made = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    parts = [p for p in shapely.get_parts(made) if p.geom_type in ("Polygon", "MultiPolygon")]
    mended = shapely.union_all(parts)
    if mended.is_empty:
        raise RegisterError(
            Message("The boundary of this feature is broken and cannot be mended."),
            Message("Correct it in the GIS (“check validity”, “fix geometries”)."),
            Place(file, row=item.row),
        )
    return mended


def _mended_note(count: int) -> Message:
    return Message(
        "{count} boundaries crossed themselves and were mended; look at them on the map.",
        {"count": count},
    )


def _projected(
    layer: Layer, shapes: Mapping[str, BaseGeometry], crs: str
) -> dict[str, BaseGeometry]:
    """In metres of UTM 32, rounded to centimetres, so that equal vertices are equal."""
    try:
        source = pyproj.CRS.from_user_input(crs or layer.crs) if crs or layer.crs else None
    except CRSError:
        source = None
    if source is None:
        raise RegisterError(
            Message("The file does not say in which coordinates it is."),
            Message("Name them with --crs, for instance EPSG:25832 (UTM 32) or EPSG:4326."),
            Place(layer.file),
        )
    keys, found = list(shapes), np.array(list(shapes.values()), dtype=object)
    degrees = _moved(found, source, _DEGREES)
    if not _in_germany(degrees) and source.is_geographic:
        # some services print the latitude first, as the register of EPSG has it
        degrees = shapely.transform(found, lambda points: points[:, ::-1])
    if not _in_germany(degrees):
        raise RegisterError(
            Message(
                "The boundaries do not lie in Germany: their coordinates are others than stated."
            ),
            Message("Name them with --crs, for instance EPSG:25832 (UTM 32) or EPSG:4326."),
            Place(layer.file),
        )
    plane = _moved(degrees, pyproj.CRS.from_user_input(_DEGREES), _PLANE)
    rounded = shapely.transform(plane, lambda points: np.round(points / _CENTIMETRE) * _CENTIMETRE)
    clean = shapely.remove_repeated_points(rounded)
    return dict(zip(keys, cast("Iterable[BaseGeometry]", clean), strict=True))


def _moved(shapes: "np.ndarray", source: pyproj.CRS, target: str) -> "np.ndarray":
    way = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return shapely.transform(
        shapes, lambda points: np.column_stack(way.transform(points[:, 0], points[:, 1]))
    )


def _in_germany(shapes: "np.ndarray") -> bool:
    west, south, east, north = shapely.total_bounds(shapes)
    return bool(
        _GERMANY[0] <= west <= east <= _GERMANY[2] and _GERMANY[1] <= south <= north <= _GERMANY[3]
    )


def _write(
    target: Folder,
    level: Level,
    year: int,
    plane: Mapping[str, BaseGeometry],
    states: Mapping[str, list[Region]],
    options: BoundaryOptions,
) -> list[Message]:
    keys = sorted(plane)
    shapes = np.array([plane[key] for key in keys], dtype=object)
    fits = bool(shapely.coverage_is_valid(shapes))
    tolerance = _TOLERANCES[level] if options.tolerance is None else options.tolerance
    simple = _simplified(shapes, tolerance)
    kept = shapes if simple is None else simple
    degrees = _moved(kept, pyproj.CRS.from_user_input(_PLANE), _DEGREES)
    register = Register.default()
    areas: dict[str, list[Area]] = {}
    for key, shape in zip(keys, degrees, strict=True):
        name = states[key][-1].name if key in states else register.name(key)
        part = key[:2] if len(keys) > _LARGE else ""
        areas.setdefault(part, []).append(Area({"ags": key, "name": name}, _rings(shape)))
    for old in boundary_files(target.path):
        if (old.level, old.year) == (level, year):
            (target.path / old.source.name).unlink()
    for part, own in areas.items():
        name = f"boundaries_{level}_{year}{'_' if part else ''}{part}.topojson"
        target.write_text(name, topology(own, options.attribution))
    points = [int(np.sum(shapely.get_num_coordinates(array))) for array in (shapes, kept)]
    notes = [
        Message(
            "{count} boundaries of level {level}, {year}: {before} vertices, {after} simplified.",
            {"count": len(keys), "level": level, "year": year, "before": points[0],
             "after": points[1]},
        )
    ]  # fmt: skip
    if simple is None:
        notes.append(Message("The borders cross each other so that they could not be simplified."))
    if not fits:
        edges = shapely.coverage_invalid_edges(shapes)
        bad = [key for key, edge in zip(keys, edges, strict=True) if not edge.is_empty]
        notes.append(
            Message(
                "{count} regions do not fit their neighbours exactly, for instance {keys}: small "
                "gaps or overlaps remain.",
                {"count": len(bad), "keys": ", ".join(bad[:3])},
            )
        )
    return notes


def _simplified(shapes: "np.ndarray", tolerance: float) -> "np.ndarray | None":
    """Simplified without gaps between neighbours; None where their borders are too broken."""
    if not tolerance:
        return shapes
    try:
        return shapely.coverage_simplify(shapes, tolerance)
    except GEOSException:
        return None


def _rings(shape: BaseGeometry) -> list[list[list[list[float]]]]:
    return [
        [shapely.get_coordinates(ring).tolist() for ring in (part.exterior, *part.interiors)]
        for part in cast("Iterable[shapely.Polygon]", shapely.get_parts(shape))
    ]
