"""Standing approvals: what a reviewer approves in advance, of which source, and when it ends.

Only for sources of open statistics, whose policy leaves disclosure control to the body that has
published the figures already, and whose data says of itself that it is open. The state that a
reviewer has released is the measure: another layout, another definition of the source, or a finding
above ``info`` ends the standing approval, and a person decides again.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _review, _tokens, _working_copy, _writers
from ckanext.sozialdaten.publishing._people_model import Standing
from ckanext.sozialdaten.publishing._shape import table_of
from ckanext.sozialdaten.publishing.model import Dataset, Release, Reviewer, latest_release
from ckanext.sozialdaten.publishing.records import digest

__all__ = [
    "OPEN_POLICIES",
    "above_info",
    "doubt",
    "end",
    "end_all_of",
    "grant",
    "layouts_of",
    "require",
    "revoke",
    "shown",
]

OPEN_POLICIES = frozenset({"open-statistics"})
_OPEN = "open"
_VALID = dt.timedelta(days=365)

REVOKED = Message("revoked by a reviewer")
_NO_REVIEWER = Message("the reviewer no longer holds the role")
_EXPIRED = Message("its twelve months are over")
_FINDING = Message("the check found something above a note")
_LAYOUT = Message("the layout of the files changed")
_DEFINITION = Message("the definition of the source changed")
_NOT_OPEN = Message("the data is no longer open statistics")
# Closed sets of texts are stored in English and shown in the reader's language.
_REASONS = {
    reason.both()["en"]: reason
    for reason in (REVOKED, _NO_REVIEWER, _EXPIRED, _FINDING, _LAYOUT, _DEFINITION, _NOT_OPEN)
}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def above_info(findings: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a person has to look at one of the findings."""
    return any(finding["severity"] != "info" for finding in findings)


def layouts_of(package: model.Package, report: Mapping[str, Any]) -> str:
    """One hash over names, layouts and headers of all files of a working copy."""
    found: dict[str, Any] = {}
    for resource in package.resources:
        proposed = report["resources"].get(resource.id, {}).get("layout")
        table = table_of(resource, proposed)
        shape = [table.layout.to_json(), list(table.header)] if table is not None else None
        found[resource.name or ""] = shape
    return digest(found)


def _is_open(package: model.Package, policy: str | None) -> bool:
    protection = (package.extras or {}).get("protection_class")
    return policy in OPEN_POLICIES and protection == _OPEN


def doubt(
    standing: Standing, package: model.Package, row: Dataset, report: Mapping[str, Any]
) -> Message | None:
    """Why a person has to decide again; None if everything is as the reviewer knew it."""
    reviewer = model.User.get(standing.reviewer_id)
    if reviewer is None or reviewer.state != "active" or Reviewer.current(reviewer.id) is None:
        return _NO_REVIEWER
    if standing.expires_at <= _now():
        return _EXPIRED
    if row.policy != standing.policy or not _is_open(package, row.policy):
        return _NOT_OPEN
    if row.definition != standing.definition:
        return _DEFINITION
    if above_info(report["findings"]):
        return _FINDING
    return _LAYOUT if layouts_of(package, report) != standing.layouts else None


def require(
    standing_id: str, package: model.Package, row: Dataset, report: Mapping[str, Any]
) -> Standing:
    """The standing approval, locked until the commit of the release that it approves.

    Raises:
        tk.NotAuthorized: it has ended, or something is not as the reviewer knew it.
    """
    standing = Standing.get(standing_id, lock=True)
    ended = standing is None or standing.ended_at is not None
    if standing is None or ended or doubt(standing, package, row, report):
        raise tk.NotAuthorized(tk._("The standing approval does not cover this."))
    return standing


def _require_known_state(package: model.Package, row: Dataset | None) -> Release:
    """The live release that the working copy equals, without findings above ``info``."""
    release = latest_release(row.released_id) if row and row.released_id else None
    if release is None or release.fingerprint != _working_copy.fingerprint(package):
        text = tk._("First release the working copy as it stands: that is what you know of it.")
        raise tk.ValidationError({"id": [text]})
    if above_info(release.record["internal"]["findings"]):
        text = tk._("The last release has findings that somebody has to look at each time.")
        raise tk.ValidationError({"id": [text]})
    return release


