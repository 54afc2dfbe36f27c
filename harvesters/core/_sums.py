"""Do the totals of a table of counts equal the sums of their parts?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.harvesters.core._dimensions import parse_dimensions
from ckanext.sozialdaten.harvesters.core.observations import TOTAL, dimensions_text
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.lake.layouts import Role

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["REGION", "Broken", "broken_sums"]

REGION = "regions"
_SQL = """
WITH cells AS (
    SELECT c.series, c.reference_start, c.reference_end, c.value,
           c.{fixed} AS fixed, l.whole, l.part
    FROM counts AS c JOIN links AS l ON c.{axis} = l.text
), parts AS (
    SELECT series, reference_start, reference_end, fixed, whole,
           sum(value) AS total, count(*) AS cells, count(value) AS known
    FROM cells WHERE part GROUP BY ALL
), pairs AS (
    SELECT t.region AS region, t.reference_end, t.value, p.total
    FROM counts AS t JOIN parts AS p
      ON t.series = p.series AND t.reference_start = p.reference_start
     AND t.reference_end = p.reference_end AND t.{fixed} = p.fixed AND t.{axis} = p.whole
    WHERE t.value IS NOT NULL AND p.known = p.cells AND p.cells >= coalesce(
        (SELECT max(l.needed) FROM links AS l WHERE l.whole = p.whole), 2)
)
SELECT count(*), count(*) FILTER (WHERE value <> total),
       arg_min(region || ' (' || reference_end || ')', (value = total, region)),
       arg_min(value, (value = total, region)), arg_min(total, (value = total, region))
FROM pairs
"""


@dataclass(frozen=True, slots=True)
class Broken:
    """Totals of one axis that are no sums, with one of them as an example."""

    axis: str
    totals: int
    wrong: int
    place: str
    total: str
    parts: str


def broken_sums(source: Source, table: "pa.Table", register: Register) -> Iterator[Broken]:
    """The dimensions whose totals do not add up, and the regions.

    An axis named in ``checks: sums`` has to add up everywhere. Of the others, one counts as meant
    to add up where at least half of its totals do: code lists with overlapping groups never do.

    Args:
        source: which axes, and which columns are counts.
        table: observations of a delivery.
        register: says which region lies in which.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rule = source.observations
    values = rule.values if rule else ()
    counted = [source.series(value.column) for value in values if value.role is Role.COUNT]
    counts = table.filter(pc.is_in(table["series"], value_set=pa.array(counted, pa.string())))
    if not counts.num_rows:
        return
    axes = {name: _dimension_links(counts, name) for name in source.dimension_names}
    within = register.normalise(rule.regions.within) if rule else ""
    axes[REGION] = _region_links(counts, register, within)
    for axis, links in axes.items():
        found = _broken(axis, counts, links) if links.num_rows else None
        strict = axis in source.checks.sums
        if found and found.wrong and (strict or 2 * found.wrong <= found.totals):
            yield found


def _broken(axis: str, counts: "pa.Table", links: "pa.Table") -> Broken:
    import duckdb

    column, fixed = ("region", "dimensions") if axis == REGION else ("dimensions", "region")
    with duckdb.connect() as connection:
        connection.register("counts", counts)
        connection.register("links", links)
        row = connection.execute(_SQL.format(axis=column, fixed=fixed)).fetchone()
    totals, wrong, place, total, parts = row or (0, 0, "", None, None)
    return Broken(axis, totals, wrong, str(place), _plain(total), _plain(parts))


def _plain(value: object) -> str:
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _links(rows: "list[tuple[str, str, bool, int | None]]") -> "pa.Table":
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return pa.table(
        {
            "text": pa.array(columns[0], pa.string()),
            "whole": pa.array(columns[1], pa.string()),
            "part": pa.array(columns[2], pa.bool_()),
            "needed": pa.array(columns[3], pa.int64()),
        }
    )


def _dimension_links(counts: "pa.Table", name: str) -> "pa.Table":
    """Each combination of codes, and the one that is the total over ``name``."""
    rows: list[tuple[str, str, bool, int | None]] = []
    for text in counts["dimensions"].unique().to_pylist():
        codes = dict(parse_dimensions(text))
        part = codes.get(name, TOTAL) != TOTAL
        rows.append((text, dimensions_text({**codes, name: TOTAL}), part, None))
    return _links(rows)


def _region_links(counts: "pa.Table", register: Register, within: str) -> "pa.Table":
    """Each region, and the one that it is a part of, where all parts of that are delivered.

    Only in the source's own area: of what lies beside it the register may not know every part.
    """
    present = set(counts["region"].unique().to_pylist())
    rows: list[tuple[str, str, bool, int | None]] = []
    for region in sorted(present):
        if region not in register or not region.startswith(within):
            continue
        direct = register.children(region)
        if register.level(region) is Level.KREIS and not set(direct) <= present:
            direct = register.children(region, Level.GEMEINDE)
        if len(direct) > 1 and set(direct) <= present:
            rows += [(child, region, True, len(direct)) for child in direct]
    return _links(rows)
