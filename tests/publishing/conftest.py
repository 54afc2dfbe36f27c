"""The world and the office of the gate's tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckan import model
from ckan_world import World, empty, portal, truncate_own_tables, world
from gate_desk import Desk, steps
from gate_office import Office, new_office, office

from ckanext.sozialdaten.publishing import _jobs, _sweep

__all__ = ["desk", "empty", "office", "portal", "shared_office", "world"]


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


@pytest.fixture(scope="module")
def desk(shared_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk, with a lake of its own; one release and one withdrawal have been watched."""
    folder = tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC", str(folder / "public"))
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC_CATALOG", f"sqlite:///{folder}/public.db")
        desk = Desk(shared_office, shared_office.working_copy(name="hilfen")["id"])
        patch.setattr(_jobs, "enqueue", lambda job, arguments, _title, **_options: job(*arguments))
        desk.approve(desk.submission())
        second = desk.submission()
        released: list[dict[str, Any]] = []
        desk.entered["approve"] = steps(lambda: released.append(desk.approve(second)), 4)
        desk.entered["withdraw"] = steps(lambda: desk.withdraw(released[0]["id"]), 3)
        _sweep.sweep()
        yield desk
