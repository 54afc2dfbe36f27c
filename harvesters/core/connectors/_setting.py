"""What every connector of the web stands on: its source's folders, memory, client and progress."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ckanext.sozialdaten.harvesters.core.connectors._client import Client, Progress
from ckanext.sozialdaten.harvesters.core.connectors._memory import Memory, Told
from ckanext.sozialdaten.harvesters.core.connectors._options import Web, private_hosts
from ckanext.sozialdaten.harvesters.core.connectors._parts import Parts
from ckanext.sozialdaten.harvesters.core.connectors.errors import Unchanged
from ckanext.sozialdaten.harvesters.core.connectors.folder import file_digest
from ckanext.sozialdaten.harvesters.core.ledger import Ledger, state_folder
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.messages import Message

__all__ = ["Setting", "unknown_marker"]

_UNSAFE = re.compile(r"[^\w.()+-]+")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a connector works.

    Args:
        source: id of the source.
        landing: folder for what it fetches; written by ``fetch`` alone.
        progress: told how far it is.
    """

    source: str
    landing: Path
    progress: Callable[[Progress], None] = field(default=lambda _: None, repr=False)

    def client(self, web: Web) -> Client:
        """A client for one discovery or one fetch."""
        return Client(
            hosts=web.hosts,
            slots=state_folder() / "hosts",
            limits=web.limits,
            private_hosts=private_hosts(),
            ca_file=web.ca_file,
            progress=self.progress,
        )

    @property
    def memory(self) -> Memory:
        """What the service said last."""
        return Memory(state_folder() / self.source)

    def told(self, name: str) -> Told:
        """What the service said of a delivery that has been dealt with; all empty otherwise.

        Only then may a question be conditional: what was fetched but never stored must come
        again.
        """
        told = self.memory.told(name)
        done = told.digest and Ledger(state_folder() / self.source).outcome(told.digest)
        return told if done else Told()

    def safe(self, name: str) -> str:
        """A plain file name, whatever the service calls its file."""
        return _UNSAFE.sub("_", name).lstrip(".")[-_LONGEST_NAME:] or "delivery"

    def target(self, name: str) -> Path:
        """The file for a delivery."""
        self.landing.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.landing / self.safe(name)

    def parts(self, ref: Ref) -> Parts:
        """The parts of a delivery that have arrived."""
        target = self.target(ref.name)
        return Parts(target.with_name(f"{target.name}.parts"), f"{ref.location} {ref.marker}")

    def delivery(self, path: Path, digest: str = "") -> RawDelivery:
        """A fetched file as a delivery, captured now."""
        return RawDelivery(
            self.source,
            path.name,
            path,
            digest or file_digest(path),
            datetime.now(UTC),
            path.stat().st_size,
        )

    def unchanged(self, name: str) -> Unchanged:
        """The service says that nothing is newer."""
        return Unchanged(
            Message("Nothing is newer than what was fetched last: {name}.", {"name": name})
        )


def unknown_marker() -> str:
    """A marker for what must be fetched to know whether it has changed: never twice the same."""
    return f"asked {datetime.now(UTC).isoformat()}"
