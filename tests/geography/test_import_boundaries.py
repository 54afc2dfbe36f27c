"""Boundaries taken into a register folder."""

import json
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapefile
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.errors import GEOSException
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from ckanext.sozialdaten.geography import Level, Register, RegisterError
from ckanext.sozialdaten.geography.importing import (
    BoundaryOptions,
    import_boundaries,
    import_lists,
)
from tests.geography.worlds import gv_workbook
from tests.shared_files import shared

PROJECT = Path(__file__).parents[2] / "schemas" / "geography"
KEYS = ("98101001", "98101002", "98101003", "98102000")
UTM = "EPSG:25832"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register folder that knows the regions of Land 98."""
    import_lists([gv_workbook(tmp_path / "gv.xlsx", "31.12.2023")], tmp_path / "register")
    return tmp_path / "register"


def _wavy(parts: int = 4, side: float = 4000.0, seed: int = 1) -> list[BaseGeometry]:
    """Neighbours in a row with crooked borders, in metres of UTM 32."""
    east, north = 560_000.0, 5_650_000.0
    steps = np.linspace(0, side, 60)
    turn = np.random.default_rng(seed)
    lines = [
        [(east + i * side + turn.uniform(-120, 120) * (0 < i < parts), north + y) for y in steps]
        for i in range(parts + 1)
    ]
    return [shapely.Polygon([*left, *reversed(right)]) for left, right in pairwise(lines)]


def _in(crs: str, shapes: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    way = pyproj.Transformer.from_crs(UTM, crs, always_xy=True)
    return [
        shapely.transform(s, lambda p: np.column_stack(way.transform(p[:, 0], p[:, 1])))
        for s in shapes
    ]


def _geojson(
    path: Path, shapes: Iterable[BaseGeometry], crs: str = "", **attributes: Iterable[object]
) -> Path:
    rows = zip(*attributes.values(), strict=True)
    features = [
        {"type": "Feature", "properties": dict(zip(attributes, row, strict=True)),
         "geometry": mapping(item)}
        for item, row in zip(shapes, rows, strict=True)
    ]  # fmt: skip
    data: dict[str, object] = {"type": "FeatureCollection", "features": features}
    if crs:
        data["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(data))
    return path


def _shapefile(path: Path, shapes: Iterable[BaseGeometry], prj: str = UTM) -> Path:
    with shapefile.Writer(str(path.with_suffix("")), encoding="utf-8") as writer:
        for name in ("AGS", "GEN"):
            writer.field(name, "C", 20)
        writer.field("GF", "N", 5)
        writer.field("ARS", "C", 12)
        for key, item in zip(KEYS, shapes, strict=True):
            writer.record(key, "Höfe", 4, "")
            writer.shape(mapping(item))
    if prj:
        path.with_suffix(".prj").write_text(pyproj.CRS.from_user_input(prj).to_wkt("WKT1_ESRI"))
    path.with_suffix(".cpg").write_text("UTF-8")
    return path


def _geopackage(path: Path, layers: Mapping[str, Iterable[BaseGeometry]]) -> Path:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id)")
        db.execute(
            "CREATE TABLE gpkg_spatial_ref_sys (srs_id, organization, organization_coordsys_id)"
        )
        db.execute("INSERT INTO gpkg_spatial_ref_sys VALUES (25832, 'EPSG', 25832)")
        for name, shapes in layers.items():
            db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 25832)", (name,))
            quoted = name.replace('"', '""')
            db.execute(f'CREATE TABLE "{quoted}" (fid INTEGER, geom BLOB, ags TEXT, gen TEXT)')
            for number, (key, item) in enumerate(zip(KEYS, shapes, strict=False)):
                west, south, east, north = item.bounds
                head = b"GP\x00\x03" + struct.pack("<i4d", 25832, west, east, south, north)
                row = (number, head + shapely.to_wkb(item), key, "Ort")
                db.execute(f'INSERT INTO "{quoted}" VALUES (?, ?, ?, ?)', row)
    return path


def _shapes(folder: Path, level: Level = Level.GEMEINDE) -> dict[str, BaseGeometry]:
    register = Register.load([PROJECT, folder])
    features = register.boundaries(level, within="98")["features"]
    return {item["id"]: shape(dict(item["geometry"])) for item in features}


def _taken(folder: Path, path: Path, **options: object) -> dict[str, BaseGeometry]:
    import_boundaries([path], folder, BoundaryOptions(**{"year": 2024, **options}))
    return _shapes(folder)


def _near(found: Mapping[str, BaseGeometry], wanted: Iterable[BaseGeometry]) -> None:
    for key, one in zip(KEYS, _in("EPSG:4326", wanted), strict=True):
        assert found[key].symmetric_difference(one).area < one.area * 0.03


Writer = Callable[[Path, list[BaseGeometry]], Path]
FORMS: dict[str, Writer] = {
    "a.geojson": lambda p, s: _geojson(p, _in("EPSG:4326", s), ags=KEYS),
    "utm.geojson": lambda p, s: _geojson(p, s, "urn:ogc:def:crs:EPSG::25832", AGS=KEYS),
    "gk.geojson": lambda p, s: _geojson(p, _in("EPSG:31467", s), "EPSG:31467", AGS=KEYS),
    "swapped.geojson": lambda p, s: _geojson(
        p,
        [shapely.transform(i, lambda x: x[:, ::-1]) for i in _in("EPSG:4326", s)],
        "urn:ogc:def:crs:EPSG::4326",
        ags=KEYS,
    ),
    "ars.json": lambda p, s: _geojson(
        p, _in("EPSG:4326", s), ARS=[f"{key[:5]}0000{key[5:]}" for key in KEYS]
    ),
    "lost_zero.geojson": lambda p, s: _geojson(p, _in("EPSG:4326", s), ags=[int(k) for k in KEYS]),
    "a.shp": lambda p, s: _shapefile(p, s),
    "a.gpkg": lambda p, s: _geopackage(p, {"vg250_gem": s}),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_and_projection_gives_the_same_boundaries(
    folder: Path, tmp_path: Path, name: str
) -> None:
    wanted = _wavy()
    path = FORMS[name](tmp_path / name, wanted)
    # 98102000 may be a Kreis with zeros behind it, so the level is named
    _near(_taken(folder, path, level=Level.GEMEINDE), wanted)


def test_a_zipped_layer_is_found_among_others_and_unpacked_nowhere_else(
    folder: Path, tmp_path: Path
) -> None:
    wanted = _wavy()
    _shapefile(tmp_path / "VG250_GEM.shp", wanted)
    _shapefile(tmp_path / "VG250_KRS.shp", wanted)
    with zipfile.ZipFile(tmp_path / "vg250.zip", "w") as archive:
        for path in tmp_path.glob("VG250*"):
            archive.write(path, f"../../escaped/{path.name}")
    _near(_taken(folder, tmp_path / "vg250.zip", level=Level.GEMEINDE), wanted)
    assert not (tmp_path.parent / "escaped").exists()
    with pytest.raises(RegisterError, match=r"several layers.*VG250_GEM"):
        _taken(folder, tmp_path / "vg250.zip")


def test_a_layer_of_a_geopackage_is_chosen_by_level_or_name(folder: Path, tmp_path: Path) -> None:
    path = _geopackage(tmp_path / "a.gpkg", {"vg250_gem": _wavy(), 'o"dd_krs': _wavy(2)})
    assert len(_taken(folder, path, level=Level.GEMEINDE)) == 4
    assert len(_taken(folder, path, layer='o"dd_krs', level=Level.GEMEINDE)) == 2


def test_neighbours_share_their_border_after_simplification(folder: Path, tmp_path: Path) -> None:
    path = _geojson(tmp_path / "a.geojson", _wavy(), UTM, ags=KEYS)
    found = _taken(folder, path, tolerance=300.0)
    before = sum(shapely.get_num_coordinates(item) for item in _wavy())
    assert sum(shapely.get_num_coordinates(item) for item in found.values()) < before / 2
    assert shapely.coverage_is_valid(list(found.values()))
    assert all(item.is_valid for item in found.values())
    (arcs,) = [
        json.loads(p.read_text())["arcs"] for p in folder.glob("boundaries_gemeinde_*.topojson")
    ]
    # four regions in a row: three borders between two, and for itself one stretch of the first and
    # of the last, two of the others
    assert len(arcs) == 3 + 2 + 4


def test_nothing_is_simplified_at_tolerance_zero(folder: Path, tmp_path: Path) -> None:
    path = _geojson(tmp_path / "a.geojson", _wavy(), UTM, ags=KEYS)
    found = _taken(folder, path, tolerance=0.0)
    for key, one in zip(KEYS, _in("EPSG:4326", _wavy()), strict=True):
        assert found[key].hausdorff_distance(one) < 0.00001


def test_an_island_in_a_lake_and_an_enclave_stay_where_they_are(
    folder: Path, tmp_path: Path
) -> None:
    inner = shapely.box(561_000, 5_651_000, 562_000, 5_652_000)
    outer = shapely.box(560_000, 5_650_000, 564_000, 5_654_000).difference(inner)
    far = shapely.MultiPolygon(
        [shapely.box(565_000 + d, 5_650_000, 566_000 + d, 5_651_000) for d in (0, 3000)]
    )
    path = _geojson(tmp_path / "a.geojson", [outer, inner, far], UTM, ags=KEYS[:3])
    found = _taken(folder, path)
    assert len(found["98101001"].geoms[0].interiors) == 1
    assert len(found["98101003"].geoms) == 2
    assert found["98101001"].intersection(found["98101002"]).area == 0
    assert shapely.union_all(list(found.values())).geom_type == "MultiPolygon"


def test_waters_of_a_region_are_left_out(folder: Path, tmp_path: Path) -> None:
    one, water, *_ = _wavy()
    path = _geojson(
        tmp_path / "a.geojson", [one, water], UTM, AGS=KEYS[:1] * 2, ARS=["", ""], GF=[4, 2]
    )
    assert _taken(folder, path)[KEYS[0]].area == pytest.approx(
        _in("EPSG:4326", [one])[0].area, rel=0.05
    )


def test_files_of_one_level_are_joined_and_a_new_import_replaces_the_old(
    folder: Path, tmp_path: Path
) -> None:
    shapes = _wavy()
    paths = [
        _geojson(tmp_path / f"{key}_2024.geojson", [item], UTM, ags=[key])
        for key, item in zip(KEYS, shapes, strict=True)
    ]
    import_boundaries(paths[:3], folder)
    assert sorted(_shapes(folder)) == sorted(KEYS[:3])
    (folder / "boundaries_gemeinde_2024.geojson").write_text("{}")
    import_boundaries(paths[:1], folder)
    assert sorted(_shapes(folder)) == [KEYS[0]]


def test_large_levels_are_split_by_land_and_read_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.sozialdaten.geography.importing import _boundaries

    monkeypatch.setattr(_boundaries, "_LARGE", 1)
    keys = ["98101001", "99001001"]
    path = _geojson(tmp_path / "a.geojson", _wavy(2), UTM, ags=keys)
    import_boundaries([path], folder, BoundaryOptions(year=2024))
    files = sorted(item.name for item in folder.glob("*.topojson"))
    assert files == [f"boundaries_gemeinde_2024_{land}.topojson" for land in ("98", "99")]
    (folder / files[1]).write_text("not read for Land 98")
    assert sorted(_shapes(folder)) == ["98101001"]


def test_small_areas_are_found_by_the_countys_own_keys(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("key,name,parent\n01,West,98101001\n02,Ost,98101001\n")
    import_lists([tmp_path / "s.csv"], folder)
    path = _geojson(tmp_path / "a.geojson", _wavy(2), UTM, teil_nr=["01", "02"])
    options = BoundaryOptions(level=Level.ORTSTEIL, year=2024, key="TEIL_NR")
    import_boundaries([path], folder, options)
    register = Register.load([PROJECT, folder])
    found = register.boundaries(Level.ORTSTEIL, within="98101")["features"]
    assert [item["id"] for item in found] == ["98101001-01", "98101001-02"]
    assert found[0]["properties"]["name"] == "West"


def test_the_makers_are_credited(folder: Path, tmp_path: Path) -> None:
    path = _geojson(tmp_path / "a.geojson", _wavy(), UTM, ags=KEYS)
    _taken(folder, path, attribution="© Vermessungsamt")
    register = Register.load([PROJECT, folder])
    credited = register.boundaries(Level.GEMEINDE, within="98").get("attribution")
    assert credited == "© Vermessungsamt"


def test_a_boundary_that_crosses_itself_is_mended_and_told(folder: Path, tmp_path: Path) -> None:
    x, y = 560_000, 5_650_000
    bow = shapely.Polygon([(x, y), (x + 5000, y + 5000), (x + 5000, y), (x, y + 5000)])
    path = _geojson(tmp_path / "a.geojson", [bow], UTM, ags=KEYS[:1])
    notes = import_boundaries([path], folder, BoundaryOptions(year=2024))
    assert any("mended" in note.text() for note in notes)
    assert _shapes(folder)[KEYS[0]].is_valid


def test_borders_that_the_library_cannot_simplify_are_kept_as_they_are(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise GEOSException("IllegalArgumentException: point array must contain 0 or >1 elements")

    monkeypatch.setattr(shapely, "coverage_simplify", broken)
    path = _geojson(tmp_path / "a.geojson", _wavy(), UTM, ags=KEYS)
    notes = import_boundaries([path], folder, BoundaryOptions(year=2024, level=Level.GEMEINDE))
    assert any("could not be simplified" in note.text() for note in notes)
    _near(_shapes(folder), _wavy())


def test_regions_that_overlap_are_told(folder: Path, tmp_path: Path) -> None:
    one, two = (
        shapely.box(560_000, 5_650_000, 564_000, 5_654_000),
        shapely.box(563_500, 5_650_000, 568_000, 5_654_000),
    )
    path = _geojson(tmp_path / "a.geojson", [one, two], UTM, ags=KEYS[:2])
    notes = import_boundaries([path], folder, BoundaryOptions(year=2024))
    assert any("do not fit their neighbours" in note.text() for note in notes)


def _point(path: Path) -> Path:
    return _geojson(path, [shapely.Point(9, 50)], ags=KEYS[:1])


def _nan(path: Path) -> Path:
    text = _geojson(path, _in("EPSG:4326", _wavy(1)), ags=KEYS[:1]).read_text()
    path.write_text(text.replace("51.0", "NaN", 1).replace("50.9", "NaN", 1))
    return path


BAD: dict[str, tuple[Callable[[Path], Path], Mapping[str, object], str]] = {
    "no_key": (lambda p: _geojson(p, _wavy(1), UTM, nr=["1"]), {}, "--key.*nr"),
    "wrong_key": (lambda p: _geojson(p, _wavy(1), UTM, ags=["01999999"]), {}, "row 1.*01999999"),
    "no_level": (lambda p: _geojson(p, _wavy(1), UTM, ags=["X"]), {}, "--level"),
    "no_year": (lambda p: _geojson(p, _wavy(1), UTM, ags=KEYS[:1]), {"year": None}, "--year"),
    "metres": (lambda p: _geojson(p, _wavy(1), ags=KEYS[:1]), {}, "--crs"),
    "other_crs": (lambda p: _geojson(p, _wavy(1), "EPSG:25836", ags=KEYS[:1]), {}, "--crs"),
    "no_crs": (lambda p: _geojson(p, _wavy(1), "local", ags=KEYS[:1]), {}, "--crs"),
    "point": (_point, {}, "row 1.*no polygon"),
    "empty": (lambda p: _geojson(p, [shapely.Polygon()], ags=KEYS[:1]), {}, "no boundary"),
    "flat": (
        lambda p: _geojson(p, [shapely.Polygon([(9, 51), (9.1, 51), (9.2, 51)])], ags=KEYS[:1]),
        {}, "row 1.*broken",
    ),
    "nothing": (lambda p: _geojson(p, [], ags=[]), {}, "no boundaries"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_boundaries_are_an_error_that_says_what_to_do(
    folder: Path, tmp_path: Path, case: str
) -> None:
    make, options, says = BAD[case]
    path = make(tmp_path / "bad.geojson")
    with pytest.raises(RegisterError, match=f"bad.geojson.*{says}"):
        _taken(folder, path, **options)
    assert not list(folder.glob("boundaries_*"))


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp", "a.zip"])
@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 500, b"[" * 200_000, b"PK\x03\x04" + b"\x00" * 60, b"SQLite format 3\x00" * 9],
    ids=["empty", "zeros", "deep", "zip", "sqlite"],
)
def test_garbage_is_an_error_with_its_file(
    folder: Path, tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RegisterError, match=r"^a\."):
        _taken(folder, tmp_path / name)


def test_a_crafted_geopackage_does_not_count_for_ever(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.sozialdaten.geography.importing import _layers

    monkeypatch.setattr(_layers, "_STEPS", 10_000_000)
    path = _geopackage(tmp_path / "a.gpkg", {})
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 25832)")
        db.execute(
            "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT NULL AS geom, max(i) AS ags FROM n"
        )
    with pytest.raises(RegisterError, match="no boundaries that can be read"):
        _taken(folder, path)


def test_a_page_reads_boundaries_without_a_geometry_library(folder: Path, tmp_path: Path) -> None:
    _taken(folder, _geojson(tmp_path / "a.geojson", _wavy(), UTM, ags=KEYS))
    code = (
        "import sys; from ckanext.sozialdaten.geography import Level, Register\n"
        "found = Register.default().boundaries(Level.GEMEINDE, '98')['features']\n"
        "assert len(found) == 4\n"
        "assert not {'shapely', 'pyproj', 'shapefile', 'numpy', 'duckdb'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={"SOZIALDATEN_REGIONS": str(folder)}
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 4), st.integers(0, 1000), st.sampled_from([0.0, 20.0, 150.0]))
def test_what_is_written_is_read_again_as_a_coverage(
    tmp_path_factory: pytest.TempPathFactory, parts: int, seed: int, tolerance: float
) -> None:
    folder = tmp_path_factory.mktemp("r")
    keys = [f"99001{n:03}" for n in range(1, parts + 1)]
    shapes = _wavy(parts, seed=seed)
    path = _geojson(folder / "a.geojson", shapes, UTM, ags=keys)
    import_boundaries([path], folder, BoundaryOptions(year=2030, tolerance=tolerance))
    (folder / "regions.csv").write_text("ags,ars,name,level,parent,valid_from,valid_to\n")
    found = Register.load([PROJECT, folder]).boundaries(Level.GEMEINDE, within="99001", year=2030)
    own = [shape(dict(f["geometry"])) for f in found["features"] if f["id"] in keys]
    whole = shapely.union_all(_in("EPSG:4326", shapes))
    assert shapely.coverage_is_valid(own)
    assert sum(item.area for item in own) == pytest.approx(whole.area, rel=0.03)


def test_real_boundaries_of_kreise_and_laender_are_taken_in(tmp_path: Path) -> None:
    gv = shared("samples/gemeindeverzeichnis/AuszugGV2QAktuell_2024-06-30.xlsx")
    import_lists([gv], tmp_path)
    geo = shared("samples/geo")
    names = ["vg2500_kreise.geojson", "vg250_gemeinden_5kreise_2022-12-31.geojson"]
    import_boundaries([geo / name for name in names], tmp_path, BoundaryOptions(year=2022))
    register = Register.load([PROJECT, tmp_path])
    kreise = register.boundaries(Level.KREIS, "06")["features"]
    assert {item["id"] for item in kreise} == set(register.children("06", Level.KREIS))
    gemeinden = register.boundaries(Level.GEMEINDE, "01056")
    assert len(gemeinden["features"]) == 49
    west, south, east, north = gemeinden["bbox"]
    assert 7.8 < west < east < 10.1
    assert 53.5 < south < north < 54.2
