"""Reading: what is found in files, and what is refused with its place."""

import datetime as dt
import gzip
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from disclosure_worlds import rules
from shared_files import shared

from ckanext.sozialdaten.disclosure import UnreadableFileError, check_files, load_policy
from ckanext.sozialdaten.disclosure.readers import read_paths

SMALL = "Straßenverkehr\n\nGemeinde;Fälle\nKöln;12\nWürselen;2\nAnzahl Datensätze: 2\n"


def _rules(path: Path) -> set[str]:
    return rules(check_files([path]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(SMALL.encode(encoding))
    (sheet,) = read_paths([path])
    assert sheet.table.column("Gemeinde").to_pylist() == ["Köln", "Würselen"]
    assert [sheet.row(0), sheet.row(1)] == [4, 5]
    assert _rules(path) == {"minimum-frequency"}


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_usual_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    rows = [["Gemeinde", "Jahr", "Fälle"], ["A", "2020", "2"], ["B", "2020", "44"]]
    path.write_text("\n".join(delimiter.join(row) for row in rows), "utf-8")
    (finding,) = check_files([path]).findings
    assert finding.cells == (2,)


def test_a_long_file_reads_like_a_short_one(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    lines = [f"G{n:06d};2020;{'2' if n == 150_000 else '17'};{'x' * 12}" for n in range(200_000)]
    path.write_text("Titel\nGemeinde;Jahr;Fälle;Stand\n" + "\n".join(lines) + "\n", "utf-8")
    report = check_files([path])
    assert [(f.rule, f.cells) for f in report.findings] == [("minimum-frequency", (150_003,))]


def test_every_sheet_is_read_hidden_ones_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Gemeinde", "Fälle"])
    book.active.append(["A", 20])
    hidden = book.create_sheet("Rohdaten")
    hidden.append(["Vorname", "Geburtsdatum"])
    hidden.append(["Erika", dt.date(1980, 2, 3)])
    hidden.sheet_state = "veryHidden"
    path = tmp_path / "book.xlsx"
    book.save(path)
    found = {(f.sheet, f.rule) for f in check_files([path]).findings}
    assert {("Rohdaten", "identifier-name"), ("Rohdaten", "identifier-birth-date")} <= found


def test_merged_headers_are_joined() -> None:
    path = shared("synthetic/sample5/F2_JUG_HzE_20231231.xlsx")
    sheets = {sheet.name: sheet for sheet in read_paths([path])}
    assert "Fall | Fall-Nr." in sheets["HzE laufend"].table.column_names


def test_json_xml_and_parquet_are_read(tmp_path: Path) -> None:
    records = [{"gemeinde": "A", "anzahl": 2}, {"gemeinde": "B", "anzahl": 30}]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [[[9.12345, 53.12345]]]},
            "properties": r,
        }
        for r in records
    ]
    (tmp_path / "a.json").write_text(json.dumps({"result": {"records": records}}))
    (tmp_path / "b.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    rows = "".join(
        f"<r><gemeinde>{r['gemeinde']}</gemeinde><anzahl>{r['anzahl']}</anzahl></r>"
        for r in records
    )
    (tmp_path / "c.xml").write_text(f"<t>{rows}</t>")
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "d.parquet")
    for name in ("a.json", "b.geojson", "c.xml", "d.parquet"):
        assert _rules(tmp_path / name) == {"minimum-frequency"}, name
    assert len(check_files([tmp_path]).findings) == 4


def test_attributes_of_xml_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<t><row vorname="Hans" ort="A"/><row vorname="Erika" ort="B"/></t>', "utf-8")
    (sheet,) = read_paths([path])
    assert sheet.table.to_pydict() == {"vorname": ["Hans", "Erika"], "ort": ["A", "B"]}
    assert "identifier-name" in _rules(path)


def test_elements_that_name_their_column_in_an_attribute_become_columns(tmp_path: Path) -> None:
    rows = "".join(
        f'<satz><mm name="EF1">{n}</mm><mm name="Vorname">Erika</mm></satz>' for n in range(5)
    )
    path = tmp_path / "a.xml"
    path.write_text(f"<t><!-- Konto DE89370400440532013000 -->{rows}</t>", "utf-8")
    (sheet,) = read_paths([path])
    assert sheet.table.column("Vorname").to_pylist() == ["Erika"] * 5
    assert {"identifier-name", "identifier-iban"} <= _rules(path)


