"""The report for a meeting without network: page, documents, tables in one archive."""

import io
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.portal.documents import newest_files
from ckanext.sozialdaten.portal.report._build import Report
from ckanext.sozialdaten.portal.report._document import as_pdf, page_of
from ckanext.sozialdaten.portal.report._files import as_csv, as_xlsx

__all__ = ["MOST_BYTES", "Choice", "as_zip"]

MOST_BYTES = 40 << 20
_START = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What lies beside the report.

    Args:
        documents: names of the documents that are wanted; None: the newest.
        editions: title, name and bytes of frozen editions.
    """

    documents: Collection[str] | None = None
    editions: Sequence[tuple[str, str, bytes]] = ()


_NEWEST = Choice()


def as_zip(
    report: Report, pdf: bytes = b"", *, beside: Choice | None = _NEWEST, **shown: Any
) -> bytes:
    """A ZIP with the report as a page of its own, as a document, and its figures as tables.

    The page needs nothing but itself: it opens from a stick, on any device, without this portal.
    The newest public documents about the region lie beside it: so nobody may keep the archive
    longer than they are public.

    Args:
        report: the report.
        pdf: the document, where it is there already.
        beside: documents and editions; None: neither.
        shown: what else page and document show.
    """
    name = f"sozialbericht-{report.region}-{report.year}"
    papers = newest_files(report.region, MOST_BYTES, beside.documents) if beside else ()
    editions = beside.editions if beside else ()
    listed = [(title, f"dokumente/{filename}") for title, filename, _ in papers]
    listed += [(title, f"fassungen/{filename}") for title, filename, _ in editions]
    members = {
        "index.html": page_of(report, offline=True, papers=listed, **shown).encode(),
        f"{name}.pdf": pdf or as_pdf(report, **shown),
        f"{name}.xlsx": as_xlsx(report),
        f"{name}.csv": as_csv(report),
        **{f"dokumente/{filename}": path.read_bytes() for _, filename, path in papers},
        **{f"fassungen/{filename}": body for _, filename, body in editions},
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            entry = zipfile.ZipInfo(f"{name}/{member}", _START)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return stream.getvalue()
