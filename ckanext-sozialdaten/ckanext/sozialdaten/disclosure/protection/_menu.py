"""The repair menu: all ways to protect a table side by side, each judged, the best first."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import DisclosureError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._judge import Beside
from ckanext.sozialdaten.disclosure.protection._report import ProtectionReport
from ckanext.sozialdaten.disclosure.protection._rounds import settled
from ckanext.sozialdaten.disclosure.protection._ways import Way, Wish, ways
from ckanext.sozialdaten.messages import Message

__all__ = ["Alternative", "Outcome", "Tell", "alternatives"]

#: Is told how many ways were tried, and how many there are.
Tell = Callable[[int, int], None]


class Outcome(StrEnum):
    """What became of a way that was tried."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to protect a table, as it was tried.

    Args:
        method: its method.
        label: what the menu calls it.
        report: what it costs and what check and attack say; None if there is no candidate.
        reason: why there is none, and what to do.
        seconds: time it took, with judging.
        candidate: the table as it would be published.
        name: what it is chosen by; the method may have several ways.
    """

    method: Method
    label: Message
    report: ProtectionReport | None = None
    reason: tuple[Message, ...] = ()
    seconds: float = 0.0
    candidate: Candidate | None = field(default=None, repr=False)
    name: str = ""

    @property
    def safe(self) -> bool:
        """Whether check and attack let it pass."""
        return self.report is not None and self.report.judgement.safe

    @property
    def outcome(self) -> Outcome:
        """Safe, unsafe, or that there is no such copy at all."""
        if self.report is None:
            return Outcome.IMPOSSIBLE
        return Outcome.SAFE if self.safe else Outcome.UNSAFE

    def to_json(self, *, preview: bool = False) -> dict[str, object]:
        """The alternative as JSON.

        Args:
            preview: with every changed cell, old and new; for the staff alone.
        """
        result: dict[str, object] = {
            "name": self.name,
            "method": str(self.method),
            "label": self.label.both(),
            "outcome": str(self.outcome),
            "safe": self.safe,
            "seconds": round(self.seconds, 3),
        }
        if self.report is None:
            return {**result, "reason": [message.both() for message in self.reason]}
        return {
            **result,
            **self.report.to_json(preview=preview),
            "judgement": self.report.judgement.to_json(),
        }


def alternatives(
    subject: Subject, wish: Wish, beside: Beside, tell: Tell | None = None
) -> tuple[Alternative, ...]:
    """All ways that apply to a table: the safe ones first, those that lose less before others.

    Args:
        subject: the table.
        wish: base, hierarchies and secret; a method restricts the menu to it.
        beside: what is public or known besides.
        tell: is told of each way that was tried.
    """
    found, tried = ways(subject, wish, beside.released, beside.demands), list[Alternative]()
    for way in found:
        tried.append(_tried(way, subject, beside))
        if tell:
            tell(len(tried), len(found))
    return tuple(sorted(tried, key=_rank))


def _tried(way: Way, subject: Subject, beside: Beside) -> Alternative:
    start = time.monotonic()
    try:
        candidate, report = settled(way.make(), subject, beside)
    except DisclosureError as error:
        reason = (error.message, *([error.hint] if error.hint else []))
        spent = time.monotonic() - start
        return Alternative(way.method, way.label, None, reason, spent, name=way.name)
    spent = time.monotonic() - start
    return Alternative(way.method, way.label, report, (), spent, candidate, way.name)


def _rank(one: Alternative) -> tuple[bool, bool, float]:
    score = one.report.loss.score if one.report else 1.0
    return (not one.safe, one.report is None, score)
