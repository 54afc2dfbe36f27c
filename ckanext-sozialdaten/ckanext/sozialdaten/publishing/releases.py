"""Pages of releases: each at its own address for ever, with files, record and comparison.

A withdrawn release leaves a tombstone: that it was there, when it went, and what the public may
know of why; nothing of what it said. It stands at the address of the release, at that of the
dataset once the newest release is withdrawn, and in the chain of all records. Releases before it
stay at their addresses unless they were withdrawn with it.
"""

import json
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.common import config
from flask import Blueprint, Response, send_file

from ckanext.sozialdaten.disclosure import explain, list_explained
from ckanext.sozialdaten.publishing import _history, _recording, _store
from ckanext.sozialdaten.publishing._pdf import pdf_of
from ckanext.sozialdaten.publishing.errors import DocumentError
from ckanext.sozialdaten.publishing.model import Release, Reviewer, Withdrawal, live_dataset_ids
from ckanext.sozialdaten.publishing.records import FORMAT

__all__ = ["before_request", "releases", "remaining"]

releases = Blueprint("sozialdaten_releases", __name__)
_BASE = "/dataset/<name>/veroeffentlichung/<int:number>"


def _package(name: str) -> dict[str, Any]:
    """The dataset if the reader may see it; for everybody else it is not there."""
    try:
        package: dict[str, Any] = tk.get_action("package_show")(_context(), {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("This page does not exist."))
    return package


def _context() -> Any:
    return {"user": tk.g.user, "auth_user_obj": tk.g.userobj}


def _found(name: str, number: int) -> tuple[dict[str, Any], Release] | Any:
    """Dataset and release, or a tombstone with status 410."""
    known = model.Package.get(name)
    release = _history.release_of(known.id, number) if known else None
    if release is None or known is None or known.name != name:
        return tk.abort(404, tk._("This page does not exist."))
    if release.withdrawal:
        return _tombstone(known, release)
    return remaining(known) or _package(name), release


def remaining(package: model.Package) -> dict[str, Any] | None:
    """What the pages of a dataset's standing releases need of it once its newest one is gone.

    Its own page is a tombstone, and nothing of the withdrawn state is told; None where the dataset
    stands, or where nothing of it does.
    """
    known = _history.releases_of(package.id)
    standing = next((one for one in known if not one.withdrawal), None)
    if standing is None or not known[0].withdrawal or package.state != "active":
        return None
    owner = model.Group.get(package.owner_org)
    office = {"name": owner.name, "title": owner.title, "type": owner.type} if owner else None
    return {
        "id": package.id,
        "name": package.name,
        "title": standing.record["public"]["title"],
        "type": package.type,
        "state": package.state,
        "private": False,
        "organization": office,
        "resources": [],
    }


def _tombstone(package: model.Package, release: Release) -> Any:
    """What is told of a withdrawn release, with the way to those that stand."""
    known = _history.releases_of(package.id)
    gone = known[0].withdrawal is not None
    shown = {
        "release": release,
        "withdrawal": release.withdrawal,
        "name": package.name,
        "standing": [one for one in known if gone and not one.withdrawal],
    }
    return tk.render("sozialdaten/publishing/tombstone.html", shown), 410


def before_request() -> Any:
    """The tombstone at the address of a dataset and of the list of its releases, for whoever may
    not read its withdrawn release.
    """
    if tk.request.endpoint not in ("dataset.read", "sozialdaten_releases.index"):
        return None
    given = tk.request.view_args or {}
    package = model.Package.get(given.get("id") or given.get("name"))
    if package is None or not package.private or package.state != "active":
        return None
    newest = next(iter(_history.releases_of(package.id)), None)
    if (
        newest is None
        or not newest.withdrawal
        or tk.h.check_access("package_show", {"id": package.id})
    ):
        return None
    if tk.request.endpoint != "dataset.read" and remaining(package):
        return None  # the list still has something to show
    return _tombstone(package, newest)


def _citation(package: dict[str, Any], release: Release) -> str:
    """How to cite the release: who, when, what, which release, where."""
    organisation = package.get("organization") or {}
    return tk._("{who} ({year}): {title}. Release {number} of {day}. {site}. {address}").format(
        who=organisation.get("title") or organisation.get("name") or config["ckan.site_title"],
        year=release.released_at.year,
        title=release.record["public"]["title"],
        number=release.number,
        day=release.released_at.strftime("%d.%m.%Y"),
        site=config["ckan.site_title"],
        address=_address(package["name"], release),
    )


def _address(name: str, release: Release) -> str:
    address: str = tk.h.url_for(
        "sozialdaten_releases.show",
        name=name,
        number=release.number,
        qualified=True,
        locale="default",
    )
    return address


@releases.get("/dataset/<name>/veroeffentlichungen")
def index(name: str) -> str:
    """All releases of a dataset."""
    known = model.Package.get(name)
    package = (remaining(known) if known and known.name == name else None) or _package(name)
    found = _history.releases_of(package["id"])
    if not found:
        tk.abort(404, tk._("This page does not exist."))
    return tk.render(
        "sozialdaten/publishing/releases.html", {"pkg_dict": package, "releases": found}
    )


@releases.get(_BASE)
def show(name: str, number: int) -> Any:
    """One release: files, record, citation."""
    found = _found(name, number)
    if not isinstance(found[0], dict):
        return found
    package, release = found
    known = _history.releases_of(package["id"])
    others = [one for one in known if not one.withdrawal and one is not release]
    return tk.render(
        "sozialdaten/publishing/release.html",
        {
            "pkg_dict": package,
            "release": release,
            "public": release.record["public"],
            "files": _history.files_of(release),
            "citation": _citation(package, release),
            "others": others,
            "newest": known[0],
            "may_withdraw": tk.h.check_access("sozialdaten_release_withdraw", {"id": release.id}),
        },
    )


@releases.get(_BASE + "/datei/<resource_id>/<filename>")
def download(name: str, number: int, resource_id: str, filename: str) -> Any:
    """The bytes of a file of the release, as they were approved."""
    found = _found(name, number)
    if not isinstance(found[0], dict):
        return found
    for file in _history.files_of(found[1]):
        if file.resource_id == resource_id and file.filename == filename:
            answer = send_file(
                _store.path_of(file.sha256), as_attachment=True, download_name=file.filename
            )
            answer.headers["X-Content-Type-Options"] = "nosniff"
            answer.headers["ETag"] = f'"{file.sha256}"'
            return answer
    return tk.abort(404, tk._("This page does not exist."))


@releases.get(_BASE + "/nachweis.json")
def record(name: str, number: int) -> Any:
    """The disclosure record as JSON; staff and reviewers also get its internal part."""
    found = _found(name, number)
    if not isinstance(found[0], dict):
        return found
    release: Release = found[1]
    link = _recording.link_of(release, internal=_is_internal(release))
    internal = link.internal is not None
    body = json.dumps(link.to_json(internal=internal), ensure_ascii=False, indent=2)
    answer = Response(body, mimetype="application/json")
    filename = f"{name}-{number}-nachweis.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


@releases.get(_BASE + "/nachweis.pdf")
def document(name: str, number: int) -> Any:
    """The disclosure record as an accessible PDF/A for the register of processing activities."""
    found = _found(name, number)
    if not isinstance(found[0], dict):
        return found
    package, release = found
    link = _recording.link_of(release, internal=_is_internal(release))
    html = tk.render(
        "sozialdaten/publishing/record_document.html",
        {
            "pkg_dict": package,
            "release": release,
            "link": link,
            "citation": _citation(package, release),
            "titles": {rule: explain(rule, None, _language()).title for rule in list_explained()},
        },
    )
    try:
        body = pdf_of(html)
    except DocumentError as error:
        return tk.abort(503, error.text(_language()))
    answer = Response(body, mimetype="application/pdf")
    filename = f"{name}-{number}-nachweis.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def _language() -> str:
    return "de" if tk.h.lang() == "de" else "en"


def _is_internal(release: Release) -> bool:
    """Whether the reader is a reviewer or of the staff that may edit the working copy."""
    user = model.User.get(tk.g.user) if tk.g.user else None
    if user is None or user.state != "active":
        return False
    staff = tk.h.check_access("package_update", {"id": release.working_copy_id})
    return bool(staff) or Reviewer.current(user.id) is not None


@releases.get(_BASE + "/vergleich/<int:other>")
def difference(name: str, number: int, other: int) -> Any:
    """What changed from another release to this one."""
    found, past = _found(name, number), _found(name, other)
    for one in (found, past):
        if not isinstance(one[0], dict):
            return one
    package, release = found
    return tk.render(
        "sozialdaten/publishing/release_diff.html",
        {
            "pkg_dict": package,
            "release": release,
            "other": past[1],
            "diff": _history.diff(past[1], release).to_json(),
        },
    )


@releases.get("/veroeffentlichungen.json")
def chain() -> Response:
    """The chain of all records, the oldest first: of withdrawn and unseen ones the hashes alone."""
    visible = _visible()
    withdrawn = _withdrawn()
    shown = [
        link.to_json()
        if link.hash in visible
        else {**link.to_json(), "public": None, **withdrawn.get(link.hash, {})}
        for link in _recording.links()
    ]
    body = json.dumps({"format": FORMAT, "releases": shown}, ensure_ascii=False)
    return Response(body, mimetype="application/json")


def _withdrawn() -> dict[str, dict[str, Any]]:
    """What the public may know of each withdrawn release, by its hash."""
    query = sa.select(Release.hash, Withdrawal.withdrawn_at, Withdrawal.public_reason).join(
        Withdrawal, Withdrawal.release_id == Release.id
    )
    return {
        hash_: {"withdrawn": {"at": at.isoformat(timespec="seconds"), "reason": reason}}
        for hash_, at, reason in model.Session.execute(query)
    }


def _visible() -> set[str]:
    """The hashes of the releases that stand, under a newer one that was withdrawn, too."""
    withdrawn = Withdrawal.release_id.is_not(None)
    query = sa.select(Release.hash, Release.dataset_id, withdrawn).order_by(Release.number)
    found = model.Session.execute(query.outerjoin(Withdrawal, Withdrawal.release_id == Release.id))
    rows = [tuple(row) for row in found]
    newest_gone = {dataset: gone for _, dataset, gone in rows}
    shown = live_dataset_ids() | {dataset for dataset, gone in newest_gone.items() if gone}
    return {hash_ for hash_, dataset, gone in rows if not gone and dataset in shown}
