"""Finished work of an audit, kept in a file between runs."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

__all__ = ["State"]


@dataclass(slots=True)
class State:
    """What was found out, by key; only as long as policy and its version stay the same.

    Args:
        path: the file; None keeps nothing.
        basis: what all entries rest on.
        entries: what is known.
    """

    path: Path | None
    basis: str
    entries: dict[str, object] = field(default_factory=dict[str, object])

    @classmethod
    def open(cls, path: Path | None, basis: str) -> "State":
        """The state in a file; an empty one where there is none, or none that fits."""
        state = cls(path, basis)
        if path is not None and path.is_file():
            try:
                data = cast("dict[str, object]", json.loads(path.read_text("utf-8")))
            except ValueError:
                return state
            if data.get("basis") == basis:
                state.entries = cast("dict[str, object]", data.get("entries", {}))
        return state

    def get(self, key: str) -> object | None:
        """What is known under a key."""
        return self.entries.get(key)

    def put(self, key: str, value: object) -> None:
        """Remember something, at once and whole."""
        self.entries[key] = value
        if self.path is None:
            return
        fresh = self.path.with_name(self.path.name + ".new")
        text = json.dumps({"basis": self.basis, "entries": self.entries}, ensure_ascii=False)
        fresh.write_text(text, "utf-8")
        fresh.replace(self.path)
