"""Runs other programs: the one place of this package that does so."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal_cli.console import PortalError

__all__ = ["as_user", "call", "is_root", "output", "replace", "user_exists"]

TAIL_LINES = 25


def is_root() -> bool:
    """Whether this process has the rights of root."""
    return os.geteuid() == 0


def as_user(user: str | None, command: Sequence[str]) -> list[str]:
    """``command`` so that it runs as ``user``; unchanged for ``None``."""
    return list(command) if user is None else ["runuser", "-u", user, "--", *command]


def call(
    command: Sequence[str | Path],
    *,
    what: str,
    hint: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
) -> str:
    """Run ``command`` and return what it printed; its output is shown only if it fails.

    Raises:
        PortalError: the program is missing or ended with an error; ends with its last lines.
    """
    words = [str(word) for word in command]
    try:
        ended = subprocess.run(  # noqa: S603 - the words are ours, never a shell line
            words,
            env=None if env is None else dict(env),
            cwd=cwd,
            input=stdin if stdin is not None else "",
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise PortalError(
            f"{what}: {words[0]} cannot be started ({error.strerror})", hint
        ) from error
    if ended.returncode:
        tail = "\n".join(ended.stdout.strip().splitlines()[-TAIL_LINES:])
        raise PortalError(f"{what} failed (exit {ended.returncode}):\n{tail}", hint)
    return ended.stdout


def output(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> int:
    """Run ``command`` with our own standard streams and return its exit code."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(  # noqa: S603 - the words are ours, never a shell line
            words, env=None if env is None else dict(env), cwd=cwd, check=False
        ).returncode
    except FileNotFoundError as error:
        raise PortalError(f"{words[0]} is not there") from error


def replace(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Become ``command``: its exit code and signals are those of the caller's process."""
    try:
        os.execvpe(command[0], list(command), dict(env))  # noqa: S606 - no shell is meant
    except FileNotFoundError as error:
        raise PortalError(
            f"{command[0]}: command not found",
            "the command is looked for in the project's environment, then in PATH",
            code=127,
        ) from error
    except PermissionError as error:
        raise PortalError(f"{command[0]} cannot be run: permission denied", code=126) from error


def user_exists(name: str) -> bool:
    """Whether the machine knows the account ``name``."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
