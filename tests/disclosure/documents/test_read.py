"""The text of documents, and all that they hold besides; written by the libraries others use."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from docx import Document as WordFile
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from odf import office, opendocument, table, text
from pptx import Presentation
from pptx.util import Inches
from weasyprint import HTML

from ckanext.sozialdaten.disclosure import UnreadableFileError
from ckanext.sozialdaten.disclosure.documents import draw_page, is_document, read_document

PAGE = "<style>@page {{ size: A5 }} p {{ break-after: page }}</style>"


def pdf(path, *paragraphs, title="Jahresbericht", author=""):
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    head = f"<title>{title}</title><meta name=author content='{author}'>"
    HTML(string=f"<html lang=de>{head}{PAGE}{body}").write_pdf(path)
    return path


def word(path):
    book = WordFile()
    book.core_properties.author = "Erika Beispiel"
    book.core_properties.title = "Hilfeplan"
    book.add_heading("Hilfen im Überblick", 1)
    book.add_paragraph("Die Zahl der Hilfen steigt.")
    book.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    book.add_heading("Fälle", 1)
    cells = book.add_table(rows=2, cols=2).rows
    for row, texts in zip(cells, (("Gemeinde", "Fälle"), ("Ahausen", "17")), strict=True):
        for cell, value in zip(row.cells, texts, strict=True):
            cell.text = value
    book.sections[0].footer.paragraphs[0].text = "Nur zum Dienstgebrauch"
    removed = book.add_paragraph()._p
    change = OxmlElement("w:del")
    run, gone = OxmlElement("w:r"), OxmlElement("w:delText")
    gone.text = "Familie Beispiel in Ahausen"
    run.append(gone)
    change.append(run)
    removed.append(change)
    remark = book.add_paragraph("Stand heute")
    book.add_comment(remark.runs, text="bitte Herrn Muster fragen", author="Lena Vorlage")
    book.save(path)
    return path


def slides(path):
    show = Presentation()
    for title, said in (("Pflege", "Plätze fehlen"), ("Ausblick", "")):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = title
        slide.notes_slide.notes_text_frame.text = said
    grid = show.slides[1].shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(2)).table
    grid.cell(0, 0).text, grid.cell(1, 1).text = "Jahr", "2024"
    order = show.slides._sldIdLst
    order.insert(0, order[1])  # the second slide is shown first
    show.save(path)
    return path


def open_text(path):
    book = opendocument.OpenDocumentText()
    book.meta.addElement(__import__("odf.dc", fromlist=["Creator"]).Creator(text="Lena Vorlage"))
    book.text.addElement(text.H(outlinelevel=1, text="Wohnen"))
    said = text.P(text="Mieten steigen")
    note = office.Annotation()
    note.addElement(text.P(text="Quelle prüfen"))
    said.addElement(note)
    book.text.addElement(said)
    grid = table.Table()
    row = table.TableRow()
    for value in ("Kreis", "12"):
        cell = table.TableCell()
        cell.addElement(text.P(text=value))
        row.addElement(cell)
    grid.addElement(row)
    book.text.addElement(grid)
    book.save(path)
    return path


def kinds(document, kind):
    return [extra.text for extra in document.extras if extra.kind == kind]


def test_a_pdf_is_read_page_by_page_with_its_properties(tmp_path):
    path = pdf(tmp_path / "a.pdf", "Erste Seite", "Zweite Seite", author="Erika Beispiel")
    document = read_document(path, "a.pdf")
    assert [page.text for page in document.pages] == ["Erste Seite", "Zweite Seite"]
    assert "Erika Beispiel" in kinds(document, "author")
    assert (document.title, document.drawn) == ("Jahresbericht", True)


def test_lines_of_a_pdf_become_paragraphs(tmp_path):
    long = "Dieser Satz ist so lang, dass er in der Spalte einer kleinen Seite umbricht. " * 3
    document = read_document(pdf(tmp_path / "a.pdf", long), "a.pdf")
    assert document.pages[0].text == long.strip()


def test_word_gives_text_tables_comments_changes_and_footers(tmp_path):
    document = read_document(word(tmp_path / "a.docx"), "a.docx")
    assert [page.blocks[0].text for page in document.pages] == ["Hilfen im Überblick", "Fälle"]
    assert document.pages[0].blocks[0].level == 1
    assert document.tables[0].rows == (("Gemeinde", "Fälle"), ("Ahausen", "17"))
    assert kinds(document, "deleted") == ["Familie Beispiel in Ahausen"]
    assert kinds(document, "comment") == ["bitte Herrn Muster fragen"]
    assert "Nur zum Dienstgebrauch" in kinds(document, "footer")
    assert {"Erika Beispiel", "Lena Vorlage"} <= set(kinds(document, "author"))
    assert "Familie" not in "".join(page.text for page in document.pages)
    assert document.outline == (("Hilfen im Überblick", 1), ("Fälle", 2))


def test_slides_come_in_the_order_of_the_show_with_notes(tmp_path):
    document = read_document(slides(tmp_path / "a.pptx"), "a.pptx")
    assert [page.blocks[0].text for page in document.pages] == ["Ausblick", "Pflege"]
    assert "Plätze fehlen" in kinds(document, "note")
    assert document.tables[0].rows == (("Jahr", ""), ("", "2024"))


def test_open_document_text_is_read_with_comments_and_tables(tmp_path):
    document = read_document(open_text(tmp_path / "a.odt"), "a.odt")
    assert document.pages[0].text.split("\n") == ["Wohnen", "Mieten steigen", "Kreis · 12"]
    assert kinds(document, "comment") == ["Quelle prüfen"]
    assert kinds(document, "author") == ["Lena Vorlage"]
    assert document.tables[0].rows == (("Kreis", "12"),)


def test_a_page_of_a_pdf_is_drawn_in_the_asked_width(tmp_path):
    path = pdf(tmp_path / "a.pdf", "Eins", "Zwei")
    drawn = draw_page(path, "a.pdf", 2, 600)
    assert abs(drawn.width - 600) <= 1
    assert drawn.image[8:12] == b"WEBP"
    assert drawn.height > drawn.width
    with pytest.raises(UnreadableFileError, match="no such page"):
        draw_page(path, "a.pdf", 3, 600)


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".pptx", ".odt", ".odp"])
def test_a_damaged_file_is_an_error_and_no_empty_document(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"PK\x03\x04 nothing" if suffix != ".pdf" else b"%PDF-1.7 nothing")
    with pytest.raises(UnreadableFileError, match="damaged"):
        read_document(path, path.name)


def test_a_part_that_unpacks_to_a_gigabyte_is_refused(tmp_path):
    path = tmp_path / "bomb.docx"
    whole = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    with whole as archive, archive.open("word/document.xml", "w") as part:
        part.write(b"<w:document xmlns:w='x'><w:body><w:p><w:r><w:t>")
        for _ in range(400):
            part.write(b"a" * (1 << 20))
    with pytest.raises(UnreadableFileError, match="more than can be read"):
        read_document(path, path.name)


def test_entities_and_macros_are_refused(tmp_path):
    evil = '<!DOCTYPE x [<!ENTITY a "b">]><document><body><p><t>&a;</t></p></body></document>'
    for member, content, told in (
        ("word/document.xml", evil, "damaged"),
        ("word/vbaProject.bin", "x", "script or macros"),
    ):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr(member, content)
        path = tmp_path / "a.docx"
        path.write_bytes(held.getvalue())
        with pytest.raises(UnreadableFileError, match=told):
            read_document(path, "a.docx")


def test_what_is_a_document_is_told_by_its_ending():
    assert [is_document(n) for n in ("A.PDF", "b.docx", "c.odp", "d.xlsx", "e")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_an_excel_workbook_is_read_sheet_by_sheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Plätze"
    for row in (["Gemeinde", "Plätze", "Stand"], ["Ahornfeld", 12.5, dt.datetime(2024, 3, 1)]):
        book.active.append(row)
    book.create_sheet("Geheim").append(["verborgen"])
    book["Geheim"].sheet_state = "hidden"
    for number in range(400):
        (book["Liste"] if number else book.create_sheet("Liste")).append([f"Zeile {number}"])
    path = tmp_path / "anlage.xlsx"
    book.save(path)
    document = read_document(path, path.name)
    assert document.pages[0].text == (
        "Plätze\nGemeinde · Plätze · Stand\nAhornfeld · 12.5 · 2024-03-01"
    )
    assert [page.blocks[0].text for page in document.pages] == ["Plätze", "Liste", "Liste", "Liste"]
    assert "verborgen" not in "".join(page.text for page in document.pages)
    assert document.outline == (("Plätze", 1), ("Liste", 2))


def test_an_open_workbook_is_read_sheet_by_sheet(tmp_path):
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    rows = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>"
        for row in (("Gemeinde", "Plätze"), ("Ahornfeld", "12"))
    )
    names = " ".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{key}:1.0"'
        for key in ("office", "table", "text")
    )
    path = tmp_path / "anlage.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="Plätze">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    assert read_document(path, path.name).pages[0].text == (
        "Plätze\nGemeinde · Plätze\nAhornfeld · 12"
    )


def test_what_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "anlage.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnreadableFileError):
        read_document(path, path.name)
