"""Ways 30 to 40 of the gate's list, which read; each returns what was told to somebody who may not
hear it. See ``test_paths.py``.
"""

import contextlib
import datetime as dt
from collections.abc import Callable

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan_world import RefusedError
from ckanext.activity.model import Activity
from gate_target import SECRET, Target

__all__ = ["READS"]


def database_lists(t: Target) -> list[str]:
    return t.told(
        ("package_list", {}),
        ("current_package_list_with_resources", {"limit": 100}),
        ("resource_search", {"query": "name:unver"}),
        ("resource_search", {"query": "url:csv", "include_private": True}),
        ("group_package_show", {"id": t.copy["owner_org"]}),
        ("member_list", {"id": t.copy["owner_org"]}),
    )


def completions(t: Target) -> list[str]:
    return t.told(
        ("tag_list", {}),
        ("tag_list", {"query": "unver", "all_fields": True}),
        ("tag_search", {"query": "unver"}),
        ("tag_autocomplete", {"query": "unver"}),
        ("format_autocomplete", {"q": "unver"}),
        ("package_autocomplete", {"q": "unver"}),
        *(f"/api/2/util/{kind}/autocomplete?incomplete=unver" for kind in ("tag", "dataset")),
        "/api/2/util/resource/format_autocomplete?incomplete=unver",
    )


def activities(t: Target) -> list[str]:
    people = (t.office.editor.name, t.office.reviewer.name)
    kept = model.Session.scalars(sa.select(Activity.id).where(Activity.object_id == t.copy["id"]))
    return t.told(
        ("recently_changed_packages_activity_list", {"limit": 100}),
        ("dashboard_activity_list", {}),
        ("package_activity_list", {"id": "geschlossen", "include_hidden_activity": True}),
        ("organization_activity_list", {"id": t.copy["owner_org"]}),
        *(("user_activity_list", {"id": name, "limit": 100}) for name in people),
        *(
            (action, {"id": one, "activity_id": one, "object_type": "package"})
            for one in list(kept)
            for action in ("activity_show", "activity_data_show", "activity_diff")
        ),
        *(f"/user/activity/{name}" for name in people),
    )


def counts(t: Target) -> list[str]:
    told = t.told(("user_show", {"id": t.office.editor.name, "include_datasets": True}))
    for account in t.outsiders.values():
        named = {"id": t.copy["owner_org"], "include_datasets": True}
        shown = t.office.world.call("organization_show", account, **named)
        if shown["package_count"] != 1:
            told.append(f"organization_show counts {shown['package_count']}")
    return told + t.told("/stats", "/organization", "/group")


def home_page(t: Target) -> list[str]:
    return t.told("/", f"/?q={SECRET[:5]}", "/dataset", "/organization", "/about")


def catalogues(t: Target) -> list[str]:
    organisation = t.office.organisation["name"]
    return t.told(
        "/feeds/dataset.atom",
        f"/feeds/organization/{organisation}.atom",
        "/feeds/custom.atom?q=unver",
        *(f"/catalog.{kind}" for kind in ("xml", "ttl", "jsonld", "rdf")),
        *(f"/dataset/geschlossen.{kind}" for kind in ("xml", "ttl", "jsonld")),
        ("dcat_catalog_show", {"format": "ttl"}),
        ("dcat_catalog_search", {"q": "unver*"}),
        "/sitemap.xml",
        "/robots.txt",
        "/veroeffentlichungen.json",
    )


def stale_index(t: Target) -> list[str]:
    """The index says public what the database does not."""
    solr = search.make_connection()
    found = solr.search(f"id:{t.copy['id']}", rows=1).docs
    plain = {
        name: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, dt.datetime) else value
        for name, value in found[0].items()
        if name not in ("_version_", "indexed_ts")
    }
    solr.add([plain | {"capacity": "public", "permission_labels": ["public"]}], commit=True)
    try:
        return t.told(
            ("package_search", {"q": "*:*"}),
            ("package_search", {"q": "*:*", "fl": "id,name,title,notes"}),
            ("package_search", {"q": "unver*", "facet.field": ["tags", "res_format"]}),
            ("package_show", {"id": "geschlossen"}),
            "/dataset?q=unver",
            "/feeds/dataset.atom",
            "/catalog.ttl",
        )
    finally:
        search.rebuild(t.copy["id"])


def downloads_and_tables(t: Target) -> list[str]:
    base = f"/dataset/{t.copy['id']}/resource/{t.draft}"
    return t.told(
        *(f"{base}{rest}" for rest in ("", "/download", "/download/faelle.csv", "/views", "/view")),
        *(f"/dataset/geschlossen/resource/{t.draft}/{name}" for name in ("karte.csv", "karte.svg")),
        *(f"/datastore/dump/{t.draft}?format={kind}" for kind in ("csv", "json", "xml", "tsv")),
        *(f"/file/{kind}/{t.draft}" for kind in ("download", "public-download/x")),
        ("datastore_search", {"resource_id": t.draft}),
        ("datastore_search", {"resource_id": "_table_metadata", "limit": 1000}),
        ("datastore_info", {"id": t.draft}),
        f'/api/3/action/datastore_search_sql?sql=SELECT * FROM "{t.draft}"',
        ("resource_show", {"id": t.draft}),
        ("resource_view_list", {"id": t.draft}),
    )


def caches(t: Target) -> list[str]:
    """No cache keeps what a person or a token was told."""
    told: list[str] = []
    paths = (
        f"/api/3/action/package_show?id={t.copy['id']}",
        f"/dataset/{t.copy['id']}/resource/{t.draft}/download/faelle.csv",
        f"/datastore/dump/{t.draft}",
        "/dataset/geschlossen",
        "/pruefung",
    )
    for account in (t.office.member, t.office.sysadmin, None):
        for path in paths:
            answer = t.office.world.page(path, account)
            if answer.headers.get("Cache-Control") != "private, no-store":
                told.append(f"{path}: {answer.headers.get('Cache-Control')}")
    return told


def storage_folder(t: Target) -> list[str]:
    lies = f"{t.draft[:3]}/{t.draft[3:6]}/{t.draft[6:]}"
    places = ("/storage/resources", "/uploads", "/resources", "/base/../../storage/resources")
    return t.told(*(f"{place}/{lies}" for place in places), "/storage", "/uploads/", "/../test.ini")


def tokens(t: Target) -> list[str]:
    """A token ends by itself; those of a removed account end with it."""
    world, told = t.office.world, list[str]()
    gone = world.account()
    tk.get_action("organization_member_create")(
        {"user": t.office.sysadmin.name, "ignore_auth": True},
        {"id": t.copy["owner_org"], "username": gone.name, "role": "member"},
    )
    assert world.call("package_show", gone, id=t.copy["id"])
    world.call("user_delete", t.office.sysadmin, id=gone.id)
    with contextlib.suppress(RefusedError):
        told.append(str(world.call("package_show", gone, id=t.copy["id"])))
    long = {"user": t.office.editor.name, "name": "lang", "expires_in": 5000, "unit": 86_400}
    with contextlib.suppress(RefusedError):
        told.append(str(world.call("api_token_create", t.office.editor, **long)))
    return told


_READERS: tuple[Callable[[Target], list[str]], ...] = (
    database_lists, completions, activities, counts, home_page, catalogues, stale_index,
    downloads_and_tables, caches, storage_folder, tokens,
)  # fmt: skip
# By the numbers of the list.
READS = dict(enumerate(_READERS, 30))
