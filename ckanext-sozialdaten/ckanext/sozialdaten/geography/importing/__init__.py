"""Filling a register folder: lists of regions, of their changes, and boundaries.

For the command line and for workers; pages never import it.
"""

from ckanext.sozialdaten.geography.importing._boundaries import BoundaryOptions, import_boundaries
from ckanext.sozialdaten.geography.importing._layers import has_boundaries
from ckanext.sozialdaten.geography.importing._lists import import_lists

__all__ = ["BoundaryOptions", "has_boundaries", "import_boundaries", "import_lists"]
