"""The world and the office of the gate's tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckan import model
from ckan_world import World, empty, portal, truncate_own_tables, world
from gate_office import Office, new_office, office

__all__ = ["empty", "office", "portal", "shared_office", "world"]


@pytest.fixture(scope="module")
def shared_office(
    portal: Any, reset_db: Callable[[], None], reset_index: Callable[[], None]
) -> Iterator[Office]:
    """One office for a whole module, for tests that leave nothing behind."""
    model.Session.remove()
    truncate_own_tables()
    reset_db()
    reset_index()
    office = new_office(World(portal))
    office.world.organisation(editor=office.stranger)
    yield office
    model.Session.remove()
