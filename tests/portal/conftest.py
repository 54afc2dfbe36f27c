"""Fixtures of the portal's tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckan import model
from ckan_world import World, empty, portal, truncate_own_tables, world  # noqa: F401
from gate_office import Office, new_office
from portal_world import shown  # noqa: F401


@pytest.fixture(scope="module")
def still_world(
    portal: Any,  # noqa: F811
    reset_db: Callable[[], None],
    reset_index: Callable[[], None],
) -> Iterator[World]:
    """One portal for a whole module, emptied once: for tests that only read."""
    model.Session.remove()
    truncate_own_tables()
    reset_db()
    reset_index()
    yield World(portal)
    model.Session.remove()


@pytest.fixture(scope="module")
def shared_office(still_world: World) -> Office:
    """Everybody that an approval needs, for a whole module."""
    return new_office(still_world)
