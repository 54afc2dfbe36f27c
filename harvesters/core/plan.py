"""What a delivery would change: reading and aggregating, without writing anything."""

from datetime import date, timedelta

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.aggregate import aggregate, kept_rows
from ckanext.sozialdaten.harvesters.core.delimited import DelimitedReader
from ckanext.sozialdaten.harvesters.core.figures import figures
from ckanext.sozialdaten.harvesters.core.observations import to_table
from ckanext.sozialdaten.harvesters.core.ports import Plan, RawDelivery, Stay
from ckanext.sozialdaten.harvesters.core.pseudonym import Pseudonyms, load_key
from ckanext.sozialdaten.harvesters.core.readers import Opened
from ckanext.sozialdaten.harvesters.core.source import Source

__all__ = ["plan"]


def plan(
    source: Source, raw: RawDelivery, register: Register, today: date, *, leave_out: bool = False
) -> Plan:
    """Read a delivery and say what the lake would receive. Nothing is written.

    Person-level rows are part of the plan only if the source keeps them, and then without names
    and under pseudonyms.

    Args:
        source: whose delivery it is.
        raw: the delivery.
        register: the regions.
        today: the day from which the retention period runs.
        leave_out: whether rows of unknown regions are left out rather than refused.

    Raises:
        DeliveryError: the delivery is refused.
        KeyMissing: rows are to be kept, but there is no key for pseudonyms.
    """
    if source.aggregate:
        return _persons(source, raw, register, today)
    opened = Opened(raw.path, raw.name, source.connection.max_bytes)
    found = figures(source, opened, register, leave_out=leave_out)
    return Plan(
        raw=raw,
        observations=found.table,
        rows_read=found.cells,
        stay=None,
        encoding=found.encoding,
        parser=f"{found.form}/1",
        signs=found.signs,
        columns=found.columns,
        notes=found.notes,
    )


def _persons(source: Source, raw: RawDelivery, register: Register, today: date) -> Plan:
    """Rows about persons become counts; pseudonymised rows stay as long as the source says."""
    reading = DelimitedReader(register, source.connection.max_bytes).read(raw, source.layout)
    observations = aggregate(source, reading, register, raw.name)
    stay = None
    if source.retention_days > 0:
        rows = kept_rows(source, reading, Pseudonyms(load_key(), source.id))
        stay = Stay(rows, today + timedelta(days=source.retention_days))
    return Plan(
        raw=raw,
        observations=to_table(observations, source.id),
        rows_read=len(reading.rows),
        stay=stay,
        encoding=reading.encoding,
        parser=reading.parser,
        signs="din-55301",
        columns=reading.header,
        notes=reading.notes,
    )
