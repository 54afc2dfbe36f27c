"""Lists of regions taken into a register folder."""

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ckanext.sozialdaten.geography import GeographyError, Level, Region, Register, RegisterError
from ckanext.sozialdaten.geography.importing import import_lists
from tests.geography.worlds import LAND_98, changes_workbook, gv100ad, gv_workbook
from tests.shared_files import shared

PROJECT = Path(__file__).parents[2] / "schemas" / "geography"


def _register(folder: Path) -> Register:
    return Register.load([PROJECT, folder])


def _plain(register: Register) -> list[Region]:
    return [region for region in register if region.ags.startswith("98")]


def test_a_workbook_fills_a_folder_with_all_levels_and_parents(tmp_path: Path) -> None:
    (note,) = import_lists([gv_workbook(tmp_path / "a.xlsx", "31.12.2023")], tmp_path / "r")
    register = _register(tmp_path / "r")
    assert "3" in note.text()
    assert register.ancestors("98101001") == ("98101", "981", "98", "DG")
    assert (register.verband("98101001"), register.verband("98101003")) == ("981015001", None)
    assert register.children("981015001", Level.GEMEINDE) == ("98101001", "98101002")
    assert register.children("98101") == ("98101001", "98101002", "98101003")
    assert register.children("98", Level.VERBAND) == ("981015001",)
    assert register.ancestors("98101003") == ("98101", "981", "98", "DG")
    assert register.children("98", Level.GEMEINDE) == (
        "98101001", "98101002", "98101003", "98102000",
    )  # fmt: skip
    assert register.normalise("981015001002") == "98101002"
    assert register.normalise("981015001000") == "981015001"


def test_names_lose_their_designation_but_are_found_by_it(tmp_path: Path) -> None:
    import_lists([gv_workbook(tmp_path / "a.xlsx", "31.12.2023")], tmp_path)
    register = _register(tmp_path)
    named = {key: (register.name(key), register.get(key).designation) for key in ("981", "98102")}
    assert named == {
        "981": ("Oberprobe", "Regierungsbezirk"),
        "98102": ("Probestadt", "Kreisfreie Stadt"),
    }
    assert register.name("98101") == "Landkreis Seeheim"
    assert register.name("98101003") == "Seeheim"
    assert {item.ags for item in register.search("Seeheim, Stadt")} == {"98101003"}
    assert register.search("Seeheim, Landkreis")[0].ags == "98101"


@pytest.mark.parametrize("code", ["cp1252", "utf-8"])
def test_the_text_form_says_the_same_as_the_workbook(tmp_path: Path, code: str) -> None:
    records = (*LAND_98, ("60", "64", "981015001009", "Höfe", 1.5, 7))
    import_lists([gv_workbook(tmp_path / "a.xlsx", "31.12.2023", records)], tmp_path / "a")
    import_lists([gv100ad(tmp_path / "b.txt", "20231231", records, code)], tmp_path / "b")
    assert _plain(_register(tmp_path / "a")) == _plain(_register(tmp_path / "b"))
    assert (tmp_path / "a/sizes.csv").read_text() == (tmp_path / "b/sizes.csv").read_text()


def test_the_text_form_is_read_from_its_zip_file(tmp_path: Path) -> None:
    text = gv100ad(tmp_path / "GV100AD.txt", "20231231")
    with zipfile.ZipFile(tmp_path / "gv.zip", "w") as archive:
        archive.write(text, "../../GV100AD.txt")
        archive.writestr("Liesmich.pdf", b"%PDF")
    import_lists([tmp_path / "gv.zip"], tmp_path / "r")
    assert "98102000" in _register(tmp_path / "r")


def _without(*keys: str) -> list[tuple[str, str, str, str, float | None, float | None]]:
    return [record for record in LAND_98 if record[2] not in keys]


