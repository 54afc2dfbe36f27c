"""The state folder: where everything that an installation knows lies, and who may enter it."""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal_cli.console import PortalError, note
from portal_cli.processes import is_root

__all__ = ["ROOT", "State", "digest", "locked", "write_private"]

ROOT = Path(__file__).resolve().parent.parent.parent
SOCKET_FOLDER_LIMIT = 80  # a Unix socket's path has at most 107 bytes, its name included


def _folder(variable: str, default: Path) -> Path:
    return Path(os.path.abspath(os.environ.get(variable) or default))  # noqa: PTH100 - keep links


@dataclass(frozen=True, slots=True)
class State:
    """The folders of one installation.

    Attributes:
        home: everything of this installation (``SOZIALDATEN_HOME``, default ``var/``).
        venv: the Python environment (``SOZIALDATEN_VENV``, default ``<home>/venv``).
        cache: what several installations share (``SOZIALDATEN_CACHE``).
    """

    home: Path
    venv: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> "State":
        """The folders that the environment names, or their defaults."""
        home = _folder("SOZIALDATEN_HOME", ROOT / "var")
        return cls(
            home=home,
            venv=_folder("SOZIALDATEN_VENV", home / "venv"),
            cache=_folder("SOZIALDATEN_CACHE", Path.home() / ".cache" / "sozialdaten"),
        )

    @property
    def python(self) -> Path:
        """The interpreter of the project's environment."""
        return self.venv / "bin" / "python"

    @property
    def logs(self) -> Path:
        """One file for each process."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys, one file each, readable by the owner alone."""
        return self.home / "secrets"

    @property
    def ckan_ini(self) -> Path:
        """The portal's configuration."""
        return self.home / "ckan.ini"

    @property
    def test_ini(self) -> Path:
        """The configuration of the test run: databases, index and folders of its own."""
        return self.home / "test.ini"

    @property
    def supervisord_conf(self) -> Path:
        """The processes and the environment of each."""
        return self.home / "supervisord.conf"

    def socket_folder(self, name: str) -> Path:
        """A private folder for Unix sockets, short enough for the kernel."""
        folder = self.home / "run" / name
        if len(os.fsencode(folder)) <= SOCKET_FOLDER_LIMIT:
            return folder
        return Path(f"/tmp/sozialdaten-{os.geteuid()}-{digest([str(self.home)])[:10]}-{name}")  # noqa: S108 - created with mode 0700 and checked for its owner

    def create(self) -> None:
        """Create the folders; root's home can be entered (not listed) by the database's account."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o711 if is_root() else 0o700)
        for name in ("run", "logs", "secrets", "storage", "inbox", "redis", "lake", "stamps"):
            private_folder(self.home / name, 0o711 if name == "run" and is_root() else 0o700)
        for name in ("public", "restricted"):
            private_folder(self.home / "lake" / name)

    def read_stamp(self, name: str) -> Any:
        """What ``write_stamp`` kept under ``name``, or ``None``."""
        return read_json(self.home / "stamps" / f"{name}.json")

    def write_stamp(self, name: str, value: Any) -> None:
        """Remember ``value``: a step whose inputs give the same value need not run again."""
        write_private(self.home / "stamps" / f"{name}.json", json.dumps(value, indent=1))


def read_json(path: Path) -> Any:
    """The content of a JSON file, or ``None`` where it is absent or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def private_folder(path: Path, mode: int = 0o700) -> Path:
    """Create a folder that belongs to us.

    Raises:
        PortalError: it is there and belongs to somebody else.
    """
    path.mkdir(parents=True, exist_ok=True)
    owner = path.stat().st_uid
    if owner != os.geteuid():
        raise PortalError(
            f"{path} belongs to another account (uid {owner})",
            "start the portal as that account, or set SOZIALDATEN_HOME to a folder of your own",
        )
    path.chmod(mode)
    return path


def write_private(path: Path, text: str) -> bool:
    """Write a file that its owner alone may read; ``False`` if it held that text already."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        path.chmod(0o600)
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    part.chmod(0o600)
    part.replace(path)
    return True


def digest(parts: Iterable[str | bytes]) -> str:
    """One hexadecimal digest over several inputs, each with its own length."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold an exclusive lock: two commands never install or start into the same folder at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f"waiting for another command that {what}")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
