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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.connectors import (
    Progress,
    connector,
    is_remote,
    landing_folder,
    raw_file,
)
from ckanext.sozialdaten.harvesters.core.doubts import doubts
from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryError,
    DeliveryRefused,
    Doubt,
    HarvestError,
    UnknownRegionKey,
)
from ckanext.sozialdaten.harvesters.core.ledger import Ledger, Outcome, state_folder
from ckanext.sozialdaten.harvesters.core.observations import to_table
from ckanext.sozialdaten.harvesters.core.plan import plan
from ckanext.sozialdaten.harvesters.core.ports import Plan, RawDelivery, Ref
from ckanext.sozialdaten.harvesters.core.publication import Publication, publication
from ckanext.sozialdaten.harvesters.core.quarantine import Decision, Held, Quarantine
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.storage import kept_path, put_away
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.lake import AppendResult, Delivery, Lake

__all__ = ["Run", "Stored"]

_ACCEPTED = "accepted:"
_LANDED = "landed"
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
        quarantine: deliveries that nobody has taken.
        today: the day from which retention runs.
    """

    source: Source
    register: Register = field(default_factory=Register.default)
    ledger: Ledger = field(init=False)
    quarantine: Quarantine = field(init=False)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    _lake: "Lake | None" = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(state_folder() / self.source.id)
        self.quarantine = Quarantine(self.ledger.folder)

    @property
    def lake(self) -> "Lake":
        """The lake as the environment describes it; opened when first needed."""
        if self._lake is None:
            from ckanext.sozialdaten.lake import Lake, LakeSettings

            self._lake = Lake.open(LakeSettings.from_environment())
        return self._lake

    def discover(self) -> Iterator[Ref]:
        """Deliveries that nobody has dealt with, oldest first.

        First those that a person has accepted, then what was fetched before a crash and is there.
        """
        for held in self.quarantine.to_take():
            yield Ref(held.name, held.path, held.size, f"{_ACCEPTED}{held.digest}")
        yield from self._left_behind()
        for ref in connector(self.source).discover():
            if self.ledger.settled(ref) is None:
                yield ref

    def _left_behind(self) -> Iterator[Ref]:
        """Files that were fetched and never dealt with: asked again, the service has no news."""
        folder = landing_folder(self.source)
        if not is_remote(self.source.connection.type) or not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".part":
                yield Ref(path.name, str(path), path.stat().st_size, _LANDED)

    def fetch(self, ref: Ref, progress: Callable[[Progress], None] = lambda _: None) -> RawDelivery:
        """Bring a delivery; a refusal of the file itself (path, size, ZIP) is raised.

        Args:
            ref: what :meth:`discover` has found.
            progress: told how far it is.
        """
        if ref.marker.startswith(_ACCEPTED):
            return self._accepted(ref)
        if ref.marker == _LANDED:
            return raw_file(self.source, landing_folder(self.source) / Path(ref.location).name)
        raw = connector(self.source, progress).fetch(ref)
        if self._stays or is_remote(self.source.connection.type):
            self.ledger.mark(ref, raw.digest)
        return raw

    @staticmethod
    def is_accepted(marker: str) -> bool:
        """Whether a delivery comes from the quarantine, by decision of a person."""
        return marker.startswith(_ACCEPTED)

    def is_web(self, ref: Ref) -> bool:
        """Whether a delivery is found again by its address, and not in a folder of ours."""
        remote = is_remote(self.source.connection.type)
        return remote and ref.marker != _LANDED and not self.is_accepted(ref.marker)

    def known(self, raw: RawDelivery) -> bool:
        """Whether a fetched delivery has been taken before; then its copy is put away."""
        remote = is_remote(self.source.connection.type)
        if not remote or self.ledger.outcome(raw.digest) is not Outcome.DONE:
            return False
        put_away(raw, 0, self.today)
        return True

    def _accepted(self, ref: Ref) -> RawDelivery:
        """A delivery of the quarantine, with digest and time of its capture."""
        held = self.quarantine.find(ref.marker.removeprefix(_ACCEPTED))
        if held is None or not held.there:
            raise HarvestError(
                Message("The file has expired and was erased."),
                Message("Deliver it again."),
                Place(file=ref.name),
            )
        captured = datetime.fromisoformat(held.captured_at).astimezone(UTC)
        path = Path(held.path)
        return RawDelivery(self.source.id, held.name, path, held.digest, captured, held.size)

    def refuse_unread(self, ref: Ref, error: HarvestError) -> None:
        """A file that could not even be fetched: it stays where it is and is not tried again."""
        log.warning("%s: refused %s (%s)", self.source.id, ref.name, error.code)
        digest = hashlib.sha256(f"{ref.name} {ref.marker}".encode()).hexdigest()
        path = Path(ref.location)
        raw = RawDelivery(self.source.id, ref.name, path, digest, datetime.now(UTC), ref.size)
        self.ledger.mark(ref, digest)
        self.quarantine.hold(raw, path, error, acceptable=False)
        self.ledger.record(raw, Outcome.REFUSED)

    def plan(self, raw: RawDelivery) -> Plan:
        """What the delivery would change; see :func:`plan`.

        Raises:
            DeliveryRefused: also where it can be read, but is so unlike the ones before that a
                person has to look at it, and nobody has.
        """
        accepted = self.quarantine.accepted(raw.digest)
        made = plan(self.source, raw, self.register, self.today, leave_out=accepted)
        if not accepted and self.ledger.outcome(raw.digest) is not Outcome.DONE:
            last = self.ledger.last_taken()
            found = doubts(self.source, made, last, self._held(), self.register)
            if found:
                raise DeliveryRefused(raw.name, found)
        log.info("%s: read %d rows of %s (%s)", raw.source, made.rows_read, raw.name, made.encoding)
        for note in made.notes:
            log.warning("%s: %s: %s", raw.source, raw.name, note)
        return made

    def store(self, planned: Plan) -> Stored:
        """Append to the restricted zone, keep the rows that may stay, and verify the aggregate."""
        raw = planned.raw
        self.ledger.begin()
        known = self.lake.known(raw.source, raw.digest)
        if planned.stay is not None and not known:
            kept = planned.stay
            self.lake.keep_rows(self._delivery(planned), kept.rows, kept.expires_on)
        result = self._append(planned)
        if not result.skipped:
            self._verify(planned)
        return Stored(result.skipped, result.new, result.changed, result.retracted)

    def reread(self, raw: RawDelivery, revision: int) -> Stored:
        """Take a delivery that the lake holds anew, as its reader understands it today.

        It keeps its time of capture; later deliveries stay what they are.

        Args:
            raw: the delivery, with the digest and the time of capture that the lake knows.
            revision: counts the readings after the first.

        Raises:
            DeliveryError: it can no longer be read; nothing was changed.
        """
        made = plan(self.source, raw, self.register, self.today, leave_out=True)
        result = self._append(made, revision)
        return Stored(result.skipped, result.new, result.changed, result.retracted)

    def _append(self, planned: Plan, revision: int = 0) -> "AppendResult":
        from ckanext.sozialdaten.lake import Scope, Zone

        scope = Scope(
            series=tuple(self.source.series(name) for name in self.source.measures),
            references=tuple(end for _, end in planned.references),
            regions=planned.regions,
        )
        return self.lake.append(
            Zone.RESTRICTED,
            self._delivery(planned, revision),
            planned.observations,
            kind=str(self.source.deliveries),
            scope=scope,
        )

    @staticmethod
    def _delivery(planned: Plan, revision: int = 0) -> "Delivery":
        from ckanext.sozialdaten.lake import Delivery

        raw = planned.raw
        return Delivery(
            source=raw.source,
            digest=raw.digest,
            captured_at=raw.captured_at,
            name=raw.name,
            parser=planned.parser,
            signs=planned.signs,
            revision=revision,
        )

    def _held(self) -> "pa.Table":
        """What the lake holds of the source's series."""
        import pyarrow as pa

        from ckanext.sozialdaten.lake import UnknownSeriesError, Zone

        names = [self.source.series(name) for name in self.source.measures]
        try:
            return self.lake.values(names, zone=Zone.RESTRICTED)
        except UnknownSeriesError:
            pass  # a measure is new, or all of them
        tables: list[pa.Table] = []
        for name in names:
            try:
                tables.append(self.lake.values(name, zone=Zone.RESTRICTED))
            except UnknownSeriesError:
                continue
        return pa.concat_tables(tables) if tables else to_table([], self.source.id)

    def finish(self, planned: Plan, stored: Stored | None = None) -> None:
        """The delivery is in lake and working copy: take the file away, by its retention."""
        done = stored or Stored(known=True)
        if not done.known or self.ledger.outcome(planned.raw.digest) is not Outcome.DONE:
            self.ledger.record(
                planned.raw,
                Outcome.DONE,
                rows=planned.rows_read,
                encoding=planned.encoding,
                parser=planned.parser,
                columns=planned.columns,
                references=len(planned.references),
                new=done.new,
                changed=done.changed,
                retracted=done.retracted,
            )
        self.quarantine.finished(planned.raw.digest)
        if not self._stays:
            put_away(planned.raw, self.source.retention_days, self.today)

    def refuse(self, raw: RawDelivery, error: DeliveryError) -> None:
        """The delivery is wrong, or a person has to look at it: write that down and take the file
        away, so that the corrected one can come under the same name."""
        log.warning("%s: refused %s (%s)", raw.source, raw.name, error.code)
        acceptable = self._acceptable(error)
        path = raw.path if self._stays else kept_path(raw, self.source.refused_days, self.today)
        self.quarantine.hold(raw, path, error, acceptable=acceptable)
        self.ledger.record(raw, Outcome.HELD if acceptable else Outcome.REFUSED)
        if not self._stays:
            put_away(raw, self.source.refused_days, self.today)

    def _acceptable(self, error: DeliveryError) -> bool:
        """Whether the delivery may be taken all the same: it could be read; rows of unknown regions
        can be left out of a table of figures, but never persons of a list."""
        allowed = (Doubt, UnknownRegionKey) if self.source.observations else (Doubt,)
        problems = error.problems if isinstance(error, DeliveryRefused) else (error,)
        return all(isinstance(problem, allowed) for problem in problems)

    def decide(self, digest: str, decision: Decision, by: str, reason: str) -> Held:
        """Accept or reject a delivery of the quarantine; an accepted one is taken by the next run.

        Raises:
            HarvestError: it does not wait for a decision, cannot be accepted, or has no reason.
        """
        held = self.quarantine.decide(digest, decision, by, reason)
        log.warning("%s: %s %s by %s: %s", self.source.id, held.name, decision, by, held.reason)
        return held

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
        return bool(self.source.connection.folder) and not is_remote(self.source.connection.type)

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
