"""What follows a harvest: a standing approval, where there is one, releases what came.

Harvesters call :func:`announce` in their own process. There is no action for it: over the API
anybody who may edit a working copy could else publish as if a harvest had brought it.
"""

from collections.abc import Mapping

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import (
    _checks,
    _jobs,
    _notices,
    _release,
    _review,
    _standing,
    _working_copy,
    _writers,
)
from ckanext.sozialdaten.publishing._people_model import Standing
from ckanext.sozialdaten.publishing.model import Check, Dataset, Submission, latest_release

__all__ = ["announce", "apply_standing"]


def announce(source: str, user: str, definition: str, files: Mapping[str, str]) -> None:
    """Say that a harvest wrote the working copy of its source.

    Args:
        source: id of the source.
        user: name of the account that wrote.
        definition: hash of the source's definition.
        files: SHA-256 of each written file by the name of its resource.
    """
    row = Dataset.of_source(source)
    if row is None:
        return
    row.definition = definition
    model.Session.commit()
    if Standing.active(source) is not None:
        _jobs.enqueue(
            apply_standing, [source, user, dict(files)], f"standing {source}", timeout=3600
        )


def apply_standing(source: str, user: str, files: dict[str, str]) -> str | None:
    """The job: submit what the harvest wrote, and release it if a standing approval covers it.

    What it does not cover waits for a person; what blocks is not even submitted.

    Returns:
        The id of the release; None if a person has to look.
    """
    standing = Standing.active(source)
    row = Dataset.of_working_copy(standing.working_copy_id) if standing else None
    package = model.Package.get(row.working_copy_id) if row else None
    harvester = model.User.get(user)
    if standing is None or row is None or package is None or harvester is None:
        return None
    last = latest_release(row.released_id) if row.released_id else None
    fingerprint = _working_copy.fingerprint(package)
    if last is None or last.fingerprint == fingerprint or not _untouched(package, files):
        return None
    report = _report(package, row.policy or "", fingerprint)
    found = _standing.doubt(standing, package, row, report)
    if found is not None:
        _end(standing.id, found)
    if _checks.blocks(report):
        return None
    try:
        submission = _submit(package, harvester, last.submission_id, row.policy or "")
    except tk.ValidationError:
        return None  # the policy no longer suits the data: staff choose another one
    covered = found is None and not _writers.writers(package.id) - {harvester.id}
    released = _approve(standing, submission) if covered else None
    if released is None:
        _notices.tell(_notices.SUBMITTED, submission.id)
    return released


def _untouched(package: model.Package, files: Mapping[str, str]) -> bool:
    """Whether the files are those that the harvest wrote."""
    digests = _working_copy.digests_of(package)
    return {resource.name: digests.get(resource.id) for resource in package.resources} == files


def _report(package: model.Package, policy: str, fingerprint: str) -> Mapping[str, object]:
    if _checks.stored(fingerprint, policy) is None:
        _checks.check_job(package.id, policy, fingerprint)
    check = Check.get(fingerprint, policy)
    if check is None or check.report is None:
        raise tk.ValidationError({"id": [tk._("The check failed.")]})
    return check.report


def _submit(package: model.Package, harvester: model.User, before: str, policy: str) -> Submission:
    """Submit with the answers of the last release's submission."""
    pending = Submission.pending(package.id)
    if pending is not None and pending.fingerprint == _working_copy.fingerprint(package):
        return pending
    last = Submission.get(before)
    answers = {
        "id": package.id,
        "purpose": last.purpose if last else "",
        "legal_basis": last.legal_basis if last else "",
        "policy": policy,
    }
    return _review.submit(Context(user=harvester.name), answers)


def _end(standing_id: str, why: Message) -> None:
    standing = Standing.get(standing_id, lock=True)
    if standing is not None:
        _standing.end(standing, why)
    model.Session.commit()
    _notices.tell(_notices.STANDING_ENDED, standing_id)


def _approve(standing: Standing, submission: Submission) -> str | None:
    """Release in the name of the reviewer who approved in advance."""
    reviewer = model.User.get(standing.reviewer_id)
    if reviewer is None:
        return None
    context = Context(user=reviewer.name)
    try:
        release = _release.approve(context, submission.id, standing.reason, standing=standing.id)
    except (tk.NotAuthorized, tk.ValidationError):
        return None  # it stays submitted: a person decides
    return release.id
