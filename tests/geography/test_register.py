"""The register: keys in all spellings, hierarchy, names, validity."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.geography import (
    BadRegionKey,
    GeographyError,
    Level,
    Register,
    RegisterError,
    UnknownRegion,
    ars_to_ags,
    canonical_key,
    key_level,
)

HEADER = "ags,ars,name,level,parent,valid_from,valid_to\n"
GERMANY = "DG,000000000000,Deutschland,bund,,,\n"
HESSEN = "06,060000000000,Hessen,land,DG,,\n"


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.default()


def _folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "regions.csv").write_text(HEADER + text, encoding="utf-8")
    return tmp_path


def test_it_knows_germany_its_laender_and_the_fictitious_kreis(register: Register) -> None:
    real = [item for item in register if item.level is Level.LAND and item.ags <= "16"]
    assert len(real) == 16
    assert register.name("06") == "Hessen"
    assert register.name("99001") == "Kreis Musterland"
    assert len(register.children("99001", Level.GEMEINDE)) == 20
    assert register.get("99001001").designation == "Kreisstadt"


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        ("DG", "DG"),
        ("dg", "DG"),
        ("000000000000", "DG"),
        ("06", "06"),
        ("06000000", "06"),
        ("060000000000", "06"),
        ("99001", "99001"),
        ("99001000", "99001"),
        ("990010000000", "99001"),
        ("99001001", "99001001"),
        ("990010001001", "99001001"),
        (" 99001001 ", "99001001"),
        ("99 001 001", "99001001"),
    ],
)
def test_every_spelling_of_a_key_gives_the_canonical_one(
    register: Register, key: str, canonical: str
) -> None:
    assert register.normalise(key) == canonical
    assert key in register


@pytest.mark.parametrize(
    ("key", "error", "says"),
    [
        ("1056", BadRegionKey, "did you mean “01056”"),
        ("1056025", BadRegionKey, "did you mean “01056025”"),
        ("1056025.0", BadRegionKey, "spreadsheet"),
        ("1,056025E+06", BadRegionKey, "spreadsheet"),
        (1056025, BadRegionKey, "not int"),
        (1056025.0, BadRegionKey, "not float"),
        (None, BadRegionKey, "not NoneType"),
        ("", BadRegionKey, "empty"),
        ("Musterstadt", BadRegionKey, "Keys are text"),
        ("٠١٠٥٦", BadRegionKey, "Keys are text"),
        ("99001099", UnknownRegion, "SOZIALDATEN_REGIONS"),
        ("01056", UnknownRegion, "01056"),
    ],
)
def test_a_wrong_key_is_an_error_with_a_hint(
    register: Register, key: object, error: type[GeographyError], says: str
) -> None:
    with pytest.raises(error) as refused:
        register.normalise(key)
    assert says in refused.value.text()
    assert key not in register


def test_a_declared_level_puts_the_lost_zero_back(register: Register) -> None:
    assert register.normalise("6", Level.LAND) == "06"
    with pytest.raises(UnknownRegion):
        register.normalise("9001001", Level.GEMEINDE)


def test_a_subtotal_in_a_column_of_gemeinden_is_an_error(register: Register) -> None:
    with pytest.raises(BadRegionKey, match="key of level kreis"):
        register.normalise("99001", Level.GEMEINDE)


def test_by_form_alone_padding_is_taken_off() -> None:
    assert canonical_key("010560000000") == "01056"
    assert canonical_key("06400000") == "064"
    assert canonical_key("010565642001") == "01056001"
    assert canonical_key("010565642000") == "010565642"
    assert canonical_key("01001000", Level.GEMEINDE) == "01001000"


def test_the_gemeinde_of_a_kreisfreie_stadt_is_not_its_kreis(tmp_path: Path) -> None:
    text = GERMANY + (
        "01,010000000000,Schleswig-Holstein,land,DG,,\n"
        "01001,010010000000,Flensburg,kreis,01,,\n"
        "01001000,010010000000,Flensburg,gemeinde,01001,,\n"
    )
    register = Register.load([_folder(tmp_path, text)])
    assert register.normalise("01001000") == "01001000"
    assert register.normalise("01001") == "01001"
    assert register.normalise("01001000", Level.KREIS) == "01001"


def test_the_hierarchy_goes_up_and_down(register: Register) -> None:
    assert register.ancestors("99001001") == ("99001", "99", "DG")
    assert register.parent("DG") is None
    assert "99001" in register.children("99")
    assert register.children("DG", Level.KREIS) == ("99001",)
    assert register.level("990010000000") is Level.KREIS


def test_a_search_finds_names_in_any_spelling(register: Register) -> None:
    assert register.search("MUSTERSTADT")[0].ags == "99001001"
    assert register.search("gruenm")[0].name == "Grünmühlen"
    assert {item.parent for item in register.search("990010")} == {"99001"}
    assert register.search("   ") == ()
    assert len(register.search("a", limit=3)) == 3


def test_an_alias_is_found_too(register: Register) -> None:
    assert register.search("Landkreis Musterland")[0].ags == "99001"


def test_a_county_brings_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "06440,064400000000,Wetteraukreis,kreis,06,,\n"
    folder = _folder(tmp_path, GERMANY + HESSEN + text)
    monkeypatch.setenv("SOZIALDATEN_REGIONS", str(folder))
    assert Register.default().ancestors("06440") == ("06", "DG")
    monkeypatch.delenv("SOZIALDATEN_REGIONS")
    assert "06440" not in Register.default()


def test_a_folder_may_lean_on_the_shipped_laender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "SOZIALDATEN_REGIONS",
        str(_folder(tmp_path, "06440,064400000000,Wetteraukreis,kreis,06,,\n")),
    )
    assert Register.default().name("06440") == "Wetteraukreis"


def test_a_region_is_shown_as_it_was_on_a_day(tmp_path: Path) -> None:
    text = (
        GERMANY
        + HESSEN
        + (
            "06633,066330000000,Kassel,kreis,06,,\n"
            "06633030,066330030030,Wesertal alt,gemeinde,06633,2020-01-01,2021-12-31\n"
            "06633030,066330031030,Wesertal,gemeinde,06633,2022-01-01,\n"
        )
    )
    register = Register.load([_folder(tmp_path, text)])
    assert register.get("06633030").ars == "066330031030"
    assert register.get("06633030", dt.date(2021, 6, 1)).name == "Wesertal alt"
    assert register.normalise("066330030030") == "06633030"
    with pytest.raises(UnknownRegion, match="did not exist"):
        register.get("06633030", dt.date(2019, 1, 1))


@pytest.mark.parametrize(
    ("text", "column", "row"),
    [
        ("6,060000000000,Hessen,land,DG,,\n", "", 3),
        ("06,06,Hessen,land,DG,,\n", "ars", 3),
        ("06,060000000000,,land,DG,,\n", "name", 3),
        ("06,060000000000,Hessen,kreis,DG,,\n", "level", 3),
        ("06,060000000000,Hessen,land,,,\n", "parent", 3),
        ("06,060000000000,Hessen,land,DG,1.1.2020,\n", "valid_from", 3),
    ],
)
def test_a_wrong_row_is_named_with_its_place(
    tmp_path: Path, text: str, column: str, row: int
) -> None:
    with pytest.raises(RegisterError) as refused:
        Register.load([_folder(tmp_path, GERMANY + text)])
    place = refused.value.place
    assert place is not None
    assert (place.file, place.row, place.column) == ("regions.csv", row, column)


def test_a_missing_parent_or_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="no register knows"):
        Register.load([_folder(tmp_path, "06440,064400000000,Wetteraukreis,kreis,06,,\n")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(RegisterError, match=r"regions\.csv"):
        Register.load([tmp_path / "empty"])


def test_a_register_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_bytes((HEADER + "09,…,Thüringen").encode("cp1252"))
    with pytest.raises(RegisterError, match="UTF-8"):
        Register.load([tmp_path])


digits = st.text("0123456789", min_size=1, max_size=13)


@given(st.one_of(digits, st.text(max_size=14)))
def test_a_canonical_key_is_its_own_canonical_form(key: str) -> None:
    try:
        canonical = canonical_key(key)
    except BadRegionKey:
        return
    assert key_level(canonical) in Level
    assert canonical_key(canonical, key_level(canonical)) == canonical


@given(st.data())
def test_normalising_twice_changes_nothing(data: st.DataObject) -> None:
    register = Register.default()
    region = data.draw(st.sampled_from(list(register)))
    spelling = data.draw(st.sampled_from([region.ags, region.ars, region.ags.ljust(8, "0")]))
    if region.ags == "DG" and spelling.startswith("DG0"):
        return
    canonical = register.normalise(spelling)
    assert canonical == region.ags == register.normalise(canonical)


def test_an_ars_becomes_the_ags_by_its_head_and_tail() -> None:
    found: Mapping[str, str] = {"010565642001": "01056001", "990010020020": "99001020"}
    assert {ars: ars_to_ags(ars) for ars in found} == found
