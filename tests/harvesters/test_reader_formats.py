"""Formats other than tables: JSON-stat, SDMX, Eurostat, KomMonitor, ArcGIS, Parquet, ODS."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from reading_world import Row, rows_of, workbook

from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryRefused,
    EmptyDelivery,
    MissingColumn,
    NotReadable,
)
from ckanext.sozialdaten.harvesters.core.readers import Opened, formats, reader_for


def saved(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def cells(rows: list[Row]) -> list[tuple[str, str, str, str]]:
    return [(row["region"], row["reference_end"], row["value"], row["quality"]) for row in rows]


def format_of(path: Path) -> str:
    return reader_for(Opened(path, path.name)).name


# JSON-stat


def cube(value: object, status: object = None, **more: object) -> dict[str, Any]:
    return {
        "version": "2.0",
        "class": "dataset",
        "id": ["unit", "geo", "time"],
        "size": [1, 2, 2],
        "dimension": {
            "unit": {"category": {"index": ["NR"], "label": {"NR": "Anzahl"}}},
            "geo": {"category": {"index": {"DE": 0, "FR": 1}}},
            "time": {"category": {"index": {"2022": 0, "2023": 1}}},
        },
        "value": value,
        "extension": {"id": "DEMO"},
        **({"status": status} if status is not None else {}),
        **more,
    }


def test_a_dense_cube_has_every_cell(tmp_path: Path) -> None:
    rows = rows_of(saved(tmp_path, "t.json", cube([1, 2, None, 4.5], [None, "p", ":", None])))
    assert cells(rows) == [
        ("DG", "2022-12-31", "1", ""),
        ("DG", "2023-12-31", "2", "p"),
        ("FR", "2022-12-31", "", ":"),
        ("FR", "2023-12-31", "4.5", ""),
    ]
    assert {(row["series"], row["unit"]) for row in rows} == {("DEMO", "Anzahl")}


def test_a_sparse_cube_has_the_cells_with_a_value_or_a_sign(tmp_path: Path) -> None:
    rows = rows_of(saved(tmp_path, "t.json", cube({"0": 7, "3": 9}, {"2": ":c", "3": "b"})))
    assert [cell[2:] for cell in cells(rows)] == [("7", ""), ("", ":c"), ("9", "b")]


def test_version_1_lies_under_its_name(tmp_path: Path) -> None:
    new = cube([1, 2, 3, 4])
    inner = {"id": new["id"], "size": new["size"], **new["dimension"]}
    path = saved(tmp_path, "t.json", {"nama": {"value": new["value"], "dimension": inner}})
    assert format_of(path) == "json-stat"
    assert {row["series"] for row in rows_of(path)} == {"nama"}


def test_categories_are_ordered_by_their_index_and_not_by_their_place(tmp_path: Path) -> None:
    turned = cube([1, 2, 3, 4])
    turned["dimension"]["geo"]["category"]["index"] = {"FR": 1, "DE": 0}
    assert rows_of(saved(tmp_path, "t.json", turned))[0]["region"] == "DG"


@pytest.mark.parametrize("values", [[1, 2, 3], [1, 2, 3, 4, 5]])
def test_a_cube_that_was_cut_off_is_refused(tmp_path: Path, values: list[int]) -> None:
    with pytest.raises(NotReadable):
        rows_of(saved(tmp_path, "t.json", cube(values)))


def test_an_unknown_status_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused):
        rows_of(saved(tmp_path, "t.json", cube([1, 2, 3, 4], ["§", None, None, None])))


# SDMX and Eurostat

GENERIC = """<message:GenericData
 xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
 xmlns:generic="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic"><message:Header>
 <message:DataSetID>demo</message:DataSetID></message:Header><message:DataSet><generic:Series>
 <generic:SeriesKey><generic:Value id="UNIT" value="NR"/>
  <generic:Value id="GEO" value="DE"/></generic:SeriesKey>
 <generic:Obs><generic:ObsDimension value="2022"/><generic:ObsValue value="5.5"/>
  <generic:Attributes><generic:Value id="OBS_STATUS" value="p"/></generic:Attributes></generic:Obs>
 <generic:Obs><generic:ObsDimension value="2023"/><generic:ObsValue value="NaN"/></generic:Obs>
