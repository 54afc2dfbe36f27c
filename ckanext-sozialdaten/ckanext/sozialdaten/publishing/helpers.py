"""What the gate's pages need to know about a dataset."""

import datetime as dt
import re
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.common import config

from ckanext.sozialdaten.disclosure import list_explained
from ckanext.sozialdaten.publishing import (
    _checks,
    _comments,
    _desk,
    _formulas,
    _headers,
    _repairs,
    _working_copy,
    proposals,
)
from ckanext.sozialdaten.publishing.model import (
    OPEN_STATES,
    Check,
    Dataset,
    Release,
    Reviewer,
    Submission,
    latest_release,
)

__all__ = [
    "sozialdaten_gate_desk",
    "sozialdaten_gate_explains",
    "sozialdaten_gate_figure",
    "sozialdaten_gate_is_reviewer",
    "sozialdaten_gate_kind_title",
    "sozialdaten_gate_moment",
    "sozialdaten_gate_open_sources",
    "sozialdaten_gate_organisation",
    "sozialdaten_gate_policies",
    "sozialdaten_gate_policy_title",
    "sozialdaten_gate_release",
    "sozialdaten_gate_token_days",
    "sozialdaten_gate_withdrawal",
    "sozialdaten_gate_working_copy",
    "sozialdaten_nonce",
]
_DECIMAL = re.compile(r"-?\d+\.\d+")


def sozialdaten_gate_figure(text: str | None) -> str:
    """A figure as the language of the page prints it; any other text as it stands."""
    said = text or ""
    german = tk.h.lang() == "de" and _DECIMAL.fullmatch(said)
    return said.replace(".", ",") if german else said


def sozialdaten_gate_moment(text: str) -> str:
    """Day and time of a moment in UTC, as the portal's clock says it."""
    moment = dt.datetime.fromisoformat(text).astimezone(tk.h.get_display_timezone())
    return f"{tk.h.render_datetime(moment)}, {moment:%H:%M}"


def sozialdaten_nonce() -> str:
    """The word that lets an inline script of our templates run."""
    return _headers.nonce()


def _may_edit(package_id: str) -> bool:
    return bool(tk.h.check_access("package_update", {"id": package_id}))


def sozialdaten_gate_release(package: dict[str, Any]) -> dict[str, Any] | None:
    """Number and date of the release that a page shows, and the working copy for staff."""
    release = latest_release(package["id"])
    if release is None:
        return None
    copy = model.Package.get(release.working_copy_id)
    staff = copy is not None and _may_edit(copy.id)
    return {
        "id": release.id,
        "number": release.number,
        "released_at": release.released_at,
        "working_copy": copy.name if copy is not None and staff else None,
        "may_withdraw": staff or sozialdaten_gate_is_reviewer(),
    }


def sozialdaten_gate_working_copy(package: dict[str, Any]) -> dict[str, Any] | None:
    """State, findings and next steps of a working copy; None for everything else."""
    if package.get("type") != "dataset" or not package.get("private"):
        return None
    row = Dataset.of_working_copy(package["id"])
    found = model.Package.get(package["id"])
    if Dataset.of_released(package["id"]) is not None or found is None:
        return None
    fingerprint = _working_copy.fingerprint(found)
    policy = _checks.policy_of(found)
    submission = Submission.newest(found.id)
    release = latest_release(row.released_id) if row and row.released_id else None
    check = _checks.stored(fingerprint, policy)
    withdrawn = sozialdaten_gate_withdrawal({"id": row.released_id}) if row else None
    state = _state(submission, fingerprint, release)
    if state == "editing" and withdrawn and withdrawn["fingerprint"] == fingerprint:
        state = "withdrawn"  # the very same must not be submitted again unawares
    return {
        "state": state,
        "withdrawn": withdrawn,
        "submission": submission,
        "release": release,
        "released_name": _name(row.released_id) if row and release else None,
        "check": check,
        "policy": policy,
        "thread": _comments.thread(found.id) if _may_edit(found.id) else [],
        "may_edit": _may_edit(found.id),
        "draft": found.state.startswith("draft"),
        "repairable": _repairable(found, check),
        "formulas": _with_formulas(found, check),
    }


def _with_formulas(package: model.Package, check: Check | None) -> list[str]:
    """The ids of the files whose formulas one click turns into values."""
    findings = (check.report or {}).get("findings", []) if check else []
    found = {known.get("resource_id") for known in findings if known["rule"] == _formulas.RULE}
    return [
        resource.id
        for resource in package.resources
        if resource.id in found and _formulas.is_curable(resource.url or "")
    ]


def _repairable(package: model.Package, check: Check | None) -> list[str]:
    """The ids of the tables in which a check found something that protection may help with."""
    findings = (check.report or {}).get("findings", []) if check else []
    found = {
        known.get("resource_id")
        for known in findings
        if known["severity"] != "info" and known["rule"] not in (_formulas.RULE, _checks.NAKED)
    }
    return [
        resource.id
        for resource in package.resources
        if resource.id in found and _repairs.is_repairable(resource)
    ]


def _name(package_id: str | None) -> str | None:
    package = model.Package.get(package_id) if package_id else None
    return package.name if package else None


