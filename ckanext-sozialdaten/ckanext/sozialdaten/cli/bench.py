"""``sozialdaten bench``: the benchmarks that the README quotes, each beside its peer."""

import json
import os
from pathlib import Path

import click

from ckanext.sozialdaten.cli import (
    _bench_confusion,
    _bench_disclosure,
    _bench_harvest,
    _bench_lake,
    _bench_publishing,
)
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


@command.command()
@click.option("--requests", default=200, show_default=True, help="Pages asked of each portal.")
@click.option("--dataset", default="", help="Name of a public dataset; default: the newest.")
@click.option(
    "--plain-ini",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Servers of plain CKAN, emptied first; default: test.ini of the state folder.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def portal(requests: int, dataset: str, plain_ini: Path | None, as_json: bool) -> None:
    """CPU per request of a dataset page, beside plain CKAN 2.12 with the same dataset.

    The portal is only read. Plain CKAN runs on the servers of the tests, whose database and search
    core are emptied: not while the tests run.
    """
    plan = Plan(
        ours=_from_environment("CKAN_INI"),
        plain=plain_ini or _from_environment("SOZIALDATEN_HOME", "test.ini"),
        dataset=dataset,
        requests=requests,
    )
    try:
        plain, ours = compare(plan)
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        result = {"requests": requests, "plain": plain.to_json(), "ours": ours.to_json()}
        click.echo(json.dumps(result | {"ratio": round(ours.median / plain.median, 3)}, indent=2))
    else:
        _show(plain, ours, requests)
