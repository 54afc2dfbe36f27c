"""``sozialdaten bench disclosure``: parts of disclosure control, each beside its peers.

A part is a module with ``run`` and ``lines``; it is imported only when it is asked for.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
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
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the figures of finished parts: a run that was stopped goes on from there.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(
    parts: tuple[str, ...], quick: bool, peer_python: str, keep: Path | None, as_json: bool
) -> None:
    """Speed and quality of disclosure control, with its peers measured in the same run."""
    results: dict[str, Mapping[str, object]] = {}
    for name in parts or PARTS:
        part = _part(name)
        kept = keep / f"{name}{'-quick' if quick else ''}.json" if keep else None
        if kept is not None and kept.is_file():
            results[name] = cast("Mapping[str, object]", json.loads(kept.read_text("utf-8")))
        else:
            results[name] = part.run(quick=quick, peer_python=peer_python)
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps(results[name], indent=2), "utf-8")
        if not as_json:
            click.echo(f"== {name}")
            for line in part.lines(results[name]):
                click.echo(line)
    if as_json:
        click.echo(json.dumps(results, indent=2))
