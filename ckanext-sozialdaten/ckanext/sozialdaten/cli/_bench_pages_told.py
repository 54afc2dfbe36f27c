"""The figures of `bench portal` in words, each beside what it must reach."""

from collections.abc import Mapping

import click

from ckanext.sozialdaten.cli._bench_map import OURS, Drawn
from ckanext.sozialdaten.cli._bench_pages import Pages, Times

__all__ = ["show_maps", "show_pages"]


def show_pages(pages: Pages, size: str, rate: int) -> None:
    """Load, largest contentful paint and step of the slider."""
    click.echo(f"Pages of indicators, {size} (regions, indicators, years), {rate} requests/s")
    _times("Kennzahl page (p95 < 150 ms)", pages.show)
    _times("sozialdaten_indicator_values (p95 < 50 ms)", pages.values)
    for tab, lcp in pages.lcp.items():
        click.echo(f"LCP {tab}, 4x slower, 10 Mbit/s (< 1500 ms): {lcp:.0f} ms")
    click.echo(f"one step of the slider, 4x slower (<= 60 ms): {pages.step:.0f} ms")
    click.echo(f"received for the map's page: {pages.page_bytes / 1024:.0f} kB")


def _times(name: str, times: Times) -> None:
    click.echo(
        f"{name}: median {times.median:.0f} ms, p95 {times.p95:.0f} ms, "
        f"worst {times.worst:.0f} ms of {times.count}"
    )


def show_maps(maps: Mapping[str, Drawn], polygons: int) -> None:
    """Each map with its ratio to ours."""
    ours = maps[OURS]
    click.echo(f"A map of {polygons} regions, 4x slower, 10 Mbit/s (ours <= 350 ms, others >= 3x)")
    click.echo(f"{'':<14}{'visible':>10}{'ratio':>8}{'received':>12}{'ratio':>8}{'script':>11}")
    for name, found in maps.items():
        click.echo(
            f"{name:<14}{found.seen:>7.0f} ms{found.seen / ours.seen:>8.1f}"
            f"{found.received / 1024:>9.0f} kB{found.received / ours.received:>8.1f}"
            f"{found.scripts / 1024:>8.0f} kB"
        )
