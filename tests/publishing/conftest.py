"""The worlds of the gate's tests."""

import io

import pytest
from ckan_world import Account, World, empty, portal, world  # noqa: F401
from werkzeug.datastructures import FileStorage

__all__ = ["Account", "World", "empty", "portal", "world"]
