"""Ring 2: functions that a plugin offers to every caller of the API by mistake.

``ckanext-harvest`` registers whatever its modules import, mailers and an exception class among it.
It collects actions and authorisations into one dictionary: whichever CKAN asks for later also gets
the earlier ones, so that in some processes functions of its authorisations are actions.
"""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.types import Context

__all__ = ["chains"]

_HARVEST = "harvest"
_ITS_ACTIONS = "ckanext.harvest.logic.action."
_NEVER = (
    "InactiveSource",
    "get_mail_extra_vars",
    "prepare_error_mail",
    "prepare_summary_mail",
    "send_error_email",
    "send_mail",
    "send_summary_email",
)


@tk.chained_action
def no_action(_original: Any, _context: Context, _data_dict: dict[str, Any]) -> Any:
    """Nothing that is called over the API."""
    raise tk.NotAuthorized(tk._("This is no action of the portal."))


def chains() -> dict[str, Any]:
    """A refusal around each function that is registered as an action and is none."""
    if not p.plugin_loaded(_HARVEST):
        return {}
    harvest: Any = p.get_plugin(_HARVEST)
    registered = harvest.get_actions()
    imported = {
        name
        for name, function in registered.items()
        if not function.__module__.startswith(_ITS_ACTIONS)
    }
    return dict.fromkeys((imported | set(_NEVER)) & set(registered), no_action)
