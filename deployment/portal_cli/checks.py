"""``deployment/portal test``: every check of the project, and one summary."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from portal_cli import audit, lifecycle, packages, python_environment, type_checks
from portal_cli.console import PortalError, note, result, step
from portal_cli.lifecycle import Installation
from portal_cli.processes import call, output
from portal_cli.programs import test_environment
from portal_cli.state import ROOT, State

__all__ = ["STEPS", "run"]

#: Rooms whose tests need CKAN; every other folder of tests/ but the browser's runs without it.
CKAN_ROOMS = ("publishing", "catalogue", "portal", "harvesters_ckan")
BROWSER = "browser"
NOT_COPIED = ("var", "build", "dist", ".git", "*.egg-info", "__pycache__", ".*_cache", ".ci")


@dataclass(slots=True)
class Run:
    """One run of the checks.

    Attributes:
        state: the installation.
        env: the environment of every tool.
        pytest: further arguments for pytest.
        failed: names of what failed, in order.
        lines: the summary.
    """

    state: State
    env: dict[str, str]
    pytest: list[str]
    failed: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def check(self, name: str, *commands: list[str | Path]) -> None:
        """Run commands with their output shown; the check fails if one of them does."""
        note(f"=== {name}")
        started = time.monotonic()
        codes = [output(command, env=self.env, cwd=ROOT) for command in commands]
        self.record(name, all(code == 0 for code in codes), started)

    def record(self, name: str, good: bool, started: float, *, skipped: bool = False) -> None:
        """Add a line to the summary."""
        seconds = time.monotonic() - started
        word = "SKIP  " if skipped else "ok    " if good else "FAILED"
        self.lines.append(f"{word} {name:40} {seconds:7.1f} s")
        if not good:
            self.failed.append(name)

    def tool(self, name: str) -> Path:
        """A program of the project's environment."""
        return self.state.venv / "bin" / name

    def tests(self, name: str, folders: Iterable[Path], *options: str) -> None:
        """Run pytest over folders; that there is none of them is a failure."""
        there = sorted(str(path.relative_to(ROOT)) for path in folders if path.is_dir())
        self.check(
            name,
            [self.state.python, "-m", "pytest", *options, *there, *self.pytest],
        )


def _lint(run: Run) -> None:
    ruff = run.tool("ruff")
    run.check("format (ruff)", [ruff, "format", "--check", "."])
    run.check("lint (ruff)", [ruff, "check", "."])


def _types(run: Run) -> None:
    project = type_checks.configuration(run.state)
    command = [run.tool("basedpyright"), "--project", project, "--pythonpath", run.state.python]
    run.check("types (basedpyright)", command)


def _audit(run: Run) -> None:
    """Ask the registry for vulnerabilities of the locked packages; a closed network skips it."""
    note("=== known vulnerabilities (pip-audit)")
    started = time.monotonic()
    locks = [python_environment.REQUIREMENTS / name for name in ("base.txt", "dev.txt")]
    found = audit.audit(run.tool("pip-audit"), locks, run.env)
    note("\n".join([f"{found.outcome} ({found.audited} packages audited)", *found.lines]))
    skipped = found.outcome is audit.Outcome.AWAY
    name = (
        "known vulnerabilities: not reachable" if skipped else "known vulnerabilities (pip-audit)"
    )
    run.record(name, not found.is_failure, started, skipped=skipped)


