"""The supervisor that keeps the processes running, and what it is told of each."""

import contextlib
import http.client
import os
import signal
import socket
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal_cli.processes import call
from portal_cli.state import ROOT, State, private_folder, write_private

__all__ = ["APPLICATION", "SERVERS", "Program", "Supervisor"]

SERVERS = ("postgres", "redis", "solr")
APPLICATION = ("web", "worker", "gather", "fetch", "scheduler")
SHORT_ENVIRONMENT = ("PATH", "HOME", "LANG", "TZ", "JAVA_HOME")
RPC_TIMEOUT = 90
ALIVE = frozenset({"RUNNING", "STARTING", "STOPPING"})


@dataclass(frozen=True, slots=True)
class Program:
    """One process under the supervisor.

    Attributes:
        name: as ``status`` and ``logs`` show it.
        command: its words.
        environment: all that it gets beside PATH, HOME and the language.
        version: digest of what it runs; another value makes the supervisor start it anew.
        user: the account, if it is not ours.
        stop_signal: how it ends gently.
        patience: seconds until it is killed.
        priority: lower ones first.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    version: str = ""
    user: str | None = None
    stop_signal: str = "TERM"
    patience: int = 20
    priority: int = 100


class Supervisor:
    """supervisord of one installation, reached over its own Unix socket."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.folder = state.socket_folder("supervisor")
        self.socket = self.folder / "supervisor.sock"

    def write(self, programs: list[Program]) -> None:
        """Write the configuration for ``programs``; its environment holds passwords."""
        private_folder(self.folder)
        text = "\n".join([self._head(), *(self._section(program) for program in programs)])
        write_private(self.state.supervisord_conf, text)

    def _head(self) -> str:
        return f"""\
; Written by deployment/portal at each start.
[supervisord]
nodaemon = false
pidfile = {self.folder}/supervisord.pid
logfile = {self.state.logs}/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 2
directory = {self.state.home}
umask = 077
minfds = 4096

[unix_http_server]
file = {self.socket}
chmod = 0700

[supervisorctl]
serverurl = unix://{self.socket}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

    def _section(self, program: Program) -> str:
        known = {**program.environment, "SOZIALDATEN_VERSION": program.version}
        environment = ",".join(f'{name}="{_quoted(value)}"' for name, value in known.items())
        command = " ".join(_word(word) for word in program.command)
        lines = [
            f"[program:{program.name}]",
            f"command = {_quoted(command)}",
            f"environment = {environment}",
            "autostart = false",
            "autorestart = true",
            "startsecs = 2",
            "startretries = 5",
            f"priority = {program.priority}",
            f"stopsignal = {program.stop_signal}",
            f"stopwaitsecs = {program.patience}",
            "stopasgroup = false",
            "killasgroup = true",
            "redirect_stderr = true",
            f"stdout_logfile = {self.state.logs}/{program.name}.log",
            "stdout_logfile_maxbytes = 10MB",
            "stdout_logfile_backups = 3",
        ]
        if program.user is not None:
            lines.append(f"user = {program.user}")
        return "\n".join(lines) + "\n"

    # --- talking to it -----------------------------------------------------------------------

    def _rpc(self) -> Any:
        transport = _UnixTransport(self.socket)
        return xmlrpc.client.ServerProxy("http://127.0.0.1/RPC2", transport=transport).supervisor

    def running(self) -> bool:
        """Whether the supervisor is there."""
        try:
            self._rpc().getState()
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return False
        return True

    def launch(self) -> None:
        """Start the supervisor with an environment of our own choosing."""
        self.socket.unlink(missing_ok=True)
        env = {name: os.environ[name] for name in SHORT_ENVIRONMENT if name in os.environ}
        env.setdefault("LANG", "C.UTF-8")
        program = self.state.venv / "bin" / "supervisord"
        call(
            [program, "-c", self.state.supervisord_conf],
            what="supervisord",
            hint=f"see {self.state.logs}/supervisord.log",
            env=env,
            cwd=ROOT,
        )

    def reload(self) -> None:
        """Stop and forget what is gone or changed, and take in what is new or changed."""
        rpc = self._rpc()
        [[added, changed, removed]] = rpc.reloadConfig()
        self.stop([*changed, *removed])
        for name in [*changed, *removed]:
            rpc.removeProcessGroup(name)
        for name in [*added, *changed]:
            rpc.addProcessGroup(name)

    def processes(self) -> list[dict[str, Any]]:
        """What the supervisor knows of each process."""
        return list(self._rpc().getAllProcessInfo())

    def start(self, name: str) -> None:
        """Start a process if it does not run; does not wait until it answers."""
        if self.process_state(name) not in {"RUNNING", "STARTING"}:
            self._rpc().startProcess(name, False)

    def stop(self, names: Iterable[str]) -> None:
        """Stop processes, all at once, and wait for their end."""
        rpc, waiting = self._rpc(), set(names)
        for name in waiting:
            with contextlib.suppress(xmlrpc.client.Fault):  # it does not run
                rpc.stopProcess(name, False)
        while waiting:
            waiting = {name for name in waiting if self.process_state(name) in ALIVE}
            time.sleep(0.1)

    def process_state(self, name: str) -> str:
        """RUNNING, STARTING, BACKOFF, FATAL, EXITED or STOPPED."""
        return str(self._rpc().getProcessInfo(name)["statename"])

    def orphans(self) -> list[int]:
        """Processes of a supervisor that was killed: it left its address in their environment.

        Redis overwrites its environment with its title; its working folder tells whose it is.
        Only the eldest of each family is named; they end their children themselves.
        """
        mark = f"SUPERVISOR_SERVER_URL=unix://{self.socket}".encode()
        redis = self.state.home / "redis"
        found: dict[int, int] = {}
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                ours = mark in (path / "environ").read_bytes().split(b"\0")
                if ours or (path / "cwd").readlink() == redis:
                    fields = (path / "stat").read_text(errors="replace").rpartition(")")[2].split()
                    found[int(path.name)] = int(fields[1])
        return sorted(pid for pid, parent in found.items() if parent not in found)

    def end_orphans(self, patience: float = 30.0) -> int:
        """End what a killed supervisor left behind and return how many there were."""
        left = self.orphans()
        for pid in left:
            with contextlib.suppress(OSError):
                # For PostgreSQL this is the fast shutdown; the others take it as an interrupt.
                os.kill(pid, signal.SIGINT)
        ends = time.monotonic() + patience
        while self.orphans() and time.monotonic() < ends:
            time.sleep(0.2)
        for pid in self.orphans():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        return len(left)

    def shut_down(self) -> None:
        """End the supervisor itself; its processes have been stopped before."""
        self._rpc().shutdown()

    def pid(self) -> int:
        """The supervisor's process number."""
        return int(self._rpc().getPID())


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1", timeout=RPC_TIMEOUT)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(RPC_TIMEOUT)
        self.sock.connect(str(self.path))


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self.path)


def _word(word: str) -> str:
    return f'"{word}"' if " " in word else word


def _quoted(text: str) -> str:
    return text.replace("%", "%%")
