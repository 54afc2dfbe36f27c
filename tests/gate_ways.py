"""Ways 1 to 29 of the gate's list, which write; each function tries one. See ``test_paths.py``."""

import contextlib
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.common import config
from ckan_world import RefusedError
from gate_target import SECRET, Target, other_table

from ckanext.sozialdaten.publishing.errors import GateClosedError

__all__ = ["WRITES"]

_NAMES = iter(range(1, 100_000))
_ROW = {"gemeinde": "99001001", "jahr": 2023, "faelle": 999}


# Metadata and visibility


def package_create(t: Target) -> None:
    new = {"title": SECRET, "owner_org": t.copy["owner_org"], "license_id": "dl-de/zero-2-0"}
    t.attempt(
        *(
            ("package_create", {**new, "notes": SECRET, "name": f"neu-{next(_NAMES)}", **asked})
            for asked in ({"private": False}, {"private": "0"}, {})
        )
    )


def package_update(t: Target) -> None:
    t.attempt(
        ("package_update", t.copy | {"private": False}),
        ("package_update", t.released | {"title": SECRET}),
    )


def package_patch(t: Target) -> None:
    t.attempt(
        ("package_patch", {"id": t.copy["id"], "private": "false", "state": "active"}),
        ("package_patch", {"id": t.released["id"], "notes": SECRET}),
    )


def package_revise(t: Target) -> None:
    t.attempt(
        ("package_revise", {"match__id": t.copy["id"], "update__private": False}),
        ("package_revise", {"match": {"name": "offen"}, "update": {"notes": SECRET}}),
    )


def bulk_update_public(t: Target) -> None:
    organisation = {"org_id": t.copy["owner_org"]}
    t.attempt(
        ("bulk_update_public", {"datasets": [t.copy["id"]], **organisation}),
        ("bulk_update_private", {"datasets": [t.released["id"]], **organisation}),
        ("bulk_update_delete", {"datasets": [t.released["id"]], **organisation}),
    )


def forms_that_publish(t: Target) -> None:
    named = {"name": t.copy["name"], "title": SECRET, "private": "False", "save": ""}
    t.send(f"/dataset/edit/{t.copy['id']}", named | {"state": "active"})
    t.send(f"/dataset/edit/{t.released['id']}", {"name": "offen", "title": SECRET, "save": ""})
    t.send("/dataset/new", named | {"name": f"seite-{next(_NAMES)}"})
    resource = {
        "id": "",
        "url": "https://a.test",
        "save": "go-metadata-publish",
        "private": "False",
    }
    t.send(f"/dataset/{t.copy['id']}/resource/new", resource)
    bulk = {f"dataset_{t.copy['id']}": "on", "bulk_action.public": "public"}
    t.send(f"/organization/bulk_process/{t.copy['owner_org']}", bulk)


def undelete(t: Target) -> None:
    t.attempt(
        ("package_patch", {"id": t.released["id"], "state": "deleted"}),
        ("package_patch", {"id": t.released["id"], "state": "draft"}),
        ("package_patch", {"id": t.released["id"], "state": "active"}),
    )
    t.send("/ckan-admin/trash", {"action": "package"})


def resources(t: Target) -> None:
    done = t.released["id"]
    t.attempt(
        ("resource_create", {"package_id": done, "url": "https://a.test", "name": SECRET}),
        ("resource_update", {"id": t.resource, "url": "https://a.test"}),
        ("resource_patch", {"id": t.resource, "name": SECRET}),
        ("resource_delete", {"id": t.resource}),
        ("package_resource_reorder", {"id": done, "order": [t.resource]}),
    )


def owner(t: Target) -> None:
    foreign = t.office.world.organisation(editor=t.office.stranger)["id"]
    t.attempt(
        ("package_owner_org_update", {"id": t.released["id"], "organization_id": foreign}),
        ("package_patch", {"id": t.released["id"], "owner_org": foreign}),
    )


