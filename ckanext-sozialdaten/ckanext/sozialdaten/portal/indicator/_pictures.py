"""The drawing of a page as a picture, and the page as a printable document."""

import ckan.plugins.toolkit as tk
import resvg_py

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.indicator._details import DetailsTab
from ckanext.sozialdaten.portal.indicator._page import Page
from ckanext.sozialdaten.portal.preview import document

__all__ = ["as_pdf", "as_png", "as_svg"]

_FONT = "DejaVu Sans"
_WIDTH = 1600


def as_svg(page: Page) -> bytes | None:
    """The drawing with headline, legend, source and address; None of a table."""
    if isinstance(page.view, DetailsTab):
        return None
    notes = page.file_notes
    return document(page.view.picture(notes), notes).encode()


def as_png(page: Page) -> bytes | None:
    """The same as pixels, 1600 wide; None of a table."""
    svg = as_svg(page)
    if svg is None:
        return None
    pixels = resvg_py.svg_to_bytes(
        svg_string=svg.decode(), width=_WIDTH, font_family=_FONT, sans_serif_family=_FONT
    )
    return bytes(pixels)


def as_pdf(page: Page) -> bytes:
    """An accessible document (PDF/UA): the drawing with its words, the table, method and source."""
    from weasyprint import HTML  # half a second: only those who want a document wait for it

    shown = {"page": page, "table": page.plain_table, "language": frame.language()}
    html = tk.render("sozialdaten/indicator_pdf.html", shown)
    # the document holds all that it shows: nothing is fetched from anywhere
    made = HTML(string=html, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return bytes(made or b"")


def _nothing(url: str, *_args: object, **_options: object) -> dict[str, object]:
    text = Message("This document fetches nothing: {url}", {"url": url}).text("en")
    raise ValueError(text)
