"""Observations on their way to the lake, in the lake's columns."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TOTAL", "Observation", "dimensions_text", "to_table"]

TOTAL = "INSGESAMT"


@dataclass(frozen=True, slots=True)
class Observation:
    """One value.

    Args:
        series: where it belongs.
        region: canonical key.
        start: first day of the reference; the same as ``end`` for a key date.
        end: last day.
        dimensions: canonical JSON object.
        value: the figure; None where only a sign is known.
        unit: as printed.
        quality: sign as printed, or empty.
        census_base: census that a population figure rests on, or empty.
    """

    series: str
    region: str
    start: date
    end: date
    dimensions: str
    value: Decimal | None
    unit: str
    quality: str = ""
    census_base: str = ""


def dimensions_text(dimensions: Mapping[str, str]) -> str:
    """Dimensions as canonical JSON: sorted keys, no blanks.

    >>> dimensions_text({"b": "2", "a": "ä"})
    '{"a":"ä","b":"2"}'
    """
    return json.dumps(dict(dimensions), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_table(observations: Iterable[Observation], source: str) -> "pa.Table":
    """The table that the lake's ``append`` takes."""
    import pyarrow as pa

    rows = list(observations)
    kinds = ["stichtag" if row.start == row.end else "zeitraum" for row in rows]
    return pa.table(
        {
            "series": pa.array([row.series for row in rows], pa.string()),
            "region": pa.array([row.region for row in rows], pa.string()),
            "reference_kind": pa.array(kinds, pa.string()),
            "reference_start": pa.array([row.start for row in rows], pa.date32()),
            "reference_end": pa.array([row.end for row in rows], pa.date32()),
            "dimensions": pa.array([row.dimensions for row in rows], pa.string()),
            "value": pa.array([row.value for row in rows], pa.decimal128(28, 8)),
            "unit": pa.array([row.unit for row in rows], pa.string()),
            "quality": pa.array([row.quality for row in rows], pa.string()),
            "census_base": pa.array([row.census_base or None for row in rows], pa.string()),
            "source": pa.array([source] * len(rows), pa.string()),
        }
    )
