"""Boundaries: those of Kreis Musterland, and those that a county brings."""

import json
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from ckanext.sozialdaten.demo.boundaries import SEED, regions
from ckanext.sozialdaten.geography import Geometry, Level, Register, RegisterError

FOLDER = Path(__file__).parents[2] / "schemas" / "geography"
SQUARE = {"type": "Polygon", "coordinates": [[[9, 50], [10, 50], [10, 51], [9, 51], [9, 50]]]}


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.default()


def _shape(geometry: Geometry) -> shapely.Geometry:
    return shape(dict(geometry))


def test_each_gemeinde_has_a_valid_boundary_with_its_name(register: Register) -> None:
    features = register.boundaries(Level.GEMEINDE, within="99001")["features"]
    assert [item["id"] for item in features] == list(register.children("99001"))
    for feature in features:
        assert feature["properties"]["name"] == register.name(feature["id"])
        assert _shape(feature["geometry"]).is_valid
        assert tuple(feature["bbox"]) == _shape(feature["geometry"]).bounds


def test_the_kreis_is_exactly_the_union_of_its_gemeinden(register: Register) -> None:
    parts = [_shape(item["geometry"]) for item in register.boundaries(Level.GEMEINDE)["features"]]
    (kreis,) = register.boundaries(Level.KREIS)["features"]
    whole = _shape(kreis["geometry"])
    assert shapely.union_all(parts).symmetric_difference(whole).area == 0
    assert sum(part.area for part in parts) == pytest.approx(whole.area)


def test_neighbours_share_every_vertex_of_their_border(register: Register) -> None:
    shapes = [_shape(item["geometry"]) for item in register.boundaries(Level.GEMEINDE)["features"]]
    for number, one in enumerate(shapes):
        for other in shapes[:number]:
            border = one.intersection(other)
            if border.length == 0:
                continue
            own = {
                point for point in shapely.get_coordinates(one).tolist() for point in [tuple(point)]
            }
            assert {tuple(point) for point in shapely.get_coordinates(border).tolist()} <= own


def test_files_are_small_and_coordinates_short() -> None:
    for path in FOLDER.glob("*.geojson"):
        assert path.stat().st_size < 100_000
        for feature in json.loads(path.read_text())["features"]:
            for point in shapely.get_coordinates(shape(feature["geometry"])).tolist():
                assert [round(value, 5) for value in point] == point


def test_the_generator_gives_the_committed_boundaries() -> None:
    features = json.loads((FOLDER / "boundaries_gemeinde_2024.geojson").read_text())["features"]
    again = regions(len(features), SEED)
    assert [shape(item["geometry"]).normalize() for item in features] == [
        item.normalize() for item in again
    ]


def test_another_seed_gives_another_kreis() -> None:
    assert regions(20, SEED) != regions(20, SEED + 1)


def test_boxes_join_and_larger_regions_take_the_boxes_of_their_parts(register: Register) -> None:
    kreis = register.bbox(["99001"])
    assert kreis is not None
    assert register.bbox(["99"]) == kreis
    assert register.bbox(register.children("99001")) == kreis
    assert register.bbox(["06"]) is None


def test_an_outline_of_several_regions_is_their_union(register: Register) -> None:
    (kreis,) = register.boundaries(Level.KREIS)["features"]
    outline = register.outline(register.children("99001"))
    assert outline is not None
    assert _shape(outline).equals(_shape(kreis["geometry"]))
    assert register.outline(["99001", "99001001"]) == kreis["geometry"]
    assert register.outline(["06"]) is None
    json.dumps(outline)


def _county(folder: Path, name: str, features: object) -> Register:
    (folder / "regions.csv").write_text(
        "ags,ars,name,level,parent,valid_from,valid_to\n"
        "DG,000000000000,Deutschland,bund,,,\n"
        "06,060000000000,Hessen,land,DG,,\n",
        encoding="utf-8",
    )
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return Register.load([folder])


def _hessen(**more: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"ags": "06", "name": "Hessen"}} | more


def test_the_year_chooses_the_territorial_state(tmp_path: Path) -> None:
    wide = {"type": "Polygon", "coordinates": [[[8, 50], [10, 50], [10, 51], [8, 51], [8, 50]]]}
    _county(tmp_path, "boundaries_land_2015.geojson", [_hessen(geometry=SQUARE)])
    register = _county(tmp_path, "boundaries_land_2020.geojson", [_hessen(geometry=wide)])

    def west(year: int | None) -> float:
        return register.boundaries(Level.LAND, year=year)["features"][0]["bbox"][0]

    assert [west(year) for year in (None, 2024, 2020, 2019, 2000)] == [8, 8, 8, 9, 9]


def test_a_newer_file_of_one_county_hides_no_other_county(tmp_path: Path) -> None:
    folders = []
    for key, year in (("06", 2024), ("07", 2030)):
        folder = tmp_path / key
        folder.mkdir()
        row = f"{key},{key}0000000000,Land {key},land,DG,,\n"
        head = "ags,ars,name,level,parent,valid_from,valid_to\nDG,000000000000,D,bund,,,\n"
        (folder / "regions.csv").write_text(head + row, encoding="utf-8")
        feature = _hessen(geometry=SQUARE, properties={"ags": key, "name": key})
        (folder / f"boundaries_land_{year}.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": [feature]})
        )
        folders.append(folder)
    known = Register.load(folders).boundaries(Level.LAND)["features"]
    assert [feature["properties"]["ags"] for feature in known] == ["06", "07"]


@pytest.mark.parametrize(
    "features",
    [
        None,
        [_hessen()],
        [_hessen(geometry={"type": "Point", "coordinates": [9, 50]})],
        [_hessen(geometry=SQUARE, properties={})],
    ],
)
def test_boundaries_that_are_none_are_an_error_with_the_file(
    tmp_path: Path, features: object
) -> None:
    register = _county(tmp_path, "boundaries_land_2020.geojson", features)
    with pytest.raises(RegisterError) as refused:
        register.boundaries(Level.LAND)
    assert refused.value.place is not None
    assert refused.value.place.file == "boundaries_land_2020.geojson"


def test_a_level_without_boundaries_is_an_empty_collection(register: Register) -> None:
    assert register.boundaries(Level.LAND)["features"] == []
