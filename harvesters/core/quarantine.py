"""Deliveries that nobody has taken: why, where their files lie, and what was decided.

Each is one small file beside the ledger, by digest: the same bytes again change nothing. A decision
is written as a whole before anything happens; whoever runs next acts on it, also after a crash.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ckanext.sozialdaten.errors import Place, SozialdatenError
from ckanext.sozialdaten.harvesters.core.errors import DeliveryRefused, HarvestError
from ckanext.sozialdaten.harvesters.core.ledger import write_whole
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.messages import Message

__all__ = ["Decision", "Held", "Quarantine", "told"]

_LEAST_REASON = 10


class Decision(StrEnum):
    """What a person decided."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery in quarantine.

    Args:
        digest: of its content.
        name: file name.
        size: bytes.
        captured_at: when we received it, ISO 8601.
        held_at: when it was put here.
        path: where its bytes lie; they go with the retention of refused files.
        acceptable: whether it may be taken all the same.
        problems: see :func:`told`; no value of a person is in them.
        decision: what was decided; empty: nothing yet.
        by: who decided.
        reason: why.
        decided_at: when.
        done: whether the decision has been carried out.
    """

    digest: str
    name: str
    size: int
    captured_at: str
    held_at: str
    path: str
    acceptable: bool
    problems: tuple[Mapping[str, Any], ...] = ()
    decision: str = ""
    by: str = ""
    reason: str = ""
    decided_at: str = ""
    done: bool = False

    @property
    def open(self) -> bool:
        """Whether somebody still has to decide."""
        return not self.decision

    @property
    def there(self) -> bool:
        """Whether its bytes are still there."""
        return Path(self.path).is_file()


class Quarantine:
    """The quarantine of one source.

    Args:
        folder: the folder of its ledger.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "quarantine"

    def hold(self, raw: RawDelivery, path: Path, error: HarvestError, *, acceptable: bool) -> None:
        """Put a delivery here; a decision that was made on the same content stays."""
        before = self.find(raw.digest)
        if before is not None and not before.open:
            return
        problems = error.problems if isinstance(error, DeliveryRefused) else (error,)
        held = Held(
            digest=raw.digest,
            name=raw.name,
            size=raw.size,
            captured_at=raw.captured_at.isoformat(),
            held_at=datetime.now(UTC).isoformat(),
            path=str(path),
            acceptable=acceptable,
            problems=tuple(told(problem) for problem in problems),
        )
        self._write(held)

    def find(self, digest: str) -> Held | None:
        """The delivery with this digest."""
        try:
            data: dict[str, Any] = json.loads(self._file(digest).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        fields: dict[str, Any] = {**data, "problems": tuple(data["problems"])}
        return Held(**fields)

    def all(self) -> list[Held]:
        """Everything that ever was here, the newest first."""
        digests = [path.stem for path in self.folder.glob("*.json")]
        found = [held for digest in digests if (held := self.find(digest)) is not None]
        return sorted(found, key=lambda held: held.held_at, reverse=True)

    def accepted(self, digest: str) -> bool:
        """Whether a person has decided to take this content all the same."""
        held = self.find(digest)
        return held is not None and held.decision == Decision.ACCEPTED

    def to_take(self) -> Iterator[Held]:
        """Accepted deliveries that have not been taken yet."""
        for held in reversed(self.all()):
            if held.decision == Decision.ACCEPTED and not held.done and held.there:
                yield held

    def decide(self, digest: str, decision: Decision, by: str, reason: str) -> Held:
        """Write a decision down.

        Raises:
            HarvestError: there is no such delivery, it was decided on already, its bytes are gone,
                it cannot be read at all, or no reason is given.
        """
        held = self.find(digest)
        if held is None or not held.open:
            raise HarvestError(
                Message("This delivery does not wait for a decision."),
                Message("Somebody may have decided in the meantime: load the page again."),
            )
        if len(reason.strip()) < _LEAST_REASON:
            raise HarvestError(
                Message("A decision needs a reason."),
                Message("Say in one sentence why, for those who read the log later."),
            )
        if decision is Decision.ACCEPTED:
            _refuse_unacceptable(held)
        decided = replace(
            held,
            decision=str(decision),
            by=by,
            reason=reason.strip(),
            decided_at=datetime.now(UTC).isoformat(),
            done=decision is Decision.REJECTED,
        )
        self._write(decided)
        return decided

    def finished(self, digest: str) -> None:
        """A delivery was taken: by decision, or because it now can be read."""
        held = self.find(digest)
        if held is not None and not held.done:
            self._write(replace(held, done=True, decision=held.decision or Decision.ACCEPTED))

    def _write(self, held: Held) -> None:
        write_whole(self._file(held.digest), asdict(held))

    def _file(self, digest: str) -> Path:
        return self.folder / f"{Path(digest).name}.json"


def _refuse_unacceptable(held: Held) -> None:
    if not held.acceptable:
        raise HarvestError(
            Message("This delivery cannot be read and therefore not be accepted."),
            Message("Correct the file or the source, and deliver it again."),
            Place(file=held.name),
        )
    if not held.there:
        raise HarvestError(
            Message("The file has expired and was erased."),
            Message("Deliver it again."),
            Place(file=held.name),
        )


def told(problem: Exception) -> dict[str, Any]:
    """A problem as data: code, place, message and hint in German and English."""
    if not isinstance(problem, SozialdatenError):
        line = str(problem)
        return {"code": "harvest", "message": {"de": line, "en": line}}
    place = problem.place or Place()
    return {
        "code": problem.code,
        "file": place.file,
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "message": problem.message.both(),
        "hint": problem.hint.both() if problem.hint else None,
        "text": {"de": problem.text("de"), "en": problem.text("en")},
    }
