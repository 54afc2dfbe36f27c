"""The messiness catalogue: what real files do to numbers, signs, keys, times and table shapes."""

import datetime as dt
import json
from pathlib import Path

import pytest
from reading_world import figures, rows_of, workbook

from ckanext.sozialdaten.harvesters.core.errors import (
    BadNumber,
    DeliveryRefused,
    EmptyDelivery,
    NotReadable,
    TooLarge,
    UnknownSign,
    WrongEncoding,
)
from ckanext.sozialdaten.harvesters.core.readers import Opened, reader_for


def text(folder: Path, content: str, encoding: str = "utf-8", name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


# bytes and shape


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_utf_8_and_windows_1252_give_the_same(tmp_path: Path, encoding: str) -> None:
    path = text(tmp_path, "ags;Jahr;Fälle\n01056;2023;7\n", encoding)
    assert rows_of(path)[0]["series"] == "t.Fälle"


def test_the_encoding_is_recorded(tmp_path: Path) -> None:
    path = text(tmp_path, "ags;Jahr;Fälle\n01056;2023;7\n", "cp1252")
    assert Opened(path, path.name).text.encoding == "cp1252"


def test_utf_16_and_bytes_of_neither_encoding_are_refused(tmp_path: Path) -> None:
    for number, data in enumerate((b"\xff\xfea\0;\0\n\0", b"ags;x\n01056;\x81\x8d\n")):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(data)
        with pytest.raises(WrongEncoding):
            rows_of(path, "tabelle")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    content = "ags;Jahr;Quote\n01056;2023;7\n06440;2023;8\n".replace(";", delimiter)
    assert [row["value"] for row in rows_of(text(tmp_path, content))] == ["7", "8"]


def test_a_comma_inside_a_name_is_never_split(tmp_path: Path) -> None:
    rows = rows_of(text(tmp_path, "ags;name;Jahr;n\n01001;Flensburg, Stadt;2023;1,5\n"))
    assert [row["value"] for row in rows] == ["1.5"]


def test_title_rows_and_footers_are_no_figures(tmp_path: Path) -> None:
    content = (
        "Arbeitslose im Kreis;;\nStand: 31.12.2023;;\n\nags;name;Arbeitslose\n01056001;Appen;12\n"
        "__________;;\n© Amt, 2024;;\nStand: 01.02.2024;;\n"
    )
    (row,) = rows_of(text(tmp_path, content))
    assert (row["value"], row["reference_end"]) == ("12", "2023-12-31")


def test_merged_captions_reach_only_as_far_as_their_range(tmp_path: Path) -> None:
    rows = [
        ["Tabelle", None, None, None],
        [],
        ["Gemeinde", "PKW", None, "Anhänger"],
        [None, "insgesamt", "gewerblich", None],
        ["01056001 Appen", 5, 3, 2],
    ]
    path = workbook(tmp_path, {"2023": rows}, merged=["B3:C3"])
    assert [row["series"] for row in rows_of(path)] == [
        "t.PKW › insgesamt",
        "t.PKW › gewerblich",
        "t.Anhänger",
    ]


def test_hyphens_at_line_ends_leave_captions(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"2023": [["ags", "Durch-\nschnitt"], ["01056", 4.5]]})
    assert rows_of(path)[0]["series"] == "t.Durchschnitt"


def test_a_row_that_numbers_the_columns_is_no_row_of_figures(tmp_path: Path) -> None:
    rows = [["Region", "a", "b", "c"], [None, 1, 2, 3], ["01056 Pinneberg, Kreis", 7, 8, 9]]
    assert [row["value"] for row in rows_of(workbook(tmp_path, {"2023": rows}))] == ["7", "8", "9"]


def test_a_year_alone_in_a_row_holds_for_the_rows_below(tmp_path: Path) -> None:
    rows = [["id", "name", "Fläche(qkm)"], ["31.12.2019"], ["01056", "Pinneberg", 664.25]]
    rows += [["31.12.2018"], ["01056", "Pinneberg", 664.1]]
    found = rows_of(workbook(tmp_path, {"11111-01-01-4": rows}))
    assert [(row["reference_end"], row["value"], row["unit"]) for row in found] == [
        ("2019-12-31", "664.25", "qkm"),
        ("2018-12-31", "664.1", "qkm"),
    ]


