"""Tables in HTML, in workbooks written as XML, in old encodings, in JSON-stat, in each other."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from ckanext.sozialdaten.disclosure import Report, UnreadableFileError, check_files
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.readers import read_paths

PAGE = """<html><head><meta charset="utf-8"><title>Hilfen</title>{head}</head><body>
<h1>Hilfen zur Erziehung</h1><table><caption>Stand 2023</caption>
<tr><th rowspan="2">Ort</th><th colspan="2">Fälle</th></tr><tr><th>m</th><th>w</th></tr>
<tr><td>Nord</td><td>12</td><td>{small}</td></tr><tr{row}><td>Süd</td><td>31</td><td>22</td></tr>
</table><p>Quelle: Jugendamt</p>{body}</body></html>"""
BOOK = """<?xml version="1.0"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Hilfen"><Table>
<Row><Cell><Data ss:Type="String">Ort</Data></Cell><Cell><Data>Fälle</Data></Cell></Row>
<Row><Cell><Data>Nord</Data></Cell><Cell><Data ss:Type="Number">2</Data>
<Comment ss:Author="x"><ss:Data>Frau Kowalczyk</ss:Data></Comment></Cell></Row>
<Row><Cell><Data>Süd</Data></Cell><Cell/></Row>
<Row><Cell ss:Index="2"><Data ss:Type="Number">44</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


def page(tmp_path: Path, name: str = "a.html", **parts: str) -> Path:
    text = PAGE.format(**{"head": "", "small": "17", "row": "", "body": "", **parts})
    (tmp_path / name).write_text(text, "utf-8")
    return tmp_path / name


def blocked(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings if finding.severity == "block"}


def read(path: Path) -> list[Sheet]:
    return list(read_paths([path]))


@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.xls"])
def test_a_table_of_a_page_is_read_with_its_spans(tmp_path: Path, name: str) -> None:
    (sheet,) = read(page(tmp_path, name))
    assert sheet.table.column_names == ["Ort", "Fälle | m", "Fälle | w"]
    assert sheet.table.column(2).to_pylist() == ["17", "22"]
    assert {"Hilfen zur Erziehung", "Stand 2023", "Quelle: Jugendamt"} <= {
        text.text for text in sheet.loose
    }


def test_a_small_count_in_a_page_is_found_and_its_twin_is_safe(tmp_path: Path) -> None:
    assert blocked(check_files([page(tmp_path, small="2")])) == {"minimum-frequency"}
    assert not blocked(check_files([page(tmp_path)]))


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("body", "<!-- Frau Kowalczyk, Tel. folgt -->"),
        ("head", '<meta name="description" content="Fall von Frau Schulze">'),
        ("body", '<span title="Frau Kowalczyk">*</span>'),
        ("row", ' data-fall="Frau Kowalczyk"'),
    ],
)
def test_what_a_page_carries_without_showing_it_is_looked_at(
    tmp_path: Path, part: str, text: str
) -> None:
    assert blocked(check_files([page(tmp_path, **{part: text})])) == {"identifier-name"}


def test_hidden_rows_of_a_page_are_told(tmp_path: Path) -> None:
    report = check_files([page(tmp_path, row=' style="display: none"')])
    assert [f.rule for f in report.findings] == ["hidden-content"]


@pytest.mark.parametrize(
    "text", ["<script>draw([[12, 2], [3, 1]])</script>", '<iframe srcdoc="&lt;p&gt;"></iframe>']
)
def test_a_page_with_programs_in_it_is_not_called_safe(tmp_path: Path, text: str) -> None:
    assert blocked(check_files([page(tmp_path, body=text)])) == {"hidden-content"}


def test_a_page_without_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>Nord 2</p>")
    with pytest.raises(UnreadableFileError):
        read(tmp_path / "a.html")


def test_a_page_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = page(tmp_path)
    path.write_text(path.read_text("utf-8").partition("31</td>")[0] + "31", "utf-8")
    (sheet,) = read(path)
    assert sheet.table.column(1).to_pylist() == ["12", "31"]


