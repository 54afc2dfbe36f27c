"""Ring 2: functions that a plugin offers to every caller of the API by mistake.

``ckanext-harvest`` registers whatever its modules import, mailers and an exception class among it.
"""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

__all__ = ["BY_PLUGIN"]

_OF_HARVEST = (
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


BY_PLUGIN: dict[str, dict[str, Any]] = {"harvest": dict.fromkeys(_OF_HARVEST, no_action)}