def test_lists_of_two_years_give_validity_in_whatever_order_they_are_named(tmp_path: Path) -> None:
    later = [*_without("981015001001", "981015001002")]
    later.append(("60", "64", "981015001011", "Rainau", 30.0, 1500))
    later = [r if r[2] != "981010003003" else (*r[:2], "981015001003", *r[3:]) for r in later]
    new = gv_workbook(tmp_path / "b.xlsx", "31.12.2023", later)
    old = gv_workbook(tmp_path / "a.xlsx", "31.12.2022")
    import_lists([new, old], tmp_path)
    register = _register(tmp_path)
    assert register.get("98101001").valid_to == dt.date(2023, 12, 30)
    assert register.get("98101011").valid_from == dt.date(2023, 12, 31)
    assert register.children("981015001") == ("98101003", "98101011")
    assert register.children("981015001", on=dt.date(2022, 12, 31)) == ("98101001", "98101002")
    assert "98101001" not in {region.ags for region in register}
    assert "98101001" in {region.ags for region in register.latest()}
    # the same AGS under a new ARS: both spellings find it
    assert register.normalise("981010003003") == register.normalise("981015001003") == "98101003"
    assert register.get("98101003", dt.date(2023, 1, 1)).ars == "981010003003"


def test_taking_a_list_in_twice_changes_nothing(tmp_path: Path) -> None:
    files = [
        gv_workbook(tmp_path / "a.xlsx", "31.12.2022"),
        gv_workbook(tmp_path / "b.xlsx", "31.12.2023", _without("981015001001")),
    ]
    import_lists(files, tmp_path / "r")
    before = {path.name: path.read_bytes() for path in (tmp_path / "r").iterdir()}
    import_lists(files[1:], tmp_path / "r")
    assert {path.name: path.read_bytes() for path in (tmp_path / "r").iterdir()} == before


def test_an_older_list_after_a_newer_one_is_refused(tmp_path: Path) -> None:
    import_lists([gv_workbook(tmp_path / "b.xlsx", "31.12.2023")], tmp_path / "r")
    with pytest.raises(RegisterError, match="older than"):
        import_lists([gv_workbook(tmp_path / "a.xlsx", "31.12.2022")], tmp_path / "r")


def test_a_list_of_one_land_ends_no_region_of_another(tmp_path: Path) -> None:
    other = [(k, c, "97" + ars[2:], n, a, p) for k, c, ars, n, a, p in LAND_98]
    both = gv_workbook(tmp_path / "a.xlsx", "31.12.2022", [*LAND_98, *other])
    import_lists([both, gv_workbook(tmp_path / "b.xlsx", "31.12.2023", other)], tmp_path)
    assert _register(tmp_path).get("98101001").valid_to is None


def test_a_list_of_changes_gives_the_day_that_yearly_lists_leave_open(tmp_path: Path) -> None:
    rows = [
        ("1", "98101001", "Altdorf", 1000, 1000, "98101002", "Neudorf", dt.date(2023, 3, 1)),
    ]
    import_lists(
        [
            gv_workbook(tmp_path / "a.xlsx", "31.12.2022"),
            gv_workbook(tmp_path / "b.xlsx", "31.12.2023", _without("981015001001")),
            changes_workbook(tmp_path / "c.xlsx", rows),
        ],
        tmp_path,
    )
    assert _register(tmp_path).get("98101001").valid_to == dt.date(2023, 2, 28)


AREAS = "Schlüssel;Name;Gemeinde;Art;gueltig_ab;gueltig_bis;liegt_in\n"


def _areas(tmp_path: Path, text: str, head: str = AREAS) -> Register:
    import_lists([gv_workbook(tmp_path / "a.xlsx", "31.12.2023")], tmp_path / "r")
    (tmp_path / "s.csv").write_text(head + text, encoding="utf-8")
    import_lists([tmp_path / "s.csv"], tmp_path / "r")
    return _register(tmp_path / "r")


def test_small_areas_lie_in_their_gemeinde_under_keys_of_the_countys_own(tmp_path: Path) -> None:
    register = _areas(
        tmp_path, "03;Am Hang;98101001;Ortsteil;;;\nPR 1;Nord;981010003003;Planungsraum;;;\n"
    )
    assert register.get("98101001-03").name == "Am Hang"
    assert register.get("98101003-PR_1").designation == "Planungsraum"
    assert register.children("98101", Level.ORTSTEIL) == ("98101001-03", "98101003-PR_1")
    assert register.ancestors("98101001-03")[:2] == ("98101001", "98101")


