"""Fixtures: a portal with the demo's organisation, and an installation of harvesters."""

import secrets
from pathlib import Path

import pytest
from ckan_world import World, empty, portal, world  # noqa: F401
from harvest_office import Office
from harvest_world import CASES, Installation


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    key = tmp_path / "key"
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
    return Installation(tmp_path)


@pytest.fixture
def office(
    world: World,  # noqa: F811
    installation: Installation,
) -> Office:
    admin, editor = world.account(), world.account()
    world.organisation("kreis-musterland", admin=admin, editor=editor)
    world.call("sozialdaten_source_create", admin, id=CASES)
    return Office(world, installation, admin, editor)
