"""Who may ask for figures: everybody, for only what is released stands in the public zone."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context

__all__ = [
    "sozialdaten_combine",
    "sozialdaten_indicator_list",
    "sozialdaten_indicator_show",
    "sozialdaten_indicator_values",
    "sozialdaten_region_list",
    "sozialdaten_region_show",
    "sozialdaten_report_freeze",
    "sozialdaten_report_show",
    "sozialdaten_series_list",
    "sozialdaten_series_values",
]


def _everybody(_context: Context, _data_dict: dict[str, Any] | None) -> AuthResult:
    return {"success": True}


sozialdaten_combine = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_indicator_list = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_indicator_show = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_indicator_values = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_region_list = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_region_show = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_report_show = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_series_list = tk.auth_allow_anonymous_access(_everybody)
sozialdaten_series_values = tk.auth_allow_anonymous_access(_everybody)


def sozialdaten_report_freeze(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Whoever may write texts for the public; which organisation's, the proposal itself decides."""
    tk.check_access("sozialdaten_proposal_save", context, data_dict)
    return {"success": True}
