"""Datasets in which a canary sings: a word of its own in every field, file, row, view and decision.

One office holds a canary of each kind that the public may not hear. ``CANARIES`` names them; each
says which of its words somebody may hear after all.
"""

import io
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckanext.activity.model import Activity
from gate_office import LAYOUT, TABLE, Office
from proposal_world import KIND

__all__ = ["BEGINNING", "CANARIES", "GROUP", "Canary", "activities"]

# Every canary sits in one group, whose pages tell of their datasets.
GROUP = "vogelhaus"

# Markers share a beginning, so that completions and searches can be asked for it.
BEGINNING = "zk"
_TEXTS = {
    "title", "notes", "license_attribution", "source_name", "source_id", "quality_notes",
    "methodology", "provenance", "title_en", "notes_en", "identifier",
    # Fields of CKAN's that our schema does not show; who asks for them by hand may fill them.
    "author", "maintainer",
}  # fmt: skip
# What staff and reviewers write to each other: no member without the right to edit hears it.
_INTERNAL = ("comment", "reason", "purpose", "withdrawal")


@dataclass
class Canary:
    """A dataset and every word and id of it that somebody may not hear.

    Args:
        kind: a name of ``CANARIES``.
        office: to whom it belongs.
        words: the markers by the field that holds them.
        ids: ids that are not to be told either.
        heard_by_all: names of words and ids that the portal tells everybody.
        members_hear: whether the organisation's members may read the working copy.
    """

    kind: str
    office: Office
    words: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)
    heard_by_all: set[str] = field(default_factory=set)
    members_hear: bool = True

    def secrets(self, *, member: bool) -> dict[str, str]:
        """What a reader may not hear; ``member``: one of the organisation."""
        if not member:
            kept = self.words | self.ids
            return {name: said for name, said in kept.items() if name not in self.heard_by_all}
        if self.members_hear:
            return {name: self.words[name] for name in _INTERNAL if name in self.words}
        return self.words

    def call(self, action: str, account: str, /, **params: Any) -> Any:
        """An action in the name of somebody of the office."""
        return self.office.world.call(action, getattr(self.office, account), **params)


def _marker() -> str:
    return BEGINNING + secrets.token_hex(8)


def _fields(words: dict[str, str]) -> dict[str, Any]:
    """A marker in every field of the dataset that takes a text."""
    return {
        **{name: words[name] for name in _TEXTS},
        "tags": [{"name": words["tag"]}],
        "publisher": [{"name": words["publisher"], "url": f"https://{words['host']}.test/"}],
        "contact": [{"name": words["contact"], "email": f"{words['mailbox']}@kreis.test"}],
        "documentation": [f"https://kreis.test/{words['documentation']}"],
        "source_url": f"https://kreis.test/{words['source_url']}",
        "author_email": f"{words['author_email']}@kreis.test",
        "maintainer_email": f"{words['maintainer_email']}@kreis.test",
        "extras": [{"key": words["extra"], "value": words["extra_value"]}],
    }


def _table(words: dict[str, str]) -> tuple[bytes, str]:
    """A table with a marker as a heading and one in each row, and its layout."""
    head, *lines = TABLE.decode().split()
    rows = [f"{head};{words['column']};art", *(f"{line};99;{words['row']}" for line in lines)]
    layout = json.loads(LAYOUT)
    layout["fields"] += [
        {"name": words["column"], "type": "integer", "role": "count"},
        {"name": "art", "type": "string", "role": "dimension"},
    ]
    return "\n".join(rows).encode(), json.dumps(layout)


def _sing(canary: Canary, package: dict[str, Any]) -> None:
    """Fill an existing working copy: an old title in its history, texts, file, rows, view."""
    words = canary.words
    canary.call("package_patch", "editor", id=package["id"], title=words["past"])
    canary.call("package_patch", "editor", id=package["id"], **_fields(words))
    canary.call(
        "member_create",
        "sysadmin",
        id=GROUP,
        object=package["id"],
        object_type="package",
        capacity="public",
    )
    table, layout = _table(words)
    resource = canary.call(
        "resource_create",
        "editor",
        package_id=package["id"],
        name=words["resource"],
        description=words["description"],
        format=words["format"],
        layout=layout,
        upload=(io.BytesIO(table), f"{words['file']}.csv"),
    )
    view = canary.call(
        "resource_view_create",
        "editor",
        resource_id=resource["id"],
        title=words["view"],
        description=words["view_text"],
        view_type="text_view",
    )
    tk.get_action("datastore_create")(
        {"user": canary.office.sysadmin.name, "ignore_auth": True},
        {"resource_id": resource["id"], "records": [{"satz": words["stored"]}], "force": True},
    )
    canary.call("sozialdaten_comment_create", "editor", id=package["id"], body=words["comment"])
    canary.ids |= {
        "package id": package["id"],
        "resource id": resource["id"],
        "view id": view["id"],
    }


def _new(kind: str, office: Office) -> Canary:
    names = (
        *_TEXTS, "tag", "publisher", "host", "contact", "mailbox", "documentation", "source_url",
        "past", "resource", "description", "format", "file", "column", "row", "view", "view_text",
        "stored", "comment", "name", "extra", "extra_value",
        "author_email", "maintainer_email",
    )  # fmt: skip
    return Canary(kind, office, {name: _marker() for name in names})


def _hatched(kind: str, office: Office) -> Canary:
    """A working copy that never was released."""
    canary = _new(kind, office)
    _sing(canary, office.world.dataset(office.editor, office.organisation, name=_name(canary)))
    return canary


def _name(canary: Canary) -> str:
    return canary.words["name"]


