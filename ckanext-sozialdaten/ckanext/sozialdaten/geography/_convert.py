"""Series on another territorial state: counts move by weights, rates are computed anew.

Rules: a merger is the exact sum; a part of a split region is an estimate (sign ``s``); a figure of
which any part is missing or secret is incomplete and has no value, never a partial sum; rates are
never added up or averaged: convert numerator and denominator, then divide (`ratio`).
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from ckanext.sozialdaten.geography._crosswalk import Crosswalk, Territories, Weight
from ckanext.sozialdaten.geography._keys import Level, key_level
from ckanext.sozialdaten.geography.errors import GeographyError
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Conversion", "convert", "ratio"]

_RATE = re.compile(r"%|\bje\b|\bpro\b|\bper\b|prozent|promille|anteil|quote|index|/", re.IGNORECASE)
_OWN = ("region", "value", "quality")
_MADE = ("gebietsstand", "conversion", "parts")


class Conversion(StrEnum):
    """How a figure on the new territorial state came about.

    UNCHANGED: one region with the same extent. MERGED: the exact sum of whole regions. ESTIMATED:
    with parts of split regions. INCOMPLETE: a part is missing or secret, or a rate would have to
    be added up. UNMATCHED: the region is not in the list of its time; left as it was.
    """

    UNCHANGED = "unchanged"
    MERGED = "merged"
    ESTIMATED = "estimated"
    INCOMPLETE = "incomplete"
    UNMATCHED = "unmatched"


_PARTS = """
WITH given AS (
    SELECT *, try_cast(value AS DOUBLE) AS v, coalesce(quality, '') AS q FROM rows
), parts AS (
    SELECT given.* EXCLUDE (region), given.region AS old, link.new AS region, link.weight,
        link.wanted
    FROM given JOIN link ON given.region = link.old AND given.gebietsstand = link.state
)
SELECT {keys}, region,
    count(*) AS n, count(DISTINCT old) AS distinct_n, any_value(wanted) AS wanted,
    bool_and(weight = 1) AS whole, bool_or(v IS NULL AND q NOT IN ('-', '0')) AS lacking,
    bool_and(v IS NULL AND q = '-') AS nothing,
    sum(coalesce(try_cast(value AS DECIMAL(30, 8)), 0)) AS exact,
    sum(coalesce(v, 0) * weight) AS estimate,
    bool_or(q = 's') AS s, bool_or(q = 'p') AS p, bool_or(q = 'r') AS r, bool_or(q = '()') AS lim,
    any_value(v) AS only_value, any_value(q) AS only_sign
FROM parts GROUP BY ALL
"""
_RESULT = """
SELECT {keys}, region,
    CASE conversion
        WHEN 'unchanged' THEN only_value
        WHEN 'merged' THEN CASE WHEN nothing THEN NULL ELSE CAST(exact AS DOUBLE) END
        WHEN 'estimated' THEN CASE WHEN nothing THEN NULL ELSE estimate END
    END AS value,
    CASE WHEN conversion = 'unchanged' THEN only_sign
        WHEN conversion = 'incomplete'
            THEN CASE WHEN n = 1 AND wanted = 1 AND lacking THEN only_sign ELSE '.' END
        WHEN nothing THEN '-' WHEN conversion = 'estimated' OR s THEN 's' WHEN p THEN 'p'
        WHEN r THEN 'r' WHEN lim THEN '()' ELSE '' END AS quality,
    conversion, n AS parts
