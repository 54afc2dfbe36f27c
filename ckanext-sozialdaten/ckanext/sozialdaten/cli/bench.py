"""``sozialdaten bench``: the benchmarks that the README quotes, each beside its peer."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ckanext.sozialdaten.cli import (
    _bench_confusion,
    _bench_disclosure,
    _bench_harvest,
    _bench_lake,
    _bench_publishing,
)
from ckanext.sozialdaten.cli._bench_map import measure_maps
from ckanext.sozialdaten.cli._bench_pages import measure_pages
from ckanext.sozialdaten.cli._bench_pages_told import show_maps, show_pages
from ckanext.sozialdaten.cli._bench_portal import (
    BenchError,
    Measured,
    Plan,
    compare,
)

__all__ = ["command"]


def _from_environment(variable: str, tail: str = "") -> Path:
    """A path named by an environment variable that ``deployment/portal run`` sets."""
    folder = os.environ.get(variable)
    if not folder:
        raise click.UsageError(
            f"{variable} is not set: run me by `deployment/portal run sozialdaten bench portal`"
        )
    return Path(folder, tail) if tail else Path(folder)


def _show(plain: Measured, ours: Measured, requests: int) -> None:
    click.echo(f"CPU of the web process for one anonymous dataset page, {requests} requests each")
    click.echo(f"{'':<14}{'median':>10}{'fastest':>10}{'slowest':>10}{'page':>10}")
    for name, measured in (("plain CKAN", plain), ("Sozialdaten", ours)):
        times = "".join(
            f"{1000 * seconds:>7.1f} ms"
            for seconds in (measured.median, measured.fastest, measured.slowest)
        )
        click.echo(f"{name:<14}{times}{measured.page_bytes / 1024:>7.1f} kB")
    click.echo(f"{'ratio':<14}{ours.median / plain.median:>7.2f}")


@click.group(name="bench")
def command() -> None:
    """Benchmarks, each with its peer measured in the same run."""


command.add_command(_bench_confusion.command)
command.add_command(_bench_disclosure.command)
command.add_command(_bench_harvest.command)
command.add_command(_bench_lake.command)
command.add_command(_bench_publishing.command)


_PARTS = ("dataset", "pages", "map")


@command.command()
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(_PARTS), help="Only this part; repeatable."
)
@click.option("--requests", default=200, show_default=True, help="dataset: pages asked of each.")
@click.option("--dataset", default="", help="dataset: name of a public one; default: the newest.")
@click.option(
    "--plain-ini",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="dataset: servers of plain CKAN, emptied first; default: test.ini of the state folder.",
)
@click.option("--regions", default=400, show_default=True, help="pages: Gemeinden of the Kreis.")
@click.option("--indicators", default=80, show_default=True, help="pages: how many.")
@click.option("--years", default=25, show_default=True, help="pages: how many.")
@click.option("--rate", default=20, show_default=True, help="pages: requests per second.")
@click.option("--seconds", default=30, show_default=True, help="pages: how long each is asked.")
@click.option("--polygons", default=500, show_default=True, help="map: regions of the map.")
@click.option("--rounds", default=5, show_default=True, help="pages, map: visits of the browser.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def portal(
    parts: tuple[str, ...],
    requests: int,
    dataset: str,
    plain_ini: Path | None,
    regions: int,
    indicators: int,
    years: int,
    rate: int,
    seconds: int,
    polygons: int,
    rounds: int,
    *,
    as_json: bool,
) -> None:
    """Pages for visitors: their cost, their speed under load and in a slow browser.

    dataset: CPU per request of a dataset page, beside plain CKAN 2.12 with the same dataset. The
    portal is only read. Plain CKAN runs on the servers of the tests, whose database and search core
    are emptied: not while the tests run.

    pages: pages of indicators of a made-up Kreis at a rate of requests; then in Chromium with a
    processor four times slower and 10 Mbit/s.

    map: one map there, beside Leaflet, ECharts, Vega-Lite and MapLibre built from npm.
    """
    wanted = parts or _PARTS
    result: dict[str, Any] = {}
    try:
        if "dataset" in wanted:
            plan = Plan(
                ours=_from_environment("CKAN_INI"),
                plain=plain_ini or _from_environment("SOZIALDATEN_HOME", "test.ini"),
                dataset=dataset,
                requests=requests,
            )
            plain, ours = compare(plan)
            ratio = round(ours.median / plain.median, 3)
            told = {"requests": requests, "plain": plain.to_json(), "ours": ours.to_json()}
            result |= told | {"ratio": ratio}
            if not as_json:
                _show(plain, ours, requests)
        if "pages" in wanted:
            ini = _from_environment("CKAN_INI")
            pages = measure_pages(ini, regions, indicators, years, rate, seconds, rounds)
            result["pages"] = asdict(pages)
            if not as_json:
                show_pages(pages, f"{regions} x {indicators} x {years}", rate)
        if "map" in wanted:
            maps = measure_maps(polygons, rounds)
            result["map"] = {name: asdict(found) for name, found in maps.items()}
            if not as_json:
                show_maps(maps, polygons)
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(result, indent=2))
