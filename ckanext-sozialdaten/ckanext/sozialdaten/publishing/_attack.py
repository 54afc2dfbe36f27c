"""What an attacker derives from a submission, cell by cell, for the reviewer's page.

The check only says whether an attack gets through; here stand the intervals of all suppressed
cells, from this file, the other files of the working copy and everything public beside it. Small
working copies are attacked while the page is made, which only reads; for big ones a reviewer
starts a job.
Intervals follow from what is to be published, so that they quote nothing that is withheld.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.publishing import _checks, _linked, _tables, _working_copy
from ckanext.sozialdaten.publishing.model import Submission

if TYPE_CHECKING:
    from ckanext.sozialdaten.disclosure import Attacked

__all__ = ["attack_job", "shown", "start"]

_AT_ONCE_BYTES = 32_768
_SHOWN = 100  # cells of a file that a page lists: those that do not hold first
_NAMING = ("region", "time", "dimension")
_MOST_NAMES = 4


def _key(policy: str) -> str:
    return f"attack:{policy}"


def shown(submission: Submission) -> dict[str, Any] | None:
    """The attack on a submission that is still what was submitted; None if it is not.

    Returns:
        ``state`` (``done``, ``running``, ``failed`` or ``none``: not yet begun) and ``files``.
    """
    package = model.Package.get(submission.dataset_id)
    if package is None or _working_copy.fingerprint(package) != submission.fingerprint:
        return None
    found = _checks.stored(submission.fingerprint, _key(submission.policy))
    if found is not None:
        return {"state": found.state, "files": [], **(found.report or {})}
    paths = _checks.paths_of(package)
    if sum(path.stat().st_size for path in paths.values()) > _AT_ONCE_BYTES:
        return {"state": "none", "files": []}
    return {"state": "done", **_compute(package, submission, paths)}


def start(submission: Submission) -> None:
    """Begin the attack on a submission as a job, unless it runs or is done."""
    known = _checks.stored(submission.fingerprint, _key(submission.policy))
    if known is not None and known.state != "failed":
        return
    _checks.save(submission.fingerprint, _key(submission.policy), "running", None)
    title = f"attack {submission.dataset_id}"
    tk.enqueue_job(attack_job, [submission.id], title=title, rq_kwargs={"timeout": 3600})


def attack_job(submission_id: str) -> None:
    """The background job."""
    submission = Submission.get(submission_id)
    package = model.Package.get(submission.dataset_id) if submission else None
    if submission is None or package is None:
        return
    fingerprint, key = submission.fingerprint, _key(submission.policy)
    if _working_copy.fingerprint(package) != fingerprint:
        _checks.save(fingerprint, key, "failed", None)
        return
    _checks.save(fingerprint, key, "done", _compute(package, submission, _checks.paths_of(package)))


def _compute(
    package: model.Package, submission: Submission, paths: Mapping[str, Path]
) -> dict[str, Any]:
    known, files = _linked.linked(package), list[dict[str, Any]]()
    with tempfile.TemporaryDirectory(prefix="sozialdaten-attack-") as name:
        for resource in package.resources:
            filename = Path(resource.url or "").name
            if resource.id in paths and _tables.is_table(filename):
                beside = _checks.Beside(known, Path(name) / resource.id, paths)
                files.append(_file(resource, submission, beside))
    return {"files": files}


def _file(
    resource: model.Resource, submission: Submission, beside: _checks.Beside
) -> dict[str, Any]:
    """The verdict on a file, how many cells are suppressed, and the intervals of the weakest."""
    from ckanext.sozialdaten.disclosure import attack_report, load_policy
    from ckanext.sozialdaten.disclosure._attacked import Question
    from ckanext.sozialdaten.disclosure._protect import tables_of

    filename, path = Path(resource.url).name, beside.paths[resource.id]
    shown: dict[str, Any] = {"id": resource.id, "name": resource.name or filename}
    layout = _checks.layout_of(resource, submission.report)
    roles = submission.report["resources"].get(resource.id, {}).get("roles", {})
    try:
        named = beside.link(filename, path)
        report = attack_report(
            [named],
            layout=layout,
            policy=load_policy(submission.policy),
            question=Question(released=beside.tables(resource), explain=False),
        )
        places = _places(tables_of(named, layout), roles) if report.cells else {}
    except SozialdatenError as error:
        texts = {language: error.text(language) for language in ("de", "en")}
        return {**shown, "problem": texts, "suppressed": 0, "weak": 0, "cells": []}
    cells = sorted(report.cells, key=lambda cell: cell.holds)
    return {
        **shown,
        "problem": None,
        "suppressed": len(cells),
        "weak": report.weak,
        "cells": [_cell(cell, places) for cell in cells[:_SHOWN]],
    }


def _places(sheets: Any, roles: Mapping[str, str]) -> dict[tuple[str, int], str]:
    """What tells people which row it is, by sheet and row of the file."""
    from ckanext.sozialdaten.disclosure.readers._common import cell_text

    found: dict[tuple[str, int], str] = {}
    for sheet in sheets:
        names = [name for name in sheet.table.column_names if roles.get(name) in _NAMING]
        columns = [sheet.table.column(name).to_pylist() for name in names[:_MOST_NAMES]]
        for number, cells in enumerate(zip(*columns, strict=True)):
            texts = filter(None, map(cell_text, cells))
            found[sheet.name, sheet.row(number)] = ", ".join(texts)
    return found


def _cell(cell: "Attacked", places: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    told = cell.to_json()
    return {
        "row": cell.row,
        "place": places.get((cell.sheet, cell.row), ""),
        "column": cell.column,
        "low": told["low"],
        "high": told["high"],
        "proven": cell.interval.proven,
        "holds": cell.holds,
    }
