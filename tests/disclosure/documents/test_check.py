"""What the rules find in documents: in their text, in their tables, and in what does not show."""

import pytest
from docx import Document as WordFile
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from weasyprint import HTML

from ckanext.sozialdaten.disclosure import Severity, UnreadableFileError, Verdict, check_files

ACCOUNT = "DE89 3704 0044 0532 0130 00"


def pdf(path, *pages):
    body = "".join(f"<p style='break-after: page'>{text}</p>" for text in pages)
    HTML(string=f"<html lang=de><title>Bericht</title>{body}").write_pdf(path)
    return path


def found(report, rule):
    return [finding for finding in report.findings if finding.rule == rule]


def test_an_account_number_in_a_pdf_forbids_the_release_and_names_the_pages(tmp_path):
    path = pdf(tmp_path / "a.pdf", f"Spenden an {ACCOUNT}", "nichts", f"oder {ACCOUNT}")
    report = check_files([path])
    assert report.verdict is Verdict.UNSAFE
    assert [finding.cells for finding in found(report, "identifier-iban")] == [(1, 3)]
    assert ACCOUNT not in str(report.to_json())


def test_the_name_of_who_is_responsible_is_a_warning_for_the_reviewer(tmp_path):
    path = pdf(tmp_path / "a.pdf", "Ansprechpartnerin: Frau Müller, info@kreis.example")
    report = check_files([path])
    assert report.verdict is Verdict.SAFE
    assert [f.severity for f in found(report, "identifier-name")] == [Severity.WARN]


def test_a_name_in_a_deleted_passage_of_word_forbids_the_release(tmp_path):
    from docx.oxml import OxmlElement

    book = WordFile()
    change, run, gone = (OxmlElement(f"w:{name}") for name in ("del", "r", "delText"))
    gone.text = "Hilfe für Frau Müller"
    run.append(gone)
    change.append(run)
    book.add_paragraph("Hilfen im Kreis")._p.append(change)
    book.save(tmp_path / "a.docx")
    report = check_files([tmp_path / "a.docx"])
    assert report.verdict is Verdict.UNSAFE
    assert found(report, "hidden-content")


def test_a_list_of_persons_as_a_table_in_word_forbids_the_release(tmp_path):
    book = WordFile()
    rows = [("Name", "Geburtsdatum", "Hilfe")] + [
        (name, f"0{day}.03.2011", "§ 27")
        for day, name in enumerate(("Anna Müller", "Paul Schmidt", "Lea Weber", "Tom Fischer"), 1)
    ]
    grid = book.add_table(rows=len(rows), cols=3)
    for row, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    book.save(tmp_path / "a.docx")
    report = check_files([tmp_path / "a.docx"])
    assert {f.rule for f in report.findings if f.severity is Severity.BLOCK} >= {
        "identifier-name", "identifier-birth-date",
    }  # fmt: skip


def test_the_workbook_behind_a_chart_is_checked_too(tmp_path):
    data = CategoryChartData()
    data.categories = ["Frau Müller", "Herr Schmidt", "Frau Weber", "Herr Fischer"]
    data.add_series("Hilfen", (3, 1, 2, 4))
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    where = (Inches(1), Inches(1), Inches(4), Inches(3))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *where, data)
    show.save(tmp_path / "a.pptx")
    report = check_files([tmp_path / "a.pptx"])
    assert any("embeddings" in finding.sheet for finding in report.findings)
    assert report.verdict is Verdict.UNSAFE


def test_a_scanned_page_is_named_because_nothing_on_it_could_be_checked(tmp_path):
    from PIL import Image

    Image.new("RGB", (200, 300), "white").save(tmp_path / "a.pdf")
    report = check_files([tmp_path / "a.pdf"])
    (finding,) = found(report, "hidden-content")
    assert (finding.severity, finding.cells) == (Severity.WARN, (1,))


def test_an_attachment_of_a_pdf_is_refused(tmp_path):
    from weasyprint import Attachment

    held = Attachment(string="x", name="liste.csv")
    HTML(string="<p>Text").write_pdf(tmp_path / "a.pdf", attachments=[held])
    with pytest.raises(UnreadableFileError, match="another file"):
        check_files([tmp_path / "a.pdf"])
