"""``sozialdaten region``: regions, their keys and hierarchy, their changes and boundaries."""

import csv
import datetime as dt
import json
import sys
from collections.abc import Iterable

import click

from ckanext.sozialdaten.cli import _region_files
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import (
    GeographyError,
    Level,
    Region,
    Register,
    UnknownRegion,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["command"]

_COLUMNS: tuple[str, ...] = (
    "ags",
    "ars",
    "name",
    "designation",
    "level",
    "parent",
    "nuts",
    "aliases",
    "valid_from",
    "valid_to",
)
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of CSV.")
_level = click.option("--level", type=click.Choice([level.value for level in Level]))
_on = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="As it was on this day; default: today."
)


@click.group()
def command() -> None:
    """Regions, their keys and hierarchy, their changes and boundaries.

    Beside those of the project, the register folders that SOZIALDATEN_REGIONS names are read.
    """


command.add_command(_region_files.import_)
command.add_command(_region_files.fetch_)
command.add_command(_region_files.convert_)


@command.command("list")
@click.option("--within", metavar="KEY", help="Only regions inside this one.")
@_level
@_on
@click.option("--former", is_flag=True, help="Also regions that no longer exist.")
@_json
def list_(
    within: str | None, level: str | None, on: dt.datetime | None, former: bool, as_json: bool
) -> None:
    """All regions of the register."""
    wanted = Level(level) if level else None
    day = on.date() if on else None
    try:
        register = Register.default()
        if within:
            inside = set(register.children(_key(register, within, None), wanted, day))
            states = [register.get(key, day) for key in sorted(inside)]
        elif day:
            states = [
                s for r in register.latest() for s in register.states(r.ags) if s.valid_on(day)
            ]
        else:
            states = list(register.latest() if former else register)
        _write((state for state in states if wanted in (None, state.level)), as_json)
    except SozialdatenError as error:
        _complain(error)


@command.command()
@click.argument("keys", nargs=-1, required=True)
@_level
@_on
@click.option("--states", is_flag=True, help="All states over time, one row each.")
@_json
def show(
    keys: tuple[str, ...], level: str | None, on: dt.datetime | None, states: bool, as_json: bool
) -> None:
    """The regions with these KEYS: AGS, ARS, key of a small area, or a name that only one has."""
    wanted = Level(level) if level else None
    try:
        register = Register.default()
        found: list[Region] = []
        for text in keys:
            key = _key(register, text, wanted)
            found += (
                register.states(key) if states else [register.get(key, on.date() if on else None)]
            )
        _write(found, as_json)
    except SozialdatenError as error:
        _complain(error)


@command.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@_level
@_json
def search(text: str, limit: int, level: str | None, as_json: bool) -> None:
    """Regions by part of their name or by the head of their key, best match first."""
    try:
        register = Register.default()
        every = register.search(text, limit=1_000_000)
        found = [region for region in every if level in (None, region.level)]
        if not found:
            raise UnknownRegion(
                Message("No region is called “{text}”.", {"text": text}), _meant(register, text)
            )
        _write(found[:limit], as_json)
    except SozialdatenError as error:
        _complain(error)


def _key(register: Register, text: str, level: Level | None) -> str:
    """The canonical key for a key in any spelling, or for a name that only one region has."""
    try:
        return register.normalise(text, level)
    except GeographyError as error:
        named = [
            region
            for region in register.search(text, 2)
            if text.casefold() in (region.name.casefold(), *map(str.casefold, region.aliases))
            and level in (None, region.level)
        ]
        if len(named) == 1 and not text[:1].isdigit():
            return named[0].ags
        meant = _meant(register, text)
        raise type(error)(error.message, meant or error.hint, error.place) from None


def _meant(register: Register, text: str) -> Message | None:
    near = register.suggest(text)
    names = ", ".join(f"{region.ags} {region.name}" for region in near)
    return Message("Did you mean {regions}?", {"regions": names}) if near else None


def _complain(error: SozialdatenError) -> None:
    click.echo(error.text(), err=True)
    sys.exit(2)


def _write(regions: Iterable[Region], as_json: bool) -> None:
    lines = [_line(region) for region in regions]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(line | {"aliases": "|".join(line["aliases"])} for line in lines)


def _line(region: Region) -> dict[str, str | list[str]]:
    return {
        "ags": region.ags,
        "ars": region.ars,
        "name": region.name,
        "designation": region.designation,
        "level": region.level.value,
        "parent": region.parent or "",
        "nuts": region.nuts,
        "aliases": list(region.aliases),
        "valid_from": region.valid_from.isoformat() if region.valid_from else "",
        "valid_to": region.valid_to.isoformat() if region.valid_to else "",
    }