def test_a_workbook_written_as_xml_is_read_with_its_comments(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text(BOOK, "utf-8")
    report = check_files([tmp_path / "a.xls"])
    assert blocked(report) == {"minimum-frequency", "identifier-name"}
    assert {finding.sheet for finding in report.findings} == {"Hilfen"}


def test_delimited_text_that_is_called_a_workbook_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text("Ort\tFälle\nNord\t2\nSüd\t31\n", "utf-8")
    assert blocked(check_files([tmp_path / "a.xls"])) == {"minimum-frequency"}


def test_text_of_old_programs_keeps_its_umlauts(tmp_path: Path) -> None:
    rows = "Gemeinde;Männer;Übrige\nGroßdöhren;120;240\nMühlbach;31;44\n"
    (tmp_path / "a.csv").write_bytes(rows.encode("cp850"))
    (sheet,) = read(tmp_path / "a.csv")
    assert sheet.table.column_names == ["Gemeinde", "Männer", "Übrige"]
    assert sheet.table.column(0).to_pylist() == ["Großdöhren", "Mühlbach"]


def test_quotes_of_windows_are_no_umlauts_of_old_programs(tmp_path: Path) -> None:
    rows = "Gemeinde;Männer\n„Nord” – alt;120\nCafé Süd;31\n"
    (tmp_path / "a.csv").write_bytes(rows.encode("cp1252"))
    (sheet,) = read(tmp_path / "a.csv")
    assert sheet.table.column(0).to_pylist() == ["„Nord” – alt", "Café Süd"]


def cube(values: object, **more: object) -> dict[str, object]:
    return {
        "class": "dataset",
        "id": ["gebiet", "art"],
        "size": [3, 2],
        "dimension": {
            "gebiet": {"category": {"index": ["a", "b", "c"], "label": {"a": "Nord"}}},
            "art": {"label": "Hilfe", "category": {"index": {"34": 1, "33": 0}}},
        },
        "value": values,
        **more,
    }


@pytest.mark.parametrize("values", [[12, 2, 31, 22, 19, 17], {"1": 2, "5": 17, "99": 1, "x": 1}])
def test_cells_of_json_stat_stand_beside_their_categories(tmp_path: Path, values: object) -> None:
    (tmp_path / "a.json").write_text(json.dumps(cube(values, label="Hilfen")))
    (sheet,) = read(tmp_path / "a.json")
    assert {"gebiet": "Nord", "art: Hilfe": "34", "value": 2} in sheet.table.to_pylist()
    assert {"gebiet": "c", "art: Hilfe": "34", "value": 17} in sheet.table.to_pylist()
    assert blocked(check_files([tmp_path / "a.json"])) == {"minimum-frequency"}


def test_json_stat_of_the_first_version_is_known(tmp_path: Path) -> None:
    plain = cube([12, 2, 31, 22, 19, 17])
    inner = {**plain["dimension"], "id": plain.pop("id"), "size": plain.pop("size")}  # type: ignore[dict-item]
    (tmp_path / "a.json").write_text(json.dumps({"hilfen": {**plain, "dimension": inner}}))
    assert blocked(check_files([tmp_path / "a.json"])) == {"minimum-frequency"}


def workbook(rows: list[list[object]]) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        (
            "Sheet1.xlsx",
            workbook([["Ort", "Fälle"], ["Nord", 2], ["Süd", 31]]),
            "minimum-frequency",
        ),
        ("oleObject1.bin", b"\xd0\xcf\x11\xe0 anything", "hidden-content"),
        (
            "Brief.doc",
            b"\xd0\xcf\x11\xe0" + "IBAN DE89 3704 0044 0532 0130 00".encode("utf-16-le"),
            "identifier-iban",
        ),
    ],
)
def test_files_in_a_workbook_are_looked_at_or_forbid_it(
    tmp_path: Path, name: str, content: bytes, rule: str
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([["Ort", "Fälle"], ["Nord", 12], ["Süd", 31]]))
    assert not blocked(check_files([path]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"xl/embeddings/{name}", content)
    assert blocked(check_files([path])) == {rule}
