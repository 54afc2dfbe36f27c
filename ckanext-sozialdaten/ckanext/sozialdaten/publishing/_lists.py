"""Ring 3, second half: lists that ask the database or old activities instead of the labels.

CKAN 2.12 lists names, addresses, tags, formats and whole old datasets without looking at who may
read them. Each list is filtered after the original: what is not live does not appear.
"""

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import authz, model
from ckan.lib.plugins import get_permission_labels
from ckan.types import Context

from ckanext.sozialdaten.publishing.model import live_dataset_ids

__all__ = ["ACTIVITY", "CORE", "DATASTORE"]


_ALL_TABLES = "_table_metadata"


def _is_sysadmin(context: Context) -> bool:
    return authz.is_sysadmin(context.get("user"))


def _live_names() -> set[str]:
    ids = live_dataset_ids()
    query = sa.select(model.Package.name).where(
        model.Package.id.in_(ids), model.Package.private.is_(False), model.Package.state == "active"
    )
    return set(model.Session.execute(query).scalars())


def _public_packages() -> Any:
    return sa.select(model.Package.id).where(
        model.Package.id.in_(live_dataset_ids()),
        model.Package.private.is_(False),
        model.Package.state == "active",
    )


def _public_tags() -> set[str]:
    query = (
        sa.select(model.Tag.name)
        .join(model.PackageTag, model.PackageTag.tag_id == model.Tag.id)
        .where(
            model.PackageTag.state == "active",
            model.PackageTag.package_id.in_(_public_packages()),
        )
    )
    return set(model.Session.execute(query).scalars())


