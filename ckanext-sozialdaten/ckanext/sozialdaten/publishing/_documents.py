"""The documents of many datasets for the search index: read and sent together.

CKAN reads eight tables and sends one request for each dataset. Here the tables are read once for
all of them; every document is then made by CKAN's own function, with all hooks of plugins, from
what CKAN's own ``package_show`` would have read. Tests hold the two alike.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from types import FunctionType
from typing import Any

import ckan.plugins as p
import sqlalchemy as sa
from ckan import logic, model
from ckan.common import config
from ckan.lib import plugins as forms
from ckan.lib import search
from ckan.lib.dictization import model_dictize, obj_list_dictize, table_dictize
from ckan.lib.search import index
from ckan.lib.search.common import make_connection
from ckan.logic.schema import default_show_package_schema
from ckan.types import Context

__all__ = ["documents", "send"]


class _Collector:
    """Takes documents in place of a connection to Solr."""

    url = ""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def add(self, docs: list[dict[str, Any]], commit: bool) -> None:
        self.found += docs


def send(package_ids: Sequence[str]) -> None:
    """Index datasets as they stand in the database, by one request with one commit.

    Raises:
        search.SearchIndexError: the index does not answer, or refuses.
    """
    try:
        make_connection().add(
            docs=documents(package_ids), commit=bool(config.get("ckan.search.solr_commit"))
        )
    except (OSError, index.pysolr.SolrError) as error:
        raise search.SearchIndexError(str(error)[:1000]) from error


def documents(package_ids: Sequence[str]) -> list[dict[str, Any]]:
    """What CKAN would send to Solr for each of some datasets."""
    collector = _Collector()
    # CKAN's function with another connection: it makes the document and sends it in one go
    make: Any = FunctionType(
        index.PackageSearchIndex.index_package.__code__,
        {**vars(index), "make_connection": lambda: collector},
    )
    default, custom = default_show_package_schema, forms.lookup_package_plugin
    for package, shown in _shown(package_ids):
        context = _context()
        context["package"] = package
        plain, _ = forms.plugin_validate(object(), context, shown, default(), "package_show")
        form = custom(shown["type"])
        schema = form.show_package_schema()
        whole, _ = forms.plugin_validate(form, context, shown, schema, "package_show")
        logic.apply_after_dataset_show_plugins(context, whole)
        make(index.PackageSearchIndex(), {**plain, "with_custom_schema": whole}, True)
    return collector.found


def _context() -> Context:
    context = Context(ignore_auth=True, user="", use_cache=False, validate=False)
    context["session"] = model.Session
    return context


def _shown(package_ids: Sequence[str]) -> Iterable[tuple[model.Package, dict[str, Any]]]:
    """Datasets as ``package_show`` has them before it applies a schema."""
    query = sa.select(model.Package).where(model.Package.id.in_(package_ids))
    packages = {str(package.id): package for package in model.Session.scalars(query)}
    rest = _with_relations(package_ids)
    resources, tags = _resources(package_ids), _tags(package_ids)
    owners = _owners({str(package.owner_org) for package in packages.values()})
    for identifier, package in packages.items():
        if identifier in rest:
            shown = model_dictize.package_dictize(package, _context())
        else:
            shown = _shared(package) | {
                "resources": resources.get(identifier, []),
                "num_resources": len(resources.get(identifier, [])),
                "tags": tags.get(identifier, []),
                "num_tags": len(tags.get(identifier, [])),
                "organization": owners.get(str(package.owner_org)),
            }
        for plugin in p.PluginImplementations(p.IPackageController):
            plugin.read(package)
        for plugin in p.PluginImplementations(p.IResourceController):
            for resource in shown["resources"]:
                plugin.before_resource_show(resource)
        yield package, shown


def _with_relations(package_ids: Sequence[str]) -> set[str]:
    """Datasets with groups or relationships: the few that CKAN reads itself."""
    member, group = model.Member, model.Group
    relation = model.PackageRelationship
    grouped = (
        sa.select(member.table_id)
        .join(group, group.id == member.group_id)
        .where(member.table_id.in_(package_ids), sa.not_(group.is_organization))
    )
    subjects = sa.select(relation.subject_package_id).where(
        relation.subject_package_id.in_(package_ids)
    )
    objects = sa.select(relation.object_package_id).where(
        relation.object_package_id.in_(package_ids)
    )
    return set(model.Session.scalars(sa.union(grouped, subjects, objects)))


def _resources(package_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    table = model.resource_table
    query = sa.select(table).where(table.c.package_id.in_(package_ids))
    rows: Any = model.Session.execute(query.order_by(table.c.package_id))
    return {
        identifier: model_dictize.resource_list_dictize(list(part), _context())
        for identifier, part in groupby(rows, key=lambda row: str(row.package_id))
    }


def _tags(package_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    tag, link = model.tag_table, model.package_tag_table
    query = (
        sa.select(tag, link.c.state, link.c.package_id)
        .join(link, tag.c.id == link.c.tag_id)
        .where(link.c.package_id.in_(package_ids))
        .order_by(link.c.package_id)
    )
    found = dict[str, list[dict[str, Any]]]()
    for identifier, part in groupby(
        model.Session.execute(query), key=lambda row: str(row.package_id)
    ):
        tags = obj_list_dictize(list(part), _context(), lambda row: row["name"])
        for row in tags:
            del row["package_id"]
            row["display_name"] = row["name"]
        found[identifier] = tags
    return found


def _owners(ids: set[str]) -> dict[str, dict[str, Any]]:
    table = model.group_table
    query = sa.select(table).where(table.c.id.in_(ids), table.c.state == "active")
    found = obj_list_dictize(list(model.Session.execute(query)), _context())
    for owner in found:
        del owner["extras"]
    return {str(owner["id"]): owner for owner in found}


def _shared(package: model.Package) -> dict[str, Any]:
    """What a dataset has of its own, without groups and relationships."""
    shown = table_dictize(package, _context())
    del shown["plugin_data"]
    shown["title"] = (shown["title"] or "").strip() or shown["title"]
    licence = package.license
    if licence and licence.url:
        shown["license_url"] = licence.url
        shown["license_title"] = licence.title.split("::")[-1]
    else:
        shown["license_title"] = licence.title if licence else package.license_id
    created = package.metadata_created
    return shown | {
        "extras": [{"key": key, "value": value} for key, value in (shown["extras"] or {}).items()],
        "groups": [],
        "relationships_as_subject": [],
        "relationships_as_object": [],
        "isopen": package.isopen(),
        "type": package.type or "dataset",
        "metadata_modified": package.metadata_modified.isoformat(),
        "metadata_created": created.isoformat() if created else None,
    }
