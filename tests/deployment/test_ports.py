"""Ports: free ones, remembered, chosen anew where another program took one."""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple, replace

import pytest
from portal_cli import ports
from portal_cli.console import PortalError
from portal_cli.state import State


@pytest.fixture
def foreign() -> Iterator[socket.socket]:
    """Another program's server."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def test_ports_are_free_distinct_and_remembered(state: State) -> None:
    chosen = ports.choose(state, running=False)
    assert len(set(astuple(chosen))) == 4
    assert all(ports.is_free(port) for port in astuple(chosen))
    assert ports.choose(state, running=False) == chosen == ports.load(state)


def test_a_port_that_another_program_took_is_chosen_anew_and_said(
    state: State, foreign: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    first = ports.choose(state, running=False)
    taken = replace(first, solr=foreign.getsockname()[1])
    (state.home / "ports.json").write_text(
        str(ports.asdict(taken)).replace("'", '"'), encoding="utf-8"
    )
    again = ports.choose(state, running=False)
    assert again.solr != taken.solr
    assert again == replace(taken, solr=again.solr)
    assert f"port {taken.solr} of solr was taken" in capsys.readouterr().err


def test_our_own_running_servers_are_no_conflict(state: State, foreign: socket.socket) -> None:
    held = replace(ports.choose(state, running=False), web=foreign.getsockname()[1])
    (state.home / "ports.json").write_text(
        str(ports.asdict(held)).replace("'", '"'), encoding="utf-8"
    )
    assert ports.choose(state, running=True) == held


def test_the_configured_port_of_another_program_is_an_error_with_a_hint(
    state: State, foreign: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_PORT", str(foreign.getsockname()[1]))
    with pytest.raises(PortalError, match="used by another program"):
        ports.choose(state, running=False)
    assert ports.load(state) is None


@pytest.mark.parametrize("text", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(
    state: State, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SOZIALDATEN_PORT", text)
    with pytest.raises(PortalError, match="no port number"):
        ports.choose(state, running=False)


@pytest.mark.parametrize("damaged", ["", "[]", '{"web": 1}'])
def test_a_damaged_file_of_ports_is_written_anew(state: State, damaged: str) -> None:
    (state.home / "ports.json").write_text(damaged, encoding="utf-8")
    assert ports.choose(state, running=False) == ports.load(state)
