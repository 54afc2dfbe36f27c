"""``sozialdaten region``."""

import csv
import io
import json
from pathlib import Path

from click.testing import CliRunner, Result

from ckanext.sozialdaten.cli.region import command
from tests.geography.worlds import LAND_98, gv_workbook


def test_a_region_is_shown_by_any_spelling_of_its_key() -> None:
    result = CliRunner().invoke(command, ["show", "99001000", "990010001001"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["name"] for row in rows] == ["Kreis Musterland", "Musterstadt"]


def test_regions_inside_another_are_listed() -> None:
    result = CliRunner().invoke(
        command, ["list", "--within", "99", "--level", "gemeinde", "--json"]
    )
    assert len(json.loads(result.stdout)) == 20


def test_a_search_prints_matches() -> None:
    result = CliRunner().invoke(command, ["search", "Musterstadt"])
    assert "99001001" in result.stdout


def test_a_wrong_key_ends_with_2_and_a_hint() -> None:
    result = CliRunner().invoke(command, ["show", "1056"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean" in result.stderr


def _run(*arguments: str, folder: Path | None = None) -> Result:
    env = {"SOZIALDATEN_REGIONS": str(folder) if folder else ""}
    return CliRunner().invoke(command, arguments, env=env)


def test_a_key_with_a_slip_gives_keys_that_may_be_meant() -> None:
    result = _run("show", "99001021")
    assert result.exit_code == 2
    assert "Did you mean 99001020 Wiesenhagen" in result.stderr


def test_a_name_that_only_one_region_has_is_as_good_as_its_key() -> None:
    assert "99001001" in _run("show", "musterstadt").stdout
    result = _run("show", "Mustersadt")
    assert (result.exit_code, "99001001 Musterstadt" in result.stderr) == (2, True)


def test_a_search_without_a_match_says_what_may_be_meant() -> None:
    result = _run("search", "Ahornfelt")
    assert (result.exit_code, "99001002 Ahornfeld" in result.stderr) == (2, True)


def test_lists_are_imported_listed_and_shown_as_they_were(tmp_path: Path) -> None:
    files = [
        str(gv_workbook(tmp_path / "a.xlsx", "31.12.2022")),
        str(gv_workbook(tmp_path / "b.xlsx", "31.12.2023", LAND_98[:-2])),
    ]
    done = _run("import", *files, "--to", str(tmp_path / "r"))
    assert (done.exit_code, "state of 2023-12-31" in done.stderr) == (0, True)
    ways = {"now": [], "former": ["--former"], "then": ["--on", "2023-01-01"]}
    lines = {
        which: _run("list", "--level=gemeinde", *more, folder=tmp_path / "r").stdout.count("\n")
        for which, more in ways.items()
    }
    assert lines["former"] == lines["now"] + 1
    assert lines["then"] == lines["former"]
    shown = _run("show", "98102000", "--on", "2024-06-01", folder=tmp_path / "r")
    assert (shown.exit_code, "did not exist" in shown.stderr) == (2, True)


def test_boundaries_are_imported_with_their_options(tmp_path: Path) -> None:
    square = [[9, 51], [9.1, 51], [9.1, 51.1], [9, 51.1], [9, 51]]
    feature = {
        "type": "Feature", "properties": {"nr": "99001001"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }  # fmt: skip
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    folder = str(tmp_path / "r")
    wrong = _run("import", str(path), "--to", folder, "--year", "2024")
    assert (wrong.exit_code, "--key" in wrong.stderr) == (2, True)
    assert _run("import", str(path), "--to", folder, "--year", "2024", "--key", "NR").exit_code == 0
    assert (tmp_path / "r" / "boundaries_gemeinde_2024.topojson").exists()


def test_an_import_needs_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("key,name\n")
    assert "--to FOLDER" in _run("import", str(tmp_path / "a.csv")).stderr


TABLE = """series,region,reference_start,reference_end,dimensions,value,unit,quality
cases,98101001,2022-12-31,2022-12-31,{},3,Anzahl,
cases,98101002,2022-12-31,2022-12-31,{},5,Anzahl,
people,98101001,2022-12-31,2022-12-31,{},100,Personen,
people,98101002,2022-12-31,2022-12-31,{},300,Personen,
"""


def _changed(tmp_path: Path) -> Path:
    (tmp_path / "c.csv").write_text(
        "from,to,old,new,population\n2022,2023,98101001,98101002,1\n2022,2023,98101002,98101002,1\n"
    )
    assert _run("import", str(tmp_path / "c.csv"), "--to", str(tmp_path / "r")).exit_code == 0
    (tmp_path / "r" / "regions.csv").write_text("ags,ars,name,level,parent,valid_from,valid_to\n")
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path / "r"


def test_observations_are_converted_and_rates_computed_anew(tmp_path: Path) -> None:
    folder = _changed(tmp_path)
    result = _run("convert", str(tmp_path / "t.csv"), "--to", "2023", folder=folder)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(r["series"], r["region"], r["value"], r["conversion"]) for r in rows] == [
        ("cases", "98101002", "8", "merged"),
        ("people", "98101002", "400", "merged"),
    ]
    assert "2 merged" in result.stderr
    options = ["--to", "2023", "--ratio", "cases/people", "--factor", "100"]
    rate = _run("convert", str(tmp_path / "t.csv"), *options, folder=folder)
    assert [row["value"] for row in csv.DictReader(io.StringIO(rate.stdout))] == ["2"]


def test_a_conversion_writes_parquet_and_refuses_what_is_no_table(tmp_path: Path) -> None:
    folder = _changed(tmp_path)
    out = tmp_path / "o.parquet"
    done = _run("convert", str(tmp_path / "t.csv"), "--to", "2023", "-o", str(out), folder=folder)
    assert (done.exit_code, done.stdout) == (0, "")
    again = _run("convert", str(out), "--to", "2023", "--from", "2023", folder=folder)
    assert "2 unchanged" in again.stderr
    (tmp_path / "x.csv").write_bytes(b"a,b\n1\n\xff\n")
    assert _run("convert", str(tmp_path / "x.csv"), "--to", "2023", folder=folder).exit_code == 2
