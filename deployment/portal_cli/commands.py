"""The sub-commands of ``deployment/portal``."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from portal_cli import checks, lifecycle, python_environment
from portal_cli.console import PortalError, note, result, step
from portal_cli.memory import proportional_set_size
from portal_cli.processes import output, replace
from portal_cli.state import State

__all__ = ["main"]

PASSED_ON = ("run", "ckan")
EPILOG = """\
environment:
  SOZIALDATEN_HOME   state folder: databases, index, files, logs, secrets (default: var/)
  SOZIALDATEN_PORT   port of the web pages (default: a free one, remembered)
  SOZIALDATEN_URL    address that people use, where it is not http://127.0.0.1:PORT
  SOZIALDATEN_VENV   Python environment (default: <state folder>/venv)
  SOZIALDATEN_CACHE  downloads that installations share (default: ~/.cache/sozialdaten)
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deployment/portal",
        description="Sozialdaten: install, start, stop and test the portal. All commands can be "
        "repeated.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("demo", help="start, and publish the fictitious Kreis Musterland")
    commands.add_parser("up", help="install what is missing and start everything")
    commands.add_parser("down", help="stop everything")
    commands.add_parser("status", help="processes, addresses, memory")
    logs = commands.add_parser("logs", help="last lines of the logs")
    logs.add_argument("name", nargs="?", help="one process, as `status` names it")
    logs.add_argument("-f", "--follow", action="store_true", help="wait for more")
    logs.add_argument("-n", "--lines", type=int, default=60, help="how many (default: 60)")
    test = commands.add_parser("test", help="all checks and tests; `-- ...` goes to pytest")
    test.add_argument(
        "--only",
        action="append",
        choices=list(checks.STEPS),
        help="only this part (may be repeated)",
    )
    reset = commands.add_parser("reset", help="remove all data; keeps downloads and Python")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("lock", help="write the Python lock files anew")
    run = commands.add_parser("run", help="run a command in the project's environment")
    run.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    ckan = commands.add_parser("ckan", help="CKAN's command line on this installation")
    ckan.add_argument("words", nargs=argparse.REMAINDER, metavar="...")
    return parser


def main(arguments: list[str]) -> int:
    """Run one sub-command.

    Returns:
        0 when it went well; 1 when it failed; 2 for a wrong call; ``run`` and ``ckan`` pass on
        what their command returned.
    """
    state = State.from_environment()
    try:
        if arguments[:1] and arguments[0] in PASSED_ON:
            # Everything after the name belongs to the command, its options too.
            return _passed_on(state, arguments[0], arguments[1:])
        ours, pytest = _divided(arguments)
        options = _parser().parse_args(ours)
        if pytest and options.command != "test":
            _parser().error(f"unrecognized arguments: {' '.join(pytest)}")
        options.pytest = pytest
        return _COMMANDS[options.command](state, options)
    except PortalError as error:
        note(str(error))
        return error.code
    except BrokenPipeError:
        # The reader (head, grep -q) has gone: nothing more to say, and no complaint at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except PermissionError as error:
        note(f"{error.filename}: permission denied")
        note("  hint: run as the account that owns the folder, or set SOZIALDATEN_HOME to another")
        return 1
    except KeyboardInterrupt:
        note("interrupted; run the same command again to go on")
        return 130


