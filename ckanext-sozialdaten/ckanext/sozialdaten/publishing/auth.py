"""Who may do what at the gate."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context

from ckanext.sozialdaten.publishing.model import Dataset

__all__ = ["sozialdaten_working_copy_write"]


def sozialdaten_working_copy_write(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may write the dataset in its organisation."""
    row = Dataset.of_source(data_dict["source"])
    package = model.Package.get(row.working_copy_id) if row else None
    if package is None or package.state == "deleted":
        return authz.is_authorized("package_create", context, dict(data_dict["dataset"]))
    return authz.is_authorized("package_update", tk.fresh_context(context), {"id": package.id})