def readers(t: Target) -> None:
    """Collaborators, members and invitations; that administrators choose members is theirs."""
    stranger = {"user_id": t.office.stranger.id, "capacity": "editor"}
    t.attempt(
        ("package_collaborator_create", {"id": t.copy["id"], **stranger}),
        ("package_collaborator_create", {"id": t.released["id"], **stranger}),
    )
    member = {"id": t.copy["owner_org"], "username": t.office.stranger.name, "role": "editor"}
    for who in ("visitor", "stranger", "member", "editor", "loose", "collaborator"):
        for action, params in (
            ("organization_member_create", member),
            ("member_create", {"id": t.copy["owner_org"], "object": t.office.stranger.id,
                               "object_type": "user", "capacity": "editor"}),
            ("user_invite", {"email": "x@fern.test", "group_id": t.copy["owner_org"],
                             "role": "editor"}),
        ):  # fmt: skip
            with contextlib.suppress(RefusedError):
                t.office.world.call(action, t.people[who], **params)


def organisation_of_ones_own(t: Target) -> None:
    for who, account in t.people.items():
        if who != "sysadmin":
            for action in ("organization_create", "group_create"):
                with contextlib.suppress(RefusedError):
                    t.office.world.call(action, account, name=f"eigene-{next(_NAMES)}")
                    raise AssertionError(f"{who} made an organisation of their own")


def removal(t: Target) -> None:
    t.attempt(
        ("package_delete", {"id": t.released["id"]}),
        ("dataset_purge", {"id": t.released["id"]}),
        ("organization_delete", {"id": t.copy["owner_org"]}),
        ("organization_purge", {"id": t.copy["owner_org"]}),
    )


def relations_groups_and_names(t: Target) -> None:
    done, copy = t.released["id"], t.copy["id"]
    name = f"gruppe-{next(_NAMES)}"
    t.office.world.call("group_create", t.office.sysadmin, name=name)
    group = {"id": t.copy["owner_org"], "object": done, "object_type": "package"}
    packages = {"id": name, "packages": [{"id": copy}, {"id": done}]}
    t.attempt(
        ("package_relationship_create", {"subject": done, "object": copy, "type": "child_of"}),
        ("package_relationship_create", {"subject": copy, "object": done, "type": "child_of"}),
        ("member_create", group | {"capacity": "private"}),
        ("member_create", group | {"id": name, "capacity": "public"}),
        ("member_delete", group),
        ("group_patch", packages),
        ("group_update", packages | {"name": name}),
        ("tag_create", {"name": SECRET, "vocabulary_id": "keines"}),
        ("vocabulary_create", {"name": f"wörter-{next(_NAMES)}", "tags": []}),
        ("term_translation_update", {"term": "Hilfen", "term_translation": "x", "lang_code": "de"}),
    )


def plugin_data(t: Target) -> None:
    data = {"plugin_data": {"gate": {"open": SECRET}}}
    t.attempt(
        ("package_patch", {"id": t.released["id"], **data}),
        ("package_update", t.copy | {"private": False, **data}),
    )


_FLAGS: tuple[dict[str, Any], ...] = (
    {"schema": {}, "skip_validation": True},
    {"defer_commit": True},
    {"allow_state_change": True, "return_id_only": True},
    {"gate_open": True, "sozialdaten_gate_open": True, "for_update": True},
    {"ignore_auth": False},
)


def sysadmins_and_flags(t: Target) -> None:
    """Ignored authorisation, foreign schemata and flags in the context."""
    for package in (t.copy, t.released):
        change = {"id": package["id"], "private": False, "notes": SECRET * 2}
        for flag in _FLAGS:
            t.ignoring("package_patch", change, **flag)
            t.ignoring("package_update", package | change, **flag)
    for flag in _FLAGS:
        new = {"name": f"flagge-{next(_NAMES)}", "title": SECRET, "private": False}
        t.ignoring("package_create", new | {"owner_org": t.copy["owner_org"]}, **flag)


# Content without an update of the dataset


