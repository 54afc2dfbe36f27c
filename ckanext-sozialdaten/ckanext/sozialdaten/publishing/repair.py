"""The page of the repair menu: all ways to protect a table side by side, one click to take one."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.sozialdaten.publishing.model import Dataset

__all__ = ["repair"]

repair = Blueprint("sozialdaten_repair", __name__)


def _call(action: str, **data: Any) -> Any:
    """An action in the visitor's name; what they may not know of is simply not there."""
    context: Any = {"user": tk.g.user, "auth_user_obj": tk.g.userobj}
    try:
        return tk.get_action(action)(context, data)
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not do this."))
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("This page does not exist."))


def _language() -> str:
    return "de" if tk.h.lang() == "de" else "en"


@repair.get("/dataset/<name>/schuetzen/<resource_id>")
def menu(name: str, resource_id: str) -> Any:
    """The ways to protect a table, as they are stored; looking computes and writes nothing."""
    try:
        found = _call("sozialdaten_protect_menu", id=name, resource_id=resource_id, stored=True)
    except tk.ValidationError:  # a release: there is nothing to repair
        return tk.abort(404, tk._("This page does not exist."))
    package = _call("package_show", id=name)
    resource = next(known for known in package["resources"] if known["id"] == resource_id)
    row = Dataset.of_working_copy(package["id"])
    return tk.render(
        "sozialdaten/publishing/repair.html",
        {
            "pkg_dict": package,
            "resource": resource,
            "menu": found,
            "source": row.source if row else None,
            "language": _language(),
        },
    )


@repair.post("/dataset/<name>/formeln/<resource_id>")
def formulas(name: str, resource_id: str) -> Any:
    """Turn the formulas of a file into values."""
    try:
        _call("sozialdaten_formulas_to_values", id=name, resource_id=resource_id)
    except tk.ValidationError as error:
        for lines in error.error_dict.values():
            for line in lines if isinstance(lines, list) else [lines]:
                tk.h.flash_error(str(line))
    else:
        tk.h.flash_success(tk._("The formulas are values now. The former file is replaced."))
    return tk.redirect_to("dataset.read", id=name, _anchor="pruefung")


@repair.post("/dataset/<name>/schuetzen/<resource_id>")
def take(name: str, resource_id: str) -> Any:
    """Take a version, or have all of them computed: where ``neu`` is sent, also those stored."""
    chosen = tk.request.form.get("fassung", "")
    again = "neu" in tk.request.form
    here = {"name": name, "resource_id": resource_id}
    try:
        if not chosen:
            _call("sozialdaten_protect_menu", id=name, resource_id=resource_id, again=again)
            return tk.redirect_to("sozialdaten_repair.menu", **here)
        done = _call(
            "sozialdaten_protect_apply",
            id=name,
            resource_id=resource_id,
            alternative=chosen,
            fingerprint=tk.request.form.get("stand", ""),
        )
    except tk.ValidationError as error:
        for lines in error.error_dict.values():
            for line in lines if isinstance(lines, list) else [lines]:
                tk.h.flash_error(str(line))
        return tk.redirect_to("sozialdaten_repair.menu", **here)
    language = _language()
    said = [done["label"][language] + ".", *(line[language] for line in done["lines"])]
    tk.h.flash_success(
        tk._("The protected version is taken: {what} The former file is replaced.").format(
            what=" ".join(said)
        )
    )
    return tk.redirect_to("dataset.read", id=name, _anchor="pruefung")