def _submitted(canary: Canary) -> dict[str, Any]:
    canary.words["purpose"] = _marker()
    submission = canary.call(
        "sozialdaten_submit",
        "editor",
        id=canary.ids["package id"],
        purpose=canary.words["purpose"],
        legal_basis=["sgb10-75"],
        policy="amtliche-statistik-3",
    )
    canary.ids["submission id"] = submission["id"]
    return submission


def _decided(canary: Canary, action: str) -> Any:
    submission, reason = _submitted(canary), _marker()
    canary.words["reason"] = reason
    return canary.call(action, "reviewer", id=submission["id"], reason=reason)


def _pending(office: Office) -> Canary:
    canary = _hatched("pending", office)
    _submitted(canary)
    return canary


def _rejected(office: Office) -> Canary:
    canary = _hatched("rejected", office)
    _decided(canary, "sozialdaten_review_reject")
    return canary


def _withdrawn(office: Office, kind: str = "withdrawn") -> Canary:
    """A release that everybody heard until it was withdrawn."""
    canary = _hatched(kind, office)
    release = _decided(canary, "sozialdaten_review_approve")
    public = canary.office.world.call("package_show", id=release["dataset_id"])
    assert canary.words["notes"] in json.dumps(public)
    canary.ids |= {
        "released id": public["id"],
        "released resource id": public["resources"][0]["id"],
        "release id": release["id"],
        "bytes": release["files"][0]["sha256"],
    }
    canary.words["withdrawal"] = _marker()
    canary.call(
        "sozialdaten_release_withdraw",
        "editor",
        id=release["id"],
        reason=canary.words["withdrawal"],
        public_reason="Ein Fehler.",
    )
    # The address and the tombstone of a release stay, and the chain of hashes that verifies it.
    canary.heard_by_all |= {"release id", "released id"}
    return canary


def _replaced(office: Office) -> Canary:
    """Release 1 sang and was withdrawn; release 2, without a word of it, is public."""
    canary = _withdrawn(office, "replaced")
    package = canary.ids["package id"]
    canary.call("resource_delete", "editor", id=canary.ids["resource id"])
    clean = dict.fromkeys(_TEXTS, "") | {"title": "Hilfen", "notes": "Hilfen."}
    clean |= {"author_email": "", "maintainer_email": "", "extras": []}
    clean |= {"tags": [], "publisher": [], "contact": [], "documentation": [], "source_url": ""}
    canary.call("package_patch", "editor", id=package, **clean)
    office.add_table(package)
    office.approve(office.submit(package))
    canary.heard_by_all |= {"name"}
    return canary


def _changed(office: Office) -> Canary:
    """A clean release is public; its working copy sings and waits for the next one."""
    canary = _new("changed", office)
    released, _ = office.release(name="offen")
    _sing(canary, office.show("offen-arbeitsfassung"))
    _submitted(canary)
    canary.ids["released id"] = released["id"]
    canary.heard_by_all |= {"released id"}
    del canary.words["name"]
    return canary


def _purged(office: Office) -> Canary:
    """A working copy that waited for review and was removed for good."""
    canary = _hatched("purged", office)
    _submitted(canary)
    canary.call("package_delete", "editor", id=canary.ids["package id"])
    canary.call("dataset_purge", "sysadmin", id=canary.ids["package id"])
    canary.members_hear = False
    return canary


def _texts(office: Office) -> Canary:
    """Texts for the public of every state in which the public does not read them."""
    canary = Canary("texts", office, {}, members_hear=False)
    for state in ("draft", "submitted", "rejected", "replaced", "retired", "next"):
        key, body, reason = _marker(), _marker(), _marker()
        canary.words |= {f"{state} body": body}
        if state == "next":  # an approved version is public, the next one sings
            _written(canary, "approved", key, "Ein offener Text.", "Gelesen.")
            canary.ids["next id"] = _written(canary, "submitted", key, body, reason)
            continue
        canary.words |= {f"{state} key": key}
        canary.ids[f"{state} id"] = _written(canary, state, key, body, reason)
        if state in ("rejected", "retired"):
            canary.words[f"{state} reason"] = reason
    return canary


def _written(canary: Canary, state: str, key: str, body: str, reason: str) -> str:
    """The id of a text that has come as far as ``state``."""
    draft = canary.call(
        "sozialdaten_proposal_save",
        "editor",
        kind=KIND,
        key=key,
        body=body,
        organisation=canary.office.organisation["id"],
    )
    found: str = draft["id"]
    if state == "draft":
        return found
    canary.call("sozialdaten_proposal_submit", "editor", id=found)
    if state == "replaced":
        _written(canary, "submitted", key, "Ein weiterer Text.", "")
    if state == "rejected":
        canary.call("sozialdaten_proposal_reject", "reviewer", id=found, reason=reason)
    if state in ("approved", "retired"):
        canary.call("sozialdaten_proposal_approve", "reviewer", id=found, reason="Gelesen.")
    if state == "retired":
        canary.call("sozialdaten_proposal_retire", "editor", id=found, reason=reason)
    return found


CANARIES: dict[str, Callable[[Office], Canary]] = {
    "pending": _pending,
    "rejected": _rejected,
    "withdrawn": _withdrawn,
    "replaced": _replaced,
    "changed": _changed,
    "purged": _purged,
    "texts": _texts,
}


def activities() -> list[str]:
    """Ids of activities that speak of datasets and views, the newest first."""
    newest = sa.select(Activity.id).order_by(Activity.timestamp.desc()).limit(40)
    return list(model.Session.execute(newest).scalars())
