"""Two portals, each in a process of its own, asked for the same page in turns.

The processes count their own CPU seconds, so other load on the machine hardly matters; asking in
turns lets what is left of it fall on both alike.
"""

import configparser
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["BenchError", "Measured", "Plan", "compare", "empty", "plain_ini", "worker"]

PLAIN_PLUGINS = "activity datastore datatables_view text_view"
_WORKER = "ckanext.sozialdaten.cli._bench_worker"
_BLOCK = 10


class BenchError(Exception):
    """The benchmark could not run; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to compare.

    Args:
        ours: ini file of the portal; only read.
        plain: ini file whose servers plain CKAN gets; they are emptied.
        dataset: name of a public dataset of the portal; empty for the newest.
        requests: pages asked of each.
    """

    ours: Path
    plain: Path
    dataset: str
    requests: int


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds per request, one figure for each block of requests; size of the page in bytes."""

    blocks: tuple[float, ...]
    page_bytes: int

    @property
    def median(self) -> float:
        """The median of the blocks."""
        return statistics.median(self.blocks)

    @property
    def fastest(self) -> float:
        """The quickest block."""
        return min(self.blocks)

    @property
    def slowest(self) -> float:
        """The slowest block."""
        return max(self.blocks)

    def to_json(self) -> dict[str, float | int]:
        """Milliseconds for the README."""
        return {
            "median_ms": round(1000 * self.median, 2),
            "fastest_ms": round(1000 * self.fastest, 2),
            "slowest_ms": round(1000 * self.slowest, 2),
            "page_bytes": self.page_bytes,
        }


class Worker:
    """A portal in a process of its own, spoken to in lines of JSON.

    Args:
        ini: its configuration.
        log: the file that gets everything it says beside its answers.
        module: what the process runs.
        environment: its variables; None leaves it ours.
    """

    def __init__(
        self,
        ini: Path,
        log: Path,
        module: str = _WORKER,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", module, str(ini)],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def ask(self, order: str, **params: Any) -> Any:
        """Send an order and wait for its answer."""
        writer, reader = self._process.stdin, self._process.stdout
        if writer is None or reader is None:
            raise BenchError("the worker has no pipes")
        try:
            writer.write(json.dumps({"order": order, **params}) + "\n")
            writer.flush()
        except BrokenPipeError:
            raise BenchError(self._last_words(order)) from None
        line = reader.readline()
        if not line:
            raise BenchError(self._last_words(order))
        answer = json.loads(line)
        if "error" in answer:
            raise BenchError(f"{order}: {answer['error']}")
        return answer["result"]

    def _last_words(self, order: str) -> str:
        self._process.wait()
        lines = self._log.read_text(errors="replace").splitlines()[-12:]
        return f"the worker ended during '{order}':\n" + "\n".join(lines)

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        self._process.kill()

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


@contextmanager
def worker(
    ini: Path, log: Path, module: str = _WORKER, environment: Mapping[str, str] | None = None
) -> Iterator[Worker]:
    """A process with a portal in it, ended at the end of the block."""
    process = Worker(ini, log, module, environment)
    try:
        yield process
    finally:
        process.close()


def plain_ini(source: Path, folder: Path) -> Path:
    """The ini file of plain CKAN: the servers of ``source``, none of our plugins and settings."""
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] - keys keep their case
    parser.read(source, encoding="utf-8")
    ours = ("scheming.", "ckanext.", "ckan.harvest.", "sozialdaten.", "extra_template_paths")
    for key in [key for key in parser["app:main"] if key.startswith(ours)]:
        parser.remove_option("app:main", key)
    parser["app:main"].update(
        {
            "ckan.plugins": PLAIN_PLUGINS,
            "testing": "false",
            "debug": "false",
            "ckan.storage_path": str(folder / "storage"),
            "ckan.webassets.path": str(folder / "webassets"),
            "ckan.auth.create_user_via_web": "false",
            "ckan.gravatar_default": "disabled",
            "ckan.locale_default": "de",
        }
    )
    target = folder / "plain.ini"
    with target.open("w", encoding="utf-8") as stream:
        parser.write(stream)
    return target


def empty(ini: Path) -> None:
    """Empty the database of plain CKAN and create its tables."""
    ckan = Path(sys.executable).with_name("ckan")
    for order in (["db", "clean", "--yes"], ["db", "init"]):
        done = subprocess.run(  # noqa: S603 - CKAN's own command line
            [ckan, "-c", ini, *order], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BenchError(f"ckan {' '.join(order)}: {done.stderr.strip()[-800:]}")


def compare(plan: Plan) -> tuple[Measured, Measured]:
    """Measure plain CKAN and the portal, in turns.

    Raises:
        BenchError: a server is missing, or the portal has no public dataset.
    """
    with tempfile.TemporaryDirectory(prefix="bench-portal-") as name:
        folder = Path(name)
        ini = plain_ini(plan.plain, folder)
        empty(ini)
        with (
            worker(plan.ours, folder / "ours.log") as ours,
            worker(ini, folder / "plain.log") as plain,
        ):
            dataset = ours.ask("dataset", name=plan.dataset)
            pages = {
                ours: f"/dataset/{dataset['name']}",
                plain: f"/dataset/{plain.ask('create', dataset=dataset)}",
            }
            sizes = {one: one.ask("warm", page=page) for one, page in pages.items()}
            blocks: dict[Worker, list[float]] = {ours: [], plain: []}
            for _ in range(max(1, plan.requests // _BLOCK)):
                for one, page in pages.items():
                    count = min(_BLOCK, plan.requests)
                    blocks[one].append(one.ask("measure", page=page, count=count))
            return (
                Measured(tuple(blocks[plain]), sizes[plain]),
                Measured(tuple(blocks[ours]), sizes[ours]),
            )
