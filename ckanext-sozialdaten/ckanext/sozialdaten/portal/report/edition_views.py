"""Routes of frozen editions: freeze one, read it, take its files along."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect

from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.report import _editions
from ckanext.sozialdaten.portal.report._build import Report, report_of
from ckanext.sozialdaten.portal.report._document import page_of
from ckanext.sozialdaten.portal.report._editions import FILES, Edition, Wording
from ckanext.sozialdaten.portal.report._waiting import waiting_page
from ckanext.sozialdaten.portal.report.aim_views import organisations, texts_of
from ckanext.sozialdaten.publishing import proposals

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_report_editions", __name__)

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


def _context() -> Any:
    return {"user": tk.current_user.name, "auth_user_obj": tk.current_user}


@blueprint.route("/sozialbericht/<key>/fassung/<int:number>")
def show(key: str, number: int) -> str:
    """A frozen edition, as it was decided upon."""
    found = _found(key, number)
    return _page(found, lambda kind: _file_address(key, number, kind), draft=False)


@blueprint.route(f"/sozialbericht/<key>/fassung/<int:number>.<any({','.join(FILES)}):kind>")
def file(key: str, number: int, kind: str) -> Any:
    """A file of an edition: the same bytes for ever, unless a figure in it was withdrawn."""
    return _bytes(_found(key, number), kind, f"sozialbericht-{key}-fassung-{number}.{kind}")


@blueprint.route("/sozialbericht/fassung-entwurf/<draft>")
def draft(draft: str) -> str:
    """An edition that nobody approved yet, for those who may read it."""
    found = _draft(draft)
    return _page(found, lambda kind: _draft_address(draft, kind), draft=True)


@blueprint.route(f"/sozialbericht/fassung-entwurf/<draft>.<any({','.join(FILES)}):kind>")
def draft_file(draft: str, kind: str) -> Any:
    """A file of an edition that nobody approved yet."""
    return _bytes(_draft(draft), kind, f"entwurf.{kind}")


@blueprint.route("/sozialbericht/<key>/fassungen", methods=["GET", "POST"])
def freeze(key: str) -> Any:
    """The form that freezes the report of a region, and what it makes."""
    if not regions.known(key):
        tk.abort(404)
    if not organisations():
        tk.abort(403, tk._("Only members of an organisation freeze a report."))
    sent = tk.request.form
    report = report_of(key, sent.get("jahr", ""), sent.get("seit", ""))
    if report is None:
        return tk.abort(404)
    errors: list[str] = []
    if tk.request.method == "POST":
        wording = _wording(sent)
        errors = _editions.missing(wording)
        if not errors:
            html = page_of(report, edition=wording)
            again = {name: sent[name] for name in sent if not name.startswith("_")}
            waiting = waiting_page(report, html, again)
            if waiting is not None:
                return waiting
            errors = _submitted(report, wording, sent.get("organisation", ""))
        if not errors:
            tk.h.flash_success(
                tk._("The edition is made and waits for a second person; then it is public.")
            )
            return redirect(tk.h.url_for("sozialdaten_report_editions.freeze", key=key))
    shown = {
        "report": report,
        "editions": _editions.editions(key),
        "waiting": _waiting(key),
        "organisations": organisations(),
        "values": sent,
        "errors": errors,
    }
    return tk.render("sozialdaten/report_freeze.html", shown)


def _wording(sent: Mapping[str, str]) -> Wording:
    return Wording(
        sent.get("title", "").strip(),
        sent.get("decided", "").strip(),
        sent.get("foreword", "").replace("\r\n", "\n").strip(),
    )


def _submitted(report: Report, wording: Wording, organisation: str) -> list[str]:
    """What is wrong; nothing, if the edition was made and submitted."""
    try:
        _editions.propose_edition(_context(), report, wording, organisation)
    except tk.ValidationError as error:
        return texts_of(error)
    except tk.NotAuthorized:
        return [tk._("Only members of the organisation may write this.")]
    return []


def _waiting(region: str) -> list[dict[str, Any]]:
    """Editions that wait for a second person, as far as the reader may know of them."""
    listed = proposals.listed(_context(), _editions.EDITION, proposals.State.SUBMITTED)
    return [
        {"id": p.id, "title": _editions.parse(p.body)["title"]}
        for p in listed
        if p.key.startswith(f"{region}_")
    ]


def _found(key: str, number: int) -> Edition:
    found = _editions.edition_of(key, number) if regions.known(key) else None
    if found is None:
        return tk.abort(404)
    return found


def _draft(proposal_id: str) -> Edition:
    try:
        known = tk.get_action("sozialdaten_proposal_show")(_context(), {"id": proposal_id})
        if known["kind"] != _editions.EDITION:
            return tk.abort(404)
        return _editions.shown(int(known["key"].rpartition("_")[2]), known["body"])
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError, ValueError):
        return tk.abort(404)


def _bytes(edition: Edition, kind: str, name: str) -> Any:
    if edition.hidden:
        told = tk._("A figure of this edition was withdrawn. Its files are no longer given out.")
        return tk.abort(410, told)
    content = edition.file(kind)
    if content is None:
        return tk.abort(503, tk._("The file of this edition is damaged or missing."))
    answer = Response(content, content_type=_TYPES[kind])
    placed = "inline" if kind == "pdf" else "attachment"
    answer.headers["Content-Disposition"] = f'{placed}; filename="{name}"'
    answer.headers["ETag"] = f'"{edition.content["files"][kind]}"'
    return answer


def _file_address(key: str, number: int, kind: str) -> str:
    return tk.h.url_for("sozialdaten_report_editions.file", key=key, number=number, kind=kind)


def _draft_address(draft: str, kind: str) -> str:
    return tk.h.url_for("sozialdaten_report_editions.draft_file", draft=draft, kind=kind)


def _page(edition: Edition, address: Any, *, draft: bool) -> str:
    shown = {
        "edition": edition,
        "content": edition.content,
        "draft": draft,
        "files": [] if edition.hidden else [(kind, address(kind)) for kind in FILES],
    }
    return tk.render("sozialdaten/report_edition.html", shown)
