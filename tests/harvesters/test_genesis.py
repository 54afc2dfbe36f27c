"""Flat files of the GENESIS family: every real sample gives its oracle's figures."""

import io
import json
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harvest_world import flat_cells
from shared_files import SHARED, shared

from ckanext.sozialdaten.harvesters.core.errors import (
    BadNumber,
    DeliveryError,
    DeliveryRefused,
    EmptyDelivery,
    MissingColumn,
    NotReadable,
    TooLarge,
    UnknownSign,
)

_ORACLE = SHARED / "samples" / "EXPECTED_ffcsv.json"
_EXPECTED: dict[str, Any] = json.loads(_ORACLE.read_text()) if _ORACLE.exists() else {}
HEADER = (
    "statistics_code;statistics_label;time_code;time_label;time;"
    "1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;"
    "2_variable_code;2_variable_label;2_variable_attribute_code;2_variable_attribute_label;"
    "value;value_unit;value_variable_code;value_variable_label"
)


def row(
    region: str = "01056", value: str = "12", time: str = "2024-12-31", sex: str = "GESM"
) -> str:
    return (
        f"12411;Bevölkerung;STAG;Stichtag;{time};KREISE;Kreise;{region};Name;"
        f"GES;Geschlecht;{sex};männlich;{value};Anzahl;BEVSTD;Bevölkerungsstand"
    )


def write(folder: Path, *lines: str, name: str = "t_de_flat.csv", bom: bool = True) -> Path:
    path = folder / name
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + "\n".join([*lines, ""]).encode())
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return flat_cells(path).to_pylist()


def problems(path: Path) -> list[DeliveryError]:
    with pytest.raises(DeliveryRefused) as caught:
        read(path)
    return list(caught.value.problems)


@pytest.mark.parametrize("name", sorted(_EXPECTED) or ["genesis_family"])
def test_a_real_flat_file_gives_its_oracles_figures(name: str) -> None:
    expected, cells = _EXPECTED.get(name), read(shared(f"samples/{name}"))
    assert expected is not None
    figures = [Decimal(cell["value"]) for cell in cells if cell["value"] is not None]
    signs = Counter(cell["quality"] for cell in cells if cell["value"] is None)
    assert len(cells) == expected["rows"]
    assert len(figures) == expected["numeric"]
    assert dict(signs) == expected["signs"]
    assert sum(figures) == Decimal(expected["sum_of_numeric_values"])
    assert dict(Counter(cell["unit"] for cell in cells)) == expected["units"]


def test_a_total_without_code_is_called_insgesamt(tmp_path: Path) -> None:
    cells = read(write(tmp_path, HEADER, row(sex="")))
    assert json.loads(cells[0]["dimensions"]) == {"GES": "INSGESAMT"}


def test_a_census_key_becomes_the_key_of_its_gemeinde(tmp_path: Path) -> None:
    line = row(region="010565642001").replace("KREISE", "GEOGM4")
    assert read(write(tmp_path, HEADER, line))[0]["region"] == "01056001"


def test_a_semester_runs_six_months(tmp_path: Path) -> None:
    cell = read(write(tmp_path, HEADER, row(time="2023-10P6M")))[0]
    assert (str(cell["reference_start"]), str(cell["reference_end"])) == (
        "2023-10-01",
        "2024-03-31",
    )


def test_decimal_commas_become_points_and_no_factor_is_applied(tmp_path: Path) -> None:
    cell = read(write(tmp_path, HEADER, row(value="-0,3").replace("Anzahl", "1000")))[0]
    assert (cell["value"], cell["unit"]) == ("-0.3", "1000")


def test_a_sign_stands_in_place_of_the_value(tmp_path: Path) -> None:
    cell = read(write(tmp_path, HEADER, row(value="...")))[0]
    assert (cell["value"], cell["quality"]) == (None, "...")


def test_an_unknown_sign_is_an_error_at_its_row(tmp_path: Path) -> None:
    (problem,) = problems(write(tmp_path, HEADER, row(), row("01057", value="§")))
    assert isinstance(problem, UnknownSign)
    assert problem.place is not None
    assert (problem.place.row, problem.place.column) == (3, "value")


@pytest.mark.parametrize("value", ["1.234", "1,234.5", "1.234,5", "12 %"])
def test_a_number_of_another_locale_is_an_error(tmp_path: Path, value: str) -> None:
    (problem,) = problems(write(tmp_path, HEADER, row(), row("01057", value=value)))
    assert isinstance(problem, BadNumber)


def test_a_file_fetched_in_english_writes_points(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, row(value="1.5"), name="t_en_flat.csv")
    assert read(path)[0]["value"] == "1.5"


def test_the_old_wide_format_gives_one_row_for_each_value(tmp_path: Path) -> None:
    header = (
        "Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;"
        "1_Auspraegung_Code;1_Auspraegung_Label;BEVSTD__Bevölkerungsstand__Anzahl;"
        "FLC006__Fläche__qkm"
    )
    line = "12411;B;STAG;Stichtag;31.12.2019;KREISE;Kreise;01056;Pinneberg;316103;664,25"
    path = tmp_path / "old.csv"
    path.write_bytes(f"{header}\r\n{line}\r\n".encode("cp1252"))
    cells = read(path)
    assert [(cell["value_code"], cell["value"], cell["unit"]) for cell in cells] == [
        ("BEVSTD", "316103", "Anzahl"),
        ("FLC006", "664.25", "qkm"),
    ]


@pytest.mark.parametrize("body", ['{"Status":{"Code":98}}', "<html><body>Wartung</body></html>"])
def test_an_answer_that_is_no_data_is_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises(NotReadable):
        read(write(tmp_path, body))


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyDelivery):
        read(write(tmp_path, HEADER))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingColumn) as caught:
        read(write(tmp_path, HEADER.replace(";value_unit", ""), row().replace(";Anzahl", "")))
    assert caught.value.place is not None
    assert caught.value.place.column == "value_unit"


def test_a_row_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        read(write(tmp_path, HEADER, row(), row()[:40]))


def _zip(folder: Path, members: dict[str, bytes]) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    path = folder / "t.zip"
    path.write_bytes(buffer.getvalue())
    return path


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        read(_zip(tmp_path, {"t.csv": b"0" * 20_000_000}))


def test_a_member_beyond_the_cap_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path, {"t.csv": "\n".join([HEADER, row()]).encode()})
    with pytest.raises(TooLarge):
        flat_cells(path, 100)


def test_a_path_that_leads_out_of_a_zip_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path, {"../../evil_de_flat.csv": "\n".join([HEADER, row()]).encode()})
    with pytest.raises(NotReadable):
        read(path)
    assert [item.name for item in tmp_path.iterdir()] == ["t.zip"]


def test_a_zip_with_two_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        read(_zip(tmp_path, {"a.csv": b"x", "b.csv": b"y"}))
