"""Each account, process and file has the rights that it needs, and no others."""

import configparser
import os
from pathlib import Path

import pytest
from portal_cli import credentials, postgres_roles
from portal_cli.ckan_config import Configuration
from portal_cli.console import PortalError
from portal_cli.postgres import ACCESS, SETTINGS, Cluster
from portal_cli.programs import all_programs, environment, test_environment
from portal_cli.solr import SolrServer, credential
from portal_cli.state import State, private_folder
from portal_cli.supervision import Program, Supervisor

RESTRICTED = {
    "SOZIALDATEN_LAKE_RESTRICTED",
    "SOZIALDATEN_LAKE_RESTRICTED_CATALOG",
    "SOZIALDATEN_INBOX",
    "SOZIALDATEN_KEY_FILE",
}


@pytest.fixture
def programs(configuration: Configuration, state: State) -> dict[str, Program]:
    cluster = Cluster(state, configuration.ports.postgres)
    solr = SolrServer(state, configuration.ports.solr, "password")
    listed = all_programs(configuration, "text", cluster, solr)
    return {program.name: program for program in listed}


def test_the_web_process_cannot_reach_the_restricted_zone(programs: dict[str, Program]) -> None:
    assert not RESTRICTED & set(programs["web"].environment)
    whole = " ".join(programs["web"].environment.values())
    assert "lake_restricted" not in whole


@pytest.mark.parametrize("name", ["worker", "gather", "fetch", "scheduler"])
def test_workers_and_harvesters_reach_both_zones(programs: dict[str, Program], name: str) -> None:
    assert set(programs[name].environment) >= RESTRICTED | {"SOZIALDATEN_LAKE_PUBLIC_CATALOG"}


@pytest.mark.parametrize("name", ["postgres", "redis", "solr"])
def test_servers_know_nothing_of_the_project(programs: dict[str, Program], name: str) -> None:
    assert not [key for key in programs[name].environment if key.startswith("SOZIALDATEN")]


def test_a_changed_configuration_starts_the_application_anew_and_no_server(
    configuration: Configuration, state: State, programs: dict[str, Program]
) -> None:
    cluster = Cluster(state, configuration.ports.postgres)
    solr = SolrServer(state, configuration.ports.solr, "password")
    changed = {
        program.name
        for program in all_programs(configuration, "other", cluster, solr)
        if program.version != programs[program.name].version
    }
    assert changed == {"web", "worker", "gather", "fetch", "scheduler"}


def test_tests_get_a_lake_of_their_own(configuration: Configuration) -> None:
    live, test = environment(configuration, restricted=True), test_environment(configuration)
    for name in RESTRICTED - {"SOZIALDATEN_KEY_FILE"} | {"SOZIALDATEN_LAKE_PUBLIC"}:
        assert live[name] != test[name]


def test_every_database_has_an_owner_of_its_own_and_a_twin_for_tests() -> None:
    owners = list(postgres_roles.DATABASES.values())
    assert len(set(owners)) == len(owners)
    for name in ("ckan", "datastore", "lake_public", "lake_restricted"):
        assert {name, name + "_test"} <= set(postgres_roles.DATABASES)


def test_passwords_are_demanded_over_tcp_and_only_this_machine_is_answered() -> None:
    assert "host all all 127.0.0.1/32 scram-sha-256" in ACCESS
    assert len([line for line in ACCESS.splitlines() if line.startswith("host")]) == 1
    assert "listen_addresses = '127.0.0.1'" in SETTINGS


def test_no_statement_with_a_persons_values_reaches_the_databases_log() -> None:
    assert "log_min_error_statement = panic" in SETTINGS
    assert "log_error_verbosity = terse" in SETTINGS
    assert "log_parameter_max_length_on_error = 0" in SETTINGS


def test_secrets_are_made_once_and_for_their_owner_alone(state: State) -> None:
    first = credentials.ensure(state)
    assert credentials.ensure(state) == first
    assert len(set(first.values())) == len(first)
    assert min(len(value) for value in first.values()) >= 40
    for path in state.secrets.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name
    assert state.secrets.stat().st_mode & 0o777 == 0o700


def test_the_pseudonymisation_key_lies_outside_of_the_lake(configuration: Configuration) -> None:
    known = environment(configuration, restricted=True)
    key = Path(known["SOZIALDATEN_KEY_FILE"])
    for zone in ("PUBLIC", "RESTRICTED"):
        assert Path(known[f"SOZIALDATEN_LAKE_{zone}"]) not in key.parents


def test_the_supervisors_file_holds_passwords_and_is_closed(
    state: State, programs: dict[str, Program]
) -> None:
    supervisor = Supervisor(state)
    supervisor.write(list(programs.values()))
    assert state.supervisord_conf.stat().st_mode & 0o777 == 0o600
    parser = configparser.RawConfigParser()
    parser.read(state.supervisord_conf)
    assert {f"program:{name}" for name in programs} <= set(parser.sections())
    for name in programs:
        assert parser[f"program:{name}"]["autorestart"] == "true"


def test_a_socket_folder_fits_the_kernel_however_deep_the_state_lies(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    folder = State(deep, deep / "venv", deep / "cache").socket_folder("postgres")
    assert len(os.fsencode(folder / ".s.PGSQL.65535")) < 107
    assert folder != State(tmp_path, tmp_path, tmp_path).socket_folder("postgres")


def test_a_folder_of_another_account_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PortalError, match="belongs to another account"):
        private_folder(tmp_path)


def test_solr_keeps_the_password_as_its_own_tools_do() -> None:
    # The example of Solr's reference guide: user solr, password SolrRocks.
    kept = (
        "IV0EHq1OnNrj6gvRCwvFwTrZ1+z1oBbnQdiVC3otuq0= Ndd7LKvVBAaZIF0QAVi1ekCfAJXr1GGfLtRUXhgrF8c="
    )
    assert credential("SolrRocks", kept.split(" ")[1]) == kept
