"""The world and the office of the gate's tests."""

from ckan_world import empty, portal, world
from gate_office import office

__all__ = ["empty", "office", "portal", "world"]
