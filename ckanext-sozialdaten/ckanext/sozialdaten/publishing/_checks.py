"""Findings on a working copy, stored by its fingerprint: the same state is judged once."""

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ckanext.sozialdaten.config import gate_check_at_once_bytes
from ckanext.sozialdaten.disclosure import Finding, Released, Severity
from ckanext.sozialdaten.disclosure.documents import is_document
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import (
    _formulas,
    _linked,
    _store,
    _tables,
    _uploader,
    _vouched,
    _working_copy,
)
from ckanext.sozialdaten.publishing._policies import DEFAULT_POLICY
from ckanext.sozialdaten.publishing.model import Check

__all__ = [
    "DEFAULT_POLICY",
    "NAKED",
    "Beside",
    "blocks",
    "check_job",
    "compute",
    "judged",
    "layout_of",
    "paths_of",
    "policies",
    "policy_of",
    "save",
    "start",
    "stored",
]

_STALE = dt.timedelta(hours=1)


def policies() -> dict[str, dict[str, str]]:
    """German and English title of every policy, by name."""
    from ckanext.sozialdaten.disclosure import list_policies

    return {policy.name: dict(policy.title) for policy in list_policies()}


def policy_of(package: model.Package) -> str:
    """The policy that a dataset names, else the default."""
    named = (package.extras or {}).get("policy")
    return named if named in policies() else DEFAULT_POLICY


def blocks(report: Mapping[str, Any]) -> bool:
    """Whether the report forbids to publish."""
    return report["verdict"] != "safe"


def paths_of(package: model.Package) -> dict[str, Path]:
    """Where the bytes of each uploaded resource lie, by resource id."""
    found: dict[str, Path] = {}
    for resource in package.resources:
        path = _uploader.file_of({"id": resource.id, "url_type": resource.url_type})
        if path is not None:
            found[resource.id] = path
    return found


def layout_of(resource: model.Resource, report: Mapping[str, Any]) -> Layout | None:
    """The layout of a resource: its own, else the one proposed by the check."""
    own = (resource.extras or {}).get("layout")
    proposed = report["resources"].get(resource.id, {}).get("layout")
    return Layout.from_json(own or proposed) if own or proposed else None


def compute(package: model.Package, policy: str, paths: Mapping[str, Path]) -> dict[str, Any]:
    """Judge every resource of a dataset.

    Args:
        package: the dataset.
        policy: name of the policy.
        paths: the bytes of each resource, by resource id.

    Returns:
        The report of DESIGN section 5, and ``resources`` with name, roles, proposed layout by id.
    """
    findings: list[dict[str, Any]] = []
    resources: dict[str, Any] = {}
    known = _linked.linked(package)
    with tempfile.TemporaryDirectory(prefix="sozialdaten-check-") as name:
        folder = Path(name)
        for resource in package.resources:
            path = paths.get(resource.id)
            if path is None:
                findings.append(_finding(resource, "not-held", _NOT_HELD, _UPLOAD))
                continue
            beside = Beside(known, folder / resource.id, paths)
            report, proposed = judged(resource, path, policy, beside)
            findings += [{**finding, "resource_id": resource.id} for finding in report["findings"]]
            resources[resource.id] = {
                "name": resource.name or "",
                "roles": report["roles"],
                **({"layout": proposed.to_json()} if proposed else {}),
            }
    if not package.resources:
        findings.append(_finding(None, "empty", _EMPTY, _UPLOAD))
    unsafe = any(finding["severity"] == "block" for finding in findings)
    roles = {name: role for item in resources.values() for name, role in item["roles"].items()}
    return {
        "verdict": "unsafe" if unsafe else "safe",
        "policy": policy,
        "findings": findings,
        "roles": roles,
        "resources": resources,
        "engine": _vouched.engine_of(policy, known),
    }