def datastore(t: Target) -> None:
    rows: dict[str, Any] = {"resource_id": t.resource, "records": [_ROW], "force": True}
    mine = {"package_id": t.released["id"], "name": SECRET}
    emptied = {"resource_id": t.resource, "filters": {}, "force": True}
    t.attempt(
        ("datastore_create", rows),
        ("datastore_create", {"resource": mine, "records": [_ROW]}),
        ("datastore_create", rows | {"aliases": ["offen"]}),
        ("datastore_upsert", rows | {"method": "insert"}),
        ("datastore_delete", {"resource_id": t.resource, "force": True}),
        ("datastore_delete", emptied),
        ("datastore_records_delete", emptied),
    )


def data_dictionary(t: Target) -> None:
    label = [{"id": "faelle", "info": {"label": SECRET}}]
    t.attempt(("datastore_create", {"resource_id": t.resource, "fields": label, "force": True}))
    t.send(f"/dataset/{t.released['id']}/dictionary/{t.resource}", {"info__1__label": SECRET})


def loaders(t: Target) -> None:
    """None is loaded; where somebody adds one, the gate refuses it (``test_attacks.py``)."""
    for action in ("xloader_submit", "datapusher_submit", "datapusher_hook", "xloader_hook"):
        for account in t.people.values():
            answer = t.office.world.app.test_client(use_cookies=False).post(
                f"/api/3/action/{action}",
                json={"resource_id": t.resource, "status": "complete", "metadata": {}},
                headers=account.headers if account else {},
            )
            assert answer.status_code >= 400, action


def triggers(t: Target) -> None:
    body = {"rettype": "trigger", "definition": "BEGIN RETURN NEW; END;"}
    t.attempt(
        ("datastore_function_create", {"name": "tor", **body}),
        ("datastore_run_triggers", {"resource_id": t.resource}),
        (
            "datastore_create",
            {"resource_id": t.resource, "triggers": [{"function": "tor"}], "force": True},
        ),
    )


def address_of_a_file(t: Target) -> None:
    """A link could change its target after the release: none is released, none is proxied."""
    t.attempt(("resource_patch", {"id": t.resource, "url": "https://a.test", "url_type": ""}))
    world, editor = t.office.world, t.office.editor
    linked = world.dataset(editor, t.office.organisation)
    world.call("resource_create", editor, package_id=linked["id"], name="x", url="http://a.test/x")
    with contextlib.suppress(RefusedError):
        t.office.submit(linked["id"])
        raise AssertionError("a link was submitted")
    assert not tk.h.plugin_loaded("resource_proxy")


def bytes_in_place(t: Target) -> None:
    t.attempt(
        ("resource_update", {"id": t.resource, "upload": other_table()}),
        ("resource_patch", {"id": t.resource, "upload": other_table()}),
    )


def resurrected_file(t: Target) -> None:
    world, stranger = t.office.world, t.office.stranger
    own = world.dataset(stranger, world.organisation(editor=stranger))
    upload = {"url": "faelle.csv", "url_type": "upload"}
    t.attempt(
        *(
            ("resource_create", {"package_id": package, "id": resource, **upload})
            for package in (t.copy["id"], t.released["id"], own["id"])
            for resource in (t.resource, t.draft)
            if (package, resource) != (t.copy["id"], t.draft)  # which it is already
        )
    )


def views(t: Target) -> None:
    made = {"resource_id": t.resource, "title": SECRET, "view_type": "text_view"}
    t.attempt(
        ("resource_view_create", made),
        ("resource_view_update", {"id": t.view, "title": SECRET}),
        ("resource_view_delete", {"id": t.view}),
        ("resource_view_reorder", {"id": t.resource, "order": [t.view]}),
        ("resource_view_clear", {}),
    )


def files(t: Target) -> None:
    owner = {"owner_type": "user", "owner_id": t.office.stranger.id}
    t.attempt(
        ("file_create", {"name": "x.csv", "upload": other_table()}),
        ("file_ownership_transfer", {"id": t.draft, **owner}),
        ("file_register", {"location": f"{t.draft[:3]}/{t.draft[3:6]}/{t.draft[6:]}"}),
    )


