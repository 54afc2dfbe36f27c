"""The actions between people: questions and comments, the reviewer role, standing approvals.

None of them releases anything: a standing approval only says in advance what a reviewer's approval
would say, and the harvest that may use it does not come in over the API.
"""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.publishing import (
    _comments,
    _notices,
    _publishers,
    _review,
    _roles,
    _standing,
    _working_copy,
    schema,
)

__all__ = [
    "sozialdaten_comment_create",
    "sozialdaten_comment_list",
    "sozialdaten_deputy_name",
    "sozialdaten_publisher_drop",
    "sozialdaten_publisher_list",
    "sozialdaten_publisher_name",
    "sozialdaten_review_ask",
    "sozialdaten_reviewer_confirm",
    "sozialdaten_reviewer_drop",
    "sozialdaten_reviewer_list",
    "sozialdaten_reviewer_propose",
    "sozialdaten_reviewer_revoke",
    "sozialdaten_standing_grant",
    "sozialdaten_standing_list",
    "sozialdaten_standing_revoke",
]


@tk.validate_action_data(schema.decision)
def sozialdaten_review_ask(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a submission back with a question; its staff answer and submit again.

    :param id: id of the submission
    :type id: string
    :param reason: the question
    :type reason: string

    :returns: the submission, its ``state`` now ``returned``
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_review_ask", context, data_dict)
    found = _review.send_back(context, data_dict["id"], "returned", data_dict["reason"])
    _notices.tell("returned", found.id)
    return _review.as_dict(found)


@tk.side_effect_free
@tk.validate_action_data(schema.by_id)
def sozialdaten_comment_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """What staff and reviewers wrote about a working copy, the oldest first.

    :param id: id or name of the working copy
    :type id: string

    :returns: entries with ``id``, ``kind`` (``comment``, ``returned`` for a reviewer's question,
        ``rejected``), ``by``, ``at`` and ``body``
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_comment_list", context, data_dict)
    return _comments.thread(_working_copy.package_of(data_dict["id"]).id)


@tk.validate_action_data(schema.comment)
def sozialdaten_comment_create(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Write to the staff and the reviewers of a working copy.

    :param id: id or name of the working copy
    :type id: string
    :param body: the comment; no personal data of those whom the figures count
    :type body: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_comment_create", context, data_dict)
    package = _working_copy.package_of(data_dict["id"])
    entry = _comments.add(context, package.id, data_dict["body"])
    _notices.tell(_notices.COMMENTED, entry["id"])
    return entry


def _organisation(name_or_id: str) -> model.Group:
    found = model.Group.get(name_or_id)
    if found is None or not found.is_organization:
        raise tk.ObjectNotFound(tk._("There is no such organisation."))
    return found


@tk.side_effect_free
@tk.validate_action_data(schema.by_id)
def sozialdaten_publisher_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Who publishes for an organisation as a third person; nobody: the approval releases at once.

    :param id: id or name of the organisation
    :type id: string

    :returns: entries with ``user``, ``name``, ``named_by`` and ``named_at``
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_publisher_list", context, data_dict)
    return _publishers.overview(_organisation(data_dict["id"]).id)


@tk.validate_action_data(schema.publisher)
def sozialdaten_publisher_name(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Name a publisher: from now on what reviewers approve waits for a third person.

    :param id: id or name of the organisation
    :type id: string
    :param user: name or id of one of its members
    :type user: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_publisher_name", context, data_dict)
    return _publishers.name(context, _organisation(data_dict["id"]), data_dict["user"])


@tk.validate_action_data(schema.publisher)
def sozialdaten_publisher_drop(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take the role of a publisher away; without any the approval releases at once again.

    :param id: id or name of the organisation
    :type id: string
    :param user: name or id of the publisher
    :type user: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_publisher_drop", context, data_dict)
    return _publishers.end(context, _organisation(data_dict["id"]), data_dict["user"])


@tk.side_effect_free
def sozialdaten_reviewer_list(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Who may approve, who is proposed, who stands in for whom.

    :returns: ``reviewers`` (``user``, ``name``, ``granted_by``, ``confirmed_by``, ``granted_at``),
        ``proposals`` (``id``, ``user``, ``name``, ``proposed_by``, ``proposed_at``) and
        ``deputies`` (``user``, ``deputy``, ``first_day``, ``last_day``)
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_reviewer_list", context, data_dict)
    return _roles.overview()


@tk.validate_action_data(schema.by_user)
def sozialdaten_reviewer_propose(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Propose an account as a reviewer; a second person has to confirm.

    :param user: name or id of the account
    :type user: string

    :returns: the proposal
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_reviewer_propose", context, data_dict)
    proposal = _roles.propose(context, data_dict["user"])
    _notices.tell(_notices.PROPOSED, proposal["id"])
    return proposal


@tk.validate_action_data(schema.by_id)
def sozialdaten_reviewer_confirm(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Confirm a proposal: the candidate is a reviewer from now on.

    Refused to the candidate, to who proposed, to a second account of one of them, and where both
    belong to an organisation whose working copies the candidate may edit.

    :param id: id of the proposal
    :type id: string

    :returns: the reviewer
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_reviewer_confirm", context, data_dict)
    granted = _roles.confirm(context, data_dict["id"])
    _notices.tell(_notices.GRANTED, data_dict["id"])
    return granted


@tk.validate_action_data(schema.by_id)
def sozialdaten_reviewer_drop(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Drop a proposal; nobody becomes a reviewer.

    :param id: id of the proposal
    :type id: string

    :returns: the proposal
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_reviewer_drop", context, data_dict)
    return _roles.drop(context, data_dict["id"])


@tk.validate_action_data(schema.by_user)
def sozialdaten_reviewer_revoke(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take the role away; one person suffices. The reviewer's standing approvals end with it.

    :param user: name or id of the reviewer
    :type user: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_reviewer_revoke", context, data_dict)
    return _roles.revoke(context, data_dict["user"])


@tk.validate_action_data(schema.deputy)
def sozialdaten_deputy_name(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Name another reviewer as one's deputy for some days; it gives no new rights.

    :param user: name or id of the deputy
    :type user: string
    :param first_day: first day of the absence, YYYY-MM-DD
    :type first_day: string
    :param last_day: last day of the absence
    :type last_day: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_deputy_name", context, data_dict)
    return _roles.name_deputy(
        context, data_dict["user"], data_dict["first_day"], data_dict["last_day"]
    )


@tk.side_effect_free
def sozialdaten_standing_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """All standing approvals, the newest first.

    :returns: dictionaries with ``id``, ``source``, ``dataset_title``, ``reviewer``, ``policy``,
        ``reason``, ``granted_at``, ``expires_at``, ``ended_at`` and ``ended_because``
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_standing_list", context, data_dict)
    return _standing.shown()


@tk.validate_action_data(schema.decision)
def sozialdaten_standing_grant(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Approve what the harvest of an open official source will bring, for twelve months.

    The working copy has to be released as it stands, by a person: this is what the reviewer knows.
    Any finding above ``info``, another layout or another definition of the source suspends it.

    :param id: id or name of the working copy that the source writes
    :type id: string
    :param reason: why the source needs no look at each delivery
    :type reason: string

    :returns: the standing approval
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_standing_grant", context, data_dict)
    package = _working_copy.package_of(data_dict["id"])
    return _standing.grant(context, package, data_dict["reason"])


@tk.validate_action_data(schema.by_id)
def sozialdaten_standing_revoke(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """End a standing approval; every reviewer may.

    :param id: id of the standing approval
    :type id: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_standing_revoke", context, data_dict)
    return _standing.revoke(context, data_dict["id"])
