"""Ways around the gate that were tried on a running portal, and are closed."""

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan_world import RefusedError
from gate_office import Office

from ckanext.sozialdaten.publishing import _uploader

# Somebody else's identity


def test_a_sysadmin_makes_no_token_for_a_reviewer(office: Office) -> None:
    with pytest.raises(RefusedError) as refused:
        office.world.call(
            "api_token_create", office.sysadmin, user=office.reviewer.name, name="geborgt"
        )
    assert refused.value.status == 403
    own = office.world.call(
        "api_token_create", office.reviewer, user=office.reviewer.name, name="eigen"
    )
    assert own["token"]


@pytest.mark.parametrize(
    "change",
    [{"password": "Geborgt-123456"}, {"email": "sysadmin@kreis.test"}, {"name": "anders"}],
    ids=["password", "email", "name"],
)
@pytest.mark.parametrize("action", ["user_patch", "user_update"])
def test_a_sysadmin_does_not_take_over_a_reviewer(
    office: Office, action: str, change: dict[str, str]
) -> None:
    present = {"id": office.reviewer.id, "email": model.User.get(office.reviewer.id).email}
    with pytest.raises(RefusedError) as refused:
        office.world.call(action, office.sysadmin, **(present | change))
    assert refused.value.status == 403


def test_a_sysadmin_still_helps_other_accounts(office: Office) -> None:
    changed = office.world.call(
        "user_patch", office.sysadmin, id=office.editor.id, email="neu@kreis.test"
    )
    assert changed["email"] == "neu@kreis.test"
    assert office.world.call(
        "api_token_create", office.sysadmin, user=office.editor.name, name="neu"
    )


def test_an_invited_account_is_no_reviewer(office: Office) -> None:
    submission = office.submit(office.working_copy()["id"])
    context = {"user": office.admin.name}
    second = office.world.account()
    tk.get_action("organization_member_create")(
        context,
        {"id": office.organisation["id"], "username": second.name, "role": "admin"},
    )
    with pytest.raises(RefusedError) as refused:
        office.approve(submission, second)
    assert refused.value.status == 403


# Lists that CKAN answers from the database


@pytest.mark.parametrize("who", [None, "stranger"])
def test_members_of_an_organisation_do_not_tell_of_its_working_copies(
    office: Office, who: str | None
) -> None:
    released, _ = office.release()
    account = getattr(office, who) if who else None
    params = {"id": office.organisation["name"], "object_type": "package"}
    told = office.world.call("member_list", account, **params)
    assert [row[0] for row in told] == [released["id"]]
    assert len(office.world.call("member_list", office.member, **params)) == 2


def test_visitors_do_not_learn_who_works_where(office: Office) -> None:
    assert office.world.call("member_list", id=office.organisation["name"]) == []
    assert office.world.call("organization_list_for_user", id=office.editor.name) == []
    own = office.world.call("organization_list_for_user", office.editor, id=office.editor.name)
    assert [item["id"] for item in own] == [office.organisation["id"]]


def test_the_list_of_all_tables_is_not_told(office: Office) -> None:
    office.release()
    for account in (None, office.stranger, office.editor):
        with pytest.raises(RefusedError):
            office.world.call("datastore_search", account, resource_id="_table_metadata")


# Counts


@pytest.mark.parametrize("who", [None, "stranger"])
def test_no_count_counts_a_working_copy(office: Office, who: str | None) -> None:
    office.working_copy()
    account = getattr(office, who) if who else None
    call = office.world.call
    shown = call("organization_show", account, id=office.organisation["id"], include_datasets=True)
    listed = call("organization_list", account, all_fields=True)
    for search in (
        {"include_private": True, "include_drafts": True, "include_deleted": True},
        {"fq": "capacity:private", "include_private": True},
        {"fq": "{!lucene}*:*", "include_private": True},
        {"q": "*:* OR permission_labels:*", "include_private": True},
    ):
        try:
            found = call("package_search", account, **search, **{"facet.field": ["organization"]})
        except RefusedError:
            continue
        assert (found["count"], found["facets"]) == (0, {"organization": {}}), search
    assert shown["package_count"] == 0
    assert [item["package_count"] for item in listed] == [0]


