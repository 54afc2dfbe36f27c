"""A release or withdrawal that breaks at any step leaves the old state or the new one, everywhere.

The steps are not listed here: a release and a withdrawal are watched once, and each function of
this room that they entered is a step. Before the commit everything is as it was, at once, but for
bytes that nobody can ask for; after it, the sweeper that runs every hour brings the rest in line.
"""

import contextlib
import datetime as dt
import os
import resource
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan_world import RefusedError
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine
from freezegun import freeze_time
from gate_desk import Desk, breaks
from gate_state import Held, held

from ckanext.sozialdaten.publishing import _recording, _store, _sweep


class BrokenError(Exception):
    """What a step raises here."""


def _raise() -> None:
    raise BrokenError


def _judged(before: Held, kind: str) -> list[str]:
    """What is wrong after something broke; the sweeper removes bytes and does what is left."""
    now = held(lake=False)
    if now == before:
        return []
    if replace(now, files=before.files) == before:
        _sweep.sweep()
        return [] if held(lake=False) == before else ["bytes of no release stay"]
    wanted = (before.releases[0] + 1, before.releases[1])
    if kind == "withdraw":
        wanted = (before.releases[0], before.releases[1] + 1)
    if now.releases != wanted:
        return [f"neither old nor new: {before.releases} became {now.releases}", str(now)]
    _sweep.sweep()
    swept = held()
    return [f"the {name} differs" for name in swept.differences()]


def _each_step(desk: Desk, kind: str) -> dict[str, list[str]]:
    """Break every step, one by one; what was wrong after which."""
    wrong: dict[str, list[str]] = {}
    waiting, before = "", None
    for step in desk.entered[kind]:
        if not waiting:
            waiting = desk.submission()
            if kind == "withdraw":
                waiting = desk.approve(waiting)["id"]
            before = held(lake=False)
            assert before.differences(lake=False) == []
        assert before is not None
        with pytest.MonkeyPatch.context() as patch:
            breaks(patch, step, _raise)
            with contextlib.suppress(BrokenError):
                getattr(desk, kind)(waiting)
        found = _judged(before, kind)
        if found:
            wrong[step] = found
        if held(lake=False).releases != before.releases:
            waiting = ""
    return wrong


@pytest.mark.parametrize(("kind", "fewest"), [("approve", 25), ("withdraw", 8)])
def test_an_exception_after_any_step_leaves_the_old_or_the_new_state(
    desk: Desk, kind: str, fewest: int
) -> None:
    assert len(desk.entered[kind]) >= fewest
    assert _each_step(desk, kind) == {}


def _in_a_child(work: Callable[[], Any]) -> int:
    """Do some work in a process of its own, with connections of its own; how it ended."""
    child = os.fork()
    if child == 0:  # pragma: no cover
        code = 0
        try:
            for engine in (model.ensure_engine(), get_read_engine(), get_write_engine()):
                engine.dispose(close=False)
            model.Session.registry.clear()
            work()
        except BaseException:  # noqa: BLE001 - the child never returns into the test
            code = 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    "step",
    ["_store.sha256_of", "_datastore._copy", "_views.create", "_release._write", "_index.refresh"],
)
def test_a_killed_process_leaves_the_old_or_the_new_state(desk: Desk, step: str) -> None:
    waiting, before = desk.submission(), held()
    with pytest.MonkeyPatch.context() as patch:
        breaks(patch, step, _die)
        assert _in_a_child(lambda: desk.approve(waiting)) == -signal.SIGKILL
    after = held()
    assert after.releases[0] - before.releases[0] == (step == "_index.refresh")
    _sweep.sweep()
    assert held().differences() == []
    if step != "_index.refresh":
        assert (held().database, held().index) == (before.database, before.index)


def test_a_full_disk_leaves_the_old_state(desk: Desk) -> None:
    waiting, before = desk.submission(), held()

    def on_a_full_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
        desk.approve(waiting)

    assert _in_a_child(on_a_full_disk) == 1
    assert held() == before
    assert not [path for path in _store._root().glob(".*") if path.is_file()]


def _together(*works: Callable[[], Any]) -> list[Any]:
    """Do several things at once; what came out of each, or the exception."""
    found: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            found[place] = work()
        except (tk.ValidationError, tk.NotAuthorized, RefusedError) as error:
            found[place] = error
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_of_two_approvals_at_once_one_releases(desk: Desk) -> None:
    waiting, before = desk.submission(), held()
    found = _together(*[lambda: desk.approve(waiting)] * 2)
    assert sorted(type(one).__name__ for one in found) == ["ValidationError", "dict"]
    assert held().releases[0] == before.releases[0] + 1
    assert held().differences() == []


def test_an_edit_during_the_approval_is_not_in_the_release(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = desk.submission()
    checked, edits = threading.Event(), list[Any]()

    def edit() -> None:
        checked.wait(30)
        call = desk.office.world.call
        edits.append(call("package_patch", desk.office.editor, id=desk.copy_id, notes="Später."))

    def wait_for_the_edit() -> None:
        checked.set()
        edits_begun.wait(0.5)

    edits_begun = threading.Event()
    breaks(monkeypatch, "_release._require_unchanged", wait_for_the_edit)
    release, _ = _together(lambda: desk.approve(waiting), edit)
    public = desk.office.world.call("package_show", id=release["dataset_id"])
    assert public["notes"] == f"Fassung {desk.turn}."
    assert edits[0]["notes"] == "Später."
    assert held().differences() == []


@pytest.mark.parametrize("day", ["2001-01-01", "2099-12-31"])
def test_a_clock_that_jumps_does_not_disturb_the_order(desk: Desk, day: str) -> None:
    waiting, before = desk.submission(), held()
    with freeze_time(dt.datetime.fromisoformat(day), tick=True):
        release = desk.approve(waiting)
    public = desk.office.world.call("package_show", id=release["dataset_id"])
    assert public["version"] == str(release["number"]) == str(before.releases[0] + 1)
    links = _recording.links()
    assert [link.previous_hash for link in links[1:]] == [link.hash for link in links[:-1]]
    assert held().differences() == []