def pictures(t: Target) -> None:
    """A table does not become the picture of an organisation, which everybody reads."""
    for kind in ("organization", "group"):
        listed = t.office.world.call(f"{kind}_list", t.office.sysadmin)
        for account in (t.office.admin, t.office.sysadmin):
            for name in listed[:1]:
                body = {"id": name, "image_upload": other_table()}
                answer = t.office.world.app.test_client(use_cookies=False).post(
                    f"/api/3/action/{kind}_patch", data=body, headers=account.headers
                )
                shown = t.office.world.call(f"{kind}_show", id=name)
                assert answer.status_code != 200 or not shown.get("image_url"), shown


# Other writers


def harvests(t: Target) -> None:
    """What ckanext-harvest does: no authorisation and a schema of its own."""
    flags = {"schema": {}, "ignore_auth": True, "user": t.office.sysadmin.name}
    new = {"name": f"ernte-{next(_NAMES)}", "title": SECRET, "owner_org": t.copy["owner_org"]}
    t.ignoring("package_create", new, **flags)
    t.ignoring("package_update", t.copy | {"private": False}, **flags)
    fields = {"title": SECRET, "private": False, "owner_org": t.copy["owner_org"]}
    t.attempt(("sozialdaten_working_copy_write", {"source": "amt", "dataset": fields}))


_STATEMENTS = (
    "UPDATE package SET private = false WHERE id = :copy",
    "UPDATE package SET private = false, state = 'active' WHERE true",
    "INSERT INTO package (id, name, private, state, type)"
    " VALUES ('x', 'eingeschleust', false, 'active', 'dataset')",
    "DELETE FROM sozialdaten_release WHERE dataset_id = :released",
    "UPDATE sozialdaten_file SET sha256 = repeat('0', 64)",
    "WITH x AS (UPDATE package SET private = false WHERE id = :copy RETURNING id) SELECT 1 FROM x",
)


def raw_sql(t: Target) -> None:
    ids = {"copy": t.copy["id"], "released": t.released["id"]}
    for statement in _STATEMENTS:
        try:
            with model.ensure_engine().begin() as connection:
                connection.execute(sa.text(statement), ids)
        except sa.exc.IntegrityError:
            continue
        raise AssertionError(f"executed: {statement}")


def objects_of_the_session(t: Target) -> None:
    changes: tuple[Callable[[], None], ...] = (
        lambda: setattr(model.Package.get(t.copy["id"]), "private", False),
        lambda: setattr(model.Package.get(t.released["id"]), "notes", SECRET),
        lambda: setattr(model.Resource.get(t.resource), "url", "anders.csv"),
        lambda: setattr(model.Resource.get(t.resource), "package_id", t.copy["id"]),
        lambda: setattr(model.Resource.get(t.draft), "package_id", t.released["id"]),
        lambda: setattr(model.ResourceView.get(t.view), "title", SECRET),
    )
    for change in changes:
        change()
        try:
            model.Session.commit()
        except (GateClosedError, sa.exc.SQLAlchemyError):
            model.Session.rollback()
        finally:
            model.Session.remove()


def options(t: Target) -> None:
    before = {key: config.get(key) for key in ("ckan.auth.anon_create_dataset", "ckan.plugins")}
    t.attempt(
        ("config_option_update", {"ckan.auth.anon_create_dataset": True}),
        ("config_option_update", {"ckan.plugins": "stats"}),
        ("config_option_update", {"ckan.auth.allow_dataset_collaborators": True}),
    )
    assert before == {key: config.get(key) for key in before}


_WRITERS: tuple[Callable[[Target], None], ...] = (
    package_create, package_update, package_patch, package_revise, bulk_update_public,
    forms_that_publish, undelete, resources, owner, readers, organisation_of_ones_own, removal,
    relations_groups_and_names, plugin_data, sysadmins_and_flags, datastore, data_dictionary,
    loaders, triggers, address_of_a_file, bytes_in_place, resurrected_file, views, files, pictures,
    harvests, raw_sql, objects_of_the_session, options,
)  # fmt: skip
# By the numbers of the list.
WRITES = dict(enumerate(_WRITERS, 1))
