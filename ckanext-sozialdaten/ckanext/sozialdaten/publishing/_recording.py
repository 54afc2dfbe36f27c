"""What a release writes down: its disclosure record, and whether all records still hold."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.disclosure import load_policy
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _store
from ckanext.sozialdaten.publishing._fingerprint import released_fingerprint
from ckanext.sozialdaten.publishing.errors import TamperedError
from ckanext.sozialdaten.publishing.model import Release, ReleasedFile, Submission
from ckanext.sozialdaten.publishing.records import (
    FORMAT,
    Link,
    Problem,
    canonical,
    digest,
    link_hash,
    verify,
)

__all__ = ["complete", "link_of", "links", "record_of", "verify_all"]


def _policy(name: str) -> dict[str, str]:
    policy = load_policy(name)
    numbers = dataclasses.asdict(policy)
    return {"name": policy.name, "version": policy.version, "sha256": digest(numbers)}


def _found(findings: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """How many findings of each rule and severity: all that the public learns of them."""
    counts: dict[str, dict[str, int]] = {}
    for finding in findings:
        of_rule = counts.setdefault(finding["rule"], {})
        of_rule[finding["severity"]] = of_rule.get(finding["severity"], 0) + 1
    return counts


def record_of(
    submission: Submission,
    released: model.Package,
    decision: Mapping[str, Any],
    files: list[dict[str, Any]],
    origin: Mapping[str, Any],
) -> dict[str, Any]:
    """The record of a release, without the fields of its row.

    Args:
        submission: what was approved.
        released: the public dataset.
        decision: ``by``, ``at``, ``reason``, ``standing`` (id of a standing approval, or empty),
            ``publisher`` (id of the third person, or empty) and ``published_at``.
        files: filename, name, SHA-256, size, rows and columns of each file.
        origin: ``source`` and ``source_state`` of the working copy, and ``layouts`` by SHA-256.
    """
    engine = submission.report.get("engine") or {}
    public = {
        "format": FORMAT,
        "dataset": released.name,
        "title": released.title or released.name,
        "source": origin["source"],
        "purpose": submission.purpose,
        "legal_basis": submission.legal_basis,
        "policy": _policy(submission.policy),
        "engine": {"version": version("ckanext-sozialdaten"), "rules": engine.get("rules", [])},
        "considered": engine.get("considered", []),
        "verdict": submission.report["verdict"],
        "findings": _found(submission.report["findings"]),
        "files": files,
        "submitted": {
            "by": "harvest" if decision["standing"] else "editor",
            "at": _moment(submission.submitted_at),
        },
        "approved": {"by": "reviewer", "at": _moment(decision["at"])}
        | ({"as": "standing approval"} if decision["standing"] else {}),
        **(
            {"published": {"by": "publisher", "at": _moment(decision["published_at"])}}
            if decision["publisher"]
            else {}
        ),
    }
    internal = {
        "source_state": origin["source_state"],
        "layouts": origin["layouts"],
        "findings": submission.report["findings"],
        "decision": decision["reason"],
        **({"standing": decision["standing"]} if decision["standing"] else {}),
        **({"published_by": decision["publisher"]} if decision["publisher"] else {}),
        "submitted_by": submission.submitted_by,
        "approved_by": decision["by"],
        "submission": submission.id,
    }
    plain: dict[str, Any] = json.loads(canonical({"public": public, "internal": internal}))
    return plain


def _moment(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat(timespec="seconds")


def _row(release: Release) -> dict[str, Any]:
    """The fields of the row that the public may know; they are part of what is hashed."""
    names = ("id", "dataset_id", "number", "fingerprint", "dataset_fingerprint")
    return {name: getattr(release, name) for name in names} | {
        "released_at": _moment(release.released_at)
    }


def complete(release: Release) -> str:
    """The hash of a release row that is otherwise complete."""
    public = {**release.record["public"], **_row(release)}
    return link_hash(public, digest(release.record["internal"]), release.previous_hash)


def link_of(release: Release, *, internal: bool = False) -> Link:
    """The record of a release as a link of the chain; only its hashes once it is withdrawn.

    Args:
        release: the release.
        internal: whether the reader may see findings, people and the reason of the decision.
    """
    own = release.record["internal"]
    if release.withdrawal and not internal:
        return Link(release.hash, release.previous_hash)
    return Link(
        release.hash,
        release.previous_hash,
        {**release.record["public"], **_row(release)},
        digest(own),
        own if internal else None,
    )


def links(*, internal: bool = False) -> list[Link]:
    """The whole chain, the oldest release first."""
    rows = model.Session.execute(sa.select(Release).order_by(Release.seq)).scalars()
    return [link_of(release, internal=internal) for release in rows]


def verify_all() -> list[Problem]:
    """Everything that does not hold: records, people of the rows, bytes, and live datasets."""
    problems = verify(links(internal=True), whole=True)
    rows = model.Session.execute(sa.select(Release).order_by(Release.seq)).scalars().all()
    newest = {release.dataset_id: release for release in rows}
    for release in rows:
        name = f"{release.record['public']['dataset']} {release.number}"
        own = release.record["internal"]
        people = (release.submitted_by, release.approved_by, release.submission_id)
        if people != (own["submitted_by"], own["approved_by"], own["submission"]):
            problems.append(Problem(name, Message("The people of the release were changed.")))
        if release.withdrawal:
            continue
        problems += _bytes(release, name)
        if newest[release.dataset_id] is release:
            problems += _shown(release, name)
    return problems


def _bytes(release: Release, name: str) -> list[Problem]:
    vouched = {file["sha256"] for file in release.record["public"]["files"]}
    query = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
    files = model.Session.execute(query).scalars().all()
    problems: list[Problem] = []
    if {file.sha256 for file in files} != vouched:
        problems.append(Problem(name, Message("The files of the release are not those recorded.")))
    for file in files:
        try:
            _store.verify(file.sha256)
        except TamperedError as error:
            problems.append(Problem(name, error.message))
    return problems


def _shown(release: Release, name: str) -> list[Problem]:
    package = model.Package.get(release.dataset_id)
    if package is not None and released_fingerprint(package) == release.dataset_fingerprint:
        return []
    return [Problem(name, Message("The public dataset is not the one that was approved."))]