def grant(context: Context, package: model.Package, reason: str) -> dict[str, Any]:
    """Approve the harvests of a source in advance."""
    _tokens.require_person()
    user = _review.user_of(context)
    if Reviewer.current(user.id) is None:
        raise tk.NotAuthorized(tk._("Only a reviewer decides. Two people grant this role."))
    row = Dataset.of_working_copy(package.id, lock=True)
    if row is None or not row.source or not row.definition:
        text = tk._("No source writes this working copy. Only a harvest is approved in advance.")
        raise tk.ValidationError({"id": [text]})
    if not _is_open(package, row.policy):
        text = tk._("Only sources of open official statistics are approved in advance.")
        raise tk.ValidationError({"id": [text]})
    release = _require_known_state(package, row)
    if user.id == release.submitted_by:
        raise tk.NotAuthorized(tk._("Nobody decides on their own submission."))
    _writers.require_other_person(user, package.id)
    present = Standing.active(row.source)
    if present is not None and present.expires_at > _now():
        text = tk._("This source has a standing approval already.")
        raise tk.ValidationError({"id": [text]})
    if present is not None:
        end(present, _EXPIRED)
        model.Session.flush()
    layouts = layouts_of(package, {"resources": _proposed(package, release)})
    standing = Standing(
        id=str(uuid.uuid4()),
        source=row.source,
        working_copy_id=package.id,
        reviewer_id=user.id,
        policy=row.policy,
        definition=row.definition,
        layouts=layouts,
        reason=reason,
        granted_at=_now(),
        expires_at=_now() + _VALID,
    )
    model.Session.add(standing)
    model.Session.commit()
    return _as_dict(standing)


def _proposed(package: model.Package, release: Release) -> dict[str, Any]:
    """The layouts of the release by resource of the working copy, for files without their own."""
    by_name = {file["name"]: file["sha256"] for file in release.record["public"]["files"]}
    layouts = release.record["internal"]["layouts"]
    found = {r.id: layouts.get(by_name.get(r.name or "", "")) for r in package.resources}
    return {resource_id: {"layout": layout} for resource_id, layout in found.items() if layout}


def end(standing: Standing, why: Message, user_id: str | None = None) -> None:
    """End a standing approval in the open transaction; releases made by it stay."""
    if standing.ended_at is None:
        standing.ended_at, standing.ended_by = _now(), user_id
        standing.ended_because = why.both()["en"]


def end_all_of(reviewer_id: str, user_id: str) -> None:
    """End what a reviewer approved in advance, in the open transaction."""
    query = sa.select(Standing).where(
        Standing.reviewer_id == reviewer_id, Standing.ended_at.is_(None)
    )
    for standing in model.Session.scalars(query):
        end(standing, _NO_REVIEWER, user_id)


def revoke(context: Context, standing_id: str) -> dict[str, Any]:
    """End a standing approval by hand."""
    user = _review.user_of(context)
    standing = Standing.get(standing_id, lock=True)
    if standing is None:
        raise tk.ObjectNotFound(tk._("There is no such standing approval."))
    end(standing, REVOKED, user.id)
    model.Session.commit()
    return _as_dict(standing)


def shown() -> list[dict[str, Any]]:
    """All standing approvals, the newest first."""
    query = sa.select(Standing).order_by(Standing.granted_at.desc())
    return [_as_dict(standing) for standing in model.Session.scalars(query)]


def _as_dict(standing: Standing) -> dict[str, Any]:
    package = model.Package.get(standing.working_copy_id)
    because = _REASONS.get(standing.ended_because or "")
    language = "de" if tk.h.lang() == "de" else "en"
    return {
        "id": standing.id,
        "source": standing.source,
        "dataset_name": package.name if package else "",
        "dataset_title": (package.title or package.name) if package else "",
        "reviewer": _review.name_of(standing.reviewer_id),
        "policy": standing.policy,
        "reason": standing.reason,
        "granted_at": standing.granted_at.isoformat(),
        "expires_at": standing.expires_at.isoformat(),
        "ended_at": standing.ended_at.isoformat() if standing.ended_at else None,
        "ended_because": because.both()[language] if because else None,
    }
