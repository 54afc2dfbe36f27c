"""Reading: what is found in files, and what is refused with its place."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
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
