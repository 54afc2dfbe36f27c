"""Check, submit, approve, look: what the youth office and the data protection officer do."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.demo._accounts import EDITOR, REVIEWER
from ckanext.sozialdaten.demo._portal import DemoError, Portal, PortalRefusedError
from ckanext.sozialdaten.demo._waiting import wait_for
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source
from ckanext.sozialdaten.messages import Message

__all__ = ["Published", "release", "verify"]

_SECONDS = 180
_SUFFIX = "-arbeitsfassung"
_REASON = "Befunde durchgesehen, keine Einwände (Vorführung)."


@dataclass(frozen=True, slots=True)
class Published:
    """One dataset as the public sees it.

    Args:
        source: the source that it came from.
        series: a series of the lake's public zone that it filled.
        name: its address below ``/dataset``.
        title: its title.
        release: number of its release.
        findings: how many findings each severity has.
        rows: rows of its table.
        resource: id of its released table.
        views: address of each preview by its type.
        new: whether this run released it.
    """

    source: str
    series: str
    name: str
    title: str
    release: int
    findings: dict[str, int]
    rows: int
    resource: str
    views: dict[str, str]
    new: bool


def _show(portal: Portal, name: str, account: str | None) -> dict[str, Any] | None:
    try:
        return portal.call("package_show", account, id=name)
    except PortalRefusedError as error:
        if error.status in (403, 404):
            return None
        raise


def _working_copy(portal: Portal, name: str) -> dict[str, Any]:
    """The working copy, under its name before or after the first release."""
    found = _show(portal, name + _SUFFIX, EDITOR) or _show(portal, name, EDITOR)
    if found is None:
        raise DemoError(
            Message("The harvest wrote no working copy {name}.", {"name": name}),
            Message("See `deployment/portal logs fetch`."),
        )
    return found


def _count(checked: dict[str, Any]) -> dict[str, int]:
    """How many findings each severity has."""
    counts: dict[str, int] = {}
    for finding in checked["findings"]:
        counts[finding["severity"]] = counts.get(finding["severity"], 0) + 1
    return counts


def _submit_and_approve(portal: Portal, source: Source, working_copy: str) -> None:
    submission = portal.call(
        "sozialdaten_submit",
        EDITOR,
        id=working_copy,
        purpose=source.purpose["de"],
        legal_basis=source.legal_basis[0],
        policy=source.publish.policy,
    )
    portal.call("sozialdaten_review_approve", REVIEWER, id=submission["id"], reason=_REASON)


def _released(portal: Portal, name: str) -> dict[str, Any] | None:
    """The public dataset, as anybody sees it."""
    return _show(portal, name, None)


def _newest_release(portal: Portal, dataset: dict[str, Any]) -> dict[str, Any]:
    releases = portal.call("sozialdaten_release_list", None, dataset_id=dataset["id"])
    return max(releases, key=lambda release: release["number"])


def _up_to_date(portal: Portal, name: str, checked: dict[str, Any]) -> bool:
    """Whether the newest release holds what the working copy holds now."""
    dataset = _released(portal, name)
    if dataset is None:
        return False
    return _newest_release(portal, dataset)["fingerprint"] == checked["fingerprint"]


def release(portal: Portal, source_id: str) -> Published:
    """Check, submit and approve the working copy of a source, unless that is done.

    Raises:
        PortalRefusedError: the gate refused it; says why.
    """
    source = load_source(source_id)
    name = str(source.dataset["name"])
    working_copy = _working_copy(portal, name)
    checked = portal.call("sozialdaten_check", EDITOR, id=working_copy["id"])
    new = not _up_to_date(portal, name, checked)
    if new:
        _submit_and_approve(portal, source, working_copy["id"])
    dataset = wait_for(name, _SECONDS, lambda: _released(portal, name))
    resource = dataset["resources"][0]
    views = portal.call("resource_view_list", None, id=resource["id"])
    return Published(
        source=source_id,
        series=source.series(source.publish.measures[0]),
        name=name,
        title=dataset["title"],
        release=_newest_release(portal, dataset)["number"],
        findings=_count(checked),
        rows=_rows(portal, resource["id"]),
        resource=resource["id"],
        views={
            view["view_type"]: f"/dataset/{name}/resource/{resource['id']}?view_id={view['id']}"
            for view in views
        },
        new=new,
    )


def _rows(portal: Portal, resource: str) -> int:
    """How many rows the DataStore shows to everybody."""
    found = portal.call("datastore_search", None, resource_id=resource, limit=0)
    return int(found["total"])


def verify(portal: Portal, published: Iterable[Published]) -> None:
    """See what a visitor sees: the pages, the previews with figures, the values in the lake.

    Raises:
        DemoError: something of it is not there.
    """
    datasets = list(published)
    for dataset in datasets:
        if not dataset.views:
            raise DemoError(Message("{name} has no preview.", {"name": dataset.name}))
        # One preview of each dataset: which kinds there are depends on its regions and times.
        for path in (f"/dataset/{dataset.name}", next(iter(dataset.views.values()))):
            page = portal.page(path)
            if page.status_code != 200:
                raise DemoError(
                    Message(
                        "{path} answers a visitor with HTTP {status}.",
                        {"path": path, "status": page.status_code},
                    )
                )
    wanted = {dataset.series for dataset in datasets}
    wait_for("Public zone", _SECONDS, lambda: wanted <= _in_lake(portal) or None)


def _in_lake(portal: Portal) -> set[str]:
    """The series of the lake's public zone."""
    try:
        text = portal.installation.sozialdaten("series", "list", "--zone", "public", "--json")
    except DemoError:
        return set()
    return {line["series"] for line in json.loads(text)}
