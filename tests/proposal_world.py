"""A kind of texts for the tests of proposals: a list of lines that may not say ``Fehler``."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing.proposals import Kind, _kinds

__all__ = ["KIND", "Bench", "bring"]

KIND = "hinweis"


@dataclass
class Bench:
    """What the kind was told.

    Args:
        changes: how often the public's text changed.
    """

    changes: list[str] = field(default_factory=list)

    def kind(self) -> Kind:
        """The kind."""
        return Kind(
            name=KIND,
            title=Message("Note"),
            validate=lambda body: [Message("No.")] if "Fehler" in body else [],
            render=str.splitlines,
            address=lambda key: f"/hinweise/{key}",
            on_change=lambda: self.changes.append("changed"),
        )


def bring(patch: pytest.MonkeyPatch) -> Bench:
    """Let a plugin bring the kind, beside those of the loaded plugins."""
    bench = Bench()

    class Brings:
        def proposal_kinds(self) -> Sequence[Kind]:
            return [bench.kind()]

    others = _kinds._plugins
    patch.setattr(_kinds, "_plugins", lambda: [*others(), Brings()])
    return bench