def test_dates_of_a_spreadsheet_above_columns_are_their_time(tmp_path: Path) -> None:
    days = [dt.date(year, 6, 30) for year in (2022, 2023)]
    rows = [
        ["Sozialversicherungspflichtig Beschäftigte"],
        ["Statistik der Bundesagentur für Arbeit"],
        [],
        ["Wohnort", "Insgesamt", None, "Ausländer", None],
        [None, *days, *days],
        [None, 1, 2, 3, 4],
        ["Deutschland", 100, 110, 10, 11],
        ["01001 Flensburg, Stadt", 50, 60, ".", "*"],
    ]
    path = workbook(
        tmp_path,
        {"SvB": rows, "Impressum": [["Auftragsnummer", 326108]]},
        ["A4:A6", "B4:C4", "D4:E4"],
    )
    found = rows_of(path)
    assert reader_for(Opened(path, path.name)).name == "ba"
    assert len(found) == 8
    assert [row["region"] for row in found] == ["DG"] * 4 + ["01001"] * 4
    assert [row["reference_end"] for row in found][:2] == ["2022-06-30", "2023-06-30"]
    assert [row["quality"] for row in found][-2:] == [".", "*"]
    assert {row["series"] for row in found} == {"ba.Insgesamt", "ba.Ausländer"}


@pytest.mark.parametrize("years", [["1998", "1999"], [1998.0, 1999.0]])
def test_years_above_columns_may_be_text_or_numbers(tmp_path: Path, years: list[object]) -> None:
    rows = [["Kennziffer", "Raumeinheit", "Aggregat", "Arbeitslose", "Arbeitslose"]]
    path = workbook(
        tmp_path,
        {"Daten": [*rows, [None, None, None, *years], ["01001000", "F", "Gemeinden", 5, 6]]},
    )
    found = rows_of(path)
    assert [row["reference_start"][:4] for row in found] == ["1998", "1999"]
    assert {row["series"] for row in found} == {"inkar.Arbeitslose"}


def test_sheets_of_explanations_hold_no_figures_and_hidden_ones_are_reported(
    tmp_path: Path,
) -> None:
    import openpyxl

    table = [["ags", "Jahr", "n"], ["01056", 2023, 7]]
    path = workbook(tmp_path, {"Tabelle": table, "Hinweise": table, "Zweite": table})
    book = openpyxl.load_workbook(path)
    book["Zweite"].sheet_state = "hidden"
    book.save(path)
    notes: list[str] = []
    assert len(rows_of(path, note=notes.append)) == 2
    assert any("Zweite" in note for note in notes)


def test_several_tables_of_a_sheet_are_read(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["ags", "Jahr", "a"],
        ["01056", 2023, 1],
        [],
        ["ags", "Jahr", "b"],
        ["01056", 2023, 2],
    ]
    assert [row["series"][-1] for row in rows_of(workbook(tmp_path, {"x": rows}))] == ["a", "b"]


# numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1 675    ", "1675"),
        ("1\u00a0675", "1675"),
        ("1\u202f675", "1675"),
        ("-  23", "-23"),
        ("\u22125", "-5"),
        ("12,5 %", "12.5"),
        ("1234,50 €", "1234.50"),
        ("-,14", "-0.14"),
        ("0", "0"),
    ],
)
def test_a_german_number_is_read(tmp_path: Path, cell: str, value: str) -> None:
    (row, _) = rows_of(text(tmp_path, f"ags;Jahr;n\n01056;2023;{cell}\n06440;2023;0,5\n"))
    assert (row["value"], row["quality"]) == (value, "")


def test_a_point_is_decimal_where_the_column_proves_it(tmp_path: Path) -> None:
    rows = rows_of(text(tmp_path, "ags;Jahr;n\n01056;2023;1.234\n06440;2023;0.34258\n"))
    assert [row["value"] for row in rows] == ["1.234", "0.34258"]


def test_what_nothing_decides_is_refused_and_can_be_told(tmp_path: Path) -> None:
    path = text(tmp_path, "ags;Jahr;n\n01056;2023;1.234\n06440;2023;2.345\n")
    with pytest.raises(BadNumber):
        rows_of(path)
    assert [row["value"] for row in rows_of(path, decimal=",")] == ["1234", "2345"]
    assert [row["value"] for row in rows_of(path, decimal=".")] == ["1.234", "2.345"]


