"""A protected ODS file keeps its form, as a workbook does; nothing in it tells the true figures."""

import io
import re
import zipfile
from pathlib import Path

from click.testing import CliRunner, Result

from ckanext.sozialdaten.cli._protected_ods import OpenDocument
from ckanext.sozialdaten.cli.protect import command
from ckanext.sozialdaten.disclosure import check_files
from ckanext.sozialdaten.disclosure.readers import read_paths

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    + "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    + ' office:version="1.3"><office:body><office:spreadsheet>'
)
TAIL = "</office:spreadsheet></office:body></office:document-content>"
TABLE = (
    ("Gemeinde", "männlich", "weiblich", "Insgesamt"),
    ("Nord", 17, 2, 19),
    ("Süd", 20, 14, 34),
    ("West", 31, 26, 57),
    ("Insgesamt", 68, 42, 110),
)


def cell(value: object, more: str = "") -> str:
    if isinstance(value, int):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}{more}><text:p>{value}</text:p></table:table-cell>"


def row(values: tuple[object, ...]) -> str:
    return f"<table:table-row>{''.join(map(cell, values))}</table:table-row>"


def saved(body: str, **parts: bytes) -> bytes:
    target = io.BytesIO()
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", f"{HEAD}{body}{TAIL}")
        entries = "".join(
            f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type=""/>'
            for name in ("content.xml", *parts)
        )
        space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        listed = f'<manifest:manifest xmlns:manifest="{space}">{entries}</manifest:manifest>'
        archive.writestr("META-INF/manifest.xml", listed)
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def sheet(rows: str, name: str = "Wohngeld") -> str:
    return f'<table:table table:name="{name}">{rows}</table:table>'


def protected(folder: Path, data: bytes, name: str = "neu.ods") -> Result:
    (folder / "alt.ods").write_bytes(data)
    return CliRunner().invoke(command, [str(folder / "alt.ods"), "-o", str(folder / name)])


def content(folder: Path) -> str:
    with zipfile.ZipFile(folder / "neu.ods") as archive:
        return archive.read("content.xml").decode("utf-8")


def test_only_protected_cells_of_an_ods_file_change(tmp_path: Path) -> None:
    note = sheet(row(("Quelle: Kreis Musterland",)), "Hinweise")
    title = "<table:table-row>" + cell("Wohngeld 2023") + "</table:table-row>"
    done = protected(tmp_path, saved(sheet(title + "".join(map(row, TABLE))) + note))
    assert done.exit_code == 0, done.output
    tables = list(read_paths([tmp_path / "neu.ods"]))
    table = next(found for found in tables if found.name == "Wohngeld")
    cells = [table.table.column(n).to_pylist() for n in table.table.column_names]
    assert cells[0] == [line[0] for line in TABLE[1:]]
    assert cells[2][0] != "2"
    assert cells[3][3] == "110"
    assert "Wohngeld 2023" in {text.text for text in table.loose}
    assert "Quelle: Kreis Musterland" in content(tmp_path)
    assert check_files([tmp_path / "neu.ods"]).verdict == "safe"


def test_the_protected_file_is_an_ods_file_as_programs_expect_it(tmp_path: Path) -> None:
    protected(tmp_path, saved(sheet("".join(map(row, TABLE)))))
    with zipfile.ZipFile(tmp_path / "neu.ods") as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert content(tmp_path).count("xmlns:office=") == 1
    assert "ns0:" not in content(tmp_path)


def test_formulas_previews_and_charts_do_not_keep_the_true_figures(tmp_path: Path) -> None:
    body = "".join(map(row, TABLE)).replace(
        'office:value="2"', 'office:value="2" table:formula="of:=1+1"'
    )
    parts = {"Thumbnails/thumbnail.png": b"png", "Object 1/content.xml": b"<x>2</x>"}
    done = protected(tmp_path, saved(sheet(body), **parts))
    assert done.exit_code == 0, done.output
    assert "formula" not in content(tmp_path)
    with zipfile.ZipFile(tmp_path / "neu.ods") as archive:
        names = archive.namelist()
        assert not [name for name in names if name.startswith(("Object", "Thumbnails"))]
        assert b"Object 1" not in archive.read("META-INF/manifest.xml")


def test_cells_that_stand_for_several_are_split_where_one_of_them_changes(tmp_path: Path) -> None:
    twice = row(("Ost", 12)).replace(
        "<table:table-row>", '<table:table-row table:number-rows-repeated="3">'
    )
    wide = twice.replace('office:value="12"', 'office:value="12" table:number-columns-repeated="3"')
    (tmp_path / "a.ods").write_bytes(saved(sheet(row(("Ort", "a", "b", "c")) + wide)))
    book = OpenDocument(tmp_path / "a.ods")
    assert book.write("Wohngeld", 3, 3, "*")
    assert not book.write("Wohngeld", 9, 1, "*")
    (tmp_path / "b.ods").write_bytes(book.saved())
    (table,) = read_paths([tmp_path / "b.ods"])
    assert [list(line.values()) for line in table.table.to_pylist()] == [
        ["Ost", "12", "12", "12"],
        ["Ost", "12", "*", "12"],
        ["Ost", "12", "12", "12"],
    ]


def test_a_remark_that_names_somebody_forbids_the_copy(tmp_path: Path) -> None:
    remark = "<office:annotation><text:p>davon Frau Petersen</text:p></office:annotation>"
    body = re.sub(r"(<text:p>Nord)", rf"{remark}\1", "".join(map(row, TABLE)))
    done = protected(tmp_path, saved(sheet(body)))
    assert done.exit_code == 1
    assert not (tmp_path / "neu.ods").exists()
    assert "Petersen" not in done.output


def test_an_ods_file_does_not_become_another_workbook(tmp_path: Path) -> None:
    assert protected(tmp_path, saved(sheet("".join(map(row, TABLE)))), "neu.xlsx").exit_code == 2
