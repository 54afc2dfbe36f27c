"""``sozialdaten series``: series of the lake and their values."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import click

from ckanext.sozialdaten.cli._answers import canonical, day, for_json, moment, speaking, write
from ckanext.sozialdaten.lake import MAX_AGE_DAYS, Lake, SeriesInfo, Zone

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["command"]

_COLUMNS = (
    *("series", "region", "reference_start", "reference_end", "dimensions"),
    *("value", "unit", "quality"),
    *("reference_kind", "census_base", "source", "captured_at", "delivery"),
)


_zone = click.option(
    "--zone",
    type=click.Choice([zone.value for zone in Zone]),
    help="Default: restricted where this process may use it, else public.",
)
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of CSV.")


@click.group()
def command() -> None:
    """Series of the lake and their values.

    Two times are asked for apart: --stichtag is what a figure speaks of, --as-of is when it was
    known. Exit code 2: there is no such series, or the lake is not configured.
    """


@command.command("list")
@click.option("--as-of", metavar="ISO", help="The series as they were known then.")
@_zone
@_json
@speaking
def list_(as_of: str | None, zone: str | None, as_json: bool) -> None:
    """All series with their source, units, extent and last change."""
    with Lake.open() as lake:
        found = lake.series(Zone(zone) if zone else None, moment(as_of))
    columns = ("series", "source", "units", "cells", "regions", "first", "last", "captured_at")
    write(columns, map(_line, found), as_json)


@command.command()
@click.argument("series")
@_zone
@_json
@speaking
def show(series: str, zone: str | None, as_json: bool) -> None:
    """One SERIES: what it holds, by which dimensions, and each delivery that changed it."""
    chosen = Zone(zone) if zone else None
    with Lake.open() as lake:
        told = _described(series, lake.values(series, zone=chosen))
        told["deliveries"] = [
            {name: for_json(name, item) for name, item in asdict(change).items()}
            for change in lake.history(series, zone=chosen)
        ]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    deliveries = cast("list[dict[str, object]]", told.pop("deliveries"))
    for name, item in told.items():
        click.echo(f"{name}: {_plain(item)}")
    click.echo()
    write(tuple(deliveries[0]) if deliveries else (), deliveries, as_json=False)


@command.command()
@click.argument("series", nargs=-1, required=True)
@click.option("--region", "regions", multiple=True, help="Key of a region; may be repeated.")
@click.option("--from", "start", metavar="DATE", help="Only references that start then or later.")
@click.option("--to", "end", metavar="DATE", help="Only references that end then or earlier.")
@click.option("--dimension", "dimensions", multiple=True, metavar="NAME=CODE")
@click.option("--as-of", metavar="ISO", help="The state as it was known then.")
@click.option("--stichtag", metavar="DATE", help="Last reference not after this day, with its age.")
@_zone
@_json
@speaking
def values(
    series: tuple[str, ...],
    regions: tuple[str, ...],
    start: str | None,
    end: str | None,
    dimensions: tuple[str, ...],
    as_of: str | None,
    stichtag: str | None,
    zone: str | None,
    as_json: bool,
) -> None:
    """The values of one or several SERIES."""
    with Lake.open() as lake:
        table = lake.values(
            series,
            regions=[canonical(key) for key in regions] or None,
            start=day(start, "--from"),
            end=day(end, "--to"),
            dimensions=dict(_pair(text) for text in dimensions),
            as_of=moment(as_of),
            stichtag=day(stichtag, "--stichtag"),
            zone=Zone(zone) if zone else None,
        )
    columns = (*_COLUMNS, "age_days") if stichtag else _COLUMNS
    if old := _older(table) if stichtag else 0:
        click.echo(f"{old} cells are more than {MAX_AGE_DAYS} days older than that day.", err=True)
    write(columns, _rows(table), as_json)


def _older(table: "pa.Table") -> int:
    import pyarrow.compute as pc

    return pc.sum(pc.greater(table["age_days"], MAX_AGE_DAYS)).as_py() or 0


def _described(series: str, table: "pa.Table") -> dict[str, object]:
    """Extent and dimensions of a series, by the cells that it has now."""
    import pyarrow.compute as pc

    dimensions: dict[str, set[str]] = {}
    for text in pc.unique(table["dimensions"]).to_pylist():
        for name, code in json.loads(text).items():
            dimensions.setdefault(name, set()).add(code)
    distinct = {
        name: sorted(item for item in pc.unique(table[name]).to_pylist() if item)
        for name in ("source", "unit", "reference_kind", "quality", "census_base", "region")
    }
    ends = pc.unique(table["reference_end"]).sort().to_pylist()
    return {
        "series": series,
        **{name: items for name, items in distinct.items() if name != "region"},
        "cells": table.num_rows,
        "regions": len(distinct["region"]),
        "references": [day.isoformat() for day in ends],
        "dimensions": {name: sorted(codes) for name, codes in sorted(dimensions.items())},
    }


def _plain(item: object) -> str:
    """A value of `show` on one line."""
    if isinstance(item, dict):
        pairs = cast("dict[str, list[str]]", item).items()
        return "; ".join(f"{name} = {', '.join(codes)}" for name, codes in pairs)
    if isinstance(item, list):
        return ", ".join(map(str, cast("list[object]", item)))
    return str(item)


def _rows(table: "pa.Table") -> Iterable[Mapping[str, object]]:
    for batch in table.to_batches(10_000):
        yield from batch.to_pylist()


def _line(info: SeriesInfo) -> dict[str, object]:
    return {
        "series": info.name,
        "source": info.source,
        "units": " ".join(info.units),
        "cells": info.cells,
        "regions": info.regions,
        "first": info.first,
        "last": info.last,
        "captured_at": info.captured_at,
    }


def _pair(text: str) -> tuple[str, str]:
    name, sign, code = text.partition("=")
    if not sign:
        raise click.BadParameter(f"{text!r} is not NAME=CODE", param_hint="--dimension")
    return name, code