def test_children_that_occur_once_join_the_row_of_their_parent(tmp_path: Path) -> None:
    rows = "<p id='1'><name><vor>Erika</vor></name></p><p id='2'><name><vor>Hans</vor></name></p>"
    path = tmp_path / "a.xml"
    path.write_text(f"<x:t xmlns:x='urn:x'>{rows}</x:t>", "utf-8")
    (sheet,) = read_paths([path])
    assert sheet.table.to_pydict() == {"id": ["1", "2"], "name.vor": ["Erika", "Hans"]}


JSON_FORMS = {
    "records.json": [{"vorname": "Erika", "n": 1}, {"vorname": "Hans", "n": 2}],
    "columns.json": {"vorname": ["Erika", "Hans"], "n": [1, 2]},
    "split.json": {"columns": ["vorname", "n"], "data": [["Erika", 1], ["Hans", 2]]},
    "keyed.json": {str(k): {"vorname": name, "n": k} for k, name in enumerate(["A", "B", "C"])},
    "nested.json": {"result": {"data": {"rows": [{"vorname": "Erika", "n": 1}]}}},
}


@pytest.mark.parametrize("name", JSON_FORMS)
def test_every_usual_form_of_a_table_in_json_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(JSON_FORMS[name]))
    (sheet,) = read_paths([path])
    assert {"vorname", "n"} <= set(sheet.table.column_names)
    assert sheet.table.schema.field("n").type == pa.int64()
    assert "identifier-name" in _rules(path)


def test_json_lines_are_read_record_by_record(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"vorname":"Erika","kind":[{"alter":3}]}\n{"vorname":"Hans"}\n')
    names = {sheet.name: sheet.table.num_rows for sheet in read_paths([path])}
    assert names == {"kind": 1, "": 2}


def test_points_under_any_name_are_coordinates(tmp_path: Path) -> None:
    place = {"type": "Point", "coordinates": [9.65432, 53.75321]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"alter": n, "wohnung": place} for n in range(12)]))
    (sheet,) = read_paths([path])
    assert {"wohnung.lon", "wohnung.lat"} <= set(sheet.table.column_names)


NESTED = pa.table(
    {
        "anzahl": [2, 30],
        "wer": [{"vorname": "Erika", "alter": 3}, {"vorname": "Hans", "alter": 4}],
        "kinder": [[{"geburtsdatum": "2020-01-02"}], []],
        "karte": pa.array([[("iban", "DE89370400440532013000")], []], pa.map_("string", "string")),
    }
)


@pytest.mark.parametrize("suffix", ["parquet", "feather", "arrow"])
def test_nested_columns_and_metadata_of_arrow_files_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    data = NESTED.replace_schema_metadata({"kontakt": "erika.mustermann@example.org"})
    if suffix == "parquet":
        pq.write_table(data, path)
    elif suffix == "feather":
        feather.write_feather(data, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, data.schema) as writer:
            writer.write_table(data)
    sheets = {sheet.name: sheet.table.column_names for sheet in read_paths([path])}
    assert sheets == {
        "": ["anzahl", "wer.vorname", "wer.alter"],
        "kinder": ["geburtsdatum"],
        "karte": ["key", "value"],
    }
    expected = {"identifier-name", "identifier-birth-date", "identifier-iban", "identifier-email"}
    assert expected <= _rules(path)


@pytest.mark.parametrize("store_schema", [True, False])
def test_a_small_file_that_unpacks_to_gigabytes_is_refused(
    tmp_path: Path, store_schema: bool
) -> None:
    one = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), ["x" * 1_000_000])
    pq.write_table(pa.table({"a": one}), tmp_path / "a.parquet", store_schema=store_schema)
    assert (tmp_path / "a.parquet").stat().st_size < 2_000_000
    with pytest.raises(UnreadableFileError, match="too large"):
        list(read_paths([tmp_path / "a.parquet"]))


def test_a_million_empty_columns_behind_a_table_do_not_count(tmp_path: Path) -> None:
    rows = ("Kreis;Anzahl", "Nord;12", "Süd;20")
    (tmp_path / "a.csv").write_text("\n".join(row + ";" * 1_000_000 for row in rows), "utf-8")
    (sheet,) = read_paths([tmp_path / "a.csv"])
    assert sheet.table.to_pylist()[1] == {"Kreis": "Süd", "Anzahl": "20"}


