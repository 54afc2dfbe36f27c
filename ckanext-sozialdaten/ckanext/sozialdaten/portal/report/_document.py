"""The report as an accessible document for print and archive."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.report._build import Report
from ckanext.sozialdaten.portal.report._printed import printed

__all__ = ["as_pdf", "page_of"]


def page_of(report: Report, **shown: Any) -> str:
    """The report as a page that holds all it needs.

    Args:
        report: the report.
        shown: what else the page shows: ``offline``, ``edition``, ``papers``.
    """
    told = {"report": report, "language": frame.language(), **shown}
    return tk.render("sozialdaten/report_pdf.html", told)


def as_pdf(report: Report, **shown: Any) -> bytes:
    """A tagged document (PDF/UA-1) with title, language, bookmarks and every figure as text.

    It is printed here and now, unless it is kept already.

    Raises:
        PrintingError: it could not be made.
    """
    return printed(page_of(report, **shown))
