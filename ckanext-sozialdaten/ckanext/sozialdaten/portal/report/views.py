"""Routes of the report: choose a region, read the report, take it along as a file."""

from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.documents import newest_files
from ckanext.sozialdaten.portal.indicator import home_region, places
from ckanext.sozialdaten.portal.report._build import Report, report_of
from ckanext.sozialdaten.portal.report._bundle import MOST_BYTES, Choice, as_zip
from ckanext.sozialdaten.portal.report._document import as_pdf, page_of
from ckanext.sozialdaten.portal.report._editions import editions
from ckanext.sozialdaten.portal.report._files import as_csv, as_xlsx
from ckanext.sozialdaten.portal.report._printed import Stage, stage_of
from ckanext.sozialdaten.portal.report._waiting import waiting_page
from ckanext.sozialdaten.printing import PrintingError

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_report", __name__)

_PAGES = 128
_DOCUMENTS = 16
_PRINTED = ("pdf", "zip")
_TYPES = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "pdf": ("application/pdf", as_pdf),
    "zip": ("application/zip", as_zip),
}


@blueprint.route("/sozialbericht")
def index() -> Any:
    """From a form that names a region to its report; without one, the choice."""
    key = tk.request.args.get("gebiet", "")
    if key:
        if not regions.known(key):
            tk.abort(404)
        return redirect(tk.h.url_for("sozialdaten_report.show", key=key))
    return tk.render("sozialdaten/reports.html", {"places": places(), "own": home_region()})


@blueprint.route("/sozialbericht/<key>")
def show(key: str) -> str:
    """The report of a region for a year, with changes since another."""
    report = _asked(key)
    if report is None:
        return tk.render("sozialdaten/report_empty.html", {"name": regions.name_of(key)})
    body = _body(frame.language(), report)
    shown = {"report": report, "body": tk.literal(body), "editions": editions(key)}
    return tk.render("sozialdaten/report.html", shown)


@blueprint.route("/sozialbericht/<key>.<any(csv,xlsx,pdf,zip):kind>")
def twin(key: str, kind: str) -> Any:
    """The same report as a file; to a reader at a screen, that its document is being printed."""
    report = _asked(key)
    if report is None:
        return tk.abort(404)
    if kind in _PRINTED and "text/html" in tk.request.headers.get("Accept", ""):
        waiting = waiting_page(report, page_of(report))
        if waiting is not None:
            return waiting
    try:
        body = _content(kind, report, _chosen(key))
    except PrintingError as error:
        return tk.abort(503, error.text(frame.language()))
    answer = Response(body, content_type=_TYPES[kind][0])
    placed = "inline" if kind == "pdf" else "attachment"
    name = f"sozialbericht-{report.region}-{report.year}.{kind}"
    answer.headers["Content-Disposition"] = f'{placed}; filename="{name}"'
    return answer


@blueprint.route("/sozialbericht/druck/<digest>")
def progress(digest: str) -> Response:
    """How far a document is: 202 while it is printed, 204 once it is there, 503 if it failed."""
    statuses = {Stage.WAITING: 202, Stage.READY: 204, Stage.FAILED: 503, Stage.UNKNOWN: 404}
    return Response(status=statuses[stage_of(digest)], headers={"Cache-Control": "no-store"})


@blueprint.route("/sozialbericht/<key>/mappe")
def bundle(key: str) -> str:
    """The choice of what goes into the archive for a meeting without network."""
    report = _asked(key)
    if report is None:
        return tk.abort(404)
    shown = {
        "report": report,
        "papers": [
            (title, name, path.stat().st_size)
            for title, name, path in newest_files(key, MOST_BYTES)
        ],
        "editions": [edition for edition in editions(key) if not edition.hidden],
    }
    return tk.render("sozialdaten/report_bundle.html", shown)


def _chosen(key: str) -> Choice:
    """What the form of the archive says; without it the newest documents and no edition."""
    query = tk.request.args
    if "auswahl" not in query:
        return Choice()
    wanted = set(query.getlist("fassung"))
    found = [
        (edition.wording.title, f"fassung-{edition.number}.pdf", body)
        for edition in editions(key)
        if str(edition.number) in wanted and (body := edition.file("pdf"))
    ]
    return Choice(frozenset(query.getlist("dokument")), tuple(found))


def _content(kind: str, report: Report, beside: Choice) -> bytes:
    # the archive holds documents, which may be withdrawn at any time: it is packed anew
    if kind == "zip":
        return as_zip(report, _file("pdf", frame.language(), report), beside=beside)
    return _file(kind, frame.language(), report)


def _asked(key: str) -> Report | None:
    """The report that the address names; 404 for a region that nobody knows."""
    if not regions.known(key):
        tk.abort(404)
    query = tk.request.args
    return report_of(key, query.get("jahr", ""), query.get("seit", ""))


# reports are built once for each state of the lake, and so are compared by identity
@lru_cache(maxsize=_PAGES)
def _body(_language: str, report: Report) -> str:
    """What the page shows between header and footer; the same for every reader, so it is kept."""
    return tk.render("sozialdaten/report_body.html", {"report": report, "places": places()})


@lru_cache(maxsize=_DOCUMENTS)
def _file(kind: str, _language: str, report: Report) -> bytes:
    """A file of the report, made once."""
    return _TYPES[kind][1](report)
