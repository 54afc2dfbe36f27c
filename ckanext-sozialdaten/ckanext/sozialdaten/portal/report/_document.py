"""The report as an accessible document for print and archive."""

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.report._build import Report

__all__ = ["as_pdf"]


def as_pdf(report: Report) -> bytes:
    """A tagged document (PDF/UA-1) with title, language, bookmarks and every figure as text."""
    from weasyprint import HTML  # half a second: only those who want a document wait for it

    shown = {"report": report, "language": frame.language()}
    html = tk.render("sozialdaten/report_pdf.html", shown)
    made = HTML(string=html, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return bytes(made or b"")


def _nothing(url: str, *_args: object, **_options: object) -> dict[str, object]:
    text = Message("This document fetches nothing: {url}", {"url": url}).text("en")
    raise ValueError(text)