@tk.chained_action
@tk.side_effect_free
def package_list(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """The names of live releases."""
    names = _live_names()
    return [name for name in original(context, data_dict) if name in names]


@tk.chained_action
@tk.side_effect_free
def package_search(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Drop what the reader may not read by the database, whatever the index still says.

    The index is told after the database, and not at all while it is away.
    """
    wanted: Any = data_dict.get("fl")
    if wanted:
        data_dict["fl"] = [*([wanted] if isinstance(wanted, str) else wanted), "id"]
    found = original(context, data_dict)
    results = [item for item in found.get("results") or [] if isinstance(item, dict)]
    shown = {item["id"] for item in results if "id" in item}
    query = sa.select(model.Package.id).where(
        model.Package.id.in_(shown),
        model.Package.private.is_(False),
        model.Package.state == "active",
        sa.func.sozialdaten_is_released(model.Package.id),
    )
    public = set(model.Session.execute(query).scalars()) if shown else set[str]()
    may = _may_see(context)
    gone = {package_id for package_id in shown - public if not may(package_id)}
    if gone:
        found["results"] = [item for item in results if item.get("id") not in gone]
        found["count"] -= len(gone)
        found["facets"], found["search_facets"] = {}, {}  # they count what is gone
    return found


@tk.chained_action
@tk.side_effect_free
def resource_search(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """The resources of live releases."""
    found = original(context, data_dict)
    ids = set(model.Session.execute(_public_packages()).scalars())
    results = [item for item in found["results"] if _package_id(item) in ids]
    return {"count": found["count"] - (len(found["results"]) - len(results)), "results": results}


def _package_id(resource: Any) -> str | None:
    if isinstance(resource, dict):
        return resource.get("package_id")
    return getattr(resource, "package_id", None)


def _name(tag: Any) -> Any:
    return tag["name"] if isinstance(tag, dict) else tag


def _visible_tags(context: Context, tags: Iterable[Any]) -> list[Any]:
    if _is_sysadmin(context):
        return list(tags)
    public = _public_tags()
    return [tag for tag in tags if _name(tag) in public]


@tk.chained_action
@tk.side_effect_free
def tag_list(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """The tags of live releases."""
    return _visible_tags(context, original(context, data_dict))


@tk.chained_action
@tk.side_effect_free
def tag_search(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """The tags of live releases."""
    results = _visible_tags(context, original(context, data_dict)["results"])
    return {"count": len(results), "results": results}


@tk.chained_action
@tk.side_effect_free
def tag_show(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A tag of a live release; no other tag is known."""
    found = original(context, data_dict)
    if not _visible_tags(context, [found]):
        raise tk.ObjectNotFound(tk._("There is no such tag."))
    return found


@tk.chained_action
@tk.side_effect_free
def format_autocomplete(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """The formats of live releases."""
    found = original(context, data_dict)
    query = sa.select(sa.func.lower(model.Resource.format)).where(
        model.Resource.state == "active", model.Resource.package_id.in_(_public_packages())
    )
    public = set(model.Session.execute(query).scalars())
    return [name for name in found if name in public]


def _may_see(context: Context) -> Any:
    """A question: may this user read the dataset with this id, as it stands now?"""
    if _is_sysadmin(context):
        return lambda _package_id: True
    labels = get_permission_labels()
    user = model.User.get(context.get("user"))
    owned = set(labels.get_user_dataset_labels(user))
    known: dict[str, bool] = {}

    def may(package_id: str) -> bool:
        if package_id not in known:
            package = model.Package.get(package_id)
            known[package_id] = package is not None and bool(
                owned & set(labels.get_dataset_labels(package))
            )
        return known[package_id]

    return may


def _owner_of(activity: dict[str, Any]) -> str | None:
    """The dataset that an activity speaks of; None for people, groups and organisations."""
    kind = activity.get("activity_type") or ""
    if kind.endswith("package"):
        return activity["object_id"]
    if kind.endswith("resource view"):
        view = model.ResourceView.get(activity["object_id"])
        resource = model.Resource.get(view.resource_id) if view else None
        return (resource.package_id if resource else None) or ""
    return None


def _reduced(activity: dict[str, Any]) -> dict[str, Any]:
    """An activity of a dataset without the dataset as it was then."""
    data = activity.get("data") or {}
    package = data.get("package") or {}
    kept = {key: package[key] for key in ("id", "name", "title", "type") if key in package}
    return {**activity, "data": {"package": kept, "actor": data.get("actor")}}


@tk.chained_action
@tk.side_effect_free
def activity_list(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Activities on datasets that the user may read today, without the datasets themselves."""
    may = _may_see(context)
    shown: list[dict[str, Any]] = []
    for activity in original(context, data_dict) or []:
        owner = _owner_of(activity)
        if owner is None:
            shown.append(activity)
        elif may(owner):
            shown.append(_reduced(activity))
    return shown


@tk.chained_action
@tk.side_effect_free
def member_list(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Who and what belongs to an organisation: strangers learn of live releases alone.

    CKAN tells everybody the ids of private datasets and the role of each account.
    """
    found = original(context, data_dict)
    group = model.Group.get(data_dict["id"])
    user = model.User.get(context.get("user"))
    labels = get_permission_labels().get_user_dataset_labels(user)
    if _is_sysadmin(context) or (group is not None and f"member-{group.id}" in labels):
        return found
    public = set(model.Session.execute(_public_packages()).scalars())
    return [
        row
        for row in found
        if (row[1] == "package" and row[0] in public) or (row[1] != "package" and user is not None)
    ]


@tk.chained_action
@tk.side_effect_free
def organization_list_for_user(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """One's own organisations; CKAN tells those of every account to everybody."""
    asked = data_dict.get("id")
    if not asked or context.get("ignore_auth"):
        return original(context, data_dict)
    user, other = model.User.get(context.get("user")), model.User.get(asked)
    own = user is not None and other is not None and user.id == other.id
    if own or _is_sysadmin(context):
        return original(context, data_dict)
    tk.check_access("organization_list_for_user", context, data_dict)
    return []


@tk.chained_action
@tk.side_effect_free
def datastore_search(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Refuse the list of all tables, which CKAN shows to everybody."""
    if data_dict.get("resource_id") == _ALL_TABLES and not _is_sysadmin(context):
        raise tk.ObjectNotFound(tk._("There is no such table."))
    return original(context, data_dict)


@tk.chained_action
@tk.side_effect_free
def dataset_follower_count(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """A number for who may read the dataset; CKAN tells everybody by it that there is one."""
    tk.check_access("package_show", tk.fresh_context(context), {"id": data_dict.get("id")})
    return original(context, data_dict)


CORE: dict[str, Any] = {
    "package_list": package_list,
    "package_search": package_search,
    "resource_search": resource_search,
    "tag_list": tag_list,
    "tag_search": tag_search,
    "tag_autocomplete": tag_list,
    "tag_show": tag_show,
    "format_autocomplete": format_autocomplete,
    "member_list": member_list,
    "organization_list_for_user": organization_list_for_user,
    "dataset_follower_count": dataset_follower_count,
}
DATASTORE: dict[str, Any] = {"datastore_search": datastore_search}
ACTIVITY: dict[str, Any] = dict.fromkeys(
    (
        "user_activity_list",
        "package_activity_list",
        "group_activity_list",
        "organization_activity_list",
        "recently_changed_packages_activity_list",
        "dashboard_activity_list",
    ),
    activity_list,
)
