"""``sozialdaten indicator``: definitions, their figures and where these come from."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ckanext.sozialdaten.cli._answers import canonical, day, moment, speaking, write
from ckanext.sozialdaten.indicators import Indicator, catalogue, compute
from ckanext.sozialdaten.indicators import explain as explain_figure
from ckanext.sozialdaten.lake import Lake

if TYPE_CHECKING:
    from ckanext.sozialdaten.indicators import Explanation, Use

__all__ = ["COLUMNS", "command"]

COLUMNS = (
    *("indicator", "region", "period", "period_start", "period_end", "value", "low", "high"),
    *("numerator", "denominator", "state", "quality", "unit", "age_days", "captured_at"),
    *("sources", "pooled"),
)
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of CSV or text.")
_as_of = click.option("--as-of", metavar="ISO", help="The state as it was known then.")
_language = click.option("--language", type=click.Choice(["de", "en"]), default="de")


@click.group()
def command() -> None:
    """Indicators, their definitions, their figures and where these come from."""


@command.command("list")
@click.option("--theme", help="Only indicators of this theme.")
@_json
@speaking
def list_(theme: str | None, as_json: bool) -> None:
    """All indicators."""
    known = catalogue()
    for out in known.left_out:
        click.echo(out.error.text(), err=True)
    rows = [_line(item) for item in known.values() if theme in (None, item.theme)]
    write(("id", "theme", "name_de", "name_en", "unit", "polarity", "layouts"), rows, as_json)


@command.command()
@click.argument("indicator")
@_json
@speaking
def show(indicator: str, as_json: bool) -> None:
    """The definition of an INDICATOR with its texts."""
    item = catalogue()[indicator]
    if as_json:
        click.echo(json.dumps(asdict(item), ensure_ascii=False, indent=1))
        return
    for language in ("de", "en"):
        click.echo(f"{item.label(language)} ({item.unit[language]})")
        for texts in (item.description, item.method, item.interpretation, item.limits):
            if texts.get(language):
                click.echo(f"  {texts[language]}")
    click.echo(f"{item.file}: {', '.join(item.source_tables)}")


@command.command("compute")
@click.argument("indicator")
@click.option("--region", "regions", multiple=True, help="Key of a region; may be repeated.")
@click.option("--from", "start", metavar="DATE", help="Only periods that start then or later.")
@click.option("--to", "end", metavar="DATE", help="Only periods that end then or earlier.")
@_as_of
@_json
@speaking
def compute_(
    indicator: str,
    regions: tuple[str, ...],
    start: str | None,
    end: str | None,
    as_of: str | None,
    as_json: bool,
) -> None:
    """The figures of an INDICATOR from the public zone of the lake."""
    known = catalogue()
    with Lake.open() as lake:
        table = compute(
            known[indicator],
            lake,
            known,
            regions=[canonical(key) for key in regions] or None,
            start=day(start, "--from"),
            end=day(end, "--to"),
            as_of=moment(as_of),
        )
    write(COLUMNS, table.to_pylist(), as_json)


@command.command()
@click.argument("indicator")
@click.argument("region")
@click.argument("period")
@_as_of
@_language
@_json
@speaking
def explain(
    indicator: str, region: str, period: str, as_of: str | None, language: str, as_json: bool
) -> None:
    """From the figure of an INDICATOR in a REGION and PERIOD back to the released cells."""
    known = catalogue()
    with Lake.open() as lake:
        found = explain_figure(
            known[indicator], lake, known, canonical(region), period, as_of=moment(as_of)
        )
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str))
        return
    for line in _told(found, known[indicator], language):
        click.echo(line)


def _line(item: Indicator) -> dict[str, object]:
    return {
        "id": item.id,
        "theme": item.theme,
        "name_de": item.name["de"],
        "name_en": item.name["en"],
        "unit": item.unit["de"],
        "polarity": item.polarity.value,
        "layouts": " ".join(item.layouts),
    }


def _told(found: "Explanation", item: Indicator, language: str) -> list[str]:
    figure: dict[str, Any] = found.figure
    value = figure["state"] if figure["value"] is None else f"{figure['value']:.{item.decimals}f}"
    lines = [
        f"{item.label(language)}, {figure['region']}, {figure['period']}: {value} "
        f"{item.unit[language]}",
        found.method.get(language, ""),
        ", ".join(found.source_tables),
    ]
    for use in found.uses:
        lines += ["", f"{use.indicator}.{use.name}: {use.layout}.{use.column} ({use.time})"]
        lines += _cells(use)
    return lines


def _cells(use: "Use") -> list[str]:
    lines: list[str] = []
    for cell in use.cells:
        value = cell.quality if cell.value is None else f"{cell.value:g} {cell.quality}".strip()
        codes = ", ".join(f"{name}={code}" for name, code in cell.dimensions.items())
        lines.append(
            f"  {cell.region} {cell.end} [{codes}] = {value}  <- {cell.series}, {cell.file}, "
            f"release {cell.release}, {cell.captured_at:%Y-%m-%d %H:%M} UTC"
        )
    return lines
