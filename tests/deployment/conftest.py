"""The command line's modules as its own Python sees them, and installations in empty folders."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "deployment"))

from portal_cli import credentials  # noqa: E402 - after the path
from portal_cli.ckan_config import Configuration  # noqa: E402
from portal_cli.ports import Ports  # noqa: E402
from portal_cli.state import State  # noqa: E402

PORTS = Ports(web=20001, postgres=20002, redis=20003, solr=20004)


@pytest.fixture
def repository() -> Path:
    return ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; no setting of the caller's environment reaches the tests."""
    for name in [name for name in os.environ if name.startswith("SOZIALDATEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SOZIALDATEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOZIALDATEN_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def state(folder: Path) -> State:
    made = State.from_environment()
    made.create()
    return made


@pytest.fixture
def configuration(state: State) -> Configuration:
    return Configuration(state, PORTS, credentials.ensure(state))


@pytest.fixture
def option(configuration: Configuration) -> Callable[[str], str]:
    return lambda name: configuration.portal()[name]
