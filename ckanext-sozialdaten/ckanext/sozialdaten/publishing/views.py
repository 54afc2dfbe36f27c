"""Pages of the gate: check, submit and withdraw beside the dataset, and the reviewers' desk."""

from base64 import b64encode
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from flask import Blueprint, send_file

from ckanext.sozialdaten.publishing import _attack, _checks, _publishers, _under_review
from ckanext.sozialdaten.publishing._history import releases_of
from ckanext.sozialdaten.publishing.explained import explained
from ckanext.sozialdaten.publishing.model import OPEN_STATES, Release, Submission
from ckanext.sozialdaten.publishing.people import people
from ckanext.sozialdaten.publishing.proposals.views import texts
from ckanext.sozialdaten.publishing.releases import releases, remaining
from ckanext.sozialdaten.publishing.repair import repair

__all__ = ["blueprint", "explained", "people", "releases", "repair", "texts"]

blueprint = Blueprint("sozialdaten_gate", __name__)


def _context() -> Any:
    return {"user": tk.g.user, "auth_user_obj": tk.g.userobj}


def _call(action: str, **data: Any) -> Any:
    """An action in the visitor's name; what they may not know of is simply not there."""
    try:
        return tk.get_action(action)(_context(), data)
    except tk.NotAuthorized:
        if not tk.current_user.is_authenticated:
            return tk.abort(403, tk._("Please sign in."))
        return tk.abort(403, tk._("You may not do this."))
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("This page does not exist."))


def _lines(error: tk.ValidationError) -> list[str]:
    """The texts of a validation error, for people."""
    values = error.error_dict.values()
    found: list[str] = []
    for value in values:
        for text in value if isinstance(value, list) else [value]:
            nested = text.values() if isinstance(text, dict) else [text]
            found += [
                str(line) for one in nested for line in (one if isinstance(one, list) else [one])
            ]
    return found


def _flash(error: tk.ValidationError) -> None:
    for line in _lines(error):
        tk.h.flash_error(line)


@blueprint.post("/dataset/<name>/pruefen")
def check(name: str) -> Any:
    """Check a working copy and show it again."""
    try:
        found = _call("sozialdaten_check", id=name)
    except tk.ValidationError as error:
        _flash(error)
    else:
        if found["state"] == "running":
            tk.h.flash_notice(tk._("The check runs. Reload this page in a moment."))
    return tk.redirect_to("dataset.read", id=name, _anchor="pruefung")


@blueprint.route("/dataset/<name>/einreichen", methods=["GET", "POST"])
def submit(name: str) -> Any:
    """The form to submit a working copy for review."""
    package = _call("package_show", id=name)
    errors: dict[str, Any] = {}
    data = _prefilled(package)
    if not tk.h.check_access("package_update", {"id": package["id"]}):
        tk.abort(403, tk._("You may not do this."))
    if tk.request.method == "POST":
        data = {key: tk.request.form.get(key, "") for key in data}
        try:
            _call("sozialdaten_submit", id=package["id"], **data)
        except tk.ValidationError as error:
            errors = error.error_dict
        else:
            tk.h.flash_success(tk._("Submitted. A reviewer decides now."))
            return tk.redirect_to("dataset.read", id=name)
    known = {key: errors.pop(key) for key in tuple(errors) if key in data}
    general = [str(line) for lines in errors.values() for line in lines]
    return tk.render(
        "sozialdaten/publishing/submit.html",
        {"pkg_dict": package, "data": data, "errors": known, "general": general},
    )


def _prefilled(package: dict[str, Any]) -> dict[str, Any]:
    """What the form to submit starts with: the last submission, else the dataset's own fields."""
    last = Submission.newest(package["id"])
    policy = package.get("policy") or (last.policy if last else _checks.DEFAULT_POLICY)
    return {
        "purpose": last.purpose if last else package.get("purpose", ""),
        "legal_basis": tk.h.sozialdaten_legal_basis(
            last.legal_basis if last else package.get("legal_basis")
        ),
        "policy": policy,
    }


@blueprint.get("/pruefung")
def reviews() -> str:
    """The reviewers' desk: what waits for a decision, and what was decided."""
    pending = _call("sozialdaten_review_list", state="pending")
    cleared = _call("sozialdaten_review_list", state="cleared")
    decided = [
        found
        for state in ("approved", "rejected", "returned")
        for found in _call("sozialdaten_review_list", state=state)
    ]
    decided.sort(key=lambda found: found["decided_at"], reverse=True)
    return tk.render(
        "sozialdaten/publishing/reviews.html",
        {
            "pending": pending,
            "cleared": cleared,
            "decided": decided[:20],
            "standing": _by_standing_approval([found["id"] for found in decided[:20]]),
            "texts": _call("sozialdaten_proposal_list", state="submitted"),
        },
    )


def _by_standing_approval(ids: list[str]) -> set[str]:
    """Those of some submissions that nobody looked at: a standing approval released them."""
    approved = Release.record["public"]["approved"]["as"].astext
    query = sa.select(Release.submission_id).where(
        Release.submission_id.in_(ids), approved.is_not(None)
    )
    return set(model.Session.execute(query).scalars())


_PUBLISH = "publish"
_DECISIONS = {
    "approve": "sozialdaten_review_approve",
    "reject": "sozialdaten_review_reject",
    "ask": "sozialdaten_review_ask",
}


