"""Each ring of the gate refuses by itself, whoever asks and however."""

import io
from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import rebuild
from ckan_world import RefusedError
from gate_office import Office

from ckanext.sozialdaten.publishing._labels import is_approved
from ckanext.sozialdaten.publishing.errors import GateClosedError
from ckanext.sozialdaten.publishing.model import Release

MARK = "geheimzeichen"


@pytest.fixture
def released(office: Office) -> dict[str, Any]:
    dataset, _ = office.release(name="hilfen")
    return dataset


def sql(statement: str, **params: Any) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(statement), params)


# Ring 0: the database


def test_raw_sql_does_not_publish(office: Office) -> None:
    copy = office.working_copy()
    with pytest.raises(sa.exc.IntegrityError, match="must stay private"):
        sql("UPDATE package SET private = false WHERE id = :id", id=copy["id"])


def test_a_bulk_statement_does_not_publish(office: Office) -> None:
    copy = office.working_copy()
    with pytest.raises(sa.exc.IntegrityError, match="must stay private"):
        model.Session.query(model.Package).filter_by(id=copy["id"]).update({"private": False})
    model.Session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sozialdaten_release SET number = 9",
        "DELETE FROM sozialdaten_release",
        "TRUNCATE sozialdaten_release CASCADE",
        "UPDATE sozialdaten_file SET sha256 = repeat('0', 64)",
    ],
)
def test_a_release_row_is_never_changed(released: dict[str, Any], statement: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="only grows"):
        sql(statement)


def test_the_database_refuses_an_approval_by_the_submitter(released: dict[str, Any]) -> None:
    release = model.Session.query(Release).one()
    columns = "dataset_id, working_copy_id, submission_id, fingerprint, dataset_fingerprint"
    with pytest.raises(sa.exc.IntegrityError, match=r"approved_by|check"):
        sql(
            f"INSERT INTO sozialdaten_release (id, number, {columns}, record, previous_hash, hash,"
            f" submitted_by, approved_by, released_at) SELECT 'x', 2, {columns}, record, 'p', 'h',"
            " submitted_by, submitted_by, now() FROM sozialdaten_release WHERE id = :id",
            id=release.id,
        )


# Ring 1: the session


def test_an_object_of_the_session_does_not_publish(office: Office) -> None:
    copy = office.working_copy()
    model.Package.get(copy["id"]).private = False
    with pytest.raises(GateClosedError, match="must stay private"):
        model.Session.flush()
    model.Session.rollback()


def test_an_object_of_the_session_does_not_edit_a_release(released: dict[str, Any]) -> None:
    model.Package.get(released["id"]).title = "Anders"
    with pytest.raises(GateClosedError, match="never changes"):
        model.Session.flush()
    model.Session.rollback()


def test_a_released_resource_does_not_move_to_another_dataset(
    office: Office, released: dict[str, Any]
) -> None:
    copy = office.working_copy()
    model.Resource.get(released["resources"][0]["id"]).package_id = copy["id"]
    with pytest.raises(GateClosedError):
        model.Session.flush()
    model.Session.rollback()


# Ring 2: the actions


def test_a_new_dataset_is_private_by_itself(office: Office) -> None:
    assert office.world.dataset(office.editor, office.organisation)["private"] is True


