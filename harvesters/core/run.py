"""A harvest of one source, step by step, in an order that a crash at any point does not hurt.

1. :meth:`Run.discover` and :meth:`Run.fetch` look and touch nothing.
2. :meth:`Run.plan` reads and aggregates; a refusal ends here and has changed nothing.
3. :meth:`Run.store` marks the source as pending, then appends to the lake: atomic, once by digest.
4. The working copy is written from the lake (:meth:`Run.publication`), by whoever runs us.
5. :meth:`Run.finish` writes the ledger and takes the file out of the inbox, last of all.

A run that dies before 5 finds the file again, and each step knows that it has been done.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.connectors import connector
from ckanext.sozialdaten.harvesters.core.errors import DeliveryError, HarvestError
from ckanext.sozialdaten.harvesters.core.ledger import Ledger, Outcome, state_folder
from ckanext.sozialdaten.harvesters.core.plan import plan
from ckanext.sozialdaten.harvesters.core.ports import Plan, RawDelivery, Ref
from ckanext.sozialdaten.harvesters.core.publication import Publication, publication
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.storage import put_away
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.lake import Lake

__all__ = ["Run", "Stored"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the lake did with a delivery: cells that are new, changed or gone."""

    known: bool
    new: int = 0
    changed: int = 0
    retracted: int = 0

    @property
    def unchanged(self) -> bool:
        """Whether the lake says the same as before."""
        return not (self.new or self.changed or self.retracted)


@dataclass(slots=True)
class Run:
    """One harvest of one source.

    Args:
        source: what is harvested.
        register: the regions.
        ledger: remembers what became of each delivery.
        today: the day from which retention runs.
    """

    source: Source
    register: Register = field(default_factory=Register.default)
    ledger: Ledger = field(init=False)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    _lake: "Lake | None" = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(state_folder() / self.source.id)

    @property
    def lake(self) -> "Lake":
        """The lake as the environment describes it; opened when first needed."""
        if self._lake is None:
            from ckanext.sozialdaten.lake import Lake, LakeSettings

            self._lake = Lake.open(LakeSettings.from_environment())
        return self._lake

    def discover(self) -> Iterator[Ref]:
        """Deliveries that nobody has dealt with, oldest first."""
        for ref in connector(self.source).discover():
            if self.ledger.settled(ref) is None:
                yield ref

    def fetch(self, ref: Ref) -> RawDelivery:
        """Bring a delivery; a refusal of the file itself (path, size, ZIP) is raised."""
        raw = connector(self.source).fetch(ref)
        if self._stays:
            self.ledger.mark(ref, raw.digest)
        return raw

    def refuse_unread(self, ref: Ref, error: HarvestError) -> None:
        """A file that could not even be fetched: it stays where it is and is not tried again."""
        log.warning("%s: refused %s (%s)", self.source.id, ref.name, error.code)
        digest = hashlib.sha256(f"{ref.name} {ref.marker}".encode()).hexdigest()
        path = Path(ref.location)
        raw = RawDelivery(self.source.id, ref.name, path, digest, datetime.now(UTC), ref.size)
        self.ledger.mark(ref, digest)
        self.ledger.record(raw, Outcome.REFUSED)

    def plan(self, raw: RawDelivery) -> Plan:
        """What the delivery would change; see :func:`plan`."""
        made = plan(self.source, raw, self.register, self.today)
        log.info("%s: read %d rows of %s (%s)", raw.source, made.rows_read, raw.name, made.encoding)
        for note in made.notes:
            log.warning("%s: %s: %s", raw.source, raw.name, note)
        return made

    def store(self, planned: Plan) -> Stored:
        """Append to the restricted zone, keep the rows that may stay, and verify the aggregate."""
        from ckanext.sozialdaten.lake import Delivery, Scope, Zone

        raw = planned.raw
        delivery = Delivery(
            source=raw.source,
            digest=raw.digest,
            captured_at=raw.captured_at,
            name=raw.name,
            parser=planned.parser,
            signs=planned.signs,
        )
        self.ledger.begin()
        known = self.lake.known(raw.source, raw.digest)
        if planned.stay is not None and not known:
            self.lake.keep_rows(delivery, planned.stay.rows, planned.stay.expires_on)
        scope = Scope(
            series=tuple(self.source.series(name) for name in self.source.measures),
            references=tuple(end for _, end in planned.references),
            regions=planned.regions,
        )
        result = self.lake.append(
            Zone.RESTRICTED,
            delivery,
            planned.observations,
            kind=str(self.source.deliveries),
            scope=scope,
        )
        if not result.skipped:
            self._verify(planned)
        return Stored(result.skipped, result.new, result.changed, result.retracted)

    def finish(self, planned: Plan) -> None:
        """The delivery is in lake and working copy: take the file away, by its retention."""
        self.ledger.record(
            planned.raw, Outcome.DONE, planned.rows_read, planned.encoding, planned.parser
        )
        if not self._stays:
            put_away(planned.raw, self.source.retention_days, self.today)

    def refuse(self, raw: RawDelivery, error: DeliveryError) -> None:
        """The delivery is wrong: write that down and take the file away, so that the corrected one
        can come under the same name."""
        log.warning("%s: refused %s (%s)", raw.source, raw.name, error.code)
        self.ledger.record(raw, Outcome.REFUSED)
        if not self._stays:
            put_away(raw, self.source.refused_days, self.today)

    def publication(self) -> Publication | None:
        """What the working copy shall show of all that the lake holds; None for nothing."""
        tables: dict[str, pa.Table] = {}
        from ckanext.sozialdaten.lake import UnknownSeriesError, Zone

        for name in self.source.publish.measures:
            try:
                tables[name] = self.lake.values(self.source.series(name), zone=Zone.RESTRICTED)
            except UnknownSeriesError:
                return None
        return publication(self.source, tables, self.register)

    @property
    def _stays(self) -> bool:
        """Whether files are left where they are: a folder that belongs to somebody else."""
        return bool(self.source.connection.folder)

    def _verify(self, planned: Plan) -> None:
        """Read the aggregate back; only then may the rows behind it be erased."""
        from ckanext.sozialdaten.lake import Zone

        wanted = _by_cell(planned.observations)
        first = min(start for start, _ in planned.references)
        last = max(end for _, end in planned.references)
        found: dict[tuple[object, ...], Decimal | None] = {}
        for name in self.source.measures:
            table = self.lake.values(
                self.source.series(name), start=first, end=last, zone=Zone.RESTRICTED
            )
            found |= _by_cell(table)
        if any(found.get(key, Decimal(-1)) != value for key, value in wanted.items()):
            raise HarvestError(
                Message("The lake does not give back what was written to it."),
                Message("The delivery stays in the inbox and is tried again."),
                Place(file=planned.raw.name),
            )


def _by_cell(table: "pa.Table") -> dict[tuple[object, ...], Decimal | None]:
    names = ("series", "region", "reference_end", "dimensions")
    rows = cast("list[dict[str, object]]", table.select([*names, "value"]).to_pylist())
    return {
        tuple(row[name] for name in names): cast("Decimal | None", row["value"]) for row in rows
    }