def _decide(decision: str, submission_id: str, reason: str) -> Any:
    """Carry out what the reviewer or the publisher chose; what came of it."""
    if decision == _PUBLISH:
        return tk.get_action("sozialdaten_review_publish")(_context(), {"id": submission_id})
    if decision not in _DECISIONS:
        raise tk.ValidationError({"decision": [tk._("Choose approve, reject or ask back.")]})
    given = {"id": submission_id, "reason": reason}
    return tk.get_action(_DECISIONS[decision])(_context(), given)


def _done(decision: str, found: dict[str, Any]) -> str:
    """What has happened, for people."""
    if decision == _PUBLISH:
        return tk._("Published.")
    if found.get("state") == "cleared":
        return tk._("Approved. A third person publishes it now.")
    if decision == "approve":
        return tk._("Approved and released.")
    return tk._("Rejected.") if decision == "reject" else tk._("Asked back.")


@blueprint.route("/pruefung/<submission_id>", methods=["GET", "POST"])
def review(submission_id: str) -> Any:
    """A submission and its decision."""
    errors: list[str] = []
    reason = tk.request.form.get("reason", "").strip()
    sent = tk.request.method == "POST"
    decision = tk.request.form.get("decision", "")
    needs_reason = sent and not reason and decision != _PUBLISH
    if sent and not needs_reason:
        try:
            done = _done(decision, _decide(decision, submission_id, reason))
        except tk.ValidationError as error:
            errors = _lines(error)
        except tk.NotAuthorized as error:
            errors = [str(error)]
        else:
            tk.h.flash_success(done)
            reviewer = tk.h.sozialdaten_gate_is_reviewer()
            return tk.redirect_to("sozialdaten_gate.reviews" if reviewer else "dashboard.datasets")
    found = _call("sozialdaten_review_show", id=submission_id)
    return tk.render(
        "sozialdaten/publishing/review.html",
        {
            "submission": found,
            "thread": _thread(found["dataset_id"]),
            "errors": errors,
            "reason": reason,
            "reason_error": tk._("Give a reason.") if needs_reason else "",
            "attack": _shown_attack(submission_id),
            "third": bool(_publishers.publishers_of(found["dataset_id"])),
            "publisher": tk.h.check_access("sozialdaten_review_publish", {"id": submission_id}),
        },
    )


def _shown_attack(submission_id: str) -> dict[str, Any] | None:
    submission = Submission.get(submission_id)
    return _attack.shown(submission) if submission and submission.state in OPEN_STATES else None


@blueprint.get("/pruefung/<submission_id>/datei/<resource_id>")
def submitted_file(submission_id: str, resource_id: str) -> Any:
    """The bytes of a file under review, for who decides on them: internal, kept by no cache."""
    _call("sozialdaten_review_show", id=submission_id)
    submission = Submission.get(submission_id)
    found = _under_review.opened(submission, resource_id) if submission else None
    if found is None:
        text = tk._("This file is not there any more as it was submitted.")
        return tk.abort(404, text)
    name = tk._("internal_{filename}").format(filename=found.filename)
    answer = send_file(found.stream, as_attachment=True, download_name=name)
    digest = b64encode(bytes.fromhex(found.sha256)).decode()
    answer.headers["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/pruefung/<submission_id>/angriff")
def attack(submission_id: str) -> Any:
    """Begin the attack on a big submission."""
    _call("sozialdaten_review_show", id=submission_id)
    submission = Submission.get(submission_id)
    if submission is not None and submission.state in OPEN_STATES:
        _attack.start(submission)
    return tk.redirect_to("sozialdaten_gate.review", submission_id=submission_id, _anchor="angriff")


def _thread(dataset_id: str) -> list[dict[str, Any]]:
    """Comments on a working copy; none where it was removed since."""
    try:
        found: list[dict[str, Any]] = tk.get_action("sozialdaten_comment_list")(
            _context(), {"id": dataset_id}
        )
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return []
    return found


def _standing_before(release: dict[str, Any]) -> list[int]:
    """The numbers of the releases before this one that are not withdrawn, the newest first."""
    return [
        one.number
        for one in releases_of(release["dataset_id"])
        if one.number < release["number"] and not one.withdrawal
    ]


@blueprint.route("/veroeffentlichung/<release_id>/zurueckziehen", methods=["GET", "POST"])
def withdraw(release_id: str) -> Any:
    """The form to withdraw a release: a reason for the protocol, and one for the public."""
    release = _call("sozialdaten_release_show", id=release_id)
    known = model.Package.get(release["dataset_id"])
    package = (remaining(known) if known else None) or _call(
        "package_show", id=release["dataset_id"]
    )
    if not tk.h.check_access("sozialdaten_release_withdraw", {"id": release_id}):
        tk.abort(403, tk._("You may not do this."))
    errors: list[str] = []
    given = {key: tk.request.form.get(key, "").strip() for key in ("reason", "public_reason")}
    sent = tk.request.method == "POST"
    if sent and all(given.values()):
        try:
            earlier = bool(tk.request.form.get("earlier"))
            _call("sozialdaten_release_withdraw", id=release_id, earlier=earlier, **given)
        except tk.ValidationError as error:
            errors = _lines(error)
        else:
            tk.h.flash_success(tk._("The release is withdrawn."))
            return tk.redirect_to("dashboard.datasets")
    return tk.render(
        "sozialdaten/publishing/withdraw.html",
        {
            "pkg_dict": package,
            "release": release,
            "errors": errors,
            "given": given,
            "before": _standing_before(release),
            "earlier": bool(tk.request.form.get("earlier")),
            "missing": [key for key, text in given.items() if sent and not text],
        },
    )
