"""The face of the lake. Light to import: engines are loaded when a question is asked."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Self

from ckanext.sozialdaten.lake._model import (
    AppendResult,
    Change,
    Delivery,
    Erased,
    Kind,
    Layouted,
    Received,
    Scope,
    SeriesInfo,
    Zone,
)
from ckanext.sozialdaten.lake._settings import LakeSettings
from ckanext.sozialdaten.lake.errors import ZoneError
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.lake._warehouse import Warehouse

__all__ = ["MAX_AGE_DAYS", "Lake"]

MAX_AGE_DAYS = 400
"""A yearly figure with the month or two that it takes to appear."""


class Lake:
    """Deliveries and observations of the zones that this process may use.

    Args:
        settings: the zones; each is opened when first used.
        withdrawn: releases that are withdrawn as of now. A source of the public zone that still
            holds a delivery of one (the head of its digest, up to “/”) is not shown at all until
            it was forgotten and what stands of it was appended anew.
    """

    def __init__(
        self,
        settings: LakeSettings,
        withdrawn: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self.settings = settings
        self._withdrawn = withdrawn
        self._warehouses: dict[Zone, Warehouse] = {}

    @classmethod
    def open(
        cls,
        settings: LakeSettings | None = None,
        withdrawn: Callable[[], frozenset[str]] = frozenset,
    ) -> "Lake":
        """The lake with ``settings``, by default those of the environment."""
        return cls(settings or LakeSettings.from_environment(), withdrawn)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give all connections back; the lake may be used again."""
        for warehouse in self._warehouses.values():
            warehouse.close()
        self._warehouses.clear()

    def append(
        self,
        zone: Zone,
        delivery: Delivery,
        observations: "pa.Table",
        kind: Kind | str = Kind.FULL,
        scope: Scope | None = None,
    ) -> AppendResult:
        """Load the observations of a delivery: all of it becomes visible at once, or nothing.

        Loading is idempotent by source and digest. Only cells that differ from the state known when
        the delivery was captured are written. A full delivery retracts the cells of its scope that
        it does not contain; an empty one retracts nothing, and a delta never does. A delivery that
        was captured earlier than others but is loaded later does not override what is newer.

        With a ``revision`` the same content is taken again, as a mended reader understands it, at
        its old time of capture: what the reading before it stated counts no more from then on.

        Args:
            zone: harvested observations go to the restricted zone, released ones to the public.
            delivery: where the observations come from.
            observations: the columns ``series``, ``region``, ``reference_start``,
                ``reference_end``, ``value``, ``unit``, and optionally ``reference_kind``,
                ``dimensions``, ``quality`` and ``census_base``.
            kind: ``full`` or ``delta``.
            scope: what a full delivery claims to cover; what it leaves open is taken from the
                delivery: its series, its references, all regions.

        Raises:
            ObservationError: a cell is wrong or stated twice; nothing was written.
            BusyError: others kept writing to the same source; nothing is visible.
        """
        from ckanext.sozialdaten.lake._append import append

        return append(self._warehouse(zone), delivery, observations, Kind(kind), scope)

    def known(self, source: str, digest: str, zone: Zone | None = None) -> bool:
        """Whether this content of this source has been loaded (default: in the default zone)."""
        from ckanext.sozialdaten.lake._append import known

        return known(self._warehouse(zone), source, digest)

    def values(
        self,
        series: str | Iterable[str],
        regions: Iterable[str] | None = None,
        start: dt.date | None = None,
        end: dt.date | None = None,
        dimensions: Mapping[str, str] | None = None,
        as_of: dt.datetime | dt.date | None = None,
        stichtag: dt.date | None = None,
        zone: Zone | None = None,
    ) -> "pa.Table":
        """The cells of one or several series.

        Args:
            series: name or names.
            regions: canonical keys; default: all.
            start: only references that start on this day or later.
            end: only references that end on this day or earlier.
            dimensions: only cells with these dimensions; dimensions not named are free.
            as_of: the state as it was known then; a day means its end (UTC). Default: now.
            stichtag: of each cell the last reference that ended on this day or earlier (periods are
                never cut), with its age in a column ``age_days``.
            zone: default: the restricted one where this process may use it.

        Returns:
            series, region, reference_kind, reference_start, reference_end, dimensions, value, unit,
            quality, census_base, source, captured_at, delivery; ordered by region and time.

        Raises:
            UnknownSeriesError: the zone has no such series.
        """
        from ckanext.sozialdaten.lake._read import Question, values

        question = Question(
            series=(series,) if isinstance(series, str) else tuple(series),
            regions=None if regions is None else tuple(regions),
            start=start,
            end=end,
            dimensions=dimensions,
            as_of=_end_of_day(as_of),
            stichtag=stichtag,
        )
        return values(self._warehouse(zone), question)

    def series(
        self, zone: Zone | None = None, as_of: dt.datetime | dt.date | None = None
    ) -> list[SeriesInfo]:
        """All series of a zone as known then (default: now)."""
        from ckanext.sozialdaten.lake._read import series

        return series(self._warehouse(zone), _end_of_day(as_of))

    def batches(
        self, as_of: dt.datetime | dt.date | None = None, zone: Zone | None = None
    ) -> "Iterator[pa.RecordBatch]":
        """Every cell of a zone as known then, in bounded memory; columns as of `values`.

        The order is by source alone. An erasure meanwhile ends it with an error of DuckDB.
        """
        from ckanext.sozialdaten.lake._read import batches

        return batches(self._warehouse(zone), _end_of_day(as_of))

    def state(
        self,
        series: str | Iterable[str],
        stichtag: dt.date,
        as_of: dt.datetime | dt.date | None = None,
        regions: Iterable[str] | None = None,
        dimensions: Mapping[str, str] | None = None,
        max_age_days: int = MAX_AGE_DAYS,
        zone: Zone | None = None,
    ) -> "pa.Table":
        """What was so at a Stichtag, as it was known then.

        Of a stock each cell is the last reference not after the Stichtag; of a flow the last whole
        period that was over by then, months and years each for themselves. A suppressed or missing
        figure is not replaced by an older one.

        Args:
            series: name or names.
            stichtag: the day that is asked for.
            as_of: the state as it was known then; a day means its end (UTC). Default: now.
            regions: canonical keys; default: all.
            dimensions: only cells with these dimensions; dimensions not named are free.
            max_age_days: from what age on a cell no longer speaks for the Stichtag.
            zone: default: the restricted one where this process may use it.

        Returns:
            The columns of `values`, ``age_days`` (from the end of the reference to the Stichtag)
            and ``stale`` (older than ``max_age_days``; also regions that exist no more).

        Raises:
            UnknownSeriesError: the zone has no such series.
        """
        import pyarrow.compute as pc

        found = self.values(
            series, regions, dimensions=dimensions, as_of=as_of, stichtag=stichtag, zone=zone
        )
        return found.append_column("stale", pc.greater(found["age_days"], max_age_days))

    def history(
        self, series: str | None = None, source: str | None = None, zone: Zone | None = None
    ) -> list[Change]:
        """The deliveries that have stated a series, or of a source, in the order of capture."""
        from ckanext.sozialdaten.lake._deliveries import history

        return history(self._warehouse(zone), series, source)

    def layouts(self, zone: Zone | None = None) -> dict[str, Layouted]:
        """The series of each layout, from the list of deliveries alone."""
        from ckanext.sozialdaten.lake._deliveries import layouts

        return layouts(self._warehouse(zone))

    def token(self, zone: Zone | None = None) -> str:
        """A text that changes with whatever the zone shows; what was computed from it may stay."""
        from ckanext.sozialdaten.lake._deliveries import token

        return token(self._warehouse(zone))

    def delivered(self, ids: Iterable[str], zone: Zone | None = None) -> dict[str, Received]:
        """The deliveries with these ids, as observations carry them."""
        from ckanext.sozialdaten.lake._deliveries import delivered

        return delivered(self._warehouse(zone), ids)

    def keep_rows(self, delivery: Delivery, rows: "pa.Table", expires_on: dt.date) -> int:
        """Keep person-level rows of a delivery in the restricted zone until a day.

        Returns:
            The number of rows kept; 0 if those of this delivery are kept already.
        """
        from ckanext.sozialdaten.lake._rows import keep_rows

        return keep_rows(self._warehouse(Zone.RESTRICTED), delivery, rows, expires_on)

    def rows(self, source: str, digest: str | None = None) -> "pa.Table | None":
        """The person-level rows that are still kept of a source, or of one delivery."""
        from ckanext.sozialdaten.lake._rows import rows_of

        return rows_of(self._warehouse(Zone.RESTRICTED), source, digest)

    def erase_expired(self, today: dt.date) -> Erased:
        """Erase person-level rows whose day of expiry is ``today`` or earlier, also from disk."""
        from ckanext.sozialdaten.lake._rows import erase_expired

        return erase_expired(self._warehouse(Zone.RESTRICTED), today)

    def forget(self, zone: Zone, source: str) -> Erased:
        """Erase all observations of a source from the public zone, also from disk.

        For withdrawn releases; what remains valid is appended anew.

        Raises:
            ZoneError: the restricted zone is append-only.
        """
        if zone is not Zone.PUBLIC:
            raise ZoneError(
                Message("Observations of the restricted zone are never erased."),
                Message("Deliver a correction: it becomes the newer state."),
            )
        from ckanext.sozialdaten.lake._rows import forget

        return forget(self._warehouse(zone), source)

    def tidy(self, zone: Zone, keep: dt.timedelta = dt.timedelta(days=1)) -> int:
        """Compact small files, and forget what no reader can still need and what crashes left.

        Others may read and write meanwhile, in this process and in others. States of the past are
        not touched: they are columns of the observations.

        Args:
            zone: whose tables.
            keep: how long states of the tables stay for readers at work.

        Returns:
            The number of files removed.
        """
        from ckanext.sozialdaten.lake._upkeep import tidy

        return tidy(self._warehouse(zone), keep)

    def _warehouse(self, zone: Zone | None) -> "Warehouse":
        wanted = zone or self.settings.default_zone()
        if wanted not in self._warehouses:
            from ckanext.sozialdaten.lake._warehouse import Warehouse

            withdrawn = self._withdrawn if wanted is Zone.PUBLIC else frozenset[str]
            self._warehouses[wanted] = Warehouse(wanted, self.settings.of(wanted), withdrawn)
        return self._warehouses[wanted]


def _end_of_day(moment: dt.datetime | dt.date | None) -> dt.datetime | None:
    if moment is None or isinstance(moment, dt.datetime):
        if isinstance(moment, dt.datetime) and moment.tzinfo is None:
            return moment.replace(tzinfo=dt.UTC)
        return moment
    return dt.datetime.combine(moment, dt.time.max, dt.UTC)