def test_a_sheet_that_repeats_a_long_text_for_ever_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 3_000))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{'x' * 1_000_000}</t></si></sst>")
        archive.writestr(
            "xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
        )
    with pytest.raises(UnreadableFileError, match="too large"):
        list(read_paths([path]))


def test_whole_numbers_stored_as_floats_are_whole_numbers_again(tmp_path: Path) -> None:
    data = pa.table({"gemeinde": ["A", "B", "C"], "n": [36574261809.0, None, 7.0]})
    pq.write_table(data, tmp_path / "a.parquet")
    (sheet,) = read_paths([tmp_path / "a.parquet"])
    assert sheet.table.column("n").to_pylist() == [36574261809, None, 7]


def test_packed_files_are_read_under_their_inner_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(SMALL.encode()))
    (finding,) = check_files([path]).findings
    assert (finding.resource, finding.sheet) == ("a.csv.gz", "a.csv")


def test_persons_in_nested_xml_are_found() -> None:
    found = _rules(shared("synthetic/sample5/F4_SGBII_202409.xml"))
    assert {"identifier-birth-date", "identifier-case-number"} <= found


def test_an_archive_is_read_member_by_member(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("in/a.csv", SMALL)
    (finding,) = check_files([path]).findings
    assert (finding.resource, finding.sheet) == ("a.zip", "in/a.csv")


def _zip(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


BAD = {
    "empty.csv": b"",
    "blank.csv": b"\n\n  \n",
    "binary.csv": b"a;b\n1;\x81\x00\x9d\n",
    "broken.json": b'{"a": [1, 2',
    "broken.xml": b"<a><b></a>",
    "entities.xml": b'<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
    "external.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "broken.xlsx": b"PK\x03\x04 no workbook",
    "broken.parquet": b"PAR1 no parquet PAR1",
    "picture.png": b"\x89PNG\r\n",
    "report.pdf": b"%PDF-1.7\n",
    "no-suffix": b"a;b\n1;2\n",
    "wide.csv": ";".join(f"c{n}" for n in range(20_000)).encode() + b"\n1",
    "broken.feather": b"ARROW1 no feather ARROW1",
    "broken.csv.gz": b"\x1f\x8b broken",
    "empty.zip": _zip({}),
    "bomb.csv.gz": gzip.compress(b"0" * 40_000_000),
    "leading-out.zip": _zip({"../../etc/cron": b"a;b\n1;2\n"}),
    "absolute.zip": _zip({"/etc/cron": b"a;b\n1;2\n"}),
    "bomb.zip": _zip({f"{n}.csv": b"0" * 20_000_000 for n in range(3)}),
    "many.zip": _zip({f"{n}.csv": b"a" for n in range(2_001)}),
    "nested.zip": _zip({"1.zip": _zip({"2.zip": _zip({"3.zip": _zip({"a.csv": b"a;b\n1;2"})})})}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_name_and_a_hint(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(UnreadableFileError) as caught:
        check_files([path])
    error = caught.value
    assert error.place
    assert error.place.file == name
    assert error.hint
    assert error.text("de") != error.text("en")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError):
        check_files([tmp_path / "none.csv"])


@pytest.mark.parametrize(
    "name",
    [
        "regio_xlsx/11111-01-01-4.xlsx",
        "genesis_family/regio/AI-N-01-2-5.de.ffcsv.zip",
        "genesis_family/zensus/1000A-0000.de.ffcsv.zip",
        "datencsv/12411-0013.csv",
        "municipal",
        "municipal_five_counties",
        "statistik_nord/Daten_fuer_die_Stadtteilprofile_2014.csv",
        "regions/ags_ars_table.csv",
    ],
)
def test_official_tables_raise_no_alarm_under_the_policy_for_them(name: str) -> None:
    path = shared(f"samples/{name}")
    assert not rules(check_files([path], policy=load_policy("open-statistics")))


@pytest.mark.parametrize("name", ["a.html", "a.sql", "a.yaml", "a.py", "a.ttl"])
def test_what_nobody_can_read_as_a_table_is_never_called_safe(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"INSERT INTO faelle VALUES ('Nord', 2);\n")
    with pytest.raises(UnreadableFileError):
        check_files([tmp_path / name])
