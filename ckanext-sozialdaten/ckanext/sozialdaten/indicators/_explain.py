"""From a figure back to the cells of the public zone, their releases and the day we knew them."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

import pyarrow.compute as pc

from ckanext.sozialdaten.geography import GeographyError, Level, Register
from ckanext.sozialdaten.indicators._catalogue import Catalogue
from ckanext.sozialdaten.indicators._compute import figures
from ckanext.sozialdaten.indicators._explained import Cell, Explanation, Use
from ckanext.sozialdaten.indicators._model import Expression, Function, Indicator, Input, Time
from ckanext.sozialdaten.indicators._terms import Reader
from ckanext.sozialdaten.indicators.errors import QuestionError
from ckanext.sozialdaten.lake import Lake, Received, Zone
from ckanext.sozialdaten.messages import Message

__all__ = ["explain_figure"]


def explain_figure(
    indicator: Indicator,
    lake: Lake,
    catalogue: Catalogue,
    region: str,
    period: str,
    *,
    as_of: dt.datetime | dt.date | None = None,
    register: Register | None = None,
) -> Explanation:
    """See `explain`."""
    known = register or Register.default()
    reader = Reader(lake, as_of, known)
    rows = figures(indicator, reader, catalogue, known, frozenset({region})).to_pylist()
    found = next((row for row in rows if row["period"] == period), None)
    if found is None:
        raise QuestionError(
            Message(
                "{id} has no figure for {region} in {period}.",
                {"id": indicator.id, "region": region, "period": period},
            ),
            Message(
                "Periods: {periods}.", {"periods": ", ".join(r["period"] for r in rows) or "-"}
            ),
        )
    years = {found["period_end"].year - back for back in range(cast("int", found["pooled"]))}
    uses = [
        (owner, item, _cells(item, reader, known, region, of))
        for owner, item, of in _walk(indicator, indicator.formula, catalogue, years)
    ]
    wanted = {row["delivery"] for *_, cells in uses for row in cells}
    deliveries = lake.delivered(sorted(wanted), Zone.PUBLIC)
    return Explanation(
        figure=found,
        method=dict(indicator.method),
        source_tables=indicator.source_tables,
        uses=tuple(
            Use(
                indicator=owner.id,
                name=item.name,
                layout=item.layout,
                column=item.column,
                time=item.time,
                cells=tuple(_told(row, deliveries) for row in cells),
            )
            for owner, item, cells in uses
        ),
    )


def _walk(
    indicator: Indicator, expression: Expression, catalogue: Catalogue, years: set[int]
) -> Iterator[tuple[Indicator, Input, set[int]]]:
    """The inputs of a formula, each with the years that it is asked for."""
    if expression.function is Function.VALUE:
        if expression.indicator:
            other = catalogue[expression.indicator]
            yield from _walk(other, other.formula, catalogue, years)
        else:
            item = indicator.inputs[expression.input]
            for one in (item, item.weigher):
                if one is not None:
                    yield indicator, one, _years_of(one, years)
        return
    back = -(-expression.months // 12)
    match expression.function:
        case Function.CHANGE:
            more = {int(expression.since[:4])} if expression.since else {y - back for y in years}
            years = years | more
        case Function.TREND | Function.CONTINUITY:
            years = {year - step for year in years for step in range(back + 1)}
        case _:
            pass
    for argument in expression.arguments:
        yield from _walk(indicator, argument, catalogue, years)


def _years_of(item: Input, years: set[int]) -> set[int]:
    match item.time:
        case Time.SAME:
            return years
        case Time.PREVIOUS:
            return {year - 1 for year in years}
        case Time.MEAN:
            return years | {year - 1 for year in years}
        case Time.LATEST:
            return {year - back for year in years for back in range(item.within_years + 1)}


def _cells(
    item: Input, reader: Reader, register: Register, region: str, years: set[int]
) -> list[dict[str, Any]]:
    """The cells that an input takes for a region, in the order of time."""
    found = _chosen(item, reader, [region], years)
    if not found:
        try:
            found = _chosen(item, reader, register.children(region, Level.GEMEINDE), years)
        except GeographyError:
            found = []
    return found


def _chosen(
    item: Input, reader: Reader, regions: Iterable[str], years: set[int]
) -> list[dict[str, Any]]:
    keys = list(regions)
    if not keys:
        return []
    table = reader.cells(item)
    rows: list[dict[str, Any]] = table.filter(pc.field("region").isin(keys)).to_pylist()
    best: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["census_base"] or "", row["captured_at"])):
        cell = cast("dict[str, str]", json.loads(row["dimensions"]))
        end: dt.date = row["reference_end"]
        if item.takes(cell) and end.year in years and item.day in (None, (end.month, end.day)):
            best[row["region"], row["reference_start"], end, row["dimensions"]] = row
    last: dict[tuple[str, int], dt.date] = {}
    for row in best.values():
        place = (row["region"], row["reference_end"].year)
        last[place] = max(last.get(place, dt.date.min), row["reference_end"])
    kept = [
        row
        for row in best.values()
        if row["reference_kind"] != "stichtag"
        or row["reference_end"] == last[row["region"], row["reference_end"].year]
    ]
    return sorted(kept, key=lambda row: (row["reference_end"], row["region"], row["dimensions"]))


def _told(row: dict[str, Any], deliveries: dict[str, Received]) -> Cell:
    delivery = deliveries.get(row["delivery"])
    release, _, resource = (delivery.digest if delivery else "").partition("/")
    return Cell(
        series=row["series"],
        region=row["region"],
        start=row["reference_start"],
        end=row["reference_end"],
        dimensions=json.loads(row["dimensions"]),
        value=None if row["value"] is None else float(row["value"]),
        quality=row["quality"],
        captured_at=row["captured_at"],
        file=delivery.name if delivery else "",
        release=release,
        resource=resource,
    )