_NOT_HELD = Message("The portal does not hold the bytes of this resource.")
_UPLOAD = Message("Upload the file itself; a link can change after the review.")
_EMPTY = Message("The working copy has no file.")
NAKED = "naked-figures"  # a figure without region or time
_UNPLACED = {
    Role.REGION: (
        Message("The table does not say of which region its figures speak."),
        Message(
            "Add a column with the region, for instance “gebiet” with the official key (AGS), or"
            " give the column its role under “Layout”."
        ),
    ),
    Role.TIME: (
        Message("The table does not say of which time its figures speak."),
        Message(
            "Add a column with the year or the reference date, for instance “jahr”, or give the"
            " column its role under “Layout”."
        ),
    ),
}
_PAGED: dict[bool, dict[str, bool]] = {True: {"paged": True}, False: {}}
_LAYOUT = Message("Correct the file or its layout.")


def _finding(
    resource: model.Resource | None, rule: str, message: Message, remedy: Message, column: str = ""
) -> dict[str, Any]:
    return {
        "rule": rule,
        "severity": "block",
        "resource": (resource.name or "") if resource else "",
        "resource_id": resource.id if resource else "",
        "sheet": "",
        "column": column,
        "cells": [],
        "message": message.both(),
        "remedy": remedy.both(),
    }


@dataclass(frozen=True, slots=True)
class Beside:
    """What is judged together with a file: releases, and the other files of its working copy.

    Args:
        known: the releases.
        folder: for links to bytes; made anew for each file.
        paths: the bytes of the working copy, by resource id.
    """

    known: _linked.Linked
    folder: Path
    paths: Mapping[str, Path]

    def link(self, filename: str, path: Path) -> Path:
        """The file under its name: readers go by the ending, and the store has none."""
        named = self.folder / filename
        named.parent.mkdir(parents=True)
        named.symlink_to(path)
        return named

    def tables(self, resource: model.Resource) -> list[Released]:
        """Everything but the file itself."""
        seen = {_store.sha256_of(self.paths[resource.id])}
        found = _linked.tables(self.known.own, self.folder, seen)
        for other in resource.package.resources:
            path, filename = self.paths.get(other.id), Path(other.url or "").name
            if path is None or not _tables.is_table(filename) or _store.sha256_of(path) in seen:
                continue
            layout = (other.extras or {}).get("layout")
            known = Layout.from_json(layout) if layout else None
            named = self.folder / other.id / filename
            named.parent.mkdir()
            named.symlink_to(path)
            found.append(Released(named, other.name or filename, known))
        return found + _linked.tables(self.known.others, self.folder, seen)


def judged(
    resource: model.Resource, path: Path, policy: str, beside: Beside
) -> tuple[dict[str, Any], Layout | None]:
    """Findings on one file, and the layout proposed for it if it has none."""
    from ckanext.sozialdaten.disclosure import check_files, load_policy

    filename = Path(resource.url).name
    own = (resource.extras or {}).get("layout")
    proposed: Layout | None = None
    try:
        layout = Layout.from_json(own) if own else None
        report = check_files(
            [beside.link(filename, path)],
            layout=layout,
            policy=load_policy(policy),
            released=beside.tables(resource) if _tables.is_table(filename) else (),
        )
        if layout is None and _tables.is_table(filename):
            proposed = layout = _tables.propose_layout(path, dict(report.roles))
        if layout is not None and _tables.is_table(filename):
            for _ in _tables.open_table(path, filename, layout).rows():
                pass  # every cell must fit its type before anybody reviews it
    except SozialdatenError as error:
        column = error.place.column if error.place else ""
        finding = _finding(resource, error.code, error.message, error.hint or _LAYOUT, column)
        finding["message"] = {language: error.text(language) for language in ("de", "en")}
        return {"findings": [finding], "roles": {}}, None
    # what stands in a document is found by its page, in a table by its row
    known = {"resource": resource.name or filename, **_PAGED[is_document(filename)]}
    findings = [
        _gated({**found.to_json(), **known}, filename)
        for found in report.findings
        if not _is_stranger(found, filename)
    ]
    if layout is not None:
        findings += [_finding(resource, NAKED, *_UNPLACED[role]) for role in layout.unplaced]
    if _formulas.has_formulas(path, filename):
        remedy = _formulas.remedy_of(filename)
        findings.append(_finding(resource, _formulas.RULE, _formulas.MESSAGE, remedy))
    return {
        "findings": findings,
        "roles": {name: str(role) for name, role in report.roles.items()},
    }, proposed


