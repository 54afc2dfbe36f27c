"""The actions of the repair menu: look at every way to protect a file, then take one of them.

Nothing is applied by looking, and nothing but what was looked at is applied.
"""

import io
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.publishing import _checks, _formulas, _repairs, _working_copy, schema
from ckanext.sozialdaten.publishing.model import Check

__all__ = [
    "sozialdaten_formulas_to_values",
    "sozialdaten_protect_apply",
    "sozialdaten_protect_menu",
]


@tk.validate_action_data(schema.protect_menu_schema)
def sozialdaten_protect_menu(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Every way to protect a table of a working copy, with its cost and the attack's verdict.

    Nothing is changed. Small files are done at once, big ones by a job: ask again while ``state``
    is ``running``. The same state is computed once for each policy. For the staff alone: the
    preview tells the figures that a protected version hides.

    :param id: id or name of the working copy
    :type id: string
    :param resource_id: id of one of its tables
    :type resource_id: string
    :param policy: name of the policy (optional, default: the dataset's own, else ``default``)
    :type policy: string
    :param again: compute it anew (optional, default: false)
    :type again: boolean
    :param stored: only give what is stored, compute and write nothing (optional, default: false)
    :type stored: boolean

    :returns: ``id``, ``resource_id``, ``policy``, ``fingerprint``, ``state`` (``done``,
        ``running``, ``failed``; ``none`` where nothing is stored), ``progress`` (``done`` and
        ``of``), ``problem`` (texts in German and English) and ``alternatives``: each with ``name``,
        ``label``, ``outcome`` (``safe``, ``unsafe``, ``impossible``), ``reasons``, ``lines``,
        ``lost``, ``attack``, ``changes`` and ``preview`` (the first 200 changed cells)
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_protect_menu", context, data_dict)
    package = _working_copy.package_of(data_dict["id"])
    resource = _repairs.resource_of(package, data_dict["resource_id"])
    policy = data_dict.get("policy") or _checks.policy_of(package)
    if policy not in _checks.policies():
        raise tk.ValidationError({"policy": [tk._("There is no such policy.")]})
    if data_dict.get("stored"):
        found = _repairs.current(package, resource, policy)
    else:
        again = bool(data_dict.get("again"))
        found = _repairs.start(package, resource, policy, again=again)
    return _menu(package, resource, policy, found)


def _menu(
    package: model.Package, resource: model.Resource, policy: str, found: Check | None
) -> dict[str, Any]:
    report = (found.report if found else None) or {}
    hidden = ("layout", "filename")
    return {
        "id": package.id,
        "resource_id": resource.id,
        "policy": policy,
        "fingerprint": found.fingerprint if found else "",
        "state": found.state if found else "none",
        "progress": {key: report.get(key, 0) for key in ("done", "of")},
        "problem": report.get("problem", []),
        "alternatives": [
            {key: value for key, value in one.items() if key not in hidden}
            for one in report.get("alternatives", [])
        ],
    }


@tk.validate_action_data(schema.formulas_schema)
def sozialdaten_formulas_to_values(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Turn the formulas of a file of a working copy into values.

    Cells that a spreadsheet computes keep the last computed value; a text that it would run gets an
    apostrophe before it. The file is replaced in the user's name, and checked.

    :param id: id or name of the working copy
    :type id: string
    :param resource_id: id of one of its tables
    :type resource_id: string

    :returns: what :py:func:`sozialdaten_check` gives
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_formulas_to_values", context, data_dict)
    package = _working_copy.package_of(data_dict["id"])
    resource = _repairs.resource_of(package, data_dict["resource_id"])
    path = _checks.paths_of(package).get(resource.id)
    if path is None:
        raise tk.ObjectNotFound(tk._("This working copy has no such table."))
    try:
        data = _formulas.as_values(resource, path)
    except SozialdatenError as error:
        language = "de" if tk.h.lang() == "de" else "en"
        raise tk.ValidationError({"resource_id": [error.text(language)]}) from error
    upload = FileStorage(io.BytesIO(data), Path(resource.url).name)
    change = {"id": resource.id, "upload": upload}
    tk.get_action("resource_patch")(tk.fresh_context(context), change)
    return tk.get_action("sozialdaten_check")(tk.fresh_context(context), {"id": package.id})


@tk.validate_action_data(schema.protect_apply_schema)
def sozialdaten_protect_apply(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a safe alternative of the repair menu as the new file of the working copy.

    The former file is replaced in the working copy; the portal keeps none of it. The new one keeps
    name and layout as far as its columns stay, is written in the user's name, and checked.

    :param id: id or name of the working copy
    :type id: string
    :param resource_id: id of one of its tables
    :type resource_id: string
    :param alternative: ``name`` of a safe alternative
    :type alternative: string
    :param fingerprint: ``fingerprint`` of the menu that was looked at; refused if the file, its
        layout or what is public beside it changed since
    :type fingerprint: string
    :param policy: name of the menu's policy (optional, as for the menu)
    :type policy: string

    :returns: ``id``, ``resource_id``, ``alternative``, ``label``, ``lines`` (what was done, in
        German and English) and ``check``, as :py:func:`sozialdaten_check` gives it
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_protect_apply", context, data_dict)
    package = _working_copy.package_of(data_dict["id"])
    resource = _repairs.resource_of(package, data_dict["resource_id"])
    policy = data_dict.get("policy") or _checks.policy_of(package)
    found = _repairs.current(package, resource, policy)
    if found is None or found.state != "done" or found.fingerprint != data_dict["fingerprint"]:
        text = tk._("The working copy was changed since. Look at the versions again.")
        raise tk.ValidationError({"fingerprint": [text]})
    chosen = _repairs.adopt(context, resource, found.report or {}, data_dict["alternative"])
    _repairs.forget(resource.id)
    check = tk.get_action("sozialdaten_check")(
        tk.fresh_context(context), {"id": package.id, "policy": policy}
    )
    return {
        "id": package.id,
        "resource_id": resource.id,
        "alternative": chosen["name"],
        "label": chosen["label"],
        "lines": chosen["lines"],
        "check": check,
    }
