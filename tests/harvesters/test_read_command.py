"""``sozialdaten read``: what it prints, and what it says of what it cannot read."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harvest_world import SECRETS, case, case_list

from ckanext.sozialdaten.cli import main

HEADER = (
    "statistics_code;time_code;time;1_variable_code;1_variable_attribute_code;"
    "2_variable_code;2_variable_attribute_code;value;value_unit;value_variable_code"
)


def read(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["read", *map(str, words)])


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    path = tmp_path / "12411_de_flat.csv"
    lines = [
        HEADER,
        "12411;STAG;2024-12-31;KREISE;01056;GES;;664,5;1000;BEVSTD",
        "12411;STAG;2024-12-31;DINSG;DG;GES;GESW;-;1000;BEVSTD",
    ]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def test_every_value_cell_is_a_row(flat: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(read(flat).stdout)))
    assert rows[0] == {
        "series": "12411.BEVSTD",
        "region": "01056",
        "reference_start": "2024-12-31",
        "reference_end": "2024-12-31",
        "dimensions": '{"GES":"INSGESAMT"}',
        "value": "664.5",
        "unit": "1000",
        "quality": "",
    }
    assert (rows[1]["region"], rows[1]["value"], rows[1]["quality"]) == ("DG", "", "-")


def test_json_and_parquet_say_the_same_as_csv(flat: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    target = tmp_path / "t.parquet"
    assert read(flat, "--to", "parquet", "-o", target).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(read(flat).stdout)))
    assert json.loads(read(flat, "--to", "json").stdout) == rows
    assert parquet.read_table(target).to_pylist() == rows


def test_an_unknown_format_ends_with_2_and_says_what_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7 nothing")
    result = read(path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "PDF" in result.stderr
    assert "layout draft" in result.stderr


def test_a_missing_file_ends_with_2(tmp_path: Path) -> None:
    assert read(tmp_path / "none.csv").exit_code == 2


def test_of_a_list_of_persons_only_counts_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(case_list([case(1), case(2)]))
    result = read(path, "--layout", "hze-fallliste")
    assert not any(secret in result.output for secret in SECRETS)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["series"] for row in rows} == {"hze-fallliste.records"}
    assert sum(int(row["value"]) for row in rows) == 2


def test_files_of_several_formats_are_read_together(flat: Path, tmp_path: Path) -> None:
    other = tmp_path / "quote.csv"
    other.write_text("kreis_id,jahr,quote\n01056,2023,4.25\n")
    rows = list(csv.DictReader(io.StringIO(read(flat, other).stdout)))
    assert [row["value"] for row in rows] == ["664.5", "", "4.25"]


def test_a_published_table_is_read_by_its_layout(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "gebiet;stichtag;altersgruppe;junge_menschen;junge_menschen_q\n"
        "99001001;2024-12-31;ALT000B06;12;\n99001002;2024-12-31;ALT000B06;;.\n"
    )
    result = read(path, "--layout", "hze-gemeinde-altersgruppe")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["value"], row["quality"]) for row in rows] == [("12", ""), ("", ".")]
