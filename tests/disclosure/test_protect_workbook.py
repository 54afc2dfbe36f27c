"""A protected workbook keeps its form: only the protected cells change, and nothing else tells."""

import io
import json
from pathlib import Path

import openpyxl
from adversarial_sheets import saved, sheet
from click.testing import CliRunner, Result
from openpyxl.comments import Comment

from ckanext.sozialdaten.cli.protect import command
from ckanext.sozialdaten.disclosure import check_files
from ckanext.sozialdaten.disclosure.readers import read_paths

TABLE = [
    ("Gemeinde", "männlich", "weiblich", "Insgesamt"),
    ("Nord", 17, 2, 19),
    ("Süd", 20, 14, 34),
    ("West", 31, 26, 57),
    ("Insgesamt", 68, 42, 110),
]
TITLE = [("Wohngeld nach Gemeinden",)]
NOTE = [("Quelle: Kreis Musterland",)]


def protected(folder: Path, data: bytes, *more: str, name: str = "neu.xlsx") -> Result:
    (folder / "alt.xlsx").write_bytes(data)
    arguments = [str(folder / "alt.xlsx"), "-o", str(folder / name), "--json", *more]
    return CliRunner().invoke(command, arguments)


def page(folder: Path) -> openpyxl.worksheet.worksheet.Worksheet:
    found = openpyxl.load_workbook(folder / "neu.xlsx").active
    assert found is not None
    return found


def titled() -> bytes:
    return sheet(("B2", TITLE), ("B5", TABLE), ("B12", NOTE))


def test_titles_header_and_notes_stay_and_protected_cells_change(tmp_path: Path) -> None:
    done = protected(tmp_path, titled())
    assert done.exit_code == 0, done.output
    cells = page(tmp_path)
    assert cells["B2"].value == TITLE[0][0]
    assert cells["B12"].value == NOTE[0][0]
    assert [cell.value for cell in cells[5][1:5]] == list(TABLE[0])
    assert not isinstance(cells["D6"].value, int)
    assert cells["E9"].value == 110
    assert check_files([tmp_path / "neu.xlsx"]).verdict == "safe"
    changed = sum(
        cells.cell(5 + down, 2 + right).value != value
        for down, row in enumerate(TABLE)
        for right, value in enumerate(row)
    )
    assert changed == len(json.loads(done.stdout)["changed"]) > 1


def test_the_sheets_of_a_workbook_stay_in_one_file(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(titled()))
    second = book.create_sheet("Pflege")
    for row in (("Pflegegrad", "Fälle"), ("1", 12), ("2", 2), ("3", 44)):
        second.append(row)
    done = protected(tmp_path, saved(book))
    assert done.exit_code == 0, done.output
    copy = openpyxl.load_workbook(tmp_path / "neu.xlsx")
    assert copy.sheetnames == ["Sheet", "Pflege"]
    assert copy["Pflege"]["B3"].value != 2
    assert copy["Pflege"]["B4"].value == 44


def test_a_comment_that_names_somebody_forbids_the_copy(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(titled()))
    book.active["B6"].comment = Comment("davon Frau Petersen, geb. 03.02.1980", "SB")
    done = protected(tmp_path, saved(book))
    assert done.exit_code == 1
    assert not (tmp_path / "neu.xlsx").exists()
    assert "Petersen" not in done.output


def test_rounded_counts_are_numbers_again(tmp_path: Path) -> None:
    done = protected(tmp_path, titled(), "--method", "round")
    assert done.exit_code == 0, done.output
    assert page(tmp_path)["D6"].value in (0, 3)


def test_a_method_that_takes_rows_away_names_the_other_endings(tmp_path: Path) -> None:
    done = protected(tmp_path, titled(), "--method", "merge")
    assert done.exit_code in (1, 2)
    assert not (tmp_path / "neu.xlsx").exists()


def test_a_csv_file_does_not_become_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Gemeinde;Fälle\nNord;2\nSüd;20\n", "utf-8")
    arguments = [str(tmp_path / "a.csv"), "-o", str(tmp_path / "a.xlsx")]
    assert CliRunner().invoke(command, arguments).exit_code == 2


def test_rows_of_a_sheet_that_begins_further_down_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(sheet(("D14", TABLE)))
    (table,) = read_paths([tmp_path / "a.xlsx"])
    assert table.row(0) == 15
    (finding,) = [f for f in check_files([tmp_path / "a.xlsx"]).findings if f.cells]
    assert finding.cells == (15,)
