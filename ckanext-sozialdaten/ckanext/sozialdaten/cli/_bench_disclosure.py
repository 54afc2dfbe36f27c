"""``sozialdaten bench disclosure``: parts of disclosure control, each beside its peers.

A part is a module with ``run`` and ``lines``; it is imported only when it is asked for.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import click

__all__ = ["Part", "command"]

PARTS = {
    "known": "_bench_known",
    "persons": "_bench_persons",
    "suppression": "_bench_suppression",
    "confusion": "_bench_confusion",
    "inputs": "_bench_inputs",
}


class Part(Protocol):
    """What a part's module offers."""

    def run(self, *, quick: bool, peer_python: str) -> Mapping[str, object]:
        """Measure.

        Args:
            quick: a tenth of the work or less, to see that everything runs.
            peer_python: interpreter of an environment with the peers; empty for none.

        Returns:
            Figures, targets and ratios to the peers, as JSON can hold them.
        """
        ...

    def lines(self, result: Mapping[str, object]) -> Sequence[str]:
        """The same for people, one line each."""
        ...


def _part(name: str) -> Part:
    module = importlib.import_module(f"ckanext.sozialdaten.cli.{PARTS[name]}")
    return cast("Part", module)


@click.command("disclosure")
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice(sorted(PARTS)),
    help="Only this part; several may be named. Default: all.",
)
@click.option("--quick", is_flag=True, help="Little data: shows that it runs, measures nothing.")
@click.option(
    "--peer-python",
    envvar="SOZIALDATEN_PEERS",
    default="",
    help="Python of an environment with the peers (deployment/requirements/peers.in).",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(parts: tuple[str, ...], quick: bool, peer_python: str, as_json: bool) -> None:
    """Speed and quality of disclosure control, with its peers measured in the same run."""
    results: dict[str, Mapping[str, object]] = {}
    for name in parts or PARTS:
        part = _part(name)
        results[name] = part.run(quick=quick, peer_python=peer_python)
        if not as_json:
            click.echo(f"== {name}")
            for line in part.lines(results[name]):
                click.echo(line)
    if as_json:
        click.echo(json.dumps(results, indent=2))
