"""Free ports, chosen once for each state folder and remembered."""

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, fields, replace

from portal_cli.console import PortalError, note
from portal_cli.state import State, read_json, write_private

__all__ = ["Ports", "choose", "is_free", "load"]

HOST = "127.0.0.1"
LOWEST, HIGHEST = 20_000, 32_000  # below the kernel's ephemeral ports: no connection takes them
TRIES = 200


@dataclass(frozen=True, slots=True)
class Ports:
    """The port of each server; all listen on 127.0.0.1 alone."""

    web: int
    postgres: int
    redis: int
    solr: int


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of this machine now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def load(state: State) -> Ports | None:
    """The remembered ports, if any."""
    kept = read_json(state.home / "ports.json")
    names = {field.name for field in fields(Ports)}
    if not isinstance(kept, dict) or set(kept) != names:
        return None
    return Ports(**{name: int(kept[name]) for name in names})


def _wanted_web_port() -> int | None:
    text = os.environ.get("SOZIALDATEN_PORT", "")
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise PortalError(f"SOZIALDATEN_PORT={text} is no port number", "use a number up to 65535")
    return int(text)


def _free(taken: set[int]) -> int:
    for _ in range(TRIES):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if port not in taken and is_free(port):
            return port
    raise PortalError(f"no free port between {LOWEST} and {HIGHEST} found")


def choose(state: State, *, running: bool) -> Ports:
    """The ports of this installation: remembered, configured, or newly chosen.

    Args:
        state: the installation.
        running: its own servers hold the ports now, so a taken port is no conflict.

    Raises:
        PortalError: the configured web port is used by another program.
    """
    wanted = _wanted_web_port()
    ports = load(state) or Ports(0, 0, 0, 0)
    if wanted is not None and wanted != ports.web:
        if not is_free(wanted):
            raise PortalError(
                f"port {wanted} (SOZIALDATEN_PORT) is used by another program",
                "choose another number, or leave SOZIALDATEN_PORT out for a free one",
            )
        ports = replace(ports, web=wanted)
    for name, port in asdict(ports).items():
        if port and (running or is_free(port)):
            continue
        if port and name == "web" and port == wanted:
            raise PortalError(f"port {port} (SOZIALDATEN_PORT) is used by another program")
        chosen = _free(set(asdict(ports).values()))
        if port:
            note(f"port {port} of {name} was taken by another program: {chosen} from now on")
        ports = replace(ports, **{name: chosen})
    write_private(state.home / "ports.json", json.dumps(asdict(ports), indent=1) + "\n")
    return ports
