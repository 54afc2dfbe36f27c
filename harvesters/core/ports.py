"""The protocol of a harvest: discover, fetch, read, plan. And the values that pass between.

A connector finds and brings deliveries, ``readers`` read them, :func:`plan` says what the lake and
the working copy would receive. None of them writes anything: a dry run is all of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Connector",
    "Plan",
    "RawDelivery",
    "Reading",
    "Ref",
    "Stay",
]


@dataclass(frozen=True, slots=True)
class Ref:
    """A delivery that a connector has seen but not fetched.

    Args:
        name: file name or remote name, as people know it.
        location: where the connector finds it again.
        size: bytes, as far as known.
        marker: changes whenever the content may have changed (size and time of a file).
    """

    name: str
    location: str
    size: int
    marker: str


@dataclass(frozen=True, slots=True)
class RawDelivery:
    """A delivery as received.

    Args:
        source: id of the source.
        name: file name.
        path: where the bytes lie.
        digest: SHA-256 that is the same exactly when the content is.
        captured_at: when we received it, in UTC.
        size: bytes.
    """

    source: str
    name: str
    path: Path
    digest: str
    captured_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader got out of a delivery.

    Args:
        table: typed columns: those of the layout, or the cells of a table of figures.
        rows: row in the file of each row of the table.
        encoding: encoding that the text was found to have.
        notes: what was noticed but is no error, for the log.
        parser: reader and version.
        header: captions of the file, in its order.
    """

    table: "pa.Table"
    rows: Sequence[int]
    encoding: str
    notes: tuple[str, ...] = ()
    parser: str = ""
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stay:
    """Person-level rows that the restricted zone keeps until they expire."""

    rows: "pa.Table"
    expires_on: date


@dataclass(frozen=True, slots=True)
class Plan:
    """What a delivery would change: nothing of it has happened yet.

    Args:
        raw: the delivery.
        observations: rows for the lake (columns of the lake's contract, without captured_at).
        rows_read: rows in the file.
        stay: person-level rows to keep; None where there are none or they are not to be kept.
        encoding: encoding that the text was found to have.
        parser: reader and version.
        signs: convention of the quality signs.
        columns: captions or series of the file, in its order.
        notes: what was noticed but is no error.
    """

    raw: RawDelivery
    observations: "pa.Table"
    rows_read: int
    stay: Stay | None
    encoding: str
    parser: str
    signs: str = "din-55301"
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def references(self) -> tuple[tuple[date, date], ...]:
        """All key dates or periods that the delivery speaks of, in order."""
        pairs = self.observations.select(["reference_start", "reference_end"])
        found = pairs.group_by(pairs.column_names).aggregate([]).to_pylist()
        return tuple(sorted((row["reference_start"], row["reference_end"]) for row in found))

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that it speaks of, in order."""
        return tuple(sorted(self.observations["region"].unique().to_pylist()))


class Connector(Protocol):
    """Finds deliveries and brings them."""

    def discover(self) -> Iterator[Ref]:
        """All complete deliveries that are there now, oldest first."""
        ...

    def fetch(self, ref: Ref) -> RawDelivery:
        """Bring one of them.

        Raises:
            HarvestError: it cannot be had, or must not be.
        """
        ...
