"""Documents of the fictitious Kreis: reports and papers as an office would write them.

PDF files are made from HTML like every document of the portal; the Word file is the smallest one
that the format allows. The same texts give the same bytes.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

__all__ = ["PAPERS", "DemoPaper"]

_STYLE = """
@page { size: A4; margin: 24mm 20mm; @bottom-right { content: counter(page) } }
body { font: 11.5pt/1.55 "DejaVu Sans", sans-serif; color: #1c2733 }
h1 { font-size: 24pt; color: #12355b; margin: 60mm 0 6mm } h1 + p { font-size: 13pt }
h2 { font-size: 16pt; color: #12355b; border-bottom: 1pt solid #0b5f8a; break-before: page }
"""
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_LINKS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_DAY = (2025, 1, 1, 0, 0, 0)

Chapters = Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class DemoPaper:
    """A document on its way into the portal.

    Args:
        name: address of its dataset.
        title: of document and dataset.
        notes: what it is about.
        kind: code of ``document_kinds``.
        themes: its fields of action.
        indicators: what it belongs to.
        year: that it speaks of.
        file: name of the file with its ending.
        chapters: headings with their paragraphs.
    """

    name: str
    title: str
    notes: str
    kind: str
    themes: tuple[str, ...]
    indicators: tuple[str, ...]
    year: str
    file: str
    chapters: Chapters = field(repr=False)

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return _word(self) if self.file.endswith(".docx") else _pdf(self)


def _pdf(paper: DemoPaper) -> bytes:
    from weasyprint import HTML

    body = "".join(
        f"<h2>{escape(heading)}</h2>" + "".join(f"<p>{escape(text)}</p>" for text in texts)
        for heading, texts in paper.chapters
    )
    head = f"<title>{escape(paper.title)}</title><style>{_STYLE}</style>"
    cover = f"<h1>{escape(paper.title)}</h1><p>Kreis Musterland. Alle Angaben sind erfunden.</p>"
    html = f'<html lang="de"><head>{head}</head><body>{cover}{body}</body></html>'
    return bytes(HTML(string=html).write_pdf(pdf_variant="pdf/ua-1") or b"")


def _word(paper: DemoPaper) -> bytes:
    lines = [_line(paper.title, "Titel")]
    for heading, texts in paper.chapters:
        lines += [_line(heading, "Heading1"), *(_line(text) for text in texts)]
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{"".join(lines)}</w:body></w:document>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _LINKS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, _DAY), text)
    return stream.getvalue()


def _line(text: str, style: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{look}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


_YOUTH: Chapters = (
    (
        "Das Wichtigste in Kürze",
        (
            "Mehr Familien als im Vorjahr haben eine Hilfe zur Erziehung erhalten. Am stärksten "
            "sind die ambulanten Hilfen gewachsen; die Unterbringung außerhalb der Familie blieb "
            "nahezu unverändert.",
            "In den Gemeinden im Norden des Kreises werden Hilfen seltener in Anspruch genommen. "
            "Ob dort weniger Bedarf besteht oder der Weg zur Beratung zu weit ist, soll eine "
            "Befragung klären.",
        ),
    ),
    (
        "Erziehungsberatung und Frühe Hilfen",
        (
            "Die Erziehungsberatung ist der häufigste erste Schritt. Die Wartezeit auf ein "
            "Erstgespräch betrug im Mittel siebzehn Tage; Ziel sind höchstens vierzehn Tage.",
            "Die Schulbegleitung nach § 35a SGB VIII wurde häufiger beantragt als im Vorjahr; an "
            "zwei Schulen begleitet eine Fachkraft nun mehrere Kinder gemeinsam.",
            "Die Frühen Hilfen erreichen Familien über Hebammen, Kinderarztpraxen und die "
            "Willkommensbesuche nach der Geburt.",
        ),
    ),
    (
        "Ausblick auf die Jugendhilfeplanung",
        (
            "Der Jugendhilfeausschuss berät im Frühjahr über eine zweite Außenstelle der "
            "Erziehungsberatung. Die Zahlen dieses Berichts stehen als offene Datensätze bereit.",
            "Für die Ganztagsbetreuung in der Grundschule werden bis zum Schuljahr 2029/2030 "
            "weitere Plätze gebraucht.",
        ),
    ),
)
_CARE: Chapters = (
    (
        "Ausgangslage",
        (
            "Die Zahl pflegebedürftiger Menschen wächst schneller als die der Plätze. Die meisten "
            "werden zu Hause von Angehörigen gepflegt, oft mit einem ambulanten Dienst.",
            "In kleinen Gemeinden fehlt vor allem Tagespflege: Angehörige fahren im Mittel "
            "zweiundzwanzig Minuten bis zur nächsten Einrichtung.",
        ),
    ),
    (
        "Empfehlungen",
        (
            "Erstens: In jedem Versorgungsraum entsteht bis 2030 mindestens ein Angebot der "
            "Tagespflege mit Fahrdienst.",
            "Zweitens: Der Pflegestützpunkt berät einmal im Monat auch in den Rathäusern der "
            "Gemeinden.",
            "Drittens: Der Kreis fördert die Ausbildung von Pflegefachkräften gemeinsam mit den "
            "Trägern und zählt jedes Jahr, wie viele Plätze besetzt sind.",
        ),
    ),
    (
        "Woran wir den Erfolg messen",
        (
            "Gemessen wird an der Pflegequote nach Gemeinden, an der Zahl der Plätze in der "
            "Tagespflege und an der Wartezeit auf eine Beratung.",
        ),
    ),
)
_HOUSING: Chapters = (
    (
        "Warum das Wohngeld wächst",
        (
            "Seit der Reform haben mehr Haushalte Anspruch auf Wohngeld. Der Anstieg sagt deshalb "
            "wenig darüber, ob Wohnen im Kreis teurer geworden ist.",
            "Wer Wohngeld erhält, bekommt keine Leistungen der Grundsicherung: Beide Zahlen "
            "gehören zusammen gelesen.",
        ),
    ),
    (
        "Was die Zahlen nicht zeigen",
        (
            "Verdeckte Wohnungsnot, etwa das Unterkommen bei Verwandten, ist in keiner Statistik "
            "enthalten. Auch die Höhe der Mieten wird nicht erhoben, nur geschätzt.",
        ),
    ),
)
_OFFICE: Chapters = (
    (
        "Fachbereich Soziales",
        (
            "Der Fachbereich gliedert sich in die Fachdienste Grundsicherung, Hilfe zur Pflege, "
            "Eingliederungshilfe und Wohnen.",
            "Die Sozialplanung ist als Stabsstelle der Leitung zugeordnet. Sie führt dieses "
            "Portal und bereitet den Sozialbericht vor.",
        ),
    ),
    (
        "Fachbereich Jugend und Familie",
        (
            "Zum Fachbereich gehören der Allgemeine Soziale Dienst, die Erziehungsberatung, die "
            "Kindertagesbetreuung und die Jugendarbeit.",
        ),
    ),
    (
        "Gremien",
        (
            "Sozialausschuss und Jugendhilfeausschuss beraten den Sozialbericht jedes Jahr im "
            "Herbst und beschließen Ziele und Maßnahmen.",
        ),
    ),
)

PAPERS = (
    DemoPaper(
        "jahresbericht-jugendhilfe-2024",
        "Jahresbericht der Jugendhilfe 2024",
        "Was die Jugendhilfe im Kreis Musterland 2024 geleistet hat und was sie vorhat.",
        "yearly_report",
        ("youth_welfare", "families"),
        ("kjh_hze_quote",),
        "2024",
        "jahresbericht-jugendhilfe-2024.pdf",
        _YOUTH,
    ),
    DemoPaper(
        "empfehlungen-pflege-2030",
        "Pflege vor Ort: Empfehlungen bis 2030",
        "Empfehlungen der Pflegekonferenz an Kreistag, Gemeinden und Träger.",
        "recommendation",
        ("care",),
        ("pfl_quote",),
        "2025",
        "empfehlungen-pflege-2030.pdf",
        _CARE,
    ),
    DemoPaper(
        "hintergrund-wohngeld",
        "Hintergrund: Wohngeld richtig lesen",
        "Was die Zahl der Haushalte mit Wohngeld sagt, und was nicht.",
        "background",
        ("housing",),
        (),
        "2024",
        "hintergrund-wohngeld.pdf",
        _HOUSING,
    ),
    DemoPaper(
        "aufbau-der-sozialverwaltung",
        "Aufbau der Sozialverwaltung",
        "Fachbereiche, Fachdienste und Gremien des Kreises Musterland.",
        "organisation",
        (),
        (),
        "2025",
        "aufbau-der-sozialverwaltung.docx",
        _OFFICE,
    ),
)