# Files and tables


def test_a_stranger_reads_neither_file_nor_table_of_a_working_copy(office: Office) -> None:
    copy = office.working_copy()
    resource = copy["resources"][0]["id"]
    context = {"user": office.sysadmin.name, "ignore_auth": True}
    tk.get_action("datastore_create")(
        context, {"resource_id": resource, "records": [{"a": 1}], "force": True}
    )
    paths = (
        f"/dataset/{copy['id']}/resource/{resource}/download/faelle.csv",
        f"/dataset/{copy['id']}/resource/{resource}/download",
        f"/dataset/{copy['name']}/resource/{resource}",
        f"/datastore/dump/{resource}",
        f"/dataset/{copy['id']}.ttl",
        *(f"/dataset/{copy['name']}/resource/{resource}/{name}" for name in
          ("karte.svg", "karte.csv", "verlauf.svg", "verlauf.csv")),
        f"/dataset/{copy['name']}/karte",
        f"/file/download/{resource}",
        f"/file/public-download/{resource}",
    )  # fmt: skip
    for account in (None, office.stranger):
        for path in paths:
            answer = office.world.page(path, account)
            assert answer.status_code in (403, 404), path
            assert "99001001" not in answer.get_data(as_text=True)
        for action in ("datastore_search", "datastore_info"):
            with pytest.raises(RefusedError):
                office.world.call(action, account, resource_id=resource, id=resource)


def test_another_dataset_does_not_serve_a_released_file(office: Office) -> None:
    released, _ = office.release()
    own = office.world.organisation(editor=office.stranger)
    dataset = office.world.dataset(office.stranger, own)
    for params in (
        {"url": "faelle.csv", "url_type": "upload"},
        {"id": released["resources"][0]["id"], "url": "faelle.csv", "url_type": "upload"},
    ):
        try:
            made = office.world.call(
                "resource_create", office.stranger, package_id=dataset["id"], **params
            )
        except RefusedError:
            continue
        assert _uploader.file_of(made) is None


def test_no_function_of_the_datastore_is_made(office: Office) -> None:
    with pytest.raises(RefusedError):
        office.world.call(
            "datastore_function_create",
            office.sysadmin,
            name="hintertuer",
            rettype="trigger",
            definition="BEGIN RETURN NEW; END;",
        )


def test_views_of_releases_are_not_cleared(office: Office) -> None:
    released, _ = office.release()
    resource = released["resources"][0]["id"]
    before = office.world.call("resource_view_list", id=resource)
    with pytest.raises(RefusedError):
        office.world.call("resource_view_clear", office.sysadmin)
    assert office.world.call("resource_view_list", id=resource) == before


# Functions that ckanext-harvest offers by mistake


@pytest.mark.parametrize("name", ["send_mail", "InactiveSource", "send_summary_email"])
def test_mailers_are_no_actions(office: Office, name: str) -> None:
    for account in (None, office.stranger, office.sysadmin):
        with pytest.raises(RefusedError) as refused:
            office.world.call(name, account)
        assert refused.value.status == 403


# Names


def test_nobody_blocks_a_release_by_taking_the_name_of_its_working_copy(office: Office) -> None:
    copy = office.working_copy(name="hilfen")
    own = office.world.organisation(editor=office.stranger)
    office.world.dataset(office.stranger, own, name="hilfen-arbeitsfassung")
    release = office.approve(office.submit(copy["id"]))
    assert office.world.call("package_show", id="hilfen")["id"] == release["dataset_id"]
    assert office.show(copy["id"])["name"] == "hilfen-arbeitsfassung-2"


# Loaders


@pytest.mark.parametrize("plugin", ["xloader", "datapusher"])
def test_a_loader_that_somebody_enables_loads_nothing(plugin: str) -> None:
    from ckanext.sozialdaten.publishing import _chains

    for chain in _chains.OTHERS[plugin].values():
        with pytest.raises(tk.ValidationError):
            chain(_loads, {"ignore_auth": True}, {"resource_id": "x"})


def _loads(_context: Any, _data_dict: Any) -> Any:
    pytest.fail("the loader ran")
