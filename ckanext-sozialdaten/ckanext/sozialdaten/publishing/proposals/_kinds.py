"""Kinds of texts. The rooms above bring them by a plugin, so that this one knows none of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.messages import Message

__all__ = ["IProposalKinds", "Kind", "kind_of", "kinds"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a text is, and what its room says of it.

    Args:
        name: how actions and tables call it.
        title: how people call it.
        validate: what is wrong with a text; nothing, if it may be submitted. Asked when it is
            saved, submitted and approved, since what it builds on may have changed meanwhile.
        render: the lines that a reviewer compares.
        address: where the public reads the text of a key.
        on_change: called after an approval or a retirement, when the database knows it.
        preview: where those who may read a version see it as the public would, by its id.
    """

    name: str
    title: Message
    validate: Callable[[str], Sequence[Message]]
    render: Callable[[str], Sequence[str]]
    address: Callable[[str], str]
    on_change: Callable[[], None]
    preview: Callable[[str], str] | None = None


class IProposalKinds(p.Interface):
    """A plugin that brings kinds of texts which two people have to agree on."""

    def proposal_kinds(self) -> Sequence[Kind]:
        """The kinds, each with a name of its own."""
        return []


def _plugins() -> Iterable[IProposalKinds]:
    return p.PluginImplementations(IProposalKinds)


def kinds() -> dict[str, Kind]:
    """All kinds of the loaded plugins, by name."""
    return {kind.name: kind for plugin in _plugins() for kind in plugin.proposal_kinds()}


def kind_of(name: str) -> Kind:
    """A kind by its name.

    Raises:
        tk.ValidationError: no loaded plugin brings it.
    """
    found = kinds().get(name)
    if found is None:
        raise tk.ValidationError({"kind": [tk._("This portal knows no texts of this kind.")]})
    return found
