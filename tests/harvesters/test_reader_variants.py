"""Forms of the standards beside the usual ones: what writers of other houses produce."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ckanext.sozialdaten.harvesters.core.errors import (
    BadNumber,
    DeliveryRefused,
    EmptyDelivery,
    NotReadable,
    TooLarge,
)
from ckanext.sozialdaten.lake.signs import legend
from tests.reading_world import Row, rows_of, workbook


def saved(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


CUBE: dict[str, Any] = {
    "class": "dataset",
    "id": ["geo", "time"],
    "size": [2, 1],
    "role": {"geo": ["geo"], "time": ["time"]},
    "dimension": {
        "geo": {"category": {"index": ["01056", "06440"]}},
        "time": {"category": {"index": {"2023": 0}}},
    },
    "value": [1, 2],
}


def cube(folder: Path, **changes: object) -> list[Row]:
    return rows_of(saved(folder, "t.json", json.dumps(CUBE | changes)))


def times(rows: list[Row]) -> tuple[str, str]:
    return rows[0]["reference_start"], rows[0]["reference_end"]


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("2023M02", "2023-02-01", "2023-02-28"),
        ("2023-S2", "2023-07-01", "2023-12-31"),
        ("2023-T3", "2023-09-01", "2023-12-31"),
        ("2023-W01", "2023-01-02", "2023-01-08"),
        ("2023-D032", "2023-02-01", "2023-02-01"),
        ("2023-A1", "2023-01-01", "2023-12-31"),
        ("2023K3", "2023-07-01", "2023-09-30"),
        ("20231231", "2023-12-31", "2023-12-31"),
        ("202311", "2023-11-01", "2023-11-30"),
        ("2023-12-31T00:00:00", "2023-12-31", "2023-12-31"),
        ("2020/22", "2020-01-01", "2022-12-31"),
        ("2021-2023", "2021-01-01", "2023-12-31"),
    ],
)
def test_codes_of_time_are_those_of_sdmx_and_pxweb(
    tmp_path: Path, code: str, start: str, end: str
) -> None:
    dimension = CUBE["dimension"] | {"time": {"category": {"index": [code]}}}
    assert times(cube(tmp_path, dimension=dimension)) == (start, end)


@pytest.mark.parametrize("code", ["2023-W60", "2023-D400", "20231301", "2023-S3"])
def test_a_time_that_does_not_exist_is_none(tmp_path: Path, code: str) -> None:
    dimension = CUBE["dimension"] | {"time": {"category": {"index": [code]}}}
    assert times(cube(tmp_path, dimension=dimension)) == ("", "")


@pytest.mark.parametrize("status", ["e", ["e"], {"0": "e", "1": "e"}, ["e", "e"]])
def test_one_status_may_hold_for_all_cells(tmp_path: Path, status: object) -> None:
    assert [row["quality"] for row in cube(tmp_path, status=status)] == ["e", "e"]


@pytest.mark.parametrize("sign", [".", "-", "...", "/", "x", ".."])
def test_cubes_of_statistical_offices_use_their_own_signs(tmp_path: Path, sign: str) -> None:
    first, _ = cube(tmp_path, value=[None, 2], status={"0": sign})
    assert (first["value"], first["quality"]) == ("", sign)


def test_the_unit_of_pxweb_is_its_base(tmp_path: Path) -> None:
    unit = {"01056": {"base": "Anzahl", "decimals": 0}}
    geo = {"category": {"index": ["01056", "06440"], "unit": unit}}
    dimension = CUBE["dimension"] | {"geo": geo}
    assert cube(tmp_path, dimension=dimension)[0]["unit"] == "Anzahl"


def test_cubes_of_a_collection_are_told_apart(tmp_path: Path) -> None:
    items = [CUBE | {"label": "A"}, CUBE | {"label": "B"}]
    path = saved(tmp_path, "t.json", json.dumps({"class": "collection", "link": {"item": items}}))
    assert [row["series"] for row in rows_of(path)] == ["A", "A", "B", "B"]


def test_a_cube_without_cells_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyDelivery):
        cube(tmp_path, value={})


SDMX = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"


def message(body: str, varying: str = "TIME_PERIOD") -> str:
    return (
        f'<m:GenericData xmlns:m="{SDMX}/message" xmlns:g="{SDMX}/data/generic"'
        f' xmlns:c="{SDMX}/common"><m:Header><m:Structure dimensionAtObservation="{varying}">'
        '<c:StructureUsage><Ref id="DEMO"/></c:StructureUsage></m:Structure></m:Header>'
        f"<m:DataSet>{body}</m:DataSet></m:GenericData>"
    )


def values(**given: str) -> str:
    return "".join(f'<g:Value id="{name}" value="{value}"/>' for name, value in given.items())


def test_attributes_of_a_series_give_its_unit_and_no_dimension(tmp_path: Path) -> None:
    text = message(
        f"<g:Series><g:SeriesKey>{values(FREQ='A', GEO='DE')}</g:SeriesKey><g:Attributes>"
        f"{values(UNIT_MEASURE='EUR', UNIT_MULT='6', TITLE='x')}</g:Attributes><g:Obs>"
        '<g:ObsDimension value="2022"/><g:ObsValue value="7.50"/></g:Obs></g:Series>'
    )
    (row,) = rows_of(saved(tmp_path, "t.xml", text))
    assert (row["series"], row["value"], row["unit"]) == ("DEMO", "7.50", "EUR")
    assert json.loads(row["dimensions"]) == {"FREQ": "A", "UNIT_MULT": "6"}


def test_another_dimension_than_time_may_vary_within_a_series(tmp_path: Path) -> None:
    text = message(
        f"<g:Series><g:SeriesKey>{values(TIME_PERIOD='2022', GEO='DE')}</g:SeriesKey><g:Obs>"
        '<g:ObsDimension value="F"/><g:ObsValue value="7"/></g:Obs></g:Series>',
        "SEX",
    )
    (row,) = rows_of(saved(tmp_path, "t.xml", text))
    assert (row["reference_start"], row["dimensions"]) == ("2022-01-01", '{"SEX":"F"}')


def test_what_a_group_says_holds_for_the_series_that_agree_with_it(tmp_path: Path) -> None:
    text = (
        f'<m:StructureSpecificData xmlns:m="{SDMX}/message"><m:DataSet UNIT_MEASURE="NR">'
        '<Group GEO="DE" UNIT_MEASURE="EUR"/>'
        '<Series GEO="DE"><Obs TIME_PERIOD="2022" OBS_VALUE="1"/></Series>'
        '<Series GEO="FR"><Obs TIME_PERIOD="2022" OBS_VALUE="2"/></Series>'
        "</m:DataSet></m:StructureSpecificData>"
    )
    assert [row["unit"] for row in rows_of(saved(tmp_path, "t.xml", text))] == ["EUR", "NR"]


@pytest.mark.parametrize(
    "text",
    [
        "DATAFLOW,FREQ: Frequency,GEO: Area,TIME_PERIOD: Time,OBS_VALUE,OBS_STATUS: Status\n"
        "E:DEMO(1.0): Demo,A: Annual,DE: Germany,2022: 2022,5,p: provisional\n",
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,FREQ,Frequency,GEO,Area,TIME_PERIOD,Time,OBS_VALUE,"
        "Value,OBS_STATUS,Status\ndataflow,E:DEMO(1.0),Demo,A,Annual,DE,Germany,2022,,5,,p,x\n",
    ],
)
def test_labels_beside_codes_say_nothing_new(tmp_path: Path, text: str) -> None:
    (row,) = rows_of(saved(tmp_path, "t.csv", text))
    assert row["series"] == "DEMO"
    assert (row["region"], row["value"], row["quality"]) == ("DG", "5", "p")
    assert json.loads(row["dimensions"]) == {"FREQ": "A"}


FLAT = (
    "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;"
    "1_variable_attribute_code;1_variable_attribute_label;2_variable_code;2_variable_label;"
    "2_variable_attribute_code;2_variable_attribute_label;value;value_unit;value_variable_code;"
    "value_variable_label\n"
)


def flat(folder: Path, *lines: str) -> list[Row]:
    return rows_of(saved(folder, "t.csv", FLAT + "\n".join(lines) + "\n"))


@pytest.mark.parametrize(
    ("variable", "code", "start", "end"),
    [
        ("MONAT", "MONAT03", "2023-03-01", "2023-03-31"),
        ("QUARTG", "QUART2", "2023-04-01", "2023-06-30"),
        ("MONAT", "", "2023-01-01", "2023-12-31"),
    ],
)
def test_a_month_beside_the_year_is_the_time(
    tmp_path: Path, variable: str, code: str, start: str, end: str
) -> None:
    line = f"1;F;JAHR;J;2023;KREISE;K;01056;P;{variable};M;{code};l;12;Anzahl;BEV;B"
    assert times(flat(tmp_path, line)) == (start, end)


def test_limited_figures_stand_in_brackets_and_an_empty_cell_is_a_cell(tmp_path: Path) -> None:
    start = "1;F;STAG;J;2023-12-31;KREISE;K;01056;P;GES;G;GESM;m;"
    rows = flat(tmp_path, f"{start}(12,5);%;BEV;B", f"{start};%;BEV;B", f"{start}7;%;BEV;B")
    assert [(row["value"], row["quality"]) for row in rows] == [("12.5", "()"), ("", ""), ("7", "")]


def test_a_regional_variable_of_another_database_is_known_by_its_keys(tmp_path: Path) -> None:
    middle = "GES;G;GESM;m;12;Anzahl;BEV;B"
    rows = flat(
        tmp_path,
        f"1;F;STAG;J;2023-12-31;GEMEINDEN;K;01056001;P;{middle}",
        f"1;F;STAG;J;2023-12-31;STLAND;K;01;P;{middle}",
    )
    assert [row["region"] for row in rows] == ["01056001", "01"]


def test_padded_keys_of_laender_are_those_of_laender(tmp_path: Path) -> None:
    keys = ["010000000000", "05100000", "010565642001", "11000000"]
    rows = [["ARS", "Jahr", "n"], *([key, 2023, 5] for key in keys)]
    found = [row["region"] for row in rows_of(workbook(tmp_path, {"x": rows}))]
    assert found == ["01", "051", "01056001", "11000000"]


def test_keys_under_a_merged_caption_of_names_are_keys(tmp_path: Path) -> None:
    rows = [
        ["Stichtag 30.06.2023"],
        ["Gemeinde", None, "Arbeitslose"],
        ["01056001", "Appen", 45],
        ["01056002", "Barmstedt, Stadt", "*"],
    ]
    found = rows_of(workbook(tmp_path, {"x": rows}, merged=["A2:B2"]))
    assert [row["region"] for row in found] == ["01056001", "01056002"]


def test_firsts_of_months_under_berichtsmonat_are_months(tmp_path: Path) -> None:
    import datetime as dt

    rows = [
        ["Region", "Merkmal", "Berichtsmonat", None],
        [None, None, dt.datetime(2023, 10, 1), dt.datetime(2023, 11, 1)],
        ["01056 Pinneberg", "Personen", 100, 101],
    ]
    found = rows_of(workbook(tmp_path, {"x": rows}, merged=["A1:A2", "B1:B2", "C1:D1"]))
    assert [row["reference_end"] for row in found] == ["2023-10-31", "2023-11-30"]


def test_na_of_statistical_software_is_a_sign(tmp_path: Path) -> None:
    text = '"kreis_id","year","gisd_score"\n"01001",2019,0.62\n"01056",2019,NA\n'
    _, second = rows_of(saved(tmp_path, "t.csv", text))
    assert (second["value"], second["quality"]) == ("", "NA")
    assert "NA" in legend("statistik")


def test_signs_that_no_house_uses_stay_errors(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused):
        cube(tmp_path, value=[None, 2], status={"0": "??"})


@pytest.mark.parametrize(
    ("caption", "cell", "end"),
    [("Stichtag", "20231231", "2023-12-31"), ("Berichtsmonat", "202311", "2023-11-30")],
)
def test_a_column_of_times_may_hold_digits_alone(
    tmp_path: Path, caption: str, cell: str, end: str
) -> None:
    (row,) = rows_of(saved(tmp_path, "t.csv", f"ags;{caption};n\n01056;{cell};5\n"))
    assert (row["value"], row["reference_end"]) == ("5", end)


def test_months_above_columns_may_have_short_years(tmp_path: Path) -> None:
    text = "ags;Jan 23;Feb. 23;Dez 99\n01056;1;2;3\n"
    found = [row["reference_end"] for row in rows_of(saved(tmp_path, "t.csv", text))]
    assert found == ["2023-01-31", "2023-02-28", "1999-12-31"]


def test_footnotes_behind_years_belong_to_no_name(tmp_path: Path) -> None:
    text = "ags;2021;2022¹;2023 2)\n01056;1;2;3\n"
    rows = rows_of(saved(tmp_path, "t.csv", text))
    assert {row["series"] for row in rows} == {"t"}
    assert [row["reference_start"][:4] for row in rows] == ["2021", "2022", "2023"]


def test_a_column_of_nuts_codes_names_regions(tmp_path: Path) -> None:
    text = "geo;time;value\nDEF;2023;5\nDE;2023;6\nDE7;2023;9\n"
    assert [row["region"] for row in rows_of(saved(tmp_path, "t.csv", text))] == ["01", "DG", "06"]


def test_keys_without_their_land_get_that_of_the_title(tmp_path: Path) -> None:
    rows = [
        ["Landesamt für Statistik Niedersachsen: Bevölkerung am 31.12.2023"],
        [],
        ["Schlüssel-Nr.", "Gebietseinheit", "insgesamt"],
        ["151", "Gifhorn, Landkreis", 177000],
        ["151001", "Adenbüttel", "1 750"],
    ]
    found = [row["region"] for row in rows_of(workbook(tmp_path, {"x": rows}))]
    assert found == ["03151", "03151001"]


TSV = "freq,unit,geo\\TIME_PERIOD\t2022 \t2023 \nA,NR,DE\t10 p\t: \n"


def packed(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_gzip_file_is_read_as_what_it_holds(tmp_path: Path) -> None:
    plain = rows_of(saved(tmp_path, "demo.tsv", TSV))
    data = gzip.compress(TSV.encode())
    assert rows_of(packed(tmp_path, "demo.tsv.gz", data)) == plain
    assert rows_of(packed(tmp_path, "a-name-without-ending", data))[0]["value"] == "10"


def test_a_gzip_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    data = gzip.compress(TSV.encode() * 500)
    for part in (data[:40], data[:-4], data[:-20] + b"x" * 20):
        with pytest.raises(NotReadable, match="damaged"):
            rows_of(packed(tmp_path, "demo.tsv.gz", part))


def test_a_gzip_bomb_is_refused_before_it_is_unpacked_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="more densely"):
        rows_of(packed(tmp_path, "demo.tsv.gz", gzip.compress(b"0;" * (20 << 20))))


LIST = (
    "Arbeitslose\n{title}\n\nGKZ;Arbeitslose\n1056019;12\n1056050;1.204\n1056015;318\n1056039;7\n"
)


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Druckdatum:;2026-10-02;Stichtag:;30.09.2024", "2024-09-30"),
        ("Druckdatum:;2026-10-02", ""),
        ("Erstellt am 5. Oktober 2026, Stand 30.09.2024;Amt 50", "2024-09-30"),
        ("Stand: 30.09.2024;abgerufen am 05.10.2026", "2024-09-30"),
    ],
)
def test_the_day_on_which_a_file_was_made_is_no_reference_date(
    tmp_path: Path, title: str, day: str
) -> None:
    rows = rows_of(saved(tmp_path, "t.csv", LIST.format(title=title)))
    assert {row["reference_end"] for row in rows} == {day}


def test_points_before_thousands_are_known_by_the_small_numbers_beside_them(
    tmp_path: Path,
) -> None:
    rows = rows_of(saved(tmp_path, "t.csv", LIST.format(title="Stand: 30.09.2024;x")))
    assert [row["value"] for row in rows] == ["12", "1204", "318", "7"]


def test_points_beside_large_numbers_without_them_stay_undecided(tmp_path: Path) -> None:
    text = LIST.format(title="Stand: 30.09.2024;x") + "1056041;4711\n"
    with pytest.raises(BadNumber, match="decimal point"):
        rows_of(saved(tmp_path, "t.csv", text))


def test_a_text_that_stops_within_a_row_is_refused(tmp_path: Path) -> None:
    text = "ags;Jahr;a;b\n01056;2023;5;6\n01057;2023;7;8\n01058;2023;9;10"
    assert len(rows_of(saved(tmp_path, "t.csv", text))) == 6
    with pytest.raises(NotReadable, match="middle of a row"):
        rows_of(saved(tmp_path, "t.csv", text.removesuffix(";10")))


def test_what_a_file_manager_packs_along_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._t.csv", b"\0\1")
        archive.writestr("ordner/.DS_Store.csv", b"\0")
        archive.writestr("ordner/t.csv", "ags;Jahr;n\n01056;2023;5\n")
    (row,) = rows_of(path)
    assert (row["region"], row["value"]) == ("01056", "5")


def test_the_columns_of_a_flat_file_may_stand_in_any_order(tmp_path: Path) -> None:
    text = (
        "value;value_unit;value_variable_code;time;1_variable_code;1_variable_attribute_code;"
        "statistics_code\n12;Anzahl;BEVSTD;2024-12-31;KREISE;01056;12411\n"
    )
    (row,) = rows_of(saved(tmp_path, "t.csv", text))
    assert (row["series"], row["region"], row["value"]) == ("12411.BEVSTD", "01056", "12")


def test_keys_of_verbaende_that_lost_their_zero_get_it_back(tmp_path: Path) -> None:
    text = "gvb_id;year;score\n10515163;2021;5\n010515166;2021;6\n120615108;2021;7\n"
    found = [row["region"] for row in rows_of(saved(tmp_path, "t.csv", text))]
    assert found == ["010515163", "010515166", "120615108"]


def test_the_sheet_of_a_known_format_may_have_another_name(tmp_path: Path) -> None:
    rows = [
        ["Kennziffer", "Raumeinheit", "Aggregat", "Quote"],
        ["", "", "", "2023"],
        ["01056", "Pinneberg", "Kreise", 8.5],
    ]
    (row,) = rows_of(workbook(tmp_path, {"Tabelle1": rows}))
    assert (row["series"], row["region"], row["value"]) == ("inkar.Quote", "01056", "8.5")
