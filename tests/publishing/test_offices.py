"""Offices that are renamed, merged or put under another; forms with fields that nobody showed."""

import contextlib
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan_world import RefusedError
from gate_office import Office

from ckanext.sozialdaten.publishing._recording import verify_all
from ckanext.sozialdaten.publishing.model import Dataset

SECRET = "Ungeprüftes"


def _reads(office: Office, who: Any, name: str) -> bool:
    answer = office.world.page(f"/api/3/action/package_show?id={name}", who)
    assert answer.status_code in (200, 404)
    return answer.status_code == 200


def _refused(office: Office, action: str, who: Any, **given: Any) -> int:
    with pytest.raises(RefusedError) as found:
        office.world.call(action, who, **given)
    return found.value.status


# Names and mergers


def test_a_renamed_office_keeps_its_releases_and_its_secrets(shared_office: Office) -> None:
    office, organisation = shared_office, shared_office.organisation["id"]
    office.release(name="umbenannt")
    office.working_copy(name="verdeckt", title=SECRET)
    renamed = {"id": organisation, "name": "amt-neu", "title": "Neues Amt"}
    office.world.call("organization_patch", office.admin, **renamed)
    shown = office.world.page("/dataset/umbenannt")
    assert (shown.status_code, "Neues Amt" in shown.body) == (200, True)
    assert "umbenannt" in office.world.call("package_list")
    assert verify_all() == []
    assert not _reads(office, None, "verdeckt")
    for page in ("/organization/amt-neu", "/organization/amt-neu?q=*:*"):
        assert SECRET not in office.world.page(page).body


def test_an_office_with_releases_is_not_dissolved(shared_office: Office) -> None:
    office = shared_office
    office.release(name="bleibt-stehen")
    given = {"id": office.organisation["id"]}
    for action in ("organization_delete", "organization_purge"):
        assert _refused(office, action, office.sysadmin, **given) == 409
    assert office.world.page("/dataset/bleibt-stehen").status_code == 200


def test_a_working_copy_that_moves_is_read_by_its_new_office_alone(shared_office: Office) -> None:
    office = shared_office
    copy = office.working_copy(name="zieht-um", title=SECRET)
    other = office.world.organisation()
    moved = {"id": copy["id"], "organization_id": other["id"]}
    office.world.call("package_owner_org_update", office.sysadmin, **moved)
    assert [_reads(office, who, "zieht-um") for who in (office.member, None)] == [False, False]
    released, _ = office.release(name="zieht-nicht-um")
    moved["id"] = released["id"]
    assert _refused(office, "package_owner_org_update", office.sysadmin, **moved) == 409


# An office above or below another one


@pytest.mark.parametrize("capacity", ["parent", "child", "public"])
def test_nobody_puts_a_foreign_office_above_or_below_their_own(
    shared_office: Office, capacity: str
) -> None:
    office = shared_office
    office.working_copy(name=f"unter-{capacity}", title=SECRET)
    intruder = office.world.account()
    own = office.world.organisation(admin=intruder)
    victim = office.organisation["id"]
    joined = {"object_type": "group", "capacity": capacity}
    attempts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("member_create", {"id": own["id"], "object": victim, **joined}),
        ("member_create", {"id": victim, "object": own["id"], **joined}),
        ("organization_patch", {"id": own["id"], "groups": [{"id": victim, "capacity": capacity}]}),
        ("organization_patch", {"id": victim, "groups": [{"id": own["id"]}]}),
        ("organization_member_create", {"id": victim, "username": intruder.name, "role": "admin"}),
    )
    for action, given in attempts:
        with contextlib.suppress(RefusedError):  # one of them changes their own office alone
            office.world.call(action, intruder, **given)
        assert not _reads(office, intruder, f"unter-{capacity}"), action


# Forms


@pytest.mark.parametrize(
    "hidden",
    [
        {"source_id": "fremd", "source": "fremd", "sozialdaten_source": "fremd"},
        {"private": "False", "state": "active", "visibility": "public"},
        {"id": "offen", "pkg_name": "offen", "name": "offen"},
        {
            "resources__0__id": "offen",
            "resources__0__url_type": "upload",
            "resources__0__url": "x.csv",
        },
        {"creator_user_id": "x", "metadata_created": "2001-01-01", "owner_org": "fremd"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_fields_that_the_form_does_not_show_publish_nothing_and_take_over_nothing(
    shared_office: Office, hidden: dict[str, str]
) -> None:
    office = shared_office
    if model.Package.get("offen") is None:
        office.release(name="offen")
        office.world.organisation(name="fremd")
    before = office.world.call("package_show", id="offen")
    copy = office.working_copy(title=SECRET)
    real = {"offen": before["resources"][0]["id"] if "resources__0__id" in hidden else "offen"}
    form = {
        "name": copy["name"],
        "title": SECRET,
        "notes": "Text",
        "license_id": copy["license_id"],
        "owner_org": copy["owner_org"],
        "_ckan_phase": "",
        "save": "",
        **{key: real.get(value, value) for key, value in hidden.items()},
    }
    path = f"/dataset/edit/{copy['name']}"
    client = office.world.app.test_client(use_cookies=False)
    answer = client.post(path, headers=office.editor.headers, data=form)
    assert answer.status_code < 500
    model.Session.remove()
    after = office.world.call("package_show", id="offen")
    assert after["metadata_modified"] == before["metadata_modified"]
    assert [one["id"] for one in after["resources"]] == [one["id"] for one in before["resources"]]
    stands = model.Package.get(copy["id"])
    assert stands is not None
    assert (stands.private, stands.owner_org) == (True, copy["owner_org"])
    assert stands.notes == "Text" or "source_id" not in hidden, "the form itself was taken"
    assert not _reads(office, None, copy["id"])
    row = Dataset.of_working_copy(copy["id"])
    assert row is None or row.source is None


@pytest.mark.parametrize(
    "address",
    [
        "s3://kreis/faelle.csv",
        "https://kreis.s3.eu-central-1.amazonaws.com/faelle.csv?X-Amz-Signature=abc",
        "file:///etc/passwd",
        "ftp://kreis.test/faelle.csv",
    ],
)
def test_a_link_to_a_file_elsewhere_is_never_released(shared_office: Office, address: str) -> None:
    office = shared_office
    copy = office.world.dataset(office.editor, office.organisation)
    linked = {"package_id": copy["id"], "name": "Fälle", "format": "CSV", "url": address}
    with contextlib.suppress(RefusedError):  # some are no address at all
        office.world.call("resource_create", office.editor, **linked)
    with pytest.raises(RefusedError) as found:
        office.submit(copy["id"])
    assert found.value.status == 409
    assert tk.get_action("package_show")({"ignore_auth": True}, {"id": copy["id"]})["private"]