def test_small_areas_have_versions_and_may_lie_in_one_another(tmp_path: Path) -> None:
    register = _areas(
        tmp_path,
        "N;Nord;98101001;Planungsraum;;;\n"
        "01;Alt;98101001;Ortsteil;;31.12.2019;N\n01;Neu;98101001;Ortsteil;01.01.2020;;N\n",
    )
    assert register.get("98101001-01", dt.date(2019, 6, 1)).name == "Alt"
    assert register.name("98101001-01") == "Neu"
    assert register.parent("98101001-01") == "98101001-N"
    assert register.children("98101001", Level.ORTSTEIL) == ("98101001-01", "98101001-N")


def test_a_later_list_of_small_areas_ends_those_that_it_lacks(tmp_path: Path) -> None:
    import_lists([gv_workbook(tmp_path / "a.xlsx", "31.12.2023")], tmp_path / "r")
    for year, text in ((2020, "01,West\n02,Ost\n"), (2024, "01,West\n")):
        day = dt.date(year, 1, 1)
        (tmp_path / "s.csv").write_text("key,name\n" + text, encoding="utf-8")
        import_lists([tmp_path / "s.csv"], tmp_path / "r", parent="98101001", day=day)
    register = _register(tmp_path / "r")
    assert register.children("98101001") == ("98101001-01",)
    assert register.get("98101001-02").valid_to == dt.date(2023, 12, 31)


@pytest.mark.parametrize(
    ("text", "row", "column", "says"),
    [
        ("03;;98101001;;;;\n", 2, "name", "a name"),
        ("03;X;98101001;;gestern;;\n", 2, "valid_from", "YYYY-MM-DD"),
        ("1;A;98101001;;;;\n03;X;98109999;;;;\n", 3, "", "98109999"),
        ("ä;X;98101001;;;;\n", 2, "", "no key of a small area"),
    ],
)
def test_a_wrong_row_of_small_areas_is_named(
    tmp_path: Path, text: str, row: int, column: str, says: str
) -> None:
    with pytest.raises(RegisterError, match=says) as refused:
        _areas(tmp_path, text)
    place = refused.value.place
    assert place is not None
    assert (place.file, place.row, place.column) == ("s.csv", row, column)


def test_small_areas_in_a_circle_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match="cannot lie in"):
        _areas(tmp_path, "1;A;98101001;Ortsteil;;;2\n2;B;98101001;Ortsteil;;;1\n")


def test_further_names_and_nuts_codes_come_from_plain_csv(tmp_path: Path) -> None:
    head = "AGS,GEN,NUTS\n98101,,DEX01\n"
    register = _areas(tmp_path, "98101002,Neudorf am Rain,\n", head.replace("GEN", "name"))
    assert register.search("neudorf am rain")[0].ags == "98101002"
    assert (register.get("98101").nuts, register.get("98").nuts) == ("DEX01", "DEX")


def _garbage(path: Path) -> None:
    path.write_bytes(b"\x00\x01PK" * 50)


def _broken_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + b"\x00" * 40)


def _html(path: Path) -> None:
    path.write_text("<html>Seite nicht gefunden</html>")


@pytest.mark.parametrize("name", ["a.xlsx", "a.txt", "a.zip", "a.csv", "a.pdf"])
@pytest.mark.parametrize("made", [_garbage, _broken_zip, _html])
def test_a_file_that_is_no_list_is_an_error_with_its_name(
    tmp_path: Path, name: str, made: Callable[[Path], None]
) -> None:
    made(tmp_path / name)
    with pytest.raises(RegisterError, match=r"a\."):
        import_lists([tmp_path / name], tmp_path / "r")
    assert not (tmp_path / "r" / "regions.csv").exists()


def test_the_real_list_gives_every_gemeinde_of_germany(tmp_path: Path) -> None:
    real = shared("samples/gemeindeverzeichnis/AuszugGV2QAktuell_2024-06-30.xlsx")
    import_lists([real], tmp_path)
    register = _register(tmp_path)
    own = [region for region in register if region.ags[:2] != "99"]
    count = {level: sum(1 for r in own if r.level is level) for level in Level}
    assert (count[Level.LAND], count[Level.KREIS], count[Level.GEMEINDE]) == (16, 400, 10_959)
    assert len(register.children("01056", Level.GEMEINDE)) == 49
    assert register.get("01").nuts == "DEF"
    assert register.ancestors("06440001") == ("06440", "064", "06", "DG")