def _state(submission: Submission | None, fingerprint: str, release: Release | None) -> str:
    """One of ``released``, ``outdated``, ``editing``, and the states of a submission."""
    if release is not None and release.fingerprint == fingerprint:
        return "released"
    if submission is not None and submission.state in OPEN_STATES:
        return submission.state if submission.fingerprint == fingerprint else "outdated"
    if submission is not None and submission.state == "returned":
        return "returned"  # an answer may come with changed files or without
    if (
        submission is not None
        and submission.state == "rejected"
        and submission.fingerprint == fingerprint
    ):
        return "rejected"
    return "editing"


def sozialdaten_gate_is_reviewer() -> bool:
    """Whether the visitor holds the reviewer role."""
    user = tk.current_user
    return bool(user.is_authenticated) and Reviewer.current(user.id) is not None


def sozialdaten_gate_kind_title(name: str) -> str:
    """What people call a kind of texts for the public."""
    kind = proposals.kinds().get(name)
    return kind.title.text("de" if tk.h.lang() == "de" else "en") if kind else name


def sozialdaten_gate_policies() -> list[dict[str, str]]:
    """The policies to choose from, in the visitor's language."""
    language = "de" if tk.h.lang() == "de" else "en"
    return [
        {"value": name, "text": title.get(language, name)}
        for name, title in _checks.policies().items()
    ]


def sozialdaten_gate_policy_title(name: str) -> str:
    """What people call a policy."""
    titles = {policy["value"]: policy["text"] for policy in sozialdaten_gate_policies()}
    return titles.get(name, name)


def sozialdaten_gate_withdrawal(package: dict[str, Any]) -> dict[str, Any] | None:
    """When and why a released dataset was withdrawn; None for everything else."""
    query = sa.select(Release).where(Release.dataset_id == package["id"])
    newest = model.Session.scalars(query.order_by(Release.number.desc()).limit(1)).first()
    withdrawal = newest.withdrawal if newest is not None else None
    if newest is None or withdrawal is None:
        return None
    return {
        "at": withdrawal.withdrawn_at,
        "reason": withdrawal.reason,
        "public_reason": withdrawal.public_reason,
        "number": newest.number,
        "fingerprint": newest.fingerprint,
        "working_copy": _name(newest.working_copy_id),
    }


def sozialdaten_gate_desk() -> dict[str, Any]:
    """What the visitor has to do: waiting decisions, and their organisations' working copies."""
    reviewer = sozialdaten_gate_is_reviewer()
    offices = _offices() if tk.current_user.is_authenticated else []
    pending = _waiting() if reviewer else []
    signed_in = tk.current_user.is_authenticated
    return {
        "publish": _desk.to_publish(tk.current_user.id) if signed_in else [],
        "reviewer": reviewer,
        "waiting": _desk.waiting_for(tk.current_user.id, pending) if reviewer else [],
        "copies": [_desk.on_desk(copy) for copy in _desk.copies_of(offices)],
        "texts": _texts(reviewer) if signed_in else {"waiting": [], "back": []},
    }


def _texts(reviewer: bool) -> dict[str, list[Any]]:
    """The texts on which the visitor may decide, and those that were sent back to them."""
    listed = tk.get_action("sozialdaten_proposal_list")
    context: Any = {"user": tk.current_user.name}
    found = listed(context, {})
    newest: dict[tuple[str, str], int] = {}
    for text in found:
        name = text["kind"], text["key"]
        newest[name] = max(newest.get(name, 0), text["version"])
    waiting = [text for text in found if reviewer and text["state"] == "submitted"]
    return {
        "waiting": [text for text in waiting if not text["own"]],
        "back": [
            text
            for text in found
            if text["state"] == "rejected"
            and text["own"]
            and newest[text["kind"], text["key"]] == text["version"]
        ],
    }


def sozialdaten_gate_organisation(organisation_id: str) -> list[dict[str, Any]]:
    """The working copies of an organisation with their states, for its staff alone."""
    if not tk.current_user.is_authenticated or organisation_id not in _offices():
        return []
    return [_desk.on_desk(copy) for copy in _desk.copies_of([organisation_id])]


def sozialdaten_gate_open_sources() -> list[dict[str, str]]:
    """What a reviewer could approve in advance."""
    return _desk.open_sources() if sozialdaten_gate_is_reviewer() else []


def _offices() -> list[str]:
    """The organisations in which the visitor may edit datasets."""
    found = tk.get_action("organization_list_for_user")(
        {"user": tk.current_user.name}, {"permission": "update_dataset"}
    )
    return [office["id"] for office in found]


def _waiting() -> list[Any]:
    return tk.get_action("sozialdaten_review_list")(
        {"user": tk.current_user.name}, {"state": "pending"}
    )


def sozialdaten_gate_token_days() -> int:
    """How long an API token lives at most, in days."""
    days: int = config["ckanext.sozialdaten.limits.token_days"]
    return days


def sozialdaten_gate_explains(rule: str) -> bool:
    """Whether a finding's rule has a page of its own; the gate's own findings have none."""
    return rule in list_explained()
