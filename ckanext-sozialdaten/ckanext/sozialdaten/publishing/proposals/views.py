"""The page of a text for the public: what changed, who wrote it, and the reviewer's decision."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.sozialdaten.publishing.proposals import _reading, _work
from ckanext.sozialdaten.publishing.proposals._kinds import kinds
from ckanext.sozialdaten.publishing.proposals._model import State

__all__ = ["texts"]

texts = Blueprint("sozialdaten_proposals", __name__)

_DECISIONS = {
    "approve": "sozialdaten_proposal_approve",
    "reject": "sozialdaten_proposal_reject",
    "retire": "sozialdaten_proposal_retire",
}


def _context() -> Any:
    return {"user": tk.g.user, "auth_user_obj": tk.g.userobj}


def _shown(proposal_id: str) -> dict[str, Any]:
    """A version for staff and reviewers; for all others this page is not there."""
    try:
        found = tk.get_action("sozialdaten_proposal_show")(_context(), {"id": proposal_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        found = {}
    if "author" in found:
        return found
    if not tk.current_user.is_authenticated:
        return tk.abort(403, tk._("Please sign in."))
    return tk.abort(404, tk._("This page does not exist."))


def _decide(proposal_id: str, decision: str, reason: str) -> list[str]:
    """Carry out what the form asks for; what is wrong with it."""
    if decision not in _DECISIONS:
        return [tk._("Choose approve or reject.")]
    try:
        tk.get_action(_DECISIONS[decision])(_context(), {"id": proposal_id, "reason": reason})
    except tk.ValidationError as error:
        told: dict[str, Any] = error.error_dict
        return [str(line) for lines in told.values() for line in lines]
    except (tk.NotAuthorized, tk.ObjectNotFound) as error:
        return [str(error.message)]
    return []


@texts.route("/pruefung/texte/<proposal_id>", methods=["GET", "POST"])
def review(proposal_id: str) -> Any:
    """A text that waits for a decision, or what became of it."""
    found = _shown(proposal_id)
    errors: list[str] = []
    reason = tk.request.form.get("reason", "").strip()
    decision = tk.request.form.get("decision", "")
    sent = tk.request.method == "POST"
    needs_reason = sent and not reason
    if sent and not needs_reason:
        errors = _decide(proposal_id, decision, reason)
        if not errors:
            tk.h.flash_success(tk._("Done."))
            return tk.redirect_to("sozialdaten_proposals.review", proposal_id=proposal_id)
    row, kind = _work.row_by_id(proposal_id), kinds().get(found["kind"])
    public = found["state"] == State.APPROVED and _work.approved_versions(row.kind, row.key)
    return tk.render(
        "sozialdaten/publishing/proposal.html",
        {
            "proposal": found,
            "kind": kind.title.text("de" if tk.h.lang() == "de" else "en") if kind else row.kind,
            "address": kind.address(row.key) if kind and public else "",
            "preview": kind.preview(row.id) if kind and kind.preview else "",
            "lines": _reading.changes(row) if kind else [],
            "before": _before(found, row.kind, row.key),
            "newest": bool(public) and public[0].id == row.id,
            "decides": tk.h.sozialdaten_gate_is_reviewer() and not found["own"],
            "errors": errors,
            "reason": reason,
            "reason_error": tk._("Give a reason.") if needs_reason else "",
        },
    )


def _before(found: dict[str, Any], kind: str, key: str) -> int | None:
    """The number of the approved version that a version is compared with."""
    earlier = (one.version for one in _work.approved_versions(kind, key))
    return next((version for version in earlier if version < found["version"]), None)
