"""``sozialdaten lake``: upkeep of the lake, and counts of its restricted zone."""

import datetime as dt
import sys

import click

from ckanext.sozialdaten.cli._answers import speaking, write
from ckanext.sozialdaten.lake import Lake, Zone

__all__ = ["command"]

_COLUMNS = ("series", "region", "reference_end", "dimensions", "value", "unit")
_DAY = click.DateTime(["%Y-%m-%d"])
_zone = click.option("--zone", type=click.Choice([zone.value for zone in Zone]), required=True)


@click.group()
def command() -> None:
    """Upkeep of the lake, and counts of its restricted zone."""


@command.command()
@_zone
@click.option("--keep-hours", default=24.0, show_default=True, help="For readers at work.")
@speaking
def tidy(zone: str, keep_hours: float) -> None:
    """Compact small files, forget old states of the tables, sweep what crashes left.

    The scheduler does so every hour. States of the past are not touched: they are rows.
    """
    with Lake.open() as lake:
        removed = lake.tidy(Zone(zone), dt.timedelta(hours=keep_hours))
    click.echo(f"{removed} files removed", err=True)


@command.command()
@speaking
def encryption() -> None:
    """For each zone: whether its folder lies on an encrypted file system. Exit code 1: one not."""
    from ckanext.sozialdaten.lake import Encryption, encryption_of

    plain = False
    with Lake.open() as lake:
        for zone, settings in lake.settings.zones.items():
            found = encryption_of(settings.warehouse)
            plain = plain or found.state is not Encryption.ENCRYPTED
            click.echo(f"{zone.value}: {found.state.value} ({found.reason})")
    sys.exit(1 if plain else 0)


@command.command()
@click.argument("source")
@speaking
def rebuild(source: str) -> None:
    """Read all kept deliveries of SOURCE anew, after its reader or its YAML was mended.

    Each keeps its time of capture. Deliveries whose files have expired keep their first reading.
    """
    from ckanext.sozialdaten.harvesters.core.rereading import reread_kept
    from ckanext.sozialdaten.harvesters.core.run import Run
    from ckanext.sozialdaten.harvesters.core.sources import load_source

    for one in reread_kept(Run(load_source(source))):
        told = "file no longer kept"
        if one.stored is not None:
            stored = one.stored
            told = f"{stored.new} new, {stored.changed} changed, {stored.retracted} retracted"
        click.echo(f"{one.change.captured_at:%Y-%m-%d %H:%M} {one.change.name}: {told}")


@command.command()
@click.argument("source")
@click.option("--stichtag", type=_DAY, required=True, help="Any day up to the last kept list.")
@click.option("--as-of", type=_DAY, help="Only deliveries received up to this day.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of CSV.")
@speaking
def count(source: str, stichtag: dt.datetime, as_of: dt.datetime | None, as_json: bool) -> None:
    """Persons and cases of SOURCE at any day, counted from the rows that are kept.

    These counts are not protected: they stay in the office. What no list can tell is said on
    standard error.
    """
    from ckanext.sozialdaten.geography import Register
    from ckanext.sozialdaten.harvesters.core.cases import count_at
    from ckanext.sozialdaten.harvesters.core.sources import load_source

    day = stichtag.date()
    with Lake.open() as lake:
        counted = count_at(
            load_source(source), lake, day, Register.default(), as_of.date() if as_of else None
        )
    click.echo("These counts are not protected; do not publish them.", err=True)
    if not counted.delivered:
        click.echo(
            f"No list of {day} was delivered: cases that no list names are missing.", err=True
        )
    if counted.unclear:
        click.echo(f"{counted.unclear} cases ended on an unknown day and are left out.", err=True)
    rows = [
        {
            "series": item.series,
            "region": item.region,
            "reference_end": item.end,
            "dimensions": item.dimensions,
            "value": item.value,
            "unit": item.unit,
            "quality": item.quality,
        }
        for item in counted.observations
    ]
    write(_COLUMNS, rows, as_json)