def _package(run: Run) -> None:
    """Build the wheel, install it into an empty environment, load it, check the import arrows."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sozialdaten-wheel-") as name:
        folder = Path(name)
        try:
            with step("=== wheel"):
                fresh, names = _install_wheel(run, folder)
        except PortalError as error:
            note(str(error))
            run.record("wheel builds and installs", False, started)
            return
        run.record("wheel builds and installs", True, started)
        script = ROOT / "deployment" / "wheel_check.py"
        run.check(
            "wheel: every plugin loads, no file lacks",
            [fresh / "bin" / "python", "-I", script, names],
        )
        tree = folder / "tree"
        contracts = ROOT / "deployment" / "import_contracts.py"
        run.check("import contracts", [run.state.python, contracts, tree])


def _install_wheel(run: Run, folder: Path) -> tuple[Path, Path]:
    """The environment with the wheel, and the list of the files that it must bring."""
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*NOT_COPIED))
    build = [run.state.python, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder]
    call([*build, source], what="build of the wheel", env=run.env)
    wheel = next(folder.glob("*.whl"))
    installer, env = python_environment.uv(run.state), python_environment.installer_environment()
    fresh = folder / "venv"
    call([installer, "venv", "--quiet", "--python", sys.executable, fresh], what="uv venv", env=env)
    install = [installer, "pip", "install", "--quiet", "--python", fresh / "bin" / "python"]
    lock = python_environment.REQUIREMENTS / "base.txt"
    call([*install, "--require-hashes", "-r", lock], what="installation of the base lock", env=env)
    # The locked versions satisfy the wheel: nothing is fetched besides.
    call([*install, "--offline", wheel], what="installation of the wheel", env=env)
    call([*install, "--no-deps", "--target", folder / "tree", wheel], what="unpacking", env=env)
    names = folder / "files.txt"
    names.write_text("\n".join(_data_files(source)), encoding="utf-8")
    return fresh, names


def _data_files(source: Path) -> list[str]:
    """Every file of our packages, by its path in the wheel; Markdown stays in the repository."""
    return sorted(
        f"{target}/{path.relative_to(source / folder)}"
        for folder, target in type_checks.FOLDERS.items()
        for path in (source / folder).rglob("*")
        if path.is_file() and path.suffix not in {".md", ".pyc"}
    )


def _rooms() -> list[Path]:
    return [
        path for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] not in "._"
    ]


def _unit(run: Run) -> None:
    rooms = [path for path in _rooms() if path.name not in (*CKAN_ROOMS, BROWSER)]
    run.tests("tests without CKAN", rooms, "-p", "no:ckan", "--ignore-glob=tests/*/ckan")


def _integration(run: Run) -> None:
    rooms = [path for path in _rooms() if path.name in CKAN_ROOMS]
    rooms += [path / "ckan" for path in _rooms() if path.name not in (*CKAN_ROOMS, BROWSER)]
    run.tests("tests on CKAN and its servers", rooms, f"--ckan-ini={run.state.test_ini}")


def _browser(run: Run) -> None:
    packages.ensure(packages.BROWSER)
    started = time.monotonic()
    code = output([ROOT / "deployment" / "portal", "demo"])
    run.record("demo", code == 0, started)
    if code == 0:
        run.tests("tests in a browser", [ROOT / "tests" / BROWSER], "-p", "no:ckan")


STEPS: dict[str, Callable[[Run], None]] = {
    "lint": _lint,
    "types": _types,
    "audit": _audit,
    "package": _package,
    "unit": _unit,
    "integration": _integration,
    "browser": _browser,
}


def run(state: State, options: argparse.Namespace, environment: dict[str, str]) -> int:
    """Run the chosen checks, all of them whatever fails, and print one summary.

    Returns:
        0 if all went well, else 1.
    """
    chosen = options.only or list(STEPS)
    installation: Installation | None = None
    if {"unit", "integration", "browser"} & set(chosen):
        installation = lifecycle.up(state, python_environment.DEV)
        installation.cluster.renew_test_lake(installation.configuration.secrets)
        shutil.rmtree(state.home / "lake_test", ignore_errors=True)
        environment |= test_environment(installation.configuration)
    else:
        python_environment.ensure(state, python_environment.DEV)
    one = Run(state, environment, options.pytest)
    started = time.monotonic()
    for name in chosen:
        STEPS[name](one)
    result("\n".join(["", *one.lines]))
    whole = f"{time.monotonic() - started:.0f} s"
    result(f"FAILED: {', '.join(one.failed)} ({whole})" if one.failed else f"all well ({whole})")
    return 1 if one.failed else 0
