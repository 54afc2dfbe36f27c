"""The actions of texts that staff write for the public.

None of them shows a text that no reviewer has approved, and none changes one after its submission.
"""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, Schema

from ckanext.sozialdaten.publishing.proposals import _reading, _work

__all__ = [
    "sozialdaten_proposal_approve",
    "sozialdaten_proposal_list",
    "sozialdaten_proposal_reject",
    "sozialdaten_proposal_retire",
    "sozialdaten_proposal_save",
    "sozialdaten_proposal_show",
    "sozialdaten_proposal_submit",
]


def _fields(**given: bool) -> Schema:
    """Texts by name: True for those that must be there."""
    text = tk.get_validator("unicode_safe")
    kinds = {True: tk.get_validator("not_empty"), False: tk.get_validator("ignore_empty")}
    return {name: [kinds[needed], text] for name, needed in given.items()}


def _save_schema() -> Schema:
    return _fields(kind=True, key=True, body=True, organisation=False)


def _by_id() -> Schema:
    return _fields(id=True)


def _decision() -> Schema:
    return _fields(id=True, reason=True)


def _closing() -> Schema:
    return _fields(id=True, reason=False)


def _which() -> Schema:
    return _fields(kind=False, state=False)


@tk.validate_action_data(_save_schema)
def sozialdaten_proposal_save(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Write the draft of a text for the public; where there is none, a next version begins.

    A version that was submitted or decided stays as it is.

    :param kind: what the text is, as the portal's rooms call it
    :type kind: string
    :param key: names the text: small letters, digits, hyphens, underscores
    :type key: string
    :param body: the whole text
    :type body: string
    :param organisation: id or name of the organisation that begins a new text
    :type organisation: string

    :returns: the draft
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_proposal_save", context, data_dict)
    found = _work.save(
        context,
        data_dict["kind"],
        data_dict["key"],
        data_dict["body"],
        data_dict.get("organisation", ""),
    )
    return _reading.as_dict(context, _work.row_by_id(found.id))


@tk.validate_action_data(_by_id)
def sozialdaten_proposal_submit(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Submit a draft for review; from now on it never changes.

    :param id: id of the draft
    :type id: string

    :returns: the submitted version
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_proposal_submit", context, data_dict)
    found = _work.submit(context, data_dict["id"])
    return _reading.as_dict(context, _work.row_by_id(found.id))


@tk.side_effect_free
@tk.validate_action_data(_which)
def sozialdaten_proposal_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """The texts that you may read, the newest first: without an account those that are approved.

    :param kind: what the texts are (optional)
    :type kind: string
    :param state: ``draft``, ``submitted``, ``approved``, ``rejected``, ``replaced``, ``dropped``
        or ``retired`` (optional)
    :type state: string

    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_proposal_list", context, data_dict)
    found = _reading.rows(context, data_dict.get("kind", ""), data_dict.get("state", ""))
    return [_reading.as_dict(context, row) for row in found]


@tk.side_effect_free
@tk.validate_action_data(_by_id)
def sozialdaten_proposal_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A version of a text.

    :param id: its id
    :type id: string

    :rtype: dictionary
    """
    tk.check_access("sozialdaten_proposal_show", context, data_dict)
    return _reading.as_dict(context, _work.row_by_id(data_dict["id"]))


@tk.validate_action_data(_decision)
def sozialdaten_proposal_approve(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a submitted text to the public.

    Refused to everybody who is no reviewer (sysadmins too), to who submitted it or wrote any of it
    since the last approved version, to another account with their e-mail address, and to tokens
    without the scope ``approve``.

    :param id: id of the version
    :type id: string
    :param reason: why the public may read it
    :type reason: string

    :returns: the approved version
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_proposal_approve", context, data_dict)
    found = _work.approve(context, data_dict["id"], data_dict["reason"])
    return _reading.as_dict(context, _work.row_by_id(found.id))


@tk.validate_action_data(_decision)
def sozialdaten_proposal_reject(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Send a submitted text back; what the public reads stays as it is.

    :param id: id of the version
    :type id: string
    :param reason: what has to be changed
    :type reason: string

    :returns: the rejected version
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_proposal_reject", context, data_dict)
    found = _work.reject(context, data_dict["id"], data_dict["reason"])
    return _reading.as_dict(context, _work.row_by_id(found.id))


@tk.validate_action_data(_closing)
def sozialdaten_proposal_retire(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take the newest approved version from the public, or drop one that nobody has decided on.

    :param id: id of the version
    :type id: string
    :param reason: why; needed where the public has seen it
    :type reason: string

    :returns: the version
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_proposal_retire", context, data_dict)
    found = _work.retire(context, data_dict["id"], data_dict.get("reason", ""))
    return _reading.as_dict(context, _work.row_by_id(found.id))
