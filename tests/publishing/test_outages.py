"""A server that goes away in the middle of a release or withdrawal: the old state or the new one.

The real servers of the installation whose ``test.ini`` the run uses are stopped and started again,
each once.
"""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.common import config
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine
from gate_desk import Desk, breaks
from gate_state import held

from ckanext.sozialdaten.publishing import _sweep

sys.path.insert(0, str(Path(__file__).parents[2] / "deployment"))

from portal_cli.state import State
from portal_cli.supervision import Supervisor

_PATIENCE = 120


@pytest.fixture(scope="module")
def supervisor() -> Supervisor:
    """The supervisor of the servers that this run uses."""
    home = Path(config["ckan.storage_path"]).parent
    found = Supervisor(State(home, home / "venv", home))
    if not found.running():
        pytest.skip("the servers of this run have no supervisor")
    return found


@pytest.fixture
def away(supervisor: Supervisor) -> Iterator[Callable[[str], Callable[[], None]]]:
    """Makes a function that stops a server; whatever ran before runs again afterwards."""
    ran = [one["name"] for one in supervisor.processes() if one["statename"] == "RUNNING"]
    stopped: list[str] = []

    def stopping(server: str) -> Callable[[], None]:
        def stop() -> None:
            stopped.append(server)
            supervisor.stop([server])

        return stop

    yield stopping
    for server in stopped:
        _start(supervisor, server)
    for name in ran:  # the portal's own processes, where they gave up
        supervisor.start(name)


def _start(supervisor: Supervisor, server: str) -> None:
    """Start a server and wait until it answers."""
    supervisor.start(server)
    for engine in (model.ensure_engine(), get_read_engine(), get_write_engine()):
        engine.dispose()  # connections to a server that is gone
    ends = time.monotonic() + _PATIENCE
    while not _answers(server):
        assert time.monotonic() < ends, f"{server} does not come back"
        time.sleep(0.3)


def _answers(server: str) -> bool:
    from ckan.lib.redis import is_redis_available
    from ckan.lib.search import is_available

    match server:
        case "redis":
            return is_redis_available()
        case "solr":
            return is_available()
        case _:
            return _database_answers()


def _database_answers() -> bool:
    url = model.ensure_engine().url
    try:
        socket.create_connection((url.host or "127.0.0.1", url.port or 5432), 1).close()
        with model.ensure_engine().connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except (OSError, sa.exc.OperationalError):
        return False
    return True


@pytest.mark.parametrize("server", ["redis", "solr"])
def test_release_and_withdrawal_do_without(
    desk: Desk, supervisor: Supervisor, away: Callable[[str], Callable[[], None]], server: str
) -> None:
    """Both are done as the database says, and the sweeper tells the others later."""
    waiting, before = desk.submission(), held()
    with pytest.MonkeyPatch.context() as patch:
        desk.queue_jobs(patch)
        breaks(patch, "_release._next_number", away(server))
        release = desk.approve(waiting)
        assert supervisor.process_state(server) == "STOPPED"
        desk.withdraw(release["id"])
        with pytest.raises(tk.NotAuthorized):
            tk.get_action("package_show")({"user": ""}, {"id": release["dataset_id"]})
        model.Session.remove()
    _start(supervisor, server)
    _sweep.sweep()
    after = held()
    assert after.releases == (before.releases[0] + 1, before.releases[1] + 1)
    assert after.differences() == []


@pytest.mark.parametrize("kind", ["approve", "withdraw"])
def test_a_database_that_goes_away_leaves_the_old_state(
    desk: Desk, supervisor: Supervisor, away: Callable[[str], Callable[[], None]], kind: str
) -> None:
    step = "_release._next_number"
    waiting = desk.submission()
    if kind == "withdraw":
        waiting, step = desk.approve(waiting)["id"], "_review.user_of"
    before = held()
    with pytest.MonkeyPatch.context() as patch:
        breaks(patch, step, away("postgres"))
        with pytest.raises(sa.exc.DBAPIError):
            getattr(desk, kind)(waiting)
    _start(supervisor, "postgres")
    _sweep.sweep()
    assert held() == before
    assert held().differences() == []
