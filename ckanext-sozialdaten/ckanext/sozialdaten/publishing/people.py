"""Pages between people: comments, who may review, standing approvals."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

__all__ = ["people"]

people = Blueprint("sozialdaten_people", __name__)

_ROLES = {
    "propose": ("sozialdaten_reviewer_propose", ("user",)),
    "confirm": ("sozialdaten_reviewer_confirm", ("id",)),
    "drop": ("sozialdaten_reviewer_drop", ("id",)),
    "revoke": ("sozialdaten_reviewer_revoke", ("user",)),
    "deputy": ("sozialdaten_deputy_name", ("user", "first_day", "last_day")),
}
_STANDING = {
    "grant": ("sozialdaten_standing_grant", ("id", "reason")),
    "revoke": ("sozialdaten_standing_revoke", ("id",)),
}


def _call(action: str, **data: Any) -> Any:
    """An action in the visitor's name; what they may not know of is simply not there."""
    context: Any = {"user": tk.g.user, "auth_user_obj": tk.g.userobj}
    try:
        return tk.get_action(action)(context, data)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error.message or tk._("You may not do this.")))
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("This page does not exist."))


def _done(actions: dict[str, tuple[str, tuple[str, ...]]]) -> list[str]:
    """Carry out what a form asks for; what is wrong with it."""
    known = actions.get(tk.request.form.get("do", ""))
    if known is None:
        return [tk._("This page does not know what you ask for.")]
    action, fields = known
    given = {key: tk.request.form.get(key, "").strip() for key in fields}
    context: Any = {"user": tk.g.user, "auth_user_obj": tk.g.userobj}
    try:
        tk.get_action(action)(context, given)
    except tk.ValidationError as error:
        told: dict[str, Any] = error.error_dict
        return [str(line) for lines in told.values() for line in lines]
    except tk.NotAuthorized as error:
        return [str(error.message)]
    except tk.ObjectNotFound as error:
        return [str(error.message)]
    return []


@people.post("/dataset/<name>/antworten")
def answer(name: str) -> Any:
    """Write to staff and reviewers of a working copy."""
    try:
        _call("sozialdaten_comment_create", id=name, body=tk.request.form.get("body", "").strip())
    except tk.ValidationError:
        tk.h.flash_error(tk._("Write something first."))
    submission = tk.request.form.get("submission", "")
    if submission:
        return tk.redirect_to(
            "sozialdaten_gate.review", submission_id=submission, _anchor="austausch"
        )
    return tk.redirect_to("dataset.read", id=name, _anchor="austausch")


@people.route("/pruefung/rollen", methods=["GET", "POST"])
def roles() -> Any:
    """Who may review, who is proposed, who stands in for whom."""
    found = _call("sozialdaten_reviewer_list")
    errors: list[str] = []
    if tk.request.method == "POST":
        errors = _done(_ROLES)
        if not errors:
            tk.h.flash_success(tk._("Done."))
            return tk.redirect_to("sozialdaten_people.roles")
    return tk.render(
        "sozialdaten/publishing/roles.html",
        {
            "roles": found,
            "errors": errors,
            "may_give": tk.h.check_access("sozialdaten_reviewer_propose"),
            "own": tk.current_user.name,
            "form": tk.request.form,
        },
    )


_PUBLISHERS = {
    "name": ("sozialdaten_publisher_name", ("id", "user")),
    "drop": ("sozialdaten_publisher_drop", ("id", "user")),
}


@people.route("/organization/<name>/veroeffentlichen", methods=["GET", "POST"])
def publishers(name: str) -> Any:
    """Who publishes for an organisation as a third person, and how to begin or end that."""
    found = _call("sozialdaten_publisher_list", id=name)
    organisation = _call("organization_show", id=name, include_users=True)
    errors: list[str] = []
    if tk.request.method == "POST":
        errors = _done(_PUBLISHERS)
        if not errors:
            tk.h.flash_success(tk._("Done."))
            return tk.redirect_to("sozialdaten_people.publishers", name=name)
    named = {row["user"] for row in found}
    return tk.render(
        "sozialdaten/publishing/publishers.html",
        {
            "organisation": organisation,
            "publishers": found,
            "candidates": [user for user in organisation["users"] if user["name"] not in named],
            "errors": errors,
        },
    )


@people.get("/pruefung/loeschungen")
def erasures() -> str:
    """What was erased and when, for staff; never of whom."""
    return tk.render(
        "sozialdaten/publishing/erasures.html", {"erasures": _call("sozialdaten_erasure_list")}
    )


@people.route("/pruefung/dauerfreigaben", methods=["GET", "POST"])
def standing() -> Any:
    """Standing approvals, and which sources could have one."""
    found = _call("sozialdaten_standing_list")
    errors: list[str] = []
    if tk.request.method == "POST":
        errors = _done(_STANDING)
        if not errors:
            tk.h.flash_success(tk._("Done."))
            return tk.redirect_to("sozialdaten_people.standing")
    return tk.render(
        "sozialdaten/publishing/standing.html",
        {"approvals": found, "errors": errors, "form": tk.request.form},
    )