def test_a_number_of_another_locale_in_a_column_is_an_error_at_its_cell(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        rows_of(text(tmp_path, "ags;Jahr;n\n01056;2023;1,5\n06440;2023;2,5\n06432;2023;1.5.3\n"))
    (problem,) = caught.value.problems
    assert isinstance(problem, BadNumber)
    assert problem.place is not None
    assert (problem.place.row, problem.place.column) == (4, "n")


def test_floats_keep_all_their_digits(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"x": [["ags", "Jahr", "n"], ["01056", 2023, 51.72958115183247]]})
    assert rows_of(path)[0]["value"] == "51.72958115183247"


@pytest.mark.parametrize("unit", ["1000", "Tsd. EUR", "Mill. EUR", "je 1.000 Einw."])
def test_a_unit_with_a_factor_stays_as_printed(tmp_path: Path, unit: str) -> None:
    rows = rows_of(text(tmp_path, f"ags;Jahr;wert;einheit\n01056;2023;5;{unit}\n"))
    assert (rows[0]["value"], rows[0]["unit"]) == ("5", unit)


# signs


@pytest.mark.parametrize("sign", ["-", "–", ".", "...", "…", "/", "x", "*", "•", "kein Wert"])
def test_a_sign_is_kept_and_is_never_a_zero(tmp_path: Path, sign: str) -> None:
    rows = rows_of(text(tmp_path, f"ags;Jahr;n\n01056;2023;{sign}\n06440;2023;3\n"))
    assert (rows[0]["value"], rows[0]["quality"]) == ("", sign)


@pytest.mark.parametrize(("cell", "quality"), [("(12)", "()"), ("12 p", "p"), ("12r", "r")])
def test_a_sign_beside_a_number_keeps_the_number(tmp_path: Path, cell: str, quality: str) -> None:
    rows = rows_of(text(tmp_path, f"ags;Jahr;n\n01056;2023;{cell}\n06440;2023;3\n06432;2023;4\n"))
    assert (rows[0]["value"], rows[0]["quality"]) == ("12", quality)


def test_an_unknown_sign_is_an_error_that_names_sheet_row_and_column(tmp_path: Path) -> None:
    rows = [["ags", "Jahr", "Fälle"], ["01056", 2023, 3], ["06440", 2023, "§§"]]
    with pytest.raises(DeliveryRefused) as caught:
        rows_of(workbook(tmp_path, {"Blatt": rows}))
    (problem,) = caught.value.problems
    assert isinstance(problem, UnknownSign)
    assert "t.xlsx, sheet Blatt, row 3, column Fälle" in problem.text()
    assert "quality_signs.yaml" in problem.text()


# region keys


def keyed(folder: Path, column: str, *keys: object) -> list[str]:
    rows = [[column, "Jahr", "n"], *([key, 2023, 5] for key in keys)]
    return [row["region"] for row in rows_of(workbook(folder, {"x": rows}))]


def test_keys_that_lost_their_zero_get_it_back(tmp_path: Path) -> None:
    assert keyed(tmp_path, "Gemeindeschlüssel", 1056025, "06440001") == ["01056025", "06440001"]


def test_padded_keys_of_kreise_are_those_of_kreise(tmp_path: Path) -> None:
    found = keyed(tmp_path, "Kreisschlüssel", 1056000, 2000000, 16077000)
    assert found == ["01056", "02000", "16077"]


def test_a_gemeinde_whose_key_ends_in_zeros_stays_one(tmp_path: Path) -> None:
    assert keyed(tmp_path, "Kennziffer", "01001000", "01056025") == ["01001000", "01056025"]


def test_an_ars_becomes_the_key_of_its_level(tmp_path: Path) -> None:
    assert keyed(tmp_path, "ARS", "010565642001", "010565642000", "010010000000") == [
        "01056001",
        "010565642",
        "01001000",
    ]


def test_keys_of_all_levels_stand_in_one_column(tmp_path: Path) -> None:
    found = keyed(tmp_path, "id", "DG", "01", "031", "01056", "010565642", "11004004")
    assert found == ["DG", "01", "031", "01056", "010565642", "11004004"]


