"""Fixtures of the portal's tests."""

from ckan_world import empty, portal, world  # noqa: F401
from portal_world import shown  # noqa: F401
