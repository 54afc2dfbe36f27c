"""Formulas: refused at the gate, turned into values by one click, neutral in every export."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from gate_office import Office

from ckanext.sozialdaten.publishing import _formulas

TEXT = (
    "gemeinde;jahr;faelle;hinweis\n"
    + "".join(
        f"990010{n:02d};{year};{n * 7 + year % 50};{'=1+1' if n == 1 else 'gut'}\n"
        for n in range(1, 6)
        for year in (2022, 2023)
    )
).encode()
SHEET = (
    '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    '<row r="2"><c r="A2"><f>SUM(B2:B3)</f><v>12</v></c>'
    '<c r="B2"><f t="shared" si="0"/><v>5</v></c></row></sheetData></worksheet>'
)


def _workbook(path: Path) -> Path:
    types = '<Types><Override PartName="/xl/calcChain.xml" ContentType="x"/></Types>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("xl/calcChain.xml", "<calcChain/>")
        archive.writestr("xl/sharedStrings.xml", "<sst><si><t>=HYPERLINK(1)</t></si></sst>")
        archive.writestr("xl/worksheets/sheet1.xml", SHEET)
    return path


class _Resource:
    """As much of a resource as the formulas look at."""

    def __init__(self, url: str) -> None:
        self.url = url


def test_a_workbook_keeps_its_values_and_loses_its_formulas(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "m.xlsx")
    assert _formulas.has_formulas(path, "m.xlsx")
    resource: Any = _Resource("m.xlsx")
    made = tmp_path / "n.xlsx"
    made.write_bytes(_formulas.as_values(resource, path))
    assert not _formulas.has_formulas(made, "n.xlsx")
    with zipfile.ZipFile(made) as archive:
        assert "xl/calcChain.xml" not in archive.namelist()
        assert b"calcChain" not in archive.read("[Content_Types].xml")
        assert b"<v>12</v>" in archive.read("xl/worksheets/sheet1.xml")
        assert b"<t>'=HYPERLINK(1)</t>" in archive.read("xl/sharedStrings.xml")


def test_an_opendocument_sheet_keeps_its_values(tmp_path: Path) -> None:
    path = tmp_path / "m.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        cell = '<table:table-cell table:formula="of:=1+1" office:value="2"><text:p>2</text:p>'
        archive.writestr("content.xml", cell)
    assert _formulas.has_formulas(path, "m.ods")
    resource: Any = _Resource("m.ods")
    with zipfile.ZipFile(io.BytesIO(_formulas.as_values(resource, path))) as archive:
        assert b"formula" not in archive.read("content.xml")
        assert b'office:value="2"' in archive.read("content.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_delimited_file_keeps_everything_else(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "m.csv"
    text = "Größe;Wert\r\n=1+1;-5\r\n- übrige;3\r\n"
    path.write_bytes(text.encode(encoding))
    resource: Any = _Resource("m.csv")
    found = _formulas.as_values(resource, path).decode(encoding)
    assert found == text.replace("=1+1", "'=1+1")


def test_formulas_forbid_the_release_until_one_click_removed_them(office: Office) -> None:
    world = office.world
    dataset = world.dataset(office.editor, office.organisation, name="formeln")
    resource = world.call(
        "resource_create",
        office.editor,
        package_id=dataset["id"],
        name="Fälle",
        format="CSV",
        upload=(io.BytesIO(TEXT), "faelle.csv"),
    )
    found = world.call("sozialdaten_check", office.editor, id=dataset["id"])
    assert ("formula", "block") in {(one["rule"], one["severity"]) for one in found["findings"]}
    page = world.page("/dataset/formeln", office.editor, "de").body
    assert "Formeln als Werte" in page
    answer = world.app.post(
        f"/dataset/formeln/formeln/{resource['id']}",
        headers=office.editor.headers,
        follow_redirects=False,
    )
    assert answer.status_code == 302
    found = world.call("sozialdaten_check", office.editor, id=dataset["id"])
    assert "formula" not in {one["rule"] for one in found["findings"]}


@pytest.mark.parametrize(("name", "click"), [("a.csv", True), ("a.xls", False), ("a.json", False)])
def test_the_remedy_promises_a_click_only_where_there_is_one(name: str, click: bool) -> None:
    told = _formulas.remedy_of(name).text("en")
    assert told.startswith("Have the formulas turned") == click
    assert "CSV, XLSX or ODS" in told or click
