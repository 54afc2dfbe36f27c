"""A second county, with another block of keys, beside Musterland in one installation."""

import datetime as dt
import os
from pathlib import Path

import pyarrow as pa
import pytest

from ckanext.sozialdaten.geography import Level, Register, Territories, convert
from ckanext.sozialdaten.geography.importing import (
    BoundaryOptions,
    import_boundaries,
    import_lists,
)
from ckanext.sozialdaten.portal.preview import draw
from tests.geography.test_import_boundaries import _geojson, _wavy
from tests.geography.worlds import gv_workbook

PROJECT = Path(__file__).parents[2] / "schemas" / "geography"
UTM = "EPSG:25832"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Land 98 with boundaries and small areas; small areas of Musterland in a folder of theirs."""
    other, own = tmp_path / "other", tmp_path / "own"
    import_lists([gv_workbook(tmp_path / "gv.xlsx", "31.12.2023")], other)
    keys = ["98101001", "98101002", "98101003"]
    path = _geojson(tmp_path / "b.geojson", _wavy(3), UTM, ags=keys)
    import_boundaries([path], other, BoundaryOptions(year=2023))
    for folder, gemeinde in ((other, "98101001"), (own, "99001001")):
        (tmp_path / "s.csv").write_text(f"key,name,parent\n01,Mitte,{gemeinde}\n")
        (tmp_path / "c.csv").write_text(
            "from,to,old,new,population\n"
            f"2020,2023,{gemeinde}-00,{gemeinde}-01,1\n2020,2023,{gemeinde}-01,{gemeinde}-01,1\n"
        )
        import_lists([tmp_path / "s.csv", tmp_path / "c.csv"], folder)
    return other, own


def test_both_counties_have_their_regions_names_and_maps(folders: tuple[Path, Path]) -> None:
    register = Register.load([PROJECT, *folders])
    assert register.children("99001", Level.GEMEINDE)
    assert len(register.children("98101", Level.GEMEINDE)) == 3
    drawn = (register.boundaries(Level.GEMEINDE, within=kreis) for kreis in ("98101", "99001"))
    plans = [draw(dict(collection)) for collection in drawn]
    assert [len(plan.outlines) for plan in plans] == [3, 20]
    assert {outline.key[:5] for outline in plans[0].outlines} == {"98101"}


def test_small_areas_with_the_same_own_key_are_two(folders: tuple[Path, Path]) -> None:
    register = Register.load([PROJECT, *folders])
    assert register.children("98101", Level.ORTSTEIL) == ("98101001-01",)
    assert register.children("99001", Level.ORTSTEIL) == ("99001001-01",)
    assert {item.ags for item in register.search("Mitte")} == {"98101001-01", "99001001-01"}


def test_a_table_of_small_areas_is_drawn_at_their_level(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.sozialdaten.portal import _regions

    path = _geojson(tmp_path / "o.geojson", _wavy(1), UTM, nr=["01"])
    options = BoundaryOptions(level=Level.ORTSTEIL, year=2023, key="nr", parent="98101001")
    import_boundaries([path], folders[0], options)
    monkeypatch.setenv("SOZIALDATEN_REGIONS", os.pathsep.join(map(str, folders)))
    keys = ["98101001-01"]
    assert list(_regions.by_level(keys)) == [Level.ORTSTEIL]
    assert [o.name for o in _regions.plan_of(Level.ORTSTEIL, keys).outlines] == ["Mitte"]


def test_changes_of_both_counties_hold_side_by_side(folders: tuple[Path, Path]) -> None:
    table = pa.table(
        {
            "region": [f"{g}-{n}" for g in ("98101001", "99001001") for n in ("00", "01")],
            "value": [1, 2, 30, 40],
            "reference_end": ["2020-12-31"] * 4,
        }
    )
    rows = convert(table, dt.date(2023, 12, 31), territories=Territories(folders)).to_pylist()
    assert {row["region"]: row["value"] for row in rows} == {
        "98101001-01": 3,
        "99001001-01": 70,
    }
