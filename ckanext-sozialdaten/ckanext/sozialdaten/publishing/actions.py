"""The actions of the gate. Dataset pages, harvesters and clients of the API all come in here.

There is no action that publishes: a reviewer's approval releases, and nothing else does. Nor is
there one that edits a release or deletes its row.
"""

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context, ErrorDict

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.publishing import (
    _changes,
    _checks,
    _history,
    _notices,
    _publishers,
    _release,
    _repairs,
    _review,
    _withdrawal,
    _working_copy,
    schema,
)
from ckanext.sozialdaten.publishing.actions_repair import (
    sozialdaten_formulas_to_values,
    sozialdaten_protect_apply,
    sozialdaten_protect_menu,
)
from ckanext.sozialdaten.publishing.model import Release, ReleasedFile, Submission

__all__ = [
    "sozialdaten_check",
    "sozialdaten_formulas_to_values",
    "sozialdaten_protect_apply",
    "sozialdaten_protect_menu",
    "sozialdaten_release_diff",
    "sozialdaten_release_list",
    "sozialdaten_release_show",
    "sozialdaten_release_withdraw",
    "sozialdaten_review_approve",
    "sozialdaten_review_list",
    "sozialdaten_review_publish",
    "sozialdaten_review_reject",
    "sozialdaten_review_show",
    "sozialdaten_submit",
    "sozialdaten_working_copy_write",
]

_PREVIEW_ROWS = 20


