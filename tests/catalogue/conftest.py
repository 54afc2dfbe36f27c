"""The catalogue's tests speak to a real portal."""

from ckan_world import empty, portal, world

__all__ = ["empty", "portal", "world"]
