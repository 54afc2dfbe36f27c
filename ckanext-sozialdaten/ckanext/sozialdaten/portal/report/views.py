"""Routes of the report: choose a region, read the report, take it along as a file."""

from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator import home_region, places
from ckanext.sozialdaten.portal.report._build import Report, report_of
from ckanext.sozialdaten.portal.report._bundle import as_zip
from ckanext.sozialdaten.portal.report._document import as_pdf
from ckanext.sozialdaten.portal.report._editions import editions
from ckanext.sozialdaten.portal.report._files import as_csv, as_xlsx
from ckanext.sozialdaten.printing import PrintingError

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_report", __name__)

_PAGES = 128
_DOCUMENTS = 16
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
def twin(key: str, kind: str) -> Response:
    """The same report as a file."""
    report = _asked(key)
    if report is None:
        return tk.abort(404)
    try:
        body = _content(kind, report)
    except PrintingError as error:
        return tk.abort(503, error.text(frame.language()))
    answer = Response(body, content_type=_TYPES[kind][0])
    placed = "inline" if kind == "pdf" else "attachment"
    name = f"sozialbericht-{report.region}-{report.year}.{kind}"
    answer.headers["Content-Disposition"] = f'{placed}; filename="{name}"'
    return answer


def _content(kind: str, report: Report) -> bytes:
    # the archive holds documents, which may be withdrawn at any time: it is packed anew
    if kind == "zip":
        return as_zip(report, _file("pdf", frame.language(), report))
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
