"""What files hold besides what they show: hidden parts, comments, properties, pivot records."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from disclosure_worlds import rules
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ckanext.sozialdaten.disclosure import Report, UnreadableFileError, check_files
from ckanext.sozialdaten.disclosure.readers import read_paths

PERSON = "Frau Müller, geb. 03.02.1980"


def _book(path: Path, change: Callable[[Worksheet], None] | None = None) -> openpyxl.Workbook:
    """A harmless workbook, changed and saved."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Gemeinde", "Fälle", "Stand"])
    for number in range(10):
        sheet.append([f"Ort {number}", 20 + number, "2023"])
    if change:
        change(sheet)
    book.save(path)
    return book


def _hidden(report: Report) -> list[tuple[str, tuple[int, ...]]]:
    return [(f.message.msgid, f.cells) for f in report.findings if f.rule == "hidden-content"]


def _with_parts(path: Path, parts: dict[str, str], edits: dict[str, tuple[str, str]]) -> None:
    """Add parts to a workbook, and put texts into parts that it has."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            if name in edits:
                before, after = edits[name]
                text = re.sub(before, after, text.decode(), count=1).encode()
            target.writestr(name, text)
        for name, content in parts.items():
            target.writestr(name, content)


def test_a_harmless_workbook_hides_nothing(tmp_path: Path) -> None:
    _book(tmp_path / "a.xlsx")
    assert not check_files([tmp_path / "a.xlsx"]).findings


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_told_and_checked(tmp_path: Path, state: str) -> None:
    def change(sheet: Worksheet) -> None:
        other = sheet.parent.create_sheet("Roh")
        other.append(["Vorname", "Betrag"])
        other.append(["Erika", 300])
        other.sheet_state = state

    _book(tmp_path / "a.xlsx", change)
    report = check_files([tmp_path / "a.xlsx"])
    assert ("identifier-name", "Roh") in {(f.rule, f.sheet) for f in report.findings}
    assert any("sheet is hidden" in text for text, _ in _hidden(report))


def test_hidden_rows_and_columns_with_values_are_told(tmp_path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.row_dimensions[4].hidden = True
        sheet.row_dimensions[5].hidden = True
        sheet.row_dimensions[400].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.column_dimensions["H"].hidden = True

    _book(tmp_path / "a.xlsx", change)
    report = check_files([tmp_path / "a.xlsx"])
    assert not rules(report)
    assert _hidden(report) == [
        ("{count} hidden columns hold values.", ()),
        ("{count} hidden rows hold values.", (4, 5)),
    ]


def _comment(sheet: Worksheet) -> None:
    sheet["A3"].comment = Comment(PERSON, "Amt")


def _footer(sheet: Worksheet) -> None:
    sheet.oddFooter.left.text = "Bei Fragen: Steuer-ID 36574261809"


def _list(sheet: Worksheet) -> None:
    offer = DataValidation(type="list", formula1='"Hans Müller,Erika Meier"')
    sheet.add_data_validation(offer)
    offer.add("B2")


def _prompt(sheet: Worksheet) -> None:
    offer = DataValidation(type="whole", prompt=PERSON, promptTitle="Hinweis")
    sheet.add_data_validation(offer)
    offer.add("B2")


def _title(sheet: Worksheet) -> None:
    sheet.parent.properties.title = "Fallliste Hans Müller"


def _custom(sheet: Worksheet) -> None:
    from openpyxl.packaging.custom import StringProperty

    sheet.parent.custom_doc_props.append(
        StringProperty(name="Konto", value="DE89370400440532013000")
    )


def _link(sheet: Worksheet) -> None:
    sheet["A2"].hyperlink = "mailto:erika.mustermann@example.org"


def _name(sheet: Worksheet) -> None:
    from openpyxl.workbook.defined_name import DefinedName

    sheet.parent.defined_names["x"] = DefinedName("x", attr_text='"DE89370400440532013000"')


PLACES = [_comment, _footer, _list, _prompt, _title, _custom, _link, _name]


@pytest.mark.parametrize("change", PLACES)
def test_a_person_is_found_outside_of_the_cells(
    tmp_path: Path, change: Callable[[Worksheet], None]
) -> None:
    _book(tmp_path / "a.xlsx", change)
    assert rules(check_files([tmp_path / "a.xlsx"]))


def test_a_comment_is_told_with_its_row(tmp_path: Path) -> None:
    _book(tmp_path / "a.xlsx", _comment)
    report = check_files([tmp_path / "a.xlsx"])
    assert ("The cells carry {count} comments.", (3,)) in _hidden(report)
    assert all(f.cells == (3,) for f in report.findings if f.rule == "identifier-birth-date")


def test_the_author_of_a_file_is_a_warning_only(tmp_path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.parent.properties.creator = "Mustermann, Erika"

    _book(tmp_path / "a.xlsx", change)
    report = check_files([tmp_path / "a.xlsx"])
    assert rules(report, "warn") == {"identifier-name"}
    assert not rules(report)


RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def test_the_records_behind_a_pivot_table_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _book(path)
    shared = "".join(f'<s v="{name}"/>' for name in ("Erika", "Hans"))
    _with_parts(
        path,
        {
            "xl/pivotCache/pivotCacheDefinition1.xml": '<pivotCacheDefinition xmlns="urn:x">'
            f'<cacheFields><cacheField name="Vorname"><sharedItems>{shared}</sharedItems>'
            '</cacheField><cacheField name="Betrag"><sharedItems/></cacheField></cacheFields>'
            "</pivotCacheDefinition>",
            "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": "<Relationships "
            f'xmlns="{RELATIONS}">'
            '<Relationship Id="r1" Target="pivotCacheRecords1.xml"/></Relationships>',
            "xl/pivotCache/pivotCacheRecords1.xml": '<pivotCacheRecords xmlns="urn:x">'
            '<r><x v="1"/><n v="300"/></r><r><x v="0"/><n v="400"/></r></pivotCacheRecords>',
        },
        {},
    )
    sheet = list(read_paths([path]))[-1]
    assert sheet.table.to_pydict() == {"Vorname": ["Hans", "Erika"], "Betrag": ["300", "400"]}
    report = check_files([path])
    assert "identifier-name" in rules(report)
    assert any("pivot" in text for text, _ in _hidden(report))


def test_the_copy_of_a_linked_workbook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _book(path)
    cells = "".join(
        f'<row r="{n}"><cell r="A{n}"><v>{name}</v></cell></row>'
        for n, name in enumerate(["Müller, Hans", "Meier, Erika", "Kaya, Fatma"], 1)
    )
    part = (
        '<externalLink xmlns="urn:x"><externalBook><sheetDataSet><sheetData sheetId="0">'
        f"{cells}</sheetData></sheetDataSet></externalBook></externalLink>"
    )
    _with_parts(path, {"xl/externalLinks/externalLink1.xml": part}, {})
    report = check_files([path])
    assert "identifier-name" in rules(report)
    assert any("linked workbook" in text for text, _ in _hidden(report))


def test_text_boxes_and_threaded_comments_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _book(path)
    _with_parts(
        path,
        {
            "xl/drawings/drawing1.xml": '<wsDr xmlns="urn:x"><txBody><p><r><t>Konto DE89 3704 '
            "0044 0532 0130 00</t></r></p></txBody></wsDr>",
            "xl/threadedComments/threadedComment1.xml": '<ThreadedComments xmlns="urn:x">'
            f'<threadedComment ref="B4"><text>{PERSON}</text></threadedComment></ThreadedComments>',
        },
        {},
    )
    assert {"identifier-iban", "identifier-birth-date"} <= rules(check_files([path]))


def _ods(path: Path, content: str, meta: str = "") -> None:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "meta")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="T">{content}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr(
            "meta.xml",
            f'<office:document-meta {spaces} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<office:meta>{meta}</office:meta></office:document-meta>",
        )


def _row(*cells: object, attributes: str = "", note: str = "") -> str:
    made = "".join(
        f'<table:table-cell office:value-type="string">{note}<text:p>{cell}</text:p>'
        "</table:table-cell>"
        for cell in cells
    )
    return f"<table:table-row {attributes}>{made}</table:table-row>"


HEAD = _row("Gemeinde", "Fälle")


def test_an_ods_file_is_read_with_notes_hidden_rows_and_properties(tmp_path: Path) -> None:
    note = f"<office:annotation><text:p>{PERSON}</text:p></office:annotation>"
    rows = _row("A", 20) + _row("B", 30, attributes='table:visibility="collapse"')
    rows += _row("C", 40, note=note)
    _ods(tmp_path / "a.ods", HEAD + rows, "<meta:keyword>Hans Müller</meta:keyword>")
    report = check_files([tmp_path / "a.ods"])
    assert {"identifier-birth-date", "identifier-name"} <= rules(report)
    assert [cells for _, cells in _hidden(report)] == [(3,), (4, 4)]


def test_a_harmless_ods_file_hides_nothing(tmp_path: Path) -> None:
    _ods(tmp_path / "a.ods", HEAD + _row("A", 20) + _row("B", 30) + _row("C", 40))
    assert not check_files([tmp_path / "a.ods"]).findings


def test_cells_implausibly_far_apart_are_refused(tmp_path: Path) -> None:
    far = tmp_path / "far.xlsx"
    _book(far, lambda sheet: sheet.cell(1_048_000, 16_000, "x") and None)
    repeated = '<table:table-cell table:number-columns-repeated="16000"/>'
    cells = f"<table:table-row>{repeated}{_row('x').split('>', 1)[1]}"
    _ods(
        tmp_path / "far.ods",
        '<table:table-row table:number-rows-repeated="1048000"/>' + cells,
    )
    for name in ("far.xlsx", "far.ods"):
        with pytest.raises(UnreadableFileError):
            check_files([tmp_path / name])


def test_notes_of_archives_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "Gemeinde;Fälle\nA;20\nB;30\n")
        archive.comment = b"Konto DE89370400440532013000"
    assert "identifier-iban" in rules(check_files([path]))
