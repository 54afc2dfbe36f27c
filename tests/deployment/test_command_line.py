"""deployment/portal as the operator meets it: help, exit codes, streams, hints."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from portal_cli import commands, packages, python_environment
from portal_cli.console import PortalError
from portal_cli.packages import Need
from portal_cli.state import State

COMMANDS = ["demo", "up", "down", "status", "logs", "test", "reset", "run", "ckan"]


def _portal(repository: Path, *words: str, home: Path, **more: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "SOZIALDATEN_HOME": str(home), **more}
    return subprocess.run(
        [repository / "deployment" / "portal", *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command_and_setting(repository: Path, folder: Path) -> None:
    ended = _portal(repository, "--help", home=folder / "home")
    assert ended.returncode == 0
    for word in (*COMMANDS, "SOZIALDATEN_HOME", "SOZIALDATEN_PORT", "SOZIALDATEN_CACHE"):
        assert word in ended.stdout
    assert not (folder / "home").exists(), "asking for help leaves nothing behind"


def test_it_is_found_through_a_link_and_from_anywhere(repository: Path, folder: Path) -> None:
    link = folder / "portal"
    link.symlink_to(repository / "deployment" / "portal")
    ended = subprocess.run([link, "status"], cwd="/", capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert "deployment/portal up" in ended.stdout


def test_a_wrong_command_is_told_apart_from_a_failure(repository: Path, folder: Path) -> None:
    ended = _portal(repository, "upp", home=folder / "home")
    assert ended.returncode == 2
    assert "invalid choice" in ended.stderr


def test_ckan_before_the_first_start_says_what_to_do(
    repository: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    venv = sys.prefix
    ended = _portal(repository, "ckan", "user", "list", home=folder / "h", SOZIALDATEN_VENV=venv)
    assert ended.returncode == 1
    assert "deployment/portal up" in ended.stderr
    assert ended.stdout == ""


def test_run_hands_through_words_output_and_exit_code(repository: Path, folder: Path) -> None:
    code = "import sys; print(sys.argv[1:]); raise SystemExit(5)"
    words = ("run", "python", "-c", code, "--help", "-x", "--", "a b")
    ended = _portal(repository, *words, home=folder / "home", SOZIALDATEN_VENV=sys.prefix)
    assert ended.returncode == 5
    assert ended.stdout == "['--help', '-x', '--', 'a b']\n"


def test_run_of_nothing_known_ends_as_a_shell_would(repository: Path, folder: Path) -> None:
    venv = sys.prefix
    ended = _portal(repository, "run", "no-such", home=folder / "h", SOZIALDATEN_VENV=venv)
    assert ended.returncode == 127
    assert "no-such: command not found" in ended.stderr


def test_run_starts_no_server_and_makes_no_secret(repository: Path, folder: Path) -> None:
    home = folder / "home"
    assert (
        _portal(repository, "run", "true", home=home, SOZIALDATEN_VENV=sys.prefix).returncode == 0
    )
    assert not (home / "secrets").exists()
    assert not (home / "ports.json").exists()


def test_reset_touches_no_folder_that_is_not_a_portals(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = folder / "home"
    home.mkdir()
    (home / "letter.txt").write_text("dear", encoding="utf-8")
    assert commands.main(["reset", "--yes"]) == 1
    assert (home / "letter.txt").is_file()
    assert "no state folder" in capsys.readouterr().err


def test_reset_keeps_the_python_environment(state: State) -> None:
    (state.home / "ports.json").write_text("{}", encoding="utf-8")
    (state.venv / "bin").mkdir(parents=True)
    assert commands.main(["reset", "--yes"]) == 0
    assert [path.name for path in state.home.iterdir()] == ["venv"]


def test_missing_packages_name_the_line_for_an_ordinary_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "is_root", lambda: False)
    needs = (Need(("postgresql-15",), lambda: False), Need(("gcc",), lambda: True))
    with pytest.raises(PortalError) as caught:
        packages.ensure(needs)
    assert "postgresql-15" in caught.value.message
    assert "gcc" not in caught.value.message
    assert "apt-get install" in caught.value.hint


def test_packages_that_are_there_ask_nothing_of_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    packages.ensure((Need(("postgresql-15",), lambda: True),))


def test_a_package_mirror_of_pip_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/one /two")
    env = python_environment.installer_environment()
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert env["UV_FIND_LINKS"] == "/one,/two"
