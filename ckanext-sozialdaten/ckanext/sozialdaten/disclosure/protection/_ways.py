"""The ways to protect a table: which apply to it, and how each is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError, NotSupportedError
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._noisy import cell_key_candidate, round_candidate
from ckanext.sozialdaten.disclosure.protection._secret import read_secret
from ckanext.sozialdaten.disclosure.protection._suppressing import suppress_candidate
from ckanext.sozialdaten.disclosure.protection.recoding import (
    Hierarchy,
    merge_candidate,
    recode_candidate,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["Way", "Wish", "method_of", "ways"]


def method_of(name: str | None) -> Method | None:
    """The method of a name; None for none.

    Raises:
        NotSupportedError: no method has this name.
    """
    if name is None or name in list(Method):
        return Method(name) if name else None
    raise NotSupportedError(
        Message("There is no method {method}.", {"method": name}),
        Message("Known methods: {names}.", {"names": ", ".join(Method)}),
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks of protection.

    Args:
        method: the method; None: suppression for counts, recoding for persons.
        base: of rounding; None: as the policy says.
        everywhere: whether rounding changes all counts, and not the small ones alone.
        hierarchies: by column, for recoding.
        secret: file with the secret of the Cell Key Method; None: the environment names it.
    """

    method: Method | None = None
    base: int | None = None
    everywhere: bool = False
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict[str, Hierarchy])
    secret: str | Path | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to protect a table.

    Args:
        method: its method.
        label: what the menu calls it.
        make: makes the candidate.
        key: its name among all ways; its method's if that has one way only.
    """

    method: Method
    label: Message
    make: Callable[[], Candidate]
    key: str = ""

    @property
    def name(self) -> str:
        """What the menu's readers choose it by."""
        return self.key or str(self.method)


def ways(
    subject: Subject,
    wish: Wish,
    released: tuple[Subject, ...] = (),
    demands: Demands | None = None,
) -> tuple[Way, ...]:
    """All ways that apply to a kind of table; the first of a method is what it means by itself.

    Raises:
        NotSupportedError: the method that was asked for does not apply.
    """
    found = (
        _for_persons(subject, wish)
        if subject.known.person_level
        else _for_counts(subject, wish, released, demands)
    )
    chosen = tuple(way for way in found if wish.method in (None, way.method))
    if not chosen:
        known = ", ".join(dict.fromkeys(str(way.method) for way in found))
        raise NotSupportedError(
            Message(
                "The method {method} does not apply to this table.", {"method": str(wish.method)}
            ),
            Message("Known methods: {names}.", {"names": known}),
        )
    return chosen


def _merged(subject: Subject) -> Candidate:
    candidate = merge_candidate(subject)
    if candidate is None:
        raise NotProtectedError(
            Message("Merging categories does not make this table safe."),
            Message("Suppress cells, or round the counts."),
        )
    return candidate


def _for_persons(subject: Subject, wish: Wish) -> tuple[Way, ...]:
    return (
        Way(
            Method.RECODE,
            Message("Recode persons along hierarchies"),
            lambda: recode_candidate(subject, wish.hierarchies),
        ),
    )


def _for_counts(
    subject: Subject, wish: Wish, released: tuple[Subject, ...], demands: Demands | None
) -> tuple[Way, ...]:
    def rounded(everywhere: bool) -> Way:
        text = "Round all counts" if everywhere else "Round small counts"
        return Way(
            Method.ROUND,
            Message(text),
            lambda: round_candidate(subject, wish.base, everywhere=everywhere),
            "round-all" if everywhere else "",
        )

    return (
        Way(
            Method.SUPPRESS,
            Message("Suppress cells"),
            lambda: suppress_candidate(subject, released, demands=demands),
        ),
        Way(Method.MERGE, Message("Merge categories"), lambda: _merged(subject)),
        rounded(wish.everywhere),
        rounded(not wish.everywhere),
        Way(
            Method.CELL_KEY,
            Message("Cell Key Method"),
            lambda: cell_key_candidate(subject, read_secret(wish.secret)),
        ),
    )
