"""``sozialdaten series``: series of the lake and their values."""

import csv
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, cast

import click

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake import MAX_AGE_DAYS, Lake, SeriesInfo, Zone

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["command"]

Parameters = ParamSpec("Parameters")
_COLUMNS = (
    *("series", "region", "reference_start", "reference_end", "dimensions"),
    *("value", "unit", "quality"),
    *("reference_kind", "census_base", "source", "captured_at", "delivery"),
)


def _speaking(run: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Our errors as text on standard error and exit code 2."""

    @wraps(run)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            run(*args, **kwargs)
        except SozialdatenError as error:
            click.echo(error.text(), err=True)
            sys.exit(2)

    return wrapped


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
@_speaking
def list_(as_of: str | None, zone: str | None, as_json: bool) -> None:
    """All series with their source, units, extent and last change."""
    with Lake.open() as lake:
        found = lake.series(Zone(zone) if zone else None, _moment(as_of))
    columns = ("series", "source", "units", "cells", "regions", "first", "last", "captured_at")
    _write(columns, map(_line, found), as_json)


@command.command()
@click.argument("series")
@_zone
@_json
@_speaking
def show(series: str, zone: str | None, as_json: bool) -> None:
    """One SERIES: what it holds, by which dimensions, and each delivery that changed it."""
    chosen = Zone(zone) if zone else None
    with Lake.open() as lake:
        told = _described(series, lake.values(series, zone=chosen))
        told["deliveries"] = [
            {name: _for_json(name, item) for name, item in asdict(change).items()}
            for change in lake.history(series, chosen)
        ]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    deliveries = cast("list[dict[str, object]]", told.pop("deliveries"))
    for name, item in told.items():
        click.echo(f"{name}: {_plain(item)}")
    click.echo()
    _write(tuple(deliveries[0]) if deliveries else (), deliveries, as_json=False)


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
@_speaking
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
            regions=[_canonical(key) for key in regions] or None,
            start=_day(start, "--from"),
            end=_day(end, "--to"),
            dimensions=dict(_pair(text) for text in dimensions),
            as_of=_moment(as_of),
            stichtag=_day(stichtag, "--stichtag"),
            zone=Zone(zone) if zone else None,
        )
    columns = (*_COLUMNS, "age_days") if stichtag else _COLUMNS
    if old := _older(table) if stichtag else 0:
        click.echo(f"{old} cells are more than {MAX_AGE_DAYS} days older than that day.", err=True)
    _write(columns, _rows(table), as_json)


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


def _write(columns: tuple[str, ...], rows: Iterable[Mapping[str, object]], as_json: bool) -> None:
    if as_json:
        found = [{name: _for_json(name, row[name]) for name in columns} for row in rows]
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(row[name]) for name in columns] for row in rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _for_json(name: str, value: object) -> object:
    if name == "dimensions":
        return json.loads(str(value))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if value is None or isinstance(value, int) else _text(value)


def _canonical(key: str) -> str:
    """The register's key, or the key by form alone: a lake may know more regions."""
    from ckanext.sozialdaten.geography import Register, UnknownRegion, canonical_key

    try:
        return Register.default().normalise(key)
    except UnknownRegion:
        return canonical_key(key)


def _day(text: str | None, option: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date (YYYY-MM-DD)", param_hint=option) from None


def _moment(text: str | None) -> dt.datetime | dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no ISO date or time", param_hint="--as-of") from None


def _pair(text: str) -> tuple[str, str]:
    name, sign, code = text.partition("=")
    if not sign:
        raise click.BadParameter(f"{text!r} is not NAME=CODE", param_hint="--dimension")
    return name, code