FROM (
    SELECT *, CASE
        WHEN n = 1 AND wanted = 1 AND whole THEN 'unchanged'
        WHEN {rate} OR lacking OR n < wanted AND NOT {zero} THEN 'incomplete'
        WHEN whole THEN 'merged' ELSE 'estimated' END AS conversion
    FROM part
)
UNION ALL
SELECT {keys}, region, try_cast(value AS DOUBLE), coalesce(quality, ''), 'unmatched', 1
FROM rows ANTI JOIN link ON rows.region = link.old AND rows.gebietsstand = link.state
WHERE try_cast(value AS DOUBLE) IS NOT NULL
ORDER BY ALL
"""


def convert(
    observations: "pa.Table",
    to: dt.date,
    start: dt.date | None = None,
    *,
    territories: Territories | None = None,
    weight: Weight = Weight.POPULATION,
    absent_is_zero: bool = False,
) -> "pa.Table":
    """Figures on the territorial state ``to``.

    A rate (by its unit: %, je, per …) is left as it is where its region stays whole and alone, and
    is incomplete everywhere else. A row without value of a region that its time did not know
    (official tables print them) is left out.

    Args:
        observations: the columns ``region`` and ``value`` (number or text), and any of
            ``quality``, ``unit``, ``reference_end`` and others, all of which tell figures apart.
        to: the state wanted.
        start: the state that all rows are in; default: 31 December of the year in which each
            row's reference ends.
        territories: lists of changes; default: those of this installation.
        weight: how to divide a split region.
        absent_is_zero: whether a region without a row has nothing, rather than an unknown figure.

    Returns:
        the same columns with ``value`` as double, and ``gebietsstand`` (the state it came from),
        ``conversion`` (`Conversion`) and ``parts`` (how many regions it consists of).

    Raises:
        NoWay: no list of changes leads there.
        GeographyError: a column is missing, or a region has two rows for one figure.
    """
    import duckdb
    import pyarrow as pa

    # the result of a conversion may be converted again
    given = observations.drop_columns([n for n in _MADE if n in observations.column_names])
    rows = _prepared(given, to, start)
    link = _links(rows, to, territories or Territories.default(), weight)
    keys = [name for name in rows.column_names if name not in (*_OWN, "is_rate")]
    quoted = ", ".join(f'"{name}"' for name in keys)
    found: list[pa.Table] = []
    with duckdb.connect() as connection:
        connection.register("link", link)
        for rate in (False, True):
            some = rows.filter(pa.compute.equal(rows["is_rate"], rate)).drop_columns(["is_rate"])
            if not some.num_rows:
                continue
            connection.register("rows", some)
            part = connection.sql(_PARTS.format(keys=quoted)).to_arrow_table()
            _check_unique(part)
            connection.register("part", part)
            result = _RESULT.format(keys=quoted, rate=rate, zero=absent_is_zero)
            found.append(connection.sql(result).to_arrow_table())
    if not found:
        return observations
    order = [*given.column_names, "quality", *_MADE]
    return pa.concat_tables(found).select(list(dict.fromkeys(order)))


def ratio(
    numerator: "pa.Table", denominator: "pa.Table", by: Sequence[str], factor: float = 1.0
) -> "pa.Table":
    """Rates of converted counts: numerator by denominator, times ``factor``.

    Both are results of `convert` on the same state. The numerator is the left side: a region
    without a denominator has no value, and is incomplete, as one whose count is incomplete.

    Args:
        numerator: counts.
        denominator: counts of the same regions.
        by: further columns that both share and that must agree, such as ``reference_end``.
        factor: 100 for per cent.

    Returns:
        ``region``, the columns ``by``, ``value``, ``quality``, ``conversion``.
    """
    import duckdb

    keys = ", ".join(f'"{name}"' for name in ("region", *by))
    with duckdb.connect() as connection:
        connection.register("top", numerator)
        connection.register("bottom", denominator)
        result = connection.sql(
            f"""
            SELECT {keys}, top.value * $factor / nullif(bottom.value, 0) AS value,
                CASE WHEN top.value IS NULL OR bottom.value IS NULL THEN '.'
                    WHEN 'estimated' IN (top.conversion, bottom.conversion) THEN 's'
                    WHEN top.quality <> '' THEN top.quality
                    ELSE coalesce(bottom.quality, '') END AS quality,
                CASE WHEN top.value IS NULL OR bottom.value IS NULL THEN 'incomplete'
                    WHEN 'estimated' IN (top.conversion, bottom.conversion) THEN 'estimated'
                    ELSE top.conversion END AS conversion
            FROM top LEFT JOIN bottom USING ({keys}) ORDER BY ALL
            """,  # noqa: S608 - quoted names of columns, no text of a file
            params={"factor": factor},
        )
        return result.to_arrow_table()


def _prepared(table: "pa.Table", to: dt.date, start: dt.date | None) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    needed = ("region", "value") if start else ("region", "value", "reference_end")
    for name in needed:
        if name not in table.column_names:
            raise GeographyError(
                Message("The observations lack the column “{name}”.", {"name": name}),
                Message("Without the end of the reference, say from which state to convert."),
            )
    if "quality" not in table.column_names:
        table = table.append_column("quality", pa.array([""] * table.num_rows, pa.string()))
    if start:
        states = pa.array([start.isoformat()] * table.num_rows, pa.string())
    else:
        ends = pc.cast(table["reference_end"], pa.string())
        years = pc.utf8_slice_codeunits(ends, 0, 4)
        states = pc.binary_join_element_wise(years, "12-31", "-")
        states = pc.if_else(pc.equal(years, str(to.year)), to.isoformat(), states)
    units = table["unit"].to_pylist() if "unit" in table.column_names else []
    rate = [bool(_RATE.search(unit or "")) for unit in units] or [False] * table.num_rows
    return table.append_column("gebietsstand", states).append_column(
        "is_rate", pa.array(rate, pa.bool_())
    )


def _links(rows: "pa.Table", to: dt.date, territories: Territories, weight: Weight) -> "pa.Table":
    """For each state and region: its parts, and how many regions each target needs in all."""
    import pyarrow as pa

    present: dict[tuple[str, Level], set[str]] = {}
    for state, key in set(
        zip(rows["gebietsstand"].to_pylist(), rows["region"].to_pylist(), strict=True)
    ):
        present.setdefault((state, key_level(key)), set()).add(key)
    lines = [
        (state, *line)
        for (state, level), keys in sorted(present.items())
        for line in _of_state(
            territories.crosswalk(level, dt.date.fromisoformat(state), to, weight), keys
        )
    ]
    names = ("state", "old", "new", "weight", "wanted")
    types = (pa.string(), pa.string(), pa.string(), pa.float64(), pa.int64())
    columns = list(zip(*lines, strict=True)) or [()] * len(names)
    return pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)})


def _of_state(way: Crosswalk, keys: set[str]) -> Iterator[tuple[str, str, float, int]]:
    sources = way.sources()
    for old in sorted(keys):
        for share in way.of(old):
            yield old, share.new, share.weight, len({*sources.get(share.new, ()), old})


def _check_unique(part: "pa.Table") -> None:
    for row in part.select(["region", "n", "distinct_n"]).to_pylist():
        line = cast("dict[str, object]", row)
        if line["n"] != line["distinct_n"]:
            raise GeographyError(
                Message(
                    "A part of the region {key} has two rows for one figure.",
                    {"key": str(line["region"])},
                ),
                Message("Keep one capture of each figure, and every dimension as a column."),
            )
