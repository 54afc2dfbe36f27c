"""What a delivery would change: reading and aggregating, without writing anything."""

from datetime import date, timedelta

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.aggregate import aggregate, kept_rows
from ckanext.sozialdaten.harvesters.core.delimited import DelimitedReader
from ckanext.sozialdaten.harvesters.core.figures import figures
from ckanext.sozialdaten.harvesters.core.genesis import GenesisReader
from ckanext.sozialdaten.harvesters.core.observations import to_table
from ckanext.sozialdaten.harvesters.core.ports import Plan, RawDelivery, Reader, Stay
from ckanext.sozialdaten.harvesters.core.pseudonym import Pseudonyms, load_key
from ckanext.sozialdaten.harvesters.core.source import Source

__all__ = ["plan", "reader"]


def reader(source: Source, register: Register) -> Reader:
    """The reader that the source's YAML names."""
    limit = source.connection.max_bytes
    if source.reader == "genesis-ffcsv":
        return GenesisReader(limit)
    return DelimitedReader(register, limit)


def plan(source: Source, raw: RawDelivery, register: Register, today: date) -> Plan:
    """Read a delivery and say what the lake would receive. Nothing is written.

    Person-level rows are part of the plan only if the source keeps them, and then without names
    and under pseudonyms.

    Args:
        source: whose delivery it is.
        raw: the delivery.
        register: the regions.
        today: the day from which the retention period runs.

    Raises:
        DeliveryError: the delivery is refused.
        KeyMissing: rows are to be kept, but there is no key for pseudonyms.
    """
    reading = reader(source, register).read(raw, source.layout)
    if source.aggregate:
        observations = aggregate(source, reading, register, raw.name)
    else:
        observations = figures(source, reading, register, raw.name)
    stay = None
    if source.aggregate and source.retention_days > 0:
        rows = kept_rows(source, reading, Pseudonyms(load_key(), source.id))
        stay = Stay(rows, today + timedelta(days=source.retention_days))
    return Plan(
        raw=raw,
        observations=to_table(observations, source.id),
        references=tuple(sorted({(item.start, item.end) for item in observations})),
        regions=tuple(sorted({item.region for item in observations})),
        rows_read=len(reading.rows),
        stay=stay,
        encoding=reading.encoding,
        parser=reading.parser,
        notes=reading.notes,
    )
