"""``sozialdaten region``: regions, their keys and hierarchy."""

import csv
import json
import sys
from collections.abc import Iterable

import click

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Level, Region, Register

__all__ = ["command"]

_COLUMNS: tuple[str, ...] = (
    "ags",
    "ars",
    "name",
    "designation",
    "level",
    "parent",
    "valid_from",
    "valid_to",
)
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of CSV.")
_level = click.option("--level", type=click.Choice([level.value for level in Level]))


@click.group()
def command() -> None:
    """Regions, their keys and hierarchy."""


@command.command("list")
@click.option("--within", metavar="KEY", help="Only regions inside this one.")
@_level
@_json
def list_(within: str | None, level: str | None, as_json: bool) -> None:
    """All regions of the register."""
    try:
        register = Register.default()
        wanted = Level(level) if level else None
        if within:
            keys = register.children(within, wanted)
        else:
            keys = tuple(item.ags for item in register if wanted in (None, item.level))
        _write([register.get(key) for key in keys], as_json)
    except SozialdatenError as error:
        click.echo(error.text(), err=True)
        sys.exit(2)


@command.command()
@click.argument("keys", nargs=-1, required=True)
@_level
@_json
def show(keys: tuple[str, ...], level: str | None, as_json: bool) -> None:
    """The regions with these KEYS, given as AGS or ARS, also padded with zeros."""
    try:
        register = Register.default()
        wanted = Level(level) if level else None
        _write([register.get(register.normalise(key, wanted)) for key in keys], as_json)
    except SozialdatenError as error:
        click.echo(error.text(), err=True)
        sys.exit(2)


@command.command()
@click.argument("text")
@_json
def search(text: str, as_json: bool) -> None:
    """Regions by part of their name or by the head of their key."""
    try:
        _write(Register.default().search(text), as_json)
    except SozialdatenError as error:
        click.echo(error.text(), err=True)
        sys.exit(2)


def _write(regions: Iterable[Region], as_json: bool) -> None:
    lines = [_line(region) for region in regions]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)


def _line(region: Region) -> dict[str, str]:
    return {
        "ags": region.ags,
        "ars": region.ars,
        "name": region.name,
        "designation": region.designation,
        "level": region.level.value,
        "parent": region.parent or "",
        "valid_from": region.valid_from.isoformat() if region.valid_from else "",
        "valid_to": region.valid_to.isoformat() if region.valid_to else "",
    }
