"""The actions of the gate. Dataset pages, harvesters and clients of the API all come in here.

There is no action that publishes: a reviewer's approval releases, and nothing else does.
"""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.sozialdaten.publishing import _working_copy

__all__ = ["sozialdaten_working_copy_write"]


def sozialdaten_working_copy_write(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Create or update the working copy of a source.

    The working copy is a private dataset; only its organisation reads it. The same content written
    again changes nothing. A name given for an existing working copy is ignored: its address stays.

    :param source: id of the source that the dataset comes from
    :type source: string
    :param dataset: fields of the dataset as :py:func:`package_create` takes them
    :type dataset: dictionary
    :param resources: resources with ``name`` (unique in the dataset), ``description``, ``format``,
        ``mimetype``, ``layout`` (Frictionless Table Schema with roles) and ``upload`` (a file
        object with a filename); resources that are missing here are removed
    :type resources: list of dictionaries

    :returns: the working copy
    :rtype: dictionary
    """
    source = tk.get_or_bust(data_dict, "source")
    dataset = tk.get_or_bust(data_dict, "dataset")
    resources = data_dict.get("resources") or []
    errors: dict[str, list[str]] = {}
    if not isinstance(source, str):
        errors["source"] = [tk._("Must be a text.")]
    if not isinstance(dataset, dict):
        errors["dataset"] = [tk._("Must be a dictionary of dataset fields.")]
    names = [item.get("name") if isinstance(item, dict) else None for item in resources]
    if not all(names) or len(set(names)) != len(names):
        errors["resources"] = [tk._("Every resource needs a name of its own.")]
    if errors:
        raise tk.ValidationError(errors)
    tk.check_access("sozialdaten_working_copy_write", context, data_dict)
    return _working_copy.write(context, source, dict(dataset), resources)
