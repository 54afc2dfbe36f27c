"""Generated passwords and keys: made once, one file each, mode 0600, outside of the lake."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from portal_cli.postgres_roles import ROLES
from portal_cli.state import State, write_private

__all__ = ["KEY_FILE", "ensure", "read", "store"]

KEY_FILE = "pseudonymisation.key"
NAMES = (
    "secret-key",
    "token-key",
    "admin-password",
    "harvest-password",
    "redis-password",
    "solr-password",
    KEY_FILE,
    *(f"postgres-{role}" for role in ROLES),
)


def _path(state: State, name: str) -> Path:
    return state.secrets / name


def ensure(state: State) -> Mapping[str, str]:
    """Every secret by its name; those that are missing are generated.

    Letters and digits only: the values stand in URLs and configuration files without quoting.
    """
    for name in NAMES:
        if not _path(state, name).is_file():
            write_private(_path(state, name), secrets.token_hex(32 if "key" in name else 20) + "\n")
    return {name: read(state, name) for name in NAMES}


def read(state: State, name: str) -> str:
    """A kept secret, or an empty text."""
    try:
        return _path(state, name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def store(state: State, name: str, value: str) -> None:
    """Keep a secret that a server made, such as an API token."""
    write_private(_path(state, name), value + "\n")
