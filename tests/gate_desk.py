"""A dataset that is released and withdrawn again and again, and steps of that which break."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from gate_office import TABLE, Office

from ckanext.sozialdaten.publishing import _jobs

__all__ = ["Desk", "breaks", "steps"]

ROOM = "ckanext.sozialdaten.publishing."


@dataclass
class Desk:
    """A dataset that is released again and again.

    Args:
        office: who does it.
        copy_id: its working copy.
        enqueue: queues a job; here jobs run at once, as an idle worker runs them.
        turn: makes each submission differ.
        entered: the steps of each kind of work.
    """

    office: Office
    copy_id: str
    enqueue: Callable[..., None] = _jobs.enqueue
    turn: int = 0
    entered: dict[str, list[str]] = field(default_factory=dict)

    def submission(self) -> str:
        """A submission that waits; the working copy differs from the last release."""
        self.turn += 1
        call, editor = self.office.world.call, self.office.editor
        call("package_patch", editor, id=self.copy_id, notes=f"Fassung {self.turn}.")
        for old in self.office.show(self.copy_id)["resources"]:
            call("resource_delete", editor, id=old["id"])
        row = f"99001006;2023;{50 + 10 * self.turn}\n"
        self.office.add_table(self.copy_id, TABLE + row.encode())
        submission: str = self.office.submit(self.copy_id)["id"]
        return submission

    def approve(self, submission: str) -> dict[str, Any]:
        """As a reviewer."""
        return self._act("sozialdaten_review_approve", submission)

    def withdraw(self, release: str) -> dict[str, Any]:
        """As a reviewer."""
        return self._act("sozialdaten_release_withdraw", release)

    def queue_jobs(self, patch: pytest.MonkeyPatch) -> None:
        """From now on jobs are queued, and nobody works on them."""
        patch.setattr(_jobs, "enqueue", self.enqueue)

    def _act(self, action: str, object_id: str) -> dict[str, Any]:
        model.Session.remove()
        context: Any = {"user": self.office.reviewer.name}
        try:
            done: dict[str, Any] = tk.get_action(action)(
                context, {"id": object_id, "reason": "Durchgesehen."}
            )
        finally:
            model.Session.remove()
        return done


def steps(work: Callable[[], Any], depth: int) -> list[str]:
    """The functions of the room that some work enters, in order: ``module.function``.

    Args:
        work: what is watched.
        depth: how far below the work a step lies; deeper ones read a cell or look up a row.
    """
    found: dict[str, None] = {}
    inside: list[Any] = []

    def watch(frame: Any, event: str, _argument: Any) -> None:
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(ROOM):
            return
        if event == "return" and inside and inside[-1] is frame:
            inside.pop()
        elif event == "call":
            inside.append(frame)
            if len(inside) <= depth and frame.f_code.co_qualname.isidentifier():
                found[f"{module.removeprefix(ROOM)}.{frame.f_code.co_qualname}"] = None

    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
    return [step for step in found if _holders(step)]


def _holders(step: str) -> list[tuple[ModuleType, str]]:
    """Where a step's function is known, and by which name."""
    module, name = step.rsplit(".", 1)
    function = getattr(sys.modules[ROOM + module], name, None)
    return [
        (one, known)
        for path, one in list(sys.modules.items())
        if path.startswith(ROOM)
        for known, value in list(vars(one).items())
        if function is not None and value is function
    ]


def breaks(patch: pytest.MonkeyPatch, step: str, act: Callable[[], Any]) -> None:
    """Let a step do ``act`` after its work, once."""
    module, name = step.rsplit(".", 1)
    original, done = getattr(sys.modules[ROOM + module], name), list[bool]()

    def broken(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        if not done:
            done.append(True)
            act()
        return found

    for holder, known in _holders(step):
        patch.setattr(holder, known, broken)
