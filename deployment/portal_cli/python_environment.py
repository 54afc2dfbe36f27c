"""The Python environment: from hash-locked requirements, then the project itself."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from portal_cli import packages
from portal_cli.console import PortalError, step
from portal_cli.processes import call
from portal_cli.state import ROOT, State, digest, locked, read_json, write_private

__all__ = ["BASE", "DEV", "compile_locks", "ensure", "installer_environment", "uv"]

REQUIREMENTS = ROOT / "deployment" / "requirements"
BASE, DEV = "base", "dev"
STAMP = ".sozialdaten.json"
#: What the editable installation is made of; modules and data are read where they lie.
PROJECT_INPUTS = ("setup.py", "pyproject.toml", "deployment/requirements/base.in")
LOCKS = ((BASE, ()), (DEV, ("--constraints", "base.txt")), ("uv", ()))


def installer_environment() -> dict[str, str]:
    """The environment for uv: it obeys the package mirror that pip is set to."""
    env = dict(os.environ)
    settings = _pip_settings()
    for source, target in (
        ("index-url", "UV_DEFAULT_INDEX"),
        ("extra-index-url", "UV_INDEX"),
        ("find-links", "UV_FIND_LINKS"),
        ("cert", "SSL_CERT_FILE"),
    ):
        value = env.get("PIP_" + source.upper().replace("-", "_")) or settings.get(source, "")
        if value and target not in env:
            env[target] = value
    # Values of find-links stand apart by commas for uv, by blanks for pip.
    if "UV_FIND_LINKS" in env:
        env["UV_FIND_LINKS"] = ",".join(env["UV_FIND_LINKS"].split())
    env.setdefault("UV_HTTP_TIMEOUT", "180")
    env.setdefault("UV_NO_PROGRESS", "1")
    env["UV_PYTHON_DOWNLOADS"] = "never"
    return env


def _pip_settings() -> dict[str, str]:
    """``global`` options of pip's configuration files; none where pip itself is absent."""
    try:
        listed = call([sys.executable, "-m", "pip", "config", "list"], what="pip config list")
    except PortalError:
        return {}
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        name, found, value = line.partition("=")
        if found and name.startswith("global."):
            settings[name.removeprefix("global.")] = value.strip().strip("'\"")
    return settings


def uv(state: State) -> Path:
    """The pinned installer, in an environment of its own that installations share."""
    lock = REQUIREMENTS / "uv.txt"
    folder = state.cache / f"uv-{digest([lock.read_bytes(), sys.version])[:12]}"
    program = folder / "bin" / "uv"
    if program.is_file():
        return program
    with locked(state.cache / "uv.lock", "installs uv"), step("Python installer (uv)"):
        if not program.is_file():
            call([sys.executable, "-m", "venv", "--clear", folder], what="python -m venv")
            install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
            call([folder / "bin" / "python", *install], what="installation of uv")
    return program


def _project_digest() -> str:
    return digest([str(ROOT), *((ROOT / name).read_bytes() for name in PROJECT_INPUTS)])


def _catalogues_digest() -> str:
    """Of the German texts and their compiled form: one or the other may be missing or new."""
    parts: list[str | bytes] = []
    for path in sorted(ROOT.glob("ckanext-sozialdaten/**/*.po")):
        parts += [path.read_bytes(), str(path.with_suffix(".mo").is_file())]
    return digest(parts)


@contextlib.contextmanager
def _stamped(state: State) -> Iterator[dict[str, str]]:
    """What was installed; kept when the block ends well."""
    path = state.venv / STAMP
    stamp = read_json(path) or {}
    before = dict(stamp)
    yield stamp
    if stamp != before:
        write_private(path, json.dumps(stamp, indent=1) + "\n")
        path.chmod(0o644)


def ensure(state: State, profile: str = BASE) -> None:
    """Install what the lock and the project say, if it is not what is installed.

    An environment with the tools for tests keeps them when only the portal is asked for.
    """
    kept = read_json(state.venv / STAMP) or {}
    if DEV in (profile, kept.get("profile")):
        profile = DEV
    wanted = {
        "profile": profile,
        "lock": digest([(REQUIREMENTS / f"{profile}.txt").read_bytes()]),
        "project": _project_digest(),
        "catalogues": _catalogues_digest(),
    }
    if kept == wanted and state.python.is_file():
        return
    packages.ensure(packages.PYTHON)
    state.venv.parent.mkdir(parents=True, exist_ok=True)
    lock = state.venv.with_name(state.venv.name + ".lock")
    with locked(lock, "installs the Python environment"), _stamped(state) as stamp:
        _install(state, stamp, wanted)


def _install(state: State, stamp: dict[str, str], wanted: dict[str, str]) -> None:
    if stamp == wanted and state.python.is_file():
        return  # another command did it while we waited
    installer, env = uv(state), installer_environment()
    if not state.python.is_file():
        with step("Python environment"):
            call(
                [installer, "venv", "--quiet", "--python", sys.executable, "--clear", state.venv],
                what="uv venv",
                env=env,
            )
        stamp.clear()
    if (stamp.get("profile"), stamp.get("lock")) != (wanted["profile"], wanted["lock"]):
        lock = REQUIREMENTS / f"{wanted['profile']}.txt"
        with step(f"Python packages ({lock.name})"):
            command = [installer, "pip", "sync", "--quiet", "--require-hashes"]
            call(
                [*command, "--python", state.python, lock],
                what="installation of the Python packages",
                hint="behind a mirror, set PIP_INDEX_URL or pip config set global.index-url",
                env=env,
            )
        stamp.pop("project", None)
    if stamp.get("project") != wanted["project"]:
        with step("Sozialdaten itself"):
            command = [installer, "pip", "install", "--quiet", "--python", state.python]
            call(
                [*command, "--no-deps", "--no-build-isolation", "--editable", ROOT],
                what="installation of the project",
                env=env,
            )
    elif stamp.get("catalogues") != wanted["catalogues"]:
        with step("German texts"):
            call([state.python, "setup.py", "--version"], what="compilation of texts", cwd=ROOT)
    stamp.update(wanted | {"catalogues": _catalogues_digest()})


def compile_locks(state: State) -> None:
    """Write the lock files anew from the ``.in`` files, with hashes and without addresses."""
    installer, env = uv(state), installer_environment()
    for name, more in LOCKS:
        with step(f"{name}.txt"):
            command = [installer, "pip", "compile", "--quiet", "--generate-hashes"]
            command += ["--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11"]
            command += ["--custom-compile-command", "deployment/portal lock", *more]
            call(
                [*command, f"{name}.in", "-o", f"{name}.txt"],
                what=f"compilation of {name}.txt",
                env=env,
                cwd=REQUIREMENTS,
            )