</generic:Series></message:DataSet></message:GenericData>"""
SPECIFIC = """<m:StructureSpecificData
 xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message">
 <m:DataSet><Series UNIT="NR" GEO="DE"><Obs TIME_PERIOD="2022" OBS_VALUE="5.5" OBS_FLAG="p"/>
 <Obs TIME_PERIOD="2023" OBS_VALUE="NaN"/></Series></m:DataSet></m:StructureSpecificData>"""


@pytest.mark.parametrize("text", [GENERIC, SPECIFIC])
def test_both_forms_of_sdmx_ml_say_the_same(tmp_path: Path, text: str) -> None:
    rows = rows_of(saved(tmp_path, "t.xml", text))
    assert cells(rows) == [("DG", "2022-12-31", "5.5", "p"), ("DG", "2023-12-31", "", "")]
    assert {row["unit"] for row in rows} == {"NR"}


def test_sdmx_csv_has_one_line_for_each_observation(tmp_path: Path) -> None:
    text = (
        "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
        "ESTAT:DEMO(1.0),01/01/24,A,NR,DE,2022,5.5,p\nESTAT:DEMO(1.0),01/01/24,A,NR,DE,2023-Q1,,c\n"
    )
    rows = rows_of(saved(tmp_path, "t.csv", text))
    assert cells(rows) == [("DG", "2022-12-31", "5.5", "p"), ("DG", "2023-03-31", "", "c")]
    assert {(row["series"], row["dimensions"]) for row in rows} == {("DEMO", '{"freq":"A"}')}


def test_eurostat_tsv_keeps_flags_and_missing_cells(tmp_path: Path) -> None:
    text = "freq,unit,geo\\TIME_PERIOD\t2022 \t2023 \nA,NR,DE\t5.5 p\t: c\nA,NR,FR\t:\t7 \n"
    rows = rows_of(saved(tmp_path, "estat_demo.tsv", text))
    assert cells(rows) == [
        ("DG", "2022-12-31", "5.5", "p"),
        ("DG", "2023-12-31", "", ":c"),
        ("FR", "2022-12-31", "", ":"),
        ("FR", "2023-12-31", "7", ""),
    ]
    assert {row["series"] for row in rows} == {"DEMO"}


def test_a_row_that_is_too_short_is_refused(tmp_path: Path) -> None:
    text = "freq,geo\\TIME_PERIOD\t2022\t2023\nA,DE\t5\n"
    with pytest.raises(NotReadable):
        rows_of(saved(tmp_path, "t.tsv", text))


# GENESIS

CUBE = (
    "* Der Benutzer GEHEIM hat diesen Export angestossen.\nK;DQ;FACH-SCHL\nD;12345KJ001;;N\n"
    "K;DQA;NAME;RHF-BSR;RHF-ACHSE\nD;KREISE;1;1\nD;GES;2;2\nK;DQZ;NAME;ZI\nD;STAG;3;3\n"
    "K;DQI;NAME;ME-NAME;DST;TYP\nD;BEV001;ANZAHL;FEST;ANZAHL\n"
    "K;QEI;FACH-SCHL;FACH-SCHL;ZI-WERT;WERT;QUALITAET;GESPERRT;WERT-VERFAELSCHT\n"
)


def test_a_cube_file_is_read_without_its_user(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "t.csv",
        f"{CUBE}D;01056;GESM;31.12.2023;136.6;p;;0.0\nD;01057;GESM;31.12.2023;.;;;\n",
    )
    rows = rows_of(path)
    assert cells(rows) == [
        ("01056", "2023-12-31", "136.6", "p"),
        ("01057", "2023-12-31", "", "."),
    ]
    assert rows[0]["series"] == "12345KJ001.BEV001"
    assert "GEHEIM" not in str(rows)


def test_the_list_of_municipalities_gives_each_gemeinde_and_no_code(tmp_path: Path) -> None:
    head = [
        ["Gemeinden in Deutschland am 30.06.2024"],
        [],
        [
            "Satz-art",
            "Text-kenn-zeichen",
            "Amtlicher Regionalschlüssel (ARS)",
            *[None] * 4,
            "Gemeindename",
            "Fläche km2",
            "Bevölkerung",
            None,
            "Postleit-zahl",
        ],
        [None, None, "Land", "RB", "Kreis", "VB", "Gem", None, None, "insgesamt", "männlich", None],
        [None, None, "Gebietsstand", *[None] * 5, "31.12.2022 (Jahr)", "am 31.12.2022 (Jahr)"],
    ]
    rows = [
        ["10", None, "01", None, None, None, None, "Schleswig-Holstein"],
        ["60", "64", "01", "0", "56", "5642", "001", "Appen", 20.1, 4834, 2400, "25482"],
    ]
    found = rows_of(workbook(tmp_path, {"Onlineprodukt": [*head, *rows]}))
    assert [(row["series"].split(".")[1], row["value"]) for row in found] == [
        ("flaeche", "20.1"),
        ("bevoelkerung_insgesamt", "4834"),
        ("bevoelkerung_maennlich", "2400"),
    ]
    assert {(row["region"], row["reference_end"]) for row in found} == {("01056001", "2022-12-31")}


def test_a_list_of_municipalities_without_a_part_of_the_key_is_refused(tmp_path: Path) -> None:
    rows = [["Satz-art", "Amtlicher Regionalschlüssel (ARS)"], [None, "Land"], ["10", "01"]]
    with pytest.raises(MissingColumn):
        rows_of(workbook(tmp_path, {"x": rows}))


# KomMonitor and ArcGIS


def test_kommonitor_tells_a_missing_value_from_zero(tmp_path: Path) -> None:
    data = [{"ID": "01056001", "NAME": "Appen", "DATE_2022-12-31": "0.0", "DATE_2023-12-31": None}]
    assert cells(rows_of(saved(tmp_path, "t.json", data))) == [
        ("01056001", "2022-12-31", "0.0", ""),
        ("01056001", "2023-12-31", "", ""),
    ]


def test_kommonitor_features_are_named_after_their_view(tmp_path: Path) -> None:
    feature = {
        "id": "INDICATOR_7.1",
        "properties": {"ID": "01", "DATE_2022-12-31": 9.4},
        "geometry": None,
    }
    data = {"type": "FeatureCollection", "features": [feature]}
    (row,) = rows_of(saved(tmp_path, "t.geojson", data))
    assert (row["series"], row["region"], row["value"]) == ("INDICATOR_7", "01", "9.4")


def test_an_area_without_identifier_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        rows_of(saved(tmp_path, "t.json", [{"NAME": "x", "DATE_2022-12-31": 1}]))


def test_arcgis_writes_9999_where_it_has_no_value(tmp_path: Path) -> None:
    fields = [{"name": "ags", "type": "esriFieldTypeString"}]
    features = [
        {"attributes": {"ags": "1056", "jahr": 2023, "quote": 30.1}},
        {"attributes": {"ags": "06432", "jahr": 2023, "quote": -9999}},
        {"attributes": {"ags": "06440", "jahr": 2023, "quote": None}},
    ]
    rows = rows_of(saved(tmp_path, "t.json", {"fields": fields, "features": features}))
    assert cells(rows) == [
        ("01056", "2023-12-31", "30.1", ""),
        ("06432", "2023-12-31", "", "-9999"),
        ("06440", "2023-12-31", "", ""),
    ]


# JSON, Parquet, OpenDocument, archives

MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def test_nested_objects_become_levels_of_captions(tmp_path: Path) -> None:
    data = [
        {"ags": "01056001", "detail": {"2021": {"einwohner": 5, "quote": None}}},
        {"ags": "01056002", "detail": {"2021": {"einwohner": 6, "quote": 1.5}}},
    ]
    rows = rows_of(saved(tmp_path, "t.json", data))
    assert [(row["series"], row["reference_end"], row["value"]) for row in rows][:2] == [
        ("t.detail › einwohner", "2021-12-31", "5"),
        ("t.detail › quote", "2021-12-31", ""),
    ]


def test_parquet_is_read_by_its_columns(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    table = pa.table({"ags": ["01056", "06440"], "jahr": [2022, 2023], "wert": [1.5, None]})
    parquet.write_table(table, path)
    assert cells(rows_of(path)) == [
        ("01056", "2022-12-31", "1.5", ""),
        ("06440", "2023-12-31", "", ""),
    ]


def test_an_open_document_is_read_as_a_workbook(tmp_path: Path) -> None:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ' + " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("table", "text")
    )

    def cell(value: object) -> str:
        kind = "float" if isinstance(value, float) else "string"
        amount = f' office:value="{value}"' if kind == "float" else ""
        begin = f'<table:table-cell office:value-type="{kind}"{amount}>'
        return f"{begin}<text:p>{value}</text:p></table:table-cell>"

    rows = [["ags", "Jahr", "n"], ["01056", 2023.0, 7.5]]
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content {names} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="x">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    path = tmp_path / "t.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    assert cells(rows_of(path)) == [("01056", "2023-12-31", "7.5", "")]


def test_a_workbook_in_an_archive_is_read(tmp_path: Path) -> None:
    inner = workbook(tmp_path, {"x": [["ags", "Jahr", "n"], ["01056", 2023, 7]]})
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "tabelle.xlsx")
    assert cells(rows_of(path)) == [("01056", "2023-12-31", "7", "")]


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner, path = tmp_path / "a.zip", tmp_path / "t.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", "x")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "a.zip")
    with pytest.raises(NotReadable):
        rows_of(path)


def test_a_list_of_objects_without_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises((NotReadable, EmptyDelivery)):
        rows_of(saved(tmp_path, "t.json", [{"a": "x", "b": "y"}, {"a": "z", "b": "w"}]))


def test_every_format_can_be_named() -> None:
    assert len(formats()) == len(set(formats()))
    assert {"genesis-ffcsv", "json-stat", "inkar", "ba", "kba-fz3", "tabelle"} <= set(formats())


def test_a_sign_that_the_document_explains_is_known(tmp_path: Path) -> None:
    data = cube([1, 2, 3, 4], ["§", None, None, None])
    data["extension"]["status"] = {"label": {"§": "provisional by law"}}
    assert rows_of(saved(tmp_path, "t.json", data))[0]["quality"] == "§"