def test_key_and_name_may_share_a_cell_and_laender_are_known_by_name(tmp_path: Path) -> None:
    found = keyed(
        tmp_path, "Region", "Deutschland", "Hessen", "01001 Flensburg, Stadt", "06440 Wetteraukreis"
    )
    assert found == ["DG", "06", "01001", "06440"]


def test_a_post_code_is_no_key(tmp_path: Path) -> None:
    rows = [["PLZ", "ags", "Jahr", "n"], [25421, "01056039", 2023, 5]]
    (row,) = rows_of(workbook(tmp_path, {"x": rows}))
    assert (row["region"], json.loads(row["dimensions"])) == ("01056039", {"PLZ": "25421"})


def test_small_areas_lie_in_the_gemeinde_of_their_row(tmp_path: Path) -> None:
    rows = [["Gebiet", "Jahrgang", "EW gesamt"], ["01056001 Appen - Süd", 1924, 27]]
    (row,) = rows_of(workbook(tmp_path, {"2023": rows}))
    assert row["region"] == "01056001"
    assert json.loads(row["dimensions"]) == {"Gebiet": "Süd", "Jahrgang": "1924"}


def test_where_a_file_names_no_region_the_caller_does(tmp_path: Path) -> None:
    path = text(tmp_path, "jahr,insgesamt\n2023,17\n")
    assert rows_of(path, region="08335043")[0]["region"] == "08335043"


# time


@pytest.mark.parametrize(
    ("printed", "start", "end"),
    [
        ("2024-12-31", "2024-12-31", "2024-12-31"),
        ("31.12.2023", "2023-12-31", "2023-12-31"),
        ("30. Juni 2023", "2023-06-30", "2023-06-30"),
        ("2023", "2023-01-01", "2023-12-31"),
        ("2023-10P6M", "2023-10-01", "2024-03-31"),
        ("WS 2023/24", "2023-10-01", "2024-03-31"),
        ("WiSe 2023/24", "2023-10-01", "2024-03-31"),
        ("1938/39", "1938-08-01", "1939-07-31"),
        ("2013/2014", "2013-08-01", "2014-07-31"),
        ("vj 1/21", "2021-01-01", "2021-03-31"),
        ("Q1 2021", "2021-01-01", "2021-03-31"),
        ("1. Quartal 2021", "2021-01-01", "2021-03-31"),
        ("2021-Q3", "2021-07-01", "2021-09-30"),
        ("2010D", "2010-01-01", "2010-12-31"),
        ("2020 JD", "2020-01-01", "2020-12-31"),
        ("Dez 2013", "2013-12-01", "2013-12-31"),
        ("2024-09", "2024-09-01", "2024-09-30"),
    ],
)
def test_a_time_is_read(tmp_path: Path, printed: str, start: str, end: str) -> None:
    rows = rows_of(text(tmp_path, f"ags;Zeit;n\n01056;{printed};5\n06440;{printed};6\n"))
    assert {(row["reference_start"], row["reference_end"]) for row in rows} == {(start, end)}


def test_what_a_period_is_called_is_kept(tmp_path: Path) -> None:
    (row,) = rows_of(text(tmp_path, "ags;Zeit;n\n01056;2013/2014;5\n"))
    assert json.loads(row["dimensions"]) == {"Zeitraum": "2013/2014"}


def test_months_in_a_second_column_belong_to_the_year_of_the_first(tmp_path: Path) -> None:
    content = "GENESIS-Tabelle: 12612-0002;;\nDeutschland;;\nGeborene (Anzahl);;\n;;männlich\n"
    rows = rows_of(text(tmp_path, f"{content}1950;Januar;49505\n1950;Februar;...\n"))
    assert [(row["reference_end"], row["quality"]) for row in rows] == [
        ("1950-01-31", ""),
        ("1950-02-28", "..."),
    ]
    assert {(row["region"], row["unit"]) for row in rows} == {("DG", "Anzahl")}


def test_each_column_has_the_time_of_its_own_caption(tmp_path: Path) -> None:
    content = "ags;Schüler (2013/2014);Arbeitslose (Dez 2013);PKW (Jan 2014)\n01056;1;2;3\n"
    rows = rows_of(text(tmp_path, content))
    assert [row["reference_end"] for row in rows] == ["2014-07-31", "2013-12-31", "2014-01-31"]
    assert [row["series"] for row in rows] == ["t.Schüler", "t.Arbeitslose", "t.PKW"]


