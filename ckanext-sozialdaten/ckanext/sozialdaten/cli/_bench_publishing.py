"""``sozialdaten bench publishing``: from nothing to a release, beside plain CKAN's upload.

Both portals run on the servers of the tests, one after the other, in a process of their own, and
are spoken to over the API with tokens. Plain CKAN makes a public dataset and uploads the same file;
how long it takes to bring the rows into the DataStore by ``datastore_create`` is told apart. A
release brings them too, so that this sum is like for like; a loader such as XLoader would fetch the
file over HTTP first and be slower. Each table is the first of a new organisation: what a check asks
of tables that are public already, no upload asks. Here a check of a large table and the lake are
jobs: their time and CPU are told as steps of their own.
"""

import configparser
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from ckanext.sozialdaten.cli._bench_portal import BenchError, empty, plain_ini, worker

__all__ = ["Published", "Spent", "command", "median_of"]

_WORKER = "ckanext.sozialdaten.cli._bench_publishing_worker"
_REPEATS = 9
_PLAIN = ("create", "upload")
_CHECKED = ("check", "submit", "approve")


@dataclass(frozen=True, slots=True)
class Spent:
    """What each step costs on one portal.

    Args:
        seconds: as the person who asks waits for it.
        cpu: of the server and its jobs, without PostgreSQL, Solr and Redis.
        memory: most MiB of the server (``web``) and of any job (``jobs``).
    """

    seconds: dict[str, float]
    cpu: dict[str, float]
    memory: dict[str, float]

    @classmethod
    def of(cls, runs: list[dict[str, dict[str, float]]]) -> "Spent":
        """The medians of several runs."""
        return cls(*(median_of([run[key] for run in runs]) for key in ("seconds", "cpu", "memory")))

    def to_json(self) -> dict[str, object]:
        """Rounded figures."""
        return {
            "seconds": {step: round(seconds, 3) for step, seconds in self.seconds.items()},
            "cpu": {step: round(seconds, 3) for step, seconds in self.cpu.items()},
            "memory_mib": self.memory,
        }


@dataclass(frozen=True, slots=True)
class Published:
    """What a table of ``rows`` rows costs on both portals."""

    rows: int
    ours: Spent
    plain: Spent

    @property
    def released_in(self) -> float:
        """Seconds from the check to the release."""
        return sum(self.ours.seconds[step] for step in _CHECKED)

    @property
    def ratio(self) -> float:
        """All that it takes here, against ``package_create`` and upload of plain CKAN."""
        return self._seconds / sum(self.plain.seconds[step] for step in _PLAIN)

    @property
    def ratio_with_table(self) -> float:
        """The same against plain CKAN with the rows in its DataStore, which a release brings."""
        return self._seconds / sum(self.plain.seconds.values())

    @property
    def ratio_of_cpu(self) -> float:
        """CPU of everything here, the jobs too, against plain CKAN with the rows."""
        return sum(self.ours.cpu.values()) / sum(self.plain.cpu.values())

    @property
    def _seconds(self) -> float:
        return sum(self.ours.seconds[step] for step in (*_PLAIN, *_CHECKED))

    def to_json(self) -> dict[str, object]:
        """Seconds for the README."""
        return {
            "rows": self.rows,
            "ours": self.ours.to_json(),
            "plain": self.plain.to_json(),
            "check_to_release": round(self.released_in, 2),
            "ratio": round(self.ratio, 2),
            "ratio_with_table": round(self.ratio_with_table, 2),
            "ratio_of_cpu": round(self.ratio_of_cpu, 2),
        }