@pytest.mark.parametrize("value", [False, "False", "0", "public"])
def test_asking_for_a_public_dataset_names_the_way(office: Office, value: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        office.world.dataset(office.sysadmin, office.organisation, private=value)
    said = str(refused.value.error["private"])
    assert "released by a reviewer" in said or "veröffentlicht" in said


@pytest.mark.parametrize("action", ["package_patch", "package_update"])
def test_a_working_copy_does_not_become_public_by_an_edit(office: Office, action: str) -> None:
    copy = office.working_copy()
    with pytest.raises(RefusedError) as refused:
        office.world.call(action, office.sysadmin, **(copy | {"private": False}))
    assert "private" in refused.value.error


def test_a_new_resource_gets_its_id_from_the_portal(
    office: Office, released: dict[str, Any]
) -> None:
    copy = office.working_copy()
    with pytest.raises(RefusedError):
        office.world.call(
            "resource_create",
            office.editor,
            package_id=copy["id"],
            id=released["resources"][0]["id"],
            url="faelle.csv",
            url_type="upload",
        )


def writes(dataset: dict[str, Any], view_id: str) -> dict[str, dict[str, Any]]:
    """Every action that would change the released dataset, with its parameters."""
    resource = dataset["resources"][0]["id"]
    record = {"gemeinde": "99001001", "jahr": 2023, "faelle": 999}
    return {
        "package_update": dataset | {"title": "Anders"},
        "package_patch": {"id": dataset["id"], "title": "Anders"},
        "package_revise": {"match__id": dataset["id"], "update__title": "Anders"},
        "package_delete": {"id": dataset["id"]},
        "dataset_purge": {"id": dataset["id"]},
        "package_owner_org_update": {"id": dataset["id"], "organization_id": "other"},
        "package_resource_reorder": {"id": dataset["id"], "order": [resource]},
        "package_collaborator_create": {
            "id": dataset["id"],
            "user_id": "x",
            "capacity": "editor",
        },
        "bulk_update_private": {"datasets": [dataset["id"]], "org_id": dataset["owner_org"]},
        "bulk_update_delete": {"datasets": [dataset["id"]], "org_id": dataset["owner_org"]},
        "resource_create": {"package_id": dataset["id"], "url": "http://a.test"},
        "resource_update": {"id": resource, "url": "http://a.test"},
        "resource_patch": {"id": resource, "name": "Anders"},
        "resource_delete": {"id": resource},
        "resource_view_create": {
            "resource_id": resource,
            "title": "Anders",
            "view_type": "datatables_view",
        },
        "resource_view_update": {"id": view_id, "title": "Anders"},
        "resource_view_delete": {"id": view_id},
        "resource_view_reorder": {"id": resource, "order": [view_id]},
        "datastore_create": {"resource_id": resource, "records": [record], "force": True},
        "datastore_upsert": {
            "resource_id": resource,
            "records": [record],
            "method": "insert",
            "force": True,
        },
        "datastore_delete": {"resource_id": resource, "force": True},
        "datastore_records_delete": {"resource_id": resource, "filters": {}, "force": True},
        "organization_delete": {"id": dataset["owner_org"]},
        "organization_purge": {"id": dataset["owner_org"]},
        "member_create": {
            "id": dataset["owner_org"],
            "object": dataset["id"],
            "object_type": "package",
            "capacity": "private",
        },
    }


def test_no_action_changes_a_release(office: Office, released: dict[str, Any]) -> None:
    resource = released["resources"][0]["id"]
    view = office.world.call("resource_view_list", id=resource)[0]["id"]
    before = office.world.call("datastore_search", resource_id=resource)["total"]
    for action, params in writes(released, view).items():
        for context in (
            {"user": office.sysadmin.name, "ignore_auth": True},
            {"user": office.sysadmin.name, "ignore_auth": False},
            {"user": office.editor.name, "ignore_auth": False},
        ):
            with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
                tk.get_action(action)(dict(context), dict(params))
            model.Session.rollback()
    assert office.world.call("package_show", id="hilfen") == released
    assert office.world.call("datastore_search", resource_id=resource)["total"] == before
    assert office.world.call("resource_view_list", id=resource)[0]["id"] == view


def test_a_refused_edit_names_the_working_copy(office: Office, released: dict[str, Any]) -> None:
    context = {"user": office.editor.name, "ignore_auth": True}
    with pytest.raises(tk.ValidationError) as refused:
        tk.get_action("package_patch")(context, {"id": released["id"], "title": "Anders"})
    copy = office.show("hilfen-arbeitsfassung")
    assert copy["id"] in str(refused.value.error_dict)


def test_a_flag_in_the_context_does_not_open_the_gate(
    office: Office, released: dict[str, Any]
) -> None:
    flags = ("gate_open", "sozialdaten_gate_open", "releasing", "skip_validation")
    context = dict.fromkeys(flags, True) | {"user": office.sysadmin.name, "ignore_auth": True}
    with pytest.raises(tk.ValidationError):
        tk.get_action("package_patch")(context, {"id": released["id"], "title": "Anders"})


# Ring 3: readers


_FOREIGN = (
    "UPDATE package SET notes = 'eingeschleust' WHERE id = :released",
    "UPDATE resource SET package_id = :released WHERE package_id = :copy",
    "UPDATE resource_view SET description = 'eingeschleust' WHERE resource_id = :resource",
    'INSERT INTO resource_view (id, resource_id, view_type, title, "order")'
    " VALUES ('x', :resource, 'text_view', 'eingeschleust', 9)",
    "INSERT INTO member (id, group_id, table_name, table_id, capacity, state)"
    " SELECT 'x', id, 'package', :released, 'public', 'active'"
    " FROM \"group\" WHERE name = 'gruppe'",
)


def test_the_label_is_public_only_as_long_as_nothing_changed(
    office: Office, released: dict[str, Any]
) -> None:
    copy = office.working_copy()
    office.world.call("group_create", office.sysadmin, name="gruppe")
    ids = {
        "released": released["id"],
        "resource": released["resources"][0]["id"],
        "copy": copy["id"],
    }
    for statement in _FOREIGN:
        given = {name: value for name, value in ids.items() if f":{name}" in statement}
        assert is_approved(model.Package.get(released["id"]))
        model.Session.execute(sa.text(statement), given)
        model.Session.expire_all()
        assert not is_approved(model.Package.get(released["id"])), statement
        model.Session.rollback()
    sql(_FOREIGN[0], released=released["id"])
    with pytest.raises(RefusedError):
        office.world.call("package_show", id="hilfen")
    sql(_FOREIGN[-1].replace(":released", ":copy"), copy=copy["id"])
    rebuild(copy["id"])
    shown = office.world.call("group_show", id="gruppe", include_datasets=True)
    assert (shown["package_count"], shown["packages"]) == (0, [])
    with pytest.raises(RefusedError):
        office.world.call("package_show", id=copy["id"])


LEAKS: dict[str, dict[str, Any]] = {
    "package_list": {},
    "current_package_list_with_resources": {},
    "package_search": {"q": "*:*"},
    "package_autocomplete": {"q": MARK},
    "resource_search": {"query": f"name:{MARK}"},
    "tag_list": {},
    "tag_search": {"query": MARK},
    "tag_autocomplete": {"query": MARK},
    "format_autocomplete": {"q": MARK[:5]},
    "recently_changed_packages_activity_list": {},
}


def seen(office: Office, account: Any = None) -> dict[str, str]:
    """What the lists tell ``account``, where the mark occurs in it."""
    told: dict[str, str] = {}
    for action, params in LEAKS.items():
        answer = str(office.world.call(action, account, **params)).lower()
        if MARK in answer:
            told[action] = answer
    for who in (office.editor, office.reviewer):
        try:
            answer = str(office.world.call("user_activity_list", account, id=who.name))
        except RefusedError:
            continue
        if MARK in answer.lower():
            told[f"user_activity_list {who.name}"] = answer
    return told


def marked(office: Office) -> dict[str, Any]:
    copy = office.world.dataset(
        office.editor,
        office.organisation,
        name=f"{MARK}-daten",
        title=MARK,
        notes=MARK,
        tags=[{"name": MARK}],
    )
    office.add_table(copy["id"])
    office.world.call(
        "resource_create",
        office.editor,
        package_id=copy["id"],
        name=MARK,
        format=MARK,
        upload=(io.BytesIO(b"a,b\n1,2\n"), "x.csv"),
    )
    resource = office.show(copy["id"])["resources"][1]
    office.world.call("resource_delete", office.editor, id=resource["id"])
    first = office.show(copy["id"])["resources"][0]["id"]
    office.world.call("resource_patch", office.editor, id=first, name=MARK, format=MARK)
    return office.show(copy["id"])


@pytest.mark.parametrize("who", [None, "stranger"])
def test_no_list_tells_of_a_working_copy(office: Office, who: str | None) -> None:
    marked(office)
    assert seen(office, getattr(office, who) if who else None) == {}


@pytest.mark.parametrize("who", [None, "stranger"])
def test_no_list_tells_of_a_withdrawn_release(office: Office, who: str | None) -> None:
    copy = marked(office)
    release = office.approve(office.submit(copy["id"]))
    assert "package_search" in seen(office)
    office.world.call(
        "sozialdaten_release_withdraw", office.editor, id=release["id"], reason="Fehler."
    )
    assert seen(office, getattr(office, who) if who else None) == {}


def test_a_public_activity_does_not_carry_the_dataset(office: Office) -> None:
    office.release(notes=MARK, title="Offen")
    told = office.world.call("recently_changed_packages_activity_list")
    assert MARK not in str(told)


# Withdrawal


def test_a_withdrawn_release_is_gone_from_everywhere(
    office: Office, released: dict[str, Any]
) -> None:
    release = office.world.call("sozialdaten_release_list", dataset_id="hilfen")[0]
    resource = released["resources"][0]["id"]
    path = f"/dataset/{released['id']}/resource/{resource}/download/faelle.csv"
    assert office.world.page(path).status_code == 200
    office.world.call(
        "sozialdaten_release_withdraw", office.reviewer, id=release["id"], reason="Fehler."
    )
    for action, params in (
        ("package_show", {"id": "hilfen"}),
        ("resource_show", {"id": resource}),
        ("datastore_search", {"resource_id": resource}),
        ("sozialdaten_release_list", {"dataset_id": "hilfen"}),
    ):
        with pytest.raises(RefusedError):
            office.world.call(action, **params)
    assert office.world.page(path).status_code in (403, 404)
    assert office.world.page(path, office.sysadmin).status_code == 404
    with pytest.raises(RefusedError):
        office.world.call("datastore_search", office.sysadmin, resource_id=resource)


def test_a_withdrawn_dataset_does_not_come_back_by_sql(
    office: Office, released: dict[str, Any]
) -> None:
    release = office.world.call("sozialdaten_release_list", dataset_id="hilfen")[0]
    office.world.call(
        "sozialdaten_release_withdraw", office.editor, id=release["id"], reason="Fehler."
    )
    with pytest.raises(sa.exc.IntegrityError):
        sql("UPDATE package SET private = false WHERE id = :id", id=released["id"])


def test_a_stranger_does_not_withdraw(office: Office, released: dict[str, Any]) -> None:
    release = office.world.call("sozialdaten_release_list", dataset_id="hilfen")[0]
    with pytest.raises(RefusedError):
        office.world.call(
            "sozialdaten_release_withdraw", office.stranger, id=release["id"], reason="Nein."
        )


# Ring 4: caches


def test_no_cache_keeps_what_a_signed_in_person_sees(office: Office) -> None:
    copy = office.working_copy()
    answer = office.world.page(f"/api/3/action/package_show?id={copy['id']}", office.editor)
    assert answer.headers["Cache-Control"] == "private, no-store"


# Ring 5: bytes


def test_a_released_file_is_read_only_and_keeps_its_bytes(
    office: Office, released: dict[str, Any]
) -> None:
    from ckan.lib import uploader

    resource = released["resources"][0]
    upload = uploader.get_resource_uploader({"id": resource["id"], "url": "x.csv"})
    path = upload.get_path(resource["id"])
    upload.upload(resource["id"])
    assert Path(path).stat().st_mode & 0o777 == 0o444
    with pytest.raises(tk.ValidationError):
        uploader.get_resource_uploader({"id": resource["id"], "upload": io.BytesIO(b"x")})


def test_the_gate_stands_innermost() -> None:
    names = [plugin.name for plugin in p.PluginImplementations(p.IActions)]
    assert names[-1] == "sozialdaten_gate"


def test_a_withdrawn_dataset_comes_back_by_a_new_review(
    office: Office, released: dict[str, Any]
) -> None:
    release = office.world.call("sozialdaten_release_list", dataset_id="hilfen")[0]
    office.world.call(
        "sozialdaten_release_withdraw", office.editor, id=release["id"], reason="Fehler."
    )
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("package_patch", office.editor, id=copy["id"], notes="Berichtigt.")
    assert office.approve(office.submit(copy["id"]))["number"] == 2
    assert office.world.call("package_show", id="hilfen")["notes"] == "Berichtigt."


def test_bytes_exchanged_after_the_submission_are_not_released(office: Office) -> None:
    from ckan.lib import uploader

    copy = office.working_copy(name="hilfen")
    submission = office.submit(copy["id"])
    resource = copy["resources"][0]
    stored = uploader.get_resource_uploader({"id": resource["id"], "url": "faelle.csv"})
    Path(stored.get_path(resource["id"])).write_bytes(b"gemeinde;jahr;faelle\n99001001;2023;99\n")
    with pytest.raises(RefusedError):
        office.approve(submission)
    assert office.show(copy["id"])["name"] == "hilfen"
