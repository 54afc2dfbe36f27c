"""The values that enter and leave the lake."""

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.errors import ObservationError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "AppendResult",
    "Change",
    "Delivery",
    "Erased",
    "Kind",
    "Layouted",
    "Received",
    "Scope",
    "SeriesInfo",
    "Zone",
]

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Zone(StrEnum):
    """The two halves of the lake, with separate folders, catalogues and rights."""

    RESTRICTED = "restricted"
    PUBLIC = "public"


class Kind(StrEnum):
    """What the absence of a cell in a delivery means: it is gone, or nothing."""

    FULL = "full"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a full delivery claims to cover; only there may it retract cells.

    Args:
        series: names of series; empty: the series that occur in the delivery.
        references: last days of the reference periods; empty: those that occur in the delivery.
        regions: heads of region keys, ``01056`` covers the Kreis and its Gemeinden; empty: all.
        all_references: the delivery is complete for all times, as a release of a table is; then
            ``references`` does not matter.
    """

    series: tuple[str, ...] = ()
    references: tuple[dt.date, ...] = ()
    regions: tuple[str, ...] = ()
    all_references: bool = False

    def to_json(self) -> str:
        """The scope as text, the same bytes for the same scope."""
        return json.dumps(
            {
                "all_references": self.all_references,
                "references": sorted(day.isoformat() for day in self.references),
                "regions": sorted(self.regions),
                "series": sorted(self.series),
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> "Scope":
        """The inverse of `to_json`."""
        data = cast("dict[str, Any]", json.loads(text))
        return cls(
            series=tuple(data["series"]),
            references=tuple(dt.date.fromisoformat(day) for day in data["references"]),
            regions=tuple(data["regions"]),
            all_references=data["all_references"],
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file or response as received.

    Args:
        source: id of the source: letters, digits, ``-`` and ``_``.
        digest: digest of the content; the same digest from the same source is loaded once.
        captured_at: when we received it, with time zone; orders deliveries, whenever loaded.
        name: file name, for people.
        parser: reader and version that made the observations.
        signs: convention of the quality signs (``schemas/codelists/quality_signs.yaml``).
        layout: name of the published table's layout in ``schemas/layouts``, where it has one.
        revision: how often the same content was read anew since, by a mended reader.
    """

    source: str
    digest: str
    captured_at: dt.datetime
    name: str = ""
    parser: str = ""
    signs: str = "din-55301"
    layout: str = ""
    revision: int = 0

    def __post_init__(self) -> None:
        if not _SOURCE.fullmatch(self.source):
            raise ObservationError(
                Message("“{source}” is no id of a source.", {"source": self.source}),
                Message("Use letters, digits, “-” and “_”."),
            )
        if not self.digest:
            raise ObservationError(
                Message("The delivery has no digest."), None, Place(file=self.name)
            )
        if self.captured_at.tzinfo is None:
            raise ObservationError(
                Message("The time of capture has no time zone."),
                Message("Give UTC, for instance datetime.now(UTC)."),
                Place(file=self.name),
            )

    @property
    def captured_utc(self) -> dt.datetime:
        """`captured_at` in UTC."""
        return self.captured_at.astimezone(dt.UTC)

    @property
    def id(self) -> str:
        """Identifier within the source; sorts by time of capture, then content, then revision."""
        plain = _SHA256.fullmatch(self.digest)
        digest = self.digest if plain else hashlib.sha256(self.digest.encode()).hexdigest()
        revision = f"~{self.revision:04}" if self.revision else ""
        return f"{self.captured_utc:%Y%m%dT%H%M%S%fZ}-{digest[:16]}{revision}"


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What a delivery did to the lake, in cells.

    Args:
        skipped: these bytes were already known; nothing was written.
        rows: cells in the delivery.
        new: cells that had no value then.
        changed: cells whose value, unit or sign changed.
        retracted: cells that the delivery no longer contains, within its scope.
        restored: cells of later deliveries written out, because this one came late (back-fill).
        delivery: id of the delivery, as the observations carry it.
    """

    skipped: bool
    rows: int
    new: int = 0
    changed: int = 0
    retracted: int = 0
    restored: int = 0
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """A series of a zone, as it is known now.

    Args:
        name: name of the series.
        source: id of its source.
        units: units that occur.
        cells: number of cells with a value or a sign.
        regions: number of regions.
        first: first day of the first reference period.
        last: last day of the last one.
        captured_at: when the latest change was received.
    """

    name: str
    source: str
    units: tuple[str, ...]
    cells: int
    regions: int
    first: dt.date
    last: dt.date
    captured_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Layouted:
    """What the lake holds of a layout.

    Args:
        series: names of its series.
        state: a text that changes with every delivery of it; what was computed from it may stay.
    """

    series: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Received:
    """What the lake remembers of a delivery.

    Args:
        id: as observations carry it.
        source: id of its source.
        digest: of its content; of a release ``<release id>/<resource id>``.
        captured_at: when we received or released it.
        name: file name, of a release with the release's number.
        layout: name of its layout; empty where it has none.
    """

    id: str
    source: str
    digest: str
    captured_at: dt.datetime
    name: str
    layout: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a delivery did to the lake, as its record says; counts are of all its series.

    Args:
        delivery: its id, as observations carry it.
        source: id of its source.
        captured_at: when we received it.
        loaded_at: when it was loaded; later than that by far for a back-fill.
        digest: of its content; readings of the same content share it.
        name: file name.
        parser: reader and version.
        kind: ``full`` or ``delta``.
        rows: its cells.
        new: cells that had no value then.
        changed: cells whose value, unit or sign changed.
        retracted: cells that it no longer contained.
        restored: cells of later deliveries that were written out because it came late.
    """

    delivery: str
    source: str
    captured_at: dt.datetime
    loaded_at: dt.datetime
    digest: str
    name: str
    parser: str
    kind: str
    rows: int
    new: int
    changed: int
    retracted: int
    restored: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure removed from disk, and from which sources the rows came."""

    rows: int
    files: int
    sources: tuple[str, ...] = ()