def median_of(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each step over several runs."""
    return {step: statistics.median(run[step] for run in runs) for step in runs[0]}


def _our_ini(source: Path, folder: Path) -> Path:
    """The portal on the servers of ``source``, with a storage of its own."""
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] - keys keep their case
    parser.read(source, encoding="utf-8")
    parser["app:main"]["ckan.storage_path"] = str(folder / "ours")
    target = folder / "ours.ini"
    with target.open("w", encoding="utf-8") as stream:
        parser.write(stream)
    return target


def _migrate(ini: Path) -> None:
    """The tables of all plugins."""
    ckan = Path(sys.executable).with_name("ckan")
    done = subprocess.run(  # noqa: S603 - CKAN's own command line
        [ckan, "-c", ini, "db", "upgrade"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"ckan db upgrade: {done.stderr.strip()[-800:]}")


def _measured(ini: Path, folder: Path, order: str, sizes: tuple[int, ...]) -> list[Spent]:
    environment = {**os.environ, "SOZIALDATEN_LAKE_PUBLIC": str(folder / "lake")}
    environment["SOZIALDATEN_LAKE_PUBLIC_CATALOG"] = f"sqlite:///{folder}/lake.db"
    with worker(ini, folder / f"{order}.log", _WORKER, environment) as portal:
        portal.ask("prepare", gate=order == "publish")
        portal.ask(order, rows=100)  # fills caches
        found: list[Spent] = []
        for rows in sizes:
            times = 1 if rows > 10_000 else _REPEATS
            found.append(Spent.of([portal.ask(order, rows=rows) for _ in range(times)]))
        return found


def compare(source: Path, sizes: tuple[int, ...]) -> list[Published]:
    """Publish tables of these sizes on both portals.

    Raises:
        BenchError: a server is missing, or a step failed.
    """
    with tempfile.TemporaryDirectory(prefix="bench-publishing-") as name:
        folder = Path(name)
        ours = _our_ini(source, folder)
        empty(ours)
        _migrate(ours)
        gated = _measured(ours, folder, "publish", sizes)
        plain = plain_ini(source, folder)
        empty(plain)
        uploaded = _measured(plain, folder, "upload", sizes)
        return [Published(*found) for found in zip(sizes, gated, uploaded, strict=True)]


def _show(found: list[Published]) -> None:
    steps = (*_PLAIN, *_CHECKED, "datastore", "lake")
    click.echo(f"{'':>32}" + "".join(f"{step:>10}" for step in steps) + "   MiB web, jobs")
    for one in found:
        for name, spent in (("Sozialdaten", one.ours), ("plain CKAN", one.plain)):
            memory = f"{spent.memory['web']:>10.0f}, {spent.memory['jobs']:.0f}"
            for kind, times in (("seconds", spent.seconds), ("CPU", spent.cpu)):
                cells = "".join(f"{times[s]:>10.3f}" if s in times else f"{'':>10}" for s in steps)
                click.echo(f"{one.rows:>10,} {name:<12}{kind:<9}{cells}{memory}")
                memory = ""
        click.echo(
            f"{'':>11}check to release {one.released_in:.2f} s; seconds against package_create +"
            f" upload {one.ratio:.2f}, with the rows in plain CKAN's DataStore"
            f" {one.ratio_with_table:.2f}; CPU of everything {one.ratio_of_cpu:.2f}"
        )


@click.command(name="publishing")
@click.option(
    "--rows",
    "sizes",
    multiple=True,
    type=int,
    default=(100, 1_000, 100_000, 1_000_000),
    show_default=True,
    help="Sizes of the tables.",
)
@click.option(
    "--ini",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Servers of both portals, emptied first; default: test.ini of the state folder.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(sizes: tuple[int, ...], ini: Path | None, as_json: bool) -> None:
    """Check, submission, approval and release, beside package_create and upload of plain CKAN.

    Both run on the servers of the tests, whose databases and search core are emptied: not while
    the tests run.
    """
    home = os.environ.get("SOZIALDATEN_HOME")
    if ini is None and not home:
        raise click.UsageError(
            "SOZIALDATEN_HOME is not set: run me by"
            " `deployment/portal run sozialdaten bench publishing`"
        )
    try:
        found = compare(ini or Path(home or "", "test.ini"), sizes)
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([one.to_json() for one in found], indent=2))
    else:
        _show(found)