def sozialdaten_working_copy_write(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Create or update the working copy of a source.

    The working copy is a private dataset; only its organisation reads it. The same content written
    again changes nothing. A name given for an existing working copy is ignored: its address stays.

    :param source: id of the source that the dataset comes from
    :type source: string
    :param dataset: fields of the dataset as :py:func:`package_create` takes them
    :type dataset: dictionary
    :param resources: resources with ``name`` (unique in the dataset), ``description``, ``format``,
        ``mimetype``, ``layout`` (Frictionless Table Schema with roles) and ``upload`` (a file
        object with a filename); resources that are missing here are removed
    :type resources: list of dictionaries

    :returns: the working copy
    :rtype: dictionary
    """
    source = tk.get_or_bust(data_dict, "source")
    dataset = tk.get_or_bust(data_dict, "dataset")
    resources = data_dict.get("resources") or []
    errors: ErrorDict = {}
    if not isinstance(source, str):
        errors["source"] = [tk._("Must be a text.")]
    if not isinstance(dataset, dict):
        errors["dataset"] = [tk._("Must be a dictionary of dataset fields.")]
    names = [item.get("name") if isinstance(item, dict) else None for item in resources]
    if not all(names) or len(set(names)) != len(names):
        errors["resources"] = [tk._("Every resource needs a name of its own.")]
    if errors:
        raise tk.ValidationError(errors)
    tk.check_access("sozialdaten_working_copy_write", context, data_dict)
    return _working_copy.write(context, source, dict(dataset), resources)


@tk.validate_action_data(schema.check_schema)
def sozialdaten_check(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Check a working copy for disclosure risks.

    Small files are checked at once, big ones by a job: ask again while ``state`` is ``running``.
    The same state of the working copy is checked once for each policy.

    :param id: id or name of the working copy
    :type id: string
    :param policy: name of the policy (optional, default: the dataset's own, else ``default``)
    :type policy: string

    :returns: ``id``, ``fingerprint``, ``policy``, ``state`` (``done``, ``running``, ``failed``),
        ``verdict`` (``safe``, ``unsafe`` or None), ``findings``, ``roles`` and ``resources``
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_check", context, data_dict)
    package = _working_copy.package_of(data_dict["id"])
    policy = data_dict.get("policy") or _checks.policy_of(package)
    with _readable():
        check = _checks.start(package, policy)
    _repairs.forget_stale(package)
    report = check.report or {"verdict": None, "findings": [], "roles": {}, "resources": {}}
    return {
        "id": package.id,
        "fingerprint": check.fingerprint,
        "state": check.state,
        **report,
        "policy": policy,
    }


@tk.validate_action_data(schema.submit_schema)
def sozialdaten_submit(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Submit a working copy for review, as it stands now.

    Refused while findings of severity ``block`` exist. A submission that nobody has decided yet is
    replaced by the new one.

    :param id: id or name of the working copy
    :type id: string
    :param purpose: what the data is published for
    :type purpose: string
    :param legal_basis: what allows to publish it
    :type legal_basis: string or list of strings
    :param policy: name of the policy to judge it by
    :type policy: string

    :returns: the submission
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_submit", context, data_dict)
    with _readable():
        found = _review.submit(context, data_dict)
    _notices.tell(_notices.SUBMITTED, found.id)
    return _review.as_dict(found)


@tk.side_effect_free
@tk.validate_action_data(schema.review_list_schema)
def sozialdaten_review_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Submissions, for reviewers; the oldest first.

    :param state: ``pending``, ``cleared``, ``approved``, ``rejected``, ``returned`` or
        ``replaced`` (optional, default: ``pending``)
    :type state: string

    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_review_list", context, data_dict)
    query = sa.select(Submission).where(Submission.state == (data_dict.get("state") or "pending"))
    found = model.Session.execute(query.order_by(Submission.submitted_at)).scalars()
    return [_review.as_dict(submission) for submission in found]


@tk.side_effect_free
@tk.validate_action_data(schema.by_id)
def sozialdaten_review_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A submission with what is new against the release before, and the first rows of each table.

    Of a decided one the state submitted is compared, as far as it is known still: ``changes`` says
    so by ``known``.

    :param id: id of the submission
    :type id: string

    :returns: the submission, ``changes`` and ``previews`` (by resource id)
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_review_show", context, data_dict)
    submission = Submission.get(data_dict["id"])
    if submission is None:
        raise tk.ObjectNotFound(tk._("There is no such submission."))
    return {**_review.as_dict(submission), **_changes.shown(submission, _PREVIEW_ROWS)}


@tk.validate_action_data(schema.decision)
def sozialdaten_review_approve(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Approve a submission: exactly what was submitted is released.

    Refused to everybody who is no reviewer (sysadmins too), to the submitter, to another account
    with the submitter's e-mail address, to tokens without the scope ``approve``, and when the
    working copy was changed meanwhile. Where the organisation wants a third person, the submission
    waits for one of its publishers then.

    :param id: id of the submission
    :type id: string
    :param reason: why it may be published
    :type reason: string

    :returns: the release; the submission, its ``state`` now ``cleared``, where a third person
        publishes
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_review_approve", context, data_dict)
    with _readable():
        cleared = _publishers.clear(context, data_dict["id"], data_dict["reason"])
        if cleared is not None:
            _notices.tell(_notices.CLEARED, cleared.id)
            return _review.as_dict(cleared)
        release = _release.approve(context, data_dict["id"], data_dict["reason"])
    _notices.tell("approved", release.submission_id)
    return _release_dict(release)


@tk.validate_action_data(schema.by_id)
def sozialdaten_review_publish(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Release what a reviewer has approved, as the third person that the organisation wants.

    Refused to everybody who is no publisher of the organisation, and to who wrote, submitted or
    approved it.

    :param id: id of the submission
    :type id: string

    :returns: the release
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_review_publish", context, data_dict)
    submission = Submission.get(data_dict["id"])
    if submission is None:
        raise tk.ObjectNotFound(tk._("There is no such submission."))
    with _readable():
        user = _publishers.third_person(context, submission)
        reason = submission.reason or ""
        release = _release.approve(context, submission.id, reason, publisher=user)
    _notices.tell("approved", release.submission_id)
    return _release_dict(release)


@tk.validate_action_data(schema.decision)
def sozialdaten_review_reject(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Reject a submission; the working copy and the last release stay as they are.

    :param id: id of the submission
    :type id: string
    :param reason: what has to be changed
    :type reason: string

    :returns: the submission
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_review_reject", context, data_dict)
    found = _review.send_back(context, data_dict["id"], "rejected", data_dict["reason"])
    _notices.tell("rejected", found.id)
    return _review.as_dict(found)


@tk.side_effect_free
@tk.validate_action_data(schema.release_list_schema)
def sozialdaten_release_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """The releases of a dataset, the newest first.

    :param dataset_id: id or name of the released dataset
    :type dataset_id: string

    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_release_list", context, data_dict)
    package = model.Package.get(data_dict["dataset_id"])
    if package is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    query = sa.select(Release).where(Release.dataset_id == package.id)
    found = model.Session.execute(query.order_by(Release.number.desc())).scalars()
    return [_release_dict(release) for release in found]


@tk.side_effect_free
@tk.validate_action_data(schema.by_id)
def sozialdaten_release_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A release: number, time, fingerprints, hash, files with their SHA-256.

    :param id: id of the release
    :type id: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_release_show", context, data_dict)
    release = Release.get(data_dict["id"])
    if release is None:
        raise tk.ObjectNotFound(tk._("There is no such release."))
    return _release_dict(release)


@tk.side_effect_free
@tk.validate_action_data(schema.release_diff_schema)
def sozialdaten_release_diff(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """What changed from one release of a dataset to another: metadata, files, rows and figures.

    :param id: id of the newer release
    :type id: string
    :param other: id of the older release of the same dataset
    :type other: string

    :returns: ``metadata`` (names of fields) and ``files`` (``name``, ``state`` and ``table`` with
        counts of rows and the first changes)
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_release_show", context, {"id": data_dict["id"]})
    new, old = Release.get(data_dict["id"]), Release.get(data_dict["other"])
    if new is None or old is None or old.dataset_id != new.dataset_id:
        raise tk.ObjectNotFound(tk._("There is no such release."))
    if new.withdrawal or old.withdrawal:
        raise tk.ObjectNotFound(tk._("This release was withdrawn."))
    return {"id": new.id, "other": old.id, **_history.diff(old, new).to_json()}


@tk.validate_action_data(schema.withdrawal)
def sozialdaten_release_withdraw(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Withdraw a release: its files and tables go, and the newest one takes its dataset offline.

    :param id: id of the release
    :type id: string
    :param reason: why it is withdrawn; internal
    :type reason: string
    :param public_reason: what the tombstone tells the public (optional)
    :type public_reason: string
    :param earlier: withdraw the releases before it, too; else each of them stays at its address
        (optional, default: ``false``)
    :type earlier: boolean

    :returns: the release
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_release_withdraw", context, data_dict)
    public, earlier = data_dict.get("public_reason") or "", bool(data_dict.get("earlier"))
    release = _withdrawal.withdraw(
        context, data_dict["id"], data_dict["reason"], public, earlier=earlier
    )
    _notices.tell(_notices.WITHDRAWN, release.id)
    return _release_dict(release)


def _release_dict(release: Release) -> dict[str, Any]:
    """A release; of a withdrawn one that it was there and when it went, nothing of what it said."""
    query = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
    withdrawal = release.withdrawal
    ordered = query.order_by(ReleasedFile.filename)
    files = [] if withdrawal else model.Session.execute(ordered).scalars()
    return {
        "id": release.id,
        "dataset_id": release.dataset_id,
        "number": release.number,
        "released_at": release.released_at.isoformat(),
        "fingerprint": release.fingerprint,
        "hash": release.hash,
        "policy": release.record["public"]["policy"]["name"],
        "legal_basis": None if withdrawal else release.record["public"]["legal_basis"],
        "withdrawn_at": withdrawal.withdrawn_at.isoformat() if withdrawal else None,
        "withdrawn_because": withdrawal.public_reason if withdrawal else None,
        "files": [
            {
                "resource_id": file.resource_id,
                "filename": file.filename,
                "sha256": file.sha256,
                "size": file.size,
            }
            for file in files
        ],
    }


class _readable:  # noqa: N801 - reads as a statement
    """Turns our own errors into the validation errors that CKAN shows."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, SozialdatenError):
            language = "de" if tk.h.lang() == "de" else "en"
            raise tk.ValidationError({error.code: [error.text(language)]}) from error
