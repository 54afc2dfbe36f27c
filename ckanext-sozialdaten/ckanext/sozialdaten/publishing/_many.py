"""New private datasets by the hundred: validated one by one, written by one flush.

``package_create`` asks the database twenty times for a dataset that cannot be there yet. Here each
dataset passes the same schema and the same hooks of plugins, and rings 0 and 1 watch as ever; what
``package_create`` looks up for each one is looked up once for all.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib import plugins as forms
from ckan.lib.dictization import model_save
from ckan.types import Context

__all__ = ["Created", "create"]

_ACTION = "package_create"
_TagKey = tuple[str, str | None]


@dataclass(slots=True)
class Created:
    """The ids of what was written, and why the rest was not: both by key."""

    ids: dict[str, str] = field(default_factory=dict[str, str])
    refused: dict[str, Any] = field(default_factory=dict[str, Any])


def create(context: Context, datasets: Mapping[str, Mapping[str, Any]]) -> Created:
    """Write datasets in the open transaction, without a commit.

    They are private whatever they say, their ids and those of their resources are new, and they get
    no default views.

    Args:
        context: the account that writes; the caller has asked whether it may.
        datasets: what ``package_create`` would take, by any key.

    Returns:
        Ids, and the summaries of errors of those that their schema refuses.
    """
    made, valid = Created(), dict[str, dict[str, Any]]()
    names = set[str]()
    for key, dataset in datasets.items():
        try:
            data = _validated(context, dataset, names)
        except tk.ValidationError as error:
            made.refused[key] = error.error_summary
            continue
        names.add(data["name"])
        valid[key] = data
    _write(context, list(valid.values()))
    made.ids = {key: str(data["id"]) for key, data in valid.items()}
    return made


def _fresh(context: Context) -> Context:
    fresh = tk.fresh_context(context, ignore_auth=True, defer_commit=True)
    fresh["session"] = model.Session
    return fresh


def _validated(context: Context, dataset: Mapping[str, Any], taken: set[str]) -> dict[str, Any]:
    data = {key: value for key, value in dataset.items() if key != "id"}
    data |= {"private": True, "type": data.get("type") or "dataset"}
    data["resources"] = [
        {key: value for key, value in resource.items() if key != "id"}
        for resource in data.get("resources", ())
    ]
    form = forms.lookup_package_plugin(data["type"])
    schema = form.create_package_schema()
    found, errors = forms.plugin_validate(form, _fresh(context), data, schema, _ACTION)
    if errors:
        raise tk.ValidationError(errors)
    if found["name"] in taken:
        text = tk._("Another dataset of the same catalogue has this name.")
        raise tk.ValidationError({"name": [text]})
    return found


def _write(context: Context, datasets: Sequence[dict[str, Any]]) -> None:
    """One flush for all rows, then the hooks of plugins, as ``package_create`` calls them."""
    user = model.User.get(context.get("user"))
    tags = _tags({key for data in datasets for key in _tag_keys(data)})
    _free_names([str(data["name"]) for data in datasets])
    with model.Session.no_autoflush:
        packages = [_package(context, data, user.id if user else None, tags) for data in datasets]
        model.Session.flush()
        for package, data in zip(packages, datasets, strict=True):
            for resource, row in zip(data.get("resources", ()), package.resources, strict=True):
                resource["id"] = row.id
            for plugin in p.PluginImplementations(p.IPackageController):
                plugin.create(package)
                plugin.after_dataset_create(_fresh(context), data)
        model.Session.flush()


def _free_names(names: Sequence[str]) -> None:
    """A deleted dataset gives up its name, as with ``package_create``."""
    deleted = sa.select(model.Package).where(
        model.Package.name.in_(names), model.Package.state == model.State.DELETED
    )
    for package in model.Session.scalars(deleted):
        package.name = package.id
    model.Session.flush()


def _tag_keys(data: Mapping[str, Any]) -> dict[_TagKey, None]:
    """Each tag once, in its order."""
    return {(tag["name"], tag.get("vocabulary_id")): None for tag in data.get("tags") or ()}


def _tags(wanted: set[_TagKey]) -> dict[_TagKey, model.Tag]:
    """Tags that are there already, and new ones for the others."""
    names = {name for name, _ in wanted}
    query = sa.select(model.Tag).where(model.Tag.name.in_(names))
    found = {(str(tag.name), tag.vocabulary_id): tag for tag in model.Session.scalars(query)}
    for name, vocabulary in sorted(wanted - set(found), key=str):
        found[name, vocabulary] = tag = model.Tag(name=name, vocabulary_id=vocabulary)
        model.Session.add(tag)
    return found


def _package(
    context: Context, data: dict[str, Any], creator: str | None, tags: Mapping[_TagKey, model.Tag]
) -> model.Package:
    """The objects of one dataset, added to the session."""
    data |= {"id": str(uuid.uuid4()), "creator_user_id": creator}
    extras = {extra["key"]: extra["value"] for extra in data.get("extras", ())}
    package = model.Package()
    package.from_dict({**data, "extras": extras})
    model.Session.add(package)
    saving = _fresh(context)
    for resource in data.get("resources", ()):
        resource["package_id"] = data["id"]
        package.resources_all.append(model_save.resource_dict_save(resource, saving)[0])
    for key in _tag_keys(data):
        model.Session.add(model.PackageTag(package, tags[key], "active"))
    if data.get("groups"):
        model_save.package_membership_list_save(data["groups"], package, saving)
    if data.get("owner_org"):
        model.Session.add(
            model.Member(
                table_id=data["id"],
                table_name="package",
                capacity="organization",
                group_id=data["owner_org"],
                state="active",
            )
        )
    return package