def _divided(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before and after ``--``."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _passed_on(state: State, name: str, words: list[str]) -> int:
    if not words and name == "run":
        raise PortalError("run what?", "deployment/portal run COMMAND [ARGUMENT ...]")
    python_environment.ensure(state)
    env = _environment(state)
    if name == "run":
        return replace(words, env)
    if not state.ckan_ini.is_file():
        raise PortalError("the portal is not set up yet", "deployment/portal up")
    program = str(state.venv / "bin" / "ckan")
    return replace([program, "-c", str(state.ckan_ini), *words], env)


def _environment(state: State) -> dict[str, str]:
    """The operator's own environment with the project's programs and variables in front."""
    env = dict(os.environ)
    env["PATH"] = f"{state.venv / 'bin'}:{env.get('PATH', '/usr/bin:/bin')}"
    env["VIRTUAL_ENV"] = str(state.venv)
    env["SOZIALDATEN_HOME"] = str(state.home)
    env.pop("PYTHONHOME", None)
    installation = lifecycle.load(state)
    if installation is not None:
        env |= installation.environment()
    return env


def _up(state: State, _options: argparse.Namespace) -> int:
    installation = lifecycle.up(state)
    result(f"The portal answers at {installation.configuration.site_url}")
    result(f"Sign in as admin; password: {state.secrets / 'admin-password'}")
    return 0


def _down(state: State, _options: argparse.Namespace) -> int:
    result("stopped" if lifecycle.down(state) else "nothing runs")
    return 0


def _demo(state: State, _options: argparse.Namespace) -> int:
    lifecycle.up(state)
    with step("Demo"):
        return output([state.python, "-m", "ckanext.sozialdaten.demo"], env=_environment(state))


def _test(state: State, options: argparse.Namespace) -> int:
    return checks.run(state, options, _environment(state))


def _status(state: State, _options: argparse.Namespace) -> int:
    installation = lifecycle.load(state)
    if installation is None:
        result("not set up: deployment/portal up")
        return 3
    if not installation.supervisor.running():
        result("stopped: deployment/portal up")
        return 3
    whole, good = 0, True
    for process in installation.supervisor.processes():
        memory = proportional_set_size(process["pid"]) if process["pid"] else 0
        whole += memory
        good = good and process["statename"] == "RUNNING"
        about = process["description"]
        result(f"{process['name']:10} {process['statename']:8} {memory / 2**20:7.0f} MiB  {about}")
    whole += proportional_set_size(installation.supervisor.pid(), children=False)
    result(f"{'together':19} {whole / 2**20:7.0f} MiB (proportional set size)")
    chosen = installation.configuration.ports
    result(f"web        {installation.configuration.site_url}")
    result(f"postgres   127.0.0.1:{chosen.postgres}, socket {installation.cluster.socket}")
    result(f"redis      127.0.0.1:{chosen.redis}")
    result(f"solr       {installation.solr.url('ckan')}")
    result(f"state      {state.home}")
    return 0 if good else 1


def _logs(state: State, options: argparse.Namespace) -> int:
    there = sorted(path.stem for path in state.logs.glob("*.log"))
    if options.name and options.name not in there:
        raise PortalError(f"no log of {options.name}", f"there are: {', '.join(there) or 'none'}")
    names = [options.name] if options.name else there
    files = [str(state.logs / f"{name}.log") for name in names]
    if not files:
        raise PortalError("no logs yet", "deployment/portal up")
    follow = ["-F"] if options.follow else []
    return replace(["tail", "-n", str(options.lines), *follow, *files], os.environ)


def _reset(state: State, options: argparse.Namespace) -> int:
    if not state.home.exists():
        result("nothing to remove")
        return 0
    if not options.yes:
        sys.stderr.write(f"Remove all data in {state.home}? Type yes: ")
        if sys.stdin.readline().strip() != "yes":
            note("nothing removed")
            return 1
    if not (state.home / "ports.json").is_file() and not (state.home / "stamps").is_dir():
        raise PortalError(f"{state.home} is no state folder of a portal", "nothing was removed")
    lifecycle.down(state)
    outside = _outside_folders(state)
    for path in [*state.home.iterdir(), *outside]:
        if path.is_dir() and not path.is_symlink():
            if path in (state.venv, state.cache) or path in state.venv.parents:
                continue
            shutil.rmtree(path)
        elif path.name != f"{state.venv.name}.lock":
            path.unlink(missing_ok=True)
    result("removed")
    return 0


def _outside_folders(state: State) -> list[Path]:
    """What lies elsewhere: sockets of long paths, a cluster that could not lie inside."""
    installation = lifecycle.load(state)
    folders = [state.socket_folder("postgres"), state.socket_folder("supervisor")]
    if installation is not None:
        folders += [installation.cluster.folder, installation.cluster.socket]
    return [path for path in folders if path.is_dir() and state.home not in path.parents]


def _lock(state: State, _options: argparse.Namespace) -> int:
    python_environment.compile_locks(state)
    return 0


_COMMANDS = {
    "demo": _demo,
    "up": _up,
    "down": _down,
    "status": _status,
    "logs": _logs,
    "reset": _reset,
    "lock": _lock,
    "test": _test,
}
