"""Filling a register folder: lists of regions, of their changes, and boundaries.

For the command line and for workers; pages never import it.
"""

from ckanext.sozialdaten.geography.importing._lists import import_lists

__all__ = ["import_lists"]
