"""Figures of an indicator."""

import datetime as dt
from collections.abc import Iterable

import pyarrow as pa

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.indicators._catalogue import Catalogue
from ckanext.sozialdaten.indicators._model import Indicator
from ckanext.sozialdaten.lake import Lake

__all__ = ["SCHEMA", "compute_indicator"]

SCHEMA = pa.schema(
    [
        ("indicator", pa.string()),
        ("region", pa.string()),
        ("period", pa.string()),
        ("period_start", pa.date32()),
        ("period_end", pa.date32()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("state", pa.string()),
        ("quality", pa.string()),
        ("unit", pa.string()),
        ("age_days", pa.int32()),
        ("captured_at", pa.timestamp("us", tz="UTC")),
        ("sources", pa.list_(pa.string())),
        ("pooled", pa.int8()),
    ]
)
"""The columns of a result; see `compute`."""


def compute_indicator(
    indicator: Indicator,
    lake: Lake,
    catalogue: Catalogue,
    *,
    regions: Iterable[str] | None,
    start: dt.date | None,
    end: dt.date | None,
    as_of: dt.datetime | dt.date | None,
    register: Register | None,
) -> pa.Table:
    """See `compute`."""
    return SCHEMA.empty_table()