def _gated(finding: dict[str, Any], filename: str) -> dict[str, Any]:
    """A finding as the gate takes it: a formula forbids the release, since it can be removed."""
    if finding["rule"] != _formulas.RULE:
        return finding
    return {**finding, "severity": "block", "remedy": _formulas.remedy_of(filename).both()}


def _is_stranger(finding: Finding, filename: str) -> bool:
    """Whether a note says merely that another table counts something else.

    Most tables of an organisation do; of the same file in an earlier release it is worth a word.
    """
    other = finding.message.params.get("other")
    return (
        finding.severity is Severity.INFO
        and other is not None
        and not (str(other).endswith(f": {filename}"))
    )


def stored(fingerprint: str, policy: str) -> Check | None:
    """The stored check of a state; None if there is none or if its job was lost."""
    found = Check.get(fingerprint, policy)
    if found and found.state == "running" and _now() - found.updated_at > _STALE:
        return None
    return found


def start(package: model.Package, policy: str) -> Check:
    """The check of a working copy's state: stored, made at once, or begun as a job."""
    paths = paths_of(package)
    digests = {resource_id: _store.sha256_of(path) for resource_id, path in paths.items()}
    fingerprint = _working_copy.fingerprint_of(package, digests)
    found = stored(fingerprint, policy)
    if found and (
        found.state == "running"
        or (found.report is not None and _vouched.holds(found.report, package, fingerprint))
    ):
        return found
    size = sum(path.stat().st_size for path in paths.values())
    if size > gate_check_at_once_bytes():
        save(fingerprint, policy, "running", None)
        tk.enqueue_job(
            check_job,
            [package.id, policy, fingerprint],
            title=f"check {package.id}",
            rq_kwargs={"timeout": 3600},
        )
    else:
        _judge(package, policy, fingerprint)
    check = stored(fingerprint, policy)
    assert check is not None  # noqa: S101 - just written
    return check


def check_job(package_id: str, policy: str, fingerprint: str) -> None:
    """The background job: judge a working copy if it still is what was asked about."""
    package = model.Package.get(package_id)
    if package is None:
        save(fingerprint, policy, "failed", None)
    else:
        _judge(package, policy, fingerprint)


def _judge(package: model.Package, policy: str, fingerprint: str) -> None:
    """Store the sealed report on a state, if it still is the one that was asked about.

    Whoever changes a file while it is read, even back and forth, gets no report: a release would
    trust it.
    """
    paths = paths_of(package)
    before = _versions(paths)
    digests = {resource_id: _store.sha256_of(path) for resource_id, path in paths.items()}
    if _working_copy.fingerprint_of(package, digests) == fingerprint:
        report = _vouched.sealed(compute(package, policy, paths), fingerprint)
        if _versions(paths) == before:
            save(fingerprint, policy, "done", report)
            return
    save(fingerprint, policy, "failed", None)


def _versions(paths: Mapping[str, Path]) -> dict[str, tuple[int, ...]]:
    """What changes with every write to a file, and what nobody can set back."""
    known = {key: path.stat() for key, path in paths.items() if path.is_file()}
    return {key: (seen.st_ino, seen.st_size, seen.st_ctime_ns) for key, seen in known.items()}


def save(fingerprint: str, policy: str, state: str, report: dict[str, Any] | None) -> None:
    values = {"state": state, "report": report, "updated_at": _now()}
    query = insert(Check).values(fingerprint=fingerprint, policy=policy, **values)
    model.Session.execute(
        query.on_conflict_do_update(index_elements=["fingerprint", "policy"], set_=values)
    )
    model.Session.commit()
    model.Session.expire_all()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
