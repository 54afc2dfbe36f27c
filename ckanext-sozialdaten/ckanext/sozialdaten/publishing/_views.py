"""The previews of a release: map and time series where the layout allows them, and the table."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.datapreview import get_view_plugin
from ckan.types import Context

__all__ = ["create"]

_VIEWS = ("sozialdaten_map", "sozialdaten_timeseries", "datatables_view")


def create(shown: dict[str, Any], submitter: model.User | None) -> None:
    """Create the views of all resources of a dataset inside the open transaction."""
    context = Context(user=submitter.name if submitter else "", ignore_auth=True, defer_commit=True)
    for resource in shown["resources"]:
        for name in _VIEWS:
            plugin = get_view_plugin(name) if p.plugin_loaded(name) else None
            if plugin and plugin.can_view({"resource": resource, "package": shown}):
                title = plugin.info().get("default_title") or plugin.info()["title"]
                view = {"resource_id": resource["id"], "view_type": name, "title": str(title)}
                tk.get_action("resource_view_create")(tk.fresh_context(context), view)
                model.Session.flush()
