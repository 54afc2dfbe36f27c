"""A dataset that is released and withdrawn again and again, and steps of that which break."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from gate_office import TABLE, Office

__all__ = ["Desk", "breaks"]

ROOM = "ckanext.sozialdaten.publishing."


@dataclass
class Desk:
    """A dataset that is released again and again.

    Args:
        office: who does it.
        copy_id: its working copy.
        turn: makes each submission differ.
    """

    office: Office
    copy_id: str
    turn: int = 0

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
