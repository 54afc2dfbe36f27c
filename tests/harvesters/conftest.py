"""Fixtures: an installation of harvesters in a folder of its own."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from connector_world import Handler, Service
from harvest_world import Installation


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    key = tmp_path / "secrets" / "key"
    key.parent.mkdir()
    key.write_text(secrets.token_hex(32))
    for name, value in {
        "SOZIALDATEN_HOME": tmp_path,
        "SOZIALDATEN_INBOX": tmp_path / "inbox",
        "SOZIALDATEN_KEY_FILE": key,
        "SOZIALDATEN_LAKE_RESTRICTED": tmp_path / "lake" / "restricted",
        "SOZIALDATEN_LAKE_RESTRICTED_CATALOG": f"sqlite:///{tmp_path}/restricted.db",
        "SOZIALDATEN_LAKE_PUBLIC": tmp_path / "lake" / "public",
        "SOZIALDATEN_LAKE_PUBLIC_CATALOG": f"sqlite:///{tmp_path}/public.db",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("SOZIALDATEN_SOURCES", raising=False)
    return Installation(tmp_path)


@pytest.fixture
def web(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator allows this machine as a service, and nobody waits longer than asked to."""
    monkeypatch.setenv("SOZIALDATEN_PRIVATE_HOSTS", "127.0.0.1")
    client = "ckanext.sozialdaten.harvesters.core.connectors._client"
    monkeypatch.setattr(f"{client}.backoff", lambda _first, _tries: 0.01)


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Service]]:
    """Starts services on this machine, and ends them."""
    services: list[Service] = []

    def start(answer: Handler) -> Service:
        services.append(Service(answer))
        return services[-1]

    yield start
    for service in services:
        service.close()
