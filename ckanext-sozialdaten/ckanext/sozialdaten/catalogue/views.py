"""Pages of the catalogue: names of regions for the form of a dataset."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, jsonify

from ckanext.sozialdaten.catalogue.places import region_line
from ckanext.sozialdaten.geography import Register

__all__ = ["sozialdaten_catalogue"]

sozialdaten_catalogue = Blueprint("sozialdaten_catalogue", __name__)

_MOST = 12


@sozialdaten_catalogue.get("/gebiete/namen")
def region_names() -> Any:
    """Regions whose name begins with or contains ``q``, as the form writes them."""
    text = tk.request.args.get("q", "").strip()
    found = Register.default().search(text, limit=_MOST) if text else ()
    return jsonify(regions=[region_line(region) for region in found])
