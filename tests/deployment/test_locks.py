"""The lock files: every package pinned with hashes, no address of any machine."""

import re
from pathlib import Path

import pytest

LOCKS = ("base", "dev", "uv")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,-]+\])?==(\S+)", re.MULTILINE)


def _folder(repository: Path) -> Path:
    return repository / "deployment" / "requirements"


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _pins(path: Path) -> dict[str, str]:
    return {_name(name): version for name, version in PIN.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_version_and_a_hash(repository: Path, name: str) -> None:
    text = (_folder(repository) / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(
        r"\n(?=[A-Za-z0-9])", "\n" + re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    )
    blocks = [block for block in blocks if block.strip()]
    assert blocks
    for block in blocks:
        assert PIN.match(block.strip()), block[:60]
        assert "--hash=sha256:" in block, block[:60]


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_is_in_a_lock(repository: Path, name: str) -> None:
    text = (_folder(repository) / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_has_what_was_asked_for(repository: Path, name: str) -> None:
    """A requirement that was added or raised without `deployment/portal lock` shows here."""
    asked = _pins(_folder(repository) / f"{name}.in")
    locked = _pins(_folder(repository) / f"{name}.txt")
    assert asked
    assert {package: locked.get(package) for package in asked} == asked


def test_tools_for_tests_leave_the_portals_own_versions_alone(repository: Path) -> None:
    base, dev = (_pins(_folder(repository) / f"{name}.txt") for name in ("base", "dev"))
    assert {package: dev.get(package) for package in base} == base


def test_psycopg2_is_there_once(repository: Path) -> None:
    """psycopg2-binary overwrites the files of the psycopg2 that CKAN pins."""
    base = _pins(_folder(repository) / "base.txt")
    assert "psycopg2" in base
    assert "psycopg2-binary" not in base


def test_the_search_servers_libraries_are_pinned(repository: Path) -> None:
    text = (repository / "deployment" / "solr" / "pom.xml").read_text(encoding="utf-8")
    versions = re.findall(r"<(?:[a-z]+\.)?version>([^<]+)</", text)
    assert len(versions) >= 6
    assert not [version for version in versions if re.search(r"[\[(,]|SNAPSHOT|LATEST", version)]