def test_the_base_of_an_index_and_a_comparison_are_no_time(tmp_path: Path) -> None:
    rows = [
        ["Preise (2015 = 100)"],
        ["Region", 2020, 2021, "Veränderung gegenüber 2020"],
        ["Hessen", 1, 2, 3],
    ]
    found = rows_of(workbook(tmp_path, {"x": rows}))
    assert [row["reference_end"][:4] for row in found] == ["2020", "2021", "2021"]


# what is no table, and what would harm


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.csv", b"", EmptyDelivery),
        ("a.csv", b" \r\n \n", EmptyDelivery),
        ("a.xlsx", b"PK\x03\x04 broken", NotReadable),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, NotReadable),
        ("a.pdf", b"%PDF-1.7 ...", NotReadable),
        ("a.bin", bytes(range(256)) * 40, NotReadable),
        ("a.json", b'{"a": [1, 2', NotReadable),
        ("a.parquet", b"PAR1 nothing", NotReadable),
        ("a.txt", b"Dies ist ein Brief.\nEr hat keine Tabelle.\n", EmptyDelivery),
        ("a.xml", b"<?xml version='1.0'?><a/>", NotReadable),
    ],
)
def test_what_is_no_table_ends_in_an_error(
    tmp_path: Path, name: str, data: bytes, error: type
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(error):
        rows_of(path)


def test_entities_and_a_dtd_are_refused(tmp_path: Path) -> None:
    entities = '<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">'
    bomb = f'<?xml version="1.0"?><!DOCTYPE a [{entities}]><a xmlns="sdmx.org">&c;</a>'
    with pytest.raises(NotReadable):
        rows_of(text(tmp_path, bomb, name="t.xml"))


def test_a_workbook_that_is_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    with pytest.raises(TooLarge):
        rows_of(path)


@pytest.mark.parametrize("written", ["=1+1", "#DIV/0!"])
def test_a_formula_without_result_and_an_error_are_never_dropped(
    tmp_path: Path, written: str
) -> None:
    import openpyxl

    path = workbook(tmp_path, {"x": [["ags", "Jahr", "n"], ["01056", 2023, 5], ["06440", 2023, 1]]})
    book = openpyxl.load_workbook(path)
    book["x"]["C3"].value = written
    book["x"]["C3"].data_type = "f" if written.startswith("=") else "e"
    book.save(path)
    with pytest.raises(DeliveryRefused) as caught:
        rows_of(path)
    assert "sheet x, row 3, column n" in caught.value.problems[0].text()


def test_keys_without_caption_stand_beside_their_names(tmp_path: Path) -> None:
    content = (
        "Bevölkerung;;;;\n;;;männlich;weiblich\n;;;Anzahl;Anzahl\n"
        "31.12.2020;DG;Deutschland;41;42\n31.12.2020;12051;  Brandenburg;-;36\n"
    )
    rows = rows_of(text(tmp_path, content))
    assert [(row["region"], row["value"]) for row in rows] == [
        ("DG", "41"),
        ("DG", "42"),
        ("12051", ""),
        ("12051", "36"),
    ]


def test_a_list_of_persons_that_nobody_described_is_never_printed(tmp_path: Path) -> None:
    path = text(
        tmp_path, "Fallnummer;Name, Vorname;ags;Jahr;Betrag\n7;Muster, Eva;01056;2023;3,5\n"
    )
    with pytest.raises(NotReadable) as caught:
        rows_of(path)
    assert "Muster" not in caught.value.text()


def test_a_text_that_a_spreadsheet_would_run_is_only_text(tmp_path: Path) -> None:
    path = text(tmp_path, 'ags;Art;Jahr;n\n01056;"=HYPERLINK(""http://x"")";2023;5\n')
    (row,) = rows_of(path)
    assert json.loads(row["dimensions"]) == {"Art": '=HYPERLINK("http://x")'}


def test_every_line_of_a_long_table_is_a_row_even_without_value(tmp_path: Path) -> None:
    rows = rows_of(
        text(tmp_path, "key,ref,indicator,value,sign\n01056,2023,a,,.\n01056,2023,b,4,\n")
    )
    assert [(row["series"], row["value"], row["quality"]) for row in rows] == [
        ("t.a", "", "."),
        ("t.b", "4", ""),
    ]
    assert sum(figures(rows)) == 4
