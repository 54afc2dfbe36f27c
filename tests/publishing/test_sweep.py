"""After a crash the sweeper brings store, DataStore, index and lake in line with the database."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib import search
from click.testing import CliRunner
from gate_office import TABLE, Office

from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone
from ckanext.sozialdaten.publishing import _datastore, _store, _sweep, _tables
from ckanext.sozialdaten.publishing.cli import sozialdaten


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake of this test's own."""
    monkeypatch.setenv("SOZIALDATEN_LAKE_PUBLIC", str(tmp_path / "public"))
    monkeypatch.setenv("SOZIALDATEN_LAKE_PUBLIC_CATALOG", f"sqlite:///{tmp_path}/public.db")
    return Lake.open(LakeSettings.from_environment())


def table_in_datastore(path: Path) -> str:
    """A table as a release leaves it that dies before its commit."""
    from gate_office import LAYOUT

    from ckanext.sozialdaten.lake.layouts import Layout

    name = str(uuid.uuid4())
    _datastore.fill(name, _tables.open_table(path, "faelle.csv", Layout.from_json(LAYOUT)))
    return name


def test_what_a_crashed_release_left_is_removed(office: Office, lake: Lake, tmp_path: Path) -> None:
    released, release = office.release()
    orphan = tmp_path / "faelle.csv"
    orphan.write_bytes(TABLE + b"99001006;2023;55\n")
    address, table = _store.add(orphan), table_in_datastore(orphan)
    (_store._root() / ".unfinished").write_bytes(b"half")
    swept = _sweep.sweep()
    assert (swept.files >= 2, swept.tables >= 1) == (True, True)
    assert not _store.path_of(address).exists()
    assert not _datastore.exists(table)
    assert _store.verify(release["files"][0]["sha256"])
    found = office.world.call("datastore_search", resource_id=released["resources"][0]["id"])
    assert found["total"] == 10
    again = _sweep.sweep()
    assert (again.files, again.tables, again.indexed, again.lake) == (0, 0, 0, 0)


def test_the_index_follows_the_database(office: Office, lake: Lake) -> None:
    released, _ = office.release()
    search.index_for(model.Package).delete_package({"id": released["id"]})
    assert office.world.call("package_search", q="*:*")["count"] == 0
    assert _sweep.sweep().indexed == 1
    assert office.world.call("package_search", q="*:*")["count"] == 1


def test_the_lake_follows_the_database(office: Office, lake: Lake) -> None:
    _, release = office.release(name="hilfen")
    assert _sweep.sweep().lake == 1
    assert [series.name for series in lake.series(Zone.PUBLIC)] == ["hilfen.faelle"]
    params: dict[str, Any] = {"id": release["id"], "reason": "Fehler."}
    office.world.call("sozialdaten_release_withdraw", office.reviewer, **params)
    assert _sweep.sweep().lake == 1
    assert lake.series(Zone.PUBLIC) == []


def test_files_and_tables_of_a_withdrawal_that_died_are_removed(
    office: Office, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.sozialdaten.publishing import _withdrawal

    _, release = office.release()
    monkeypatch.setattr(_withdrawal, "_remove_content", lambda _release: None)
    params: dict[str, Any] = {"id": release["id"], "reason": "Fehler."}
    office.world.call("sozialdaten_release_withdraw", office.reviewer, **params)
    file = release["files"][0]
    assert _store.path_of(file["sha256"]).exists()
    _sweep.sweep()
    assert not _store.path_of(file["sha256"]).exists()
    assert not _datastore.exists(file["resource_id"])


def test_the_command_says_what_it_did(office: Office, lake: Lake) -> None:
    office.release()
    said = CliRunner().invoke(sozialdaten, ["sweep"])
    assert said.exit_code == 0
    assert "1 releases in the lake" in said.output
