"""The tables of the lake as Iceberg and Arrow know them."""

from typing import Any

import pyarrow as pa
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    DateType,
    DecimalType,
    IntegerType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)

__all__ = [
    "DELIVERIES",
    "DELIVERY_SCHEMA",
    "KEYS",
    "NAMESPACE",
    "OBSERVATIONS",
    "OBSERVATION_SCHEMA",
    "ORDER",
    "PAYLOAD",
    "PROPERTIES",
    "SERIAL",
    "SPECS",
    "UTC_TIME",
    "VALUE",
    "iceberg_schema",
    "rows_properties",
]

NAMESPACE = "sozialdaten"
DELIVERIES = "deliveries"
OBSERVATIONS = "observations"
VALUE = pa.decimal128(28, 8)
UTC_TIME = pa.timestamp("us", tz="UTC")

KEYS = (
    "series",
    "region",
    "reference_kind",
    "reference_start",
    "reference_end",
    "dimensions",
    "census_base",
)
PAYLOAD = ("value", "unit", "quality")
ORDER = "series, region, reference_end, reference_start, dimensions, census_base, source"
"""Of answers. In files a series lies together too, so that others are skipped."""


def _fields(*fields: tuple[str, Any, bool]) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=null) for name, kind, null in fields])


OBSERVATION_SCHEMA = _fields(
    ("series", pa.string(), False),
    ("region", pa.string(), False),
    ("reference_kind", pa.string(), False),
    ("reference_start", pa.date32(), False),
    ("reference_end", pa.date32(), False),
    ("dimensions", pa.string(), False),
    ("value", VALUE, True),
    ("unit", pa.string(), False),
    ("quality", pa.string(), False),
    ("census_base", pa.string(), True),
    ("source", pa.string(), False),
    ("op", pa.string(), False),
    ("captured_at", UTC_TIME, False),
    ("delivery", pa.string(), False),
    ("written_by", pa.string(), False),
    ("reference_year", pa.int32(), False),
)
"""``delivery``: the one whose content the row states. ``written_by``: the commit that wrote it; a
row counts only when ``deliveries`` has that commit, so a delivery becomes visible as a whole."""

DELIVERY_SCHEMA = _fields(
    ("id", pa.string(), False),
    ("source", pa.string(), False),
    ("written_by", pa.string(), False),
    ("digest", pa.string(), False),
    ("captured_at", UTC_TIME, False),
    ("loaded_at", UTC_TIME, False),
    ("name", pa.string(), False),
    ("parser", pa.string(), False),
    ("kind", pa.string(), False),
    ("scope", pa.string(), False),
    ("series", pa.string(), False),
    ("rows", pa.int64(), False),
    ("new", pa.int64(), False),
    ("changed", pa.int64(), False),
    ("retracted", pa.int64(), False),
    ("restored", pa.int64(), False),
    ("layout", pa.string(), True),
)
"""``layout`` came later: tables that lack it get it when they are opened."""

_TYPES: dict[Any, Any] = {
    pa.string(): StringType(),
    pa.date32(): DateType(),
    pa.int64(): LongType(),
    pa.int32(): IntegerType(),
    VALUE: DecimalType(28, 8),
    UTC_TIME: TimestamptzType(),
}


def iceberg_schema(schema: pa.Schema) -> Schema:
    """The Iceberg schema of one of our Arrow schemas; field ids count from 1."""
    return Schema(
        *(
            NestedField(number, field.name, _TYPES[field.type], required=not field.nullable)
            for number, field in enumerate(schema, start=1)
        )
    )


def _partitions(schema: pa.Schema, *columns: str) -> PartitionSpec:
    return PartitionSpec(
        *(
            PartitionField(
                source_id=schema.get_field_index(column) + 1,
                field_id=1000 + number,
                transform=IdentityTransform(),
                name=column,
            )
            for number, column in enumerate(columns)
        )
    )


SPECS = {
    DELIVERIES: PartitionSpec(),
    OBSERVATIONS: _partitions(OBSERVATION_SCHEMA, "source"),
}
"""By source alone: years are told apart by the statistics of sorted row groups, and a county's
sources would fall into thousands of tiny files otherwise. Tables made with years keep them."""

# Old metadata is kept for readers at work; states of the past are columns, not snapshots.
_COMMON = {
    "write.parquet.compression-codec": "zstd",
    "write.parquet.row-group-limit": "32768",
    # Names that repeat fit into a small dictionary; one of regions or values would only cost space.
    "write.parquet.dict-size-bytes": "4096",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "5",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
}
SERIAL = {"commit.retry.num-retries": "0"}
_PATIENT = {
    "commit.retry.num-retries": "20",
    "commit.retry.min-wait-ms": "50",
    "commit.retry.max-wait-ms": "2000",
}
PROPERTIES = {
    DELIVERIES: _COMMON | SERIAL,
    OBSERVATIONS: _COMMON | _PATIENT,
}


def rows_properties() -> dict[str, str]:
    """Of tables with person-level rows: no statistics, for they would quote values in manifests."""
    return _COMMON | _PATIENT | {"write.metadata.metrics.default": "none"}
