"""The report for a meeting without network: page, document and tables in one archive."""

import io
import zipfile

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.report._build import Report
from ckanext.sozialdaten.portal.report._document import as_pdf
from ckanext.sozialdaten.portal.report._files import as_csv, as_xlsx

__all__ = ["as_zip"]


def as_zip(report: Report) -> bytes:
    """A ZIP with the report as a page of its own, as a document, and its figures as tables.

    The page needs nothing but itself: it opens from a stick, on any device, without this portal.
    """
    shown = {"report": report, "language": frame.language(), "offline": True}
    name = f"sozialbericht-{report.region}-{report.year}"
    members = {
        "index.html": tk.render("sozialdaten/report_pdf.html", shown).encode(),
        f"{name}.pdf": as_pdf(report),
        f"{name}.xlsx": as_xlsx(report),
        f"{name}.csv": as_csv(report),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(f"{name}/{member}", content)
    return stream.getvalue()
