"""The database cluster: created once; its accounts and databases are kept up to date."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from portal_cli.console import PortalError, note, step
from portal_cli.packages import postgres_programs
from portal_cli.postgres_roles import DATABASES, GUESTS, READERS, ROLES, TEST
from portal_cli.processes import as_user, call, is_root, user_exists
from portal_cli.state import State, digest, write_private

__all__ = ["Cluster"]

SERVER_USER = "postgres"
SETTINGS = """\
# Written by deployment/portal at each start.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket}'
password_encryption = 'scram-sha-256'
max_connections = 120
shared_buffers = 64MB
work_mem = 4MB
maintenance_work_mem = 64MB
effective_cache_size = 256MB
max_wal_size = 512MB
jit = off
logging_collector = off
log_line_prefix = '%m [%p] %d '
log_statement = 'none'
# A failing statement's text may hold a person's values: it stays out of the log.
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
lc_messages = 'C'
timezone = 'Europe/Berlin'
log_timezone = 'Europe/Berlin'
"""
ACCESS = """\
# The socket lies in a folder that only the server's account and root can enter.
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


class Cluster:
    """PostgreSQL of one installation: its own data folder, socket and port."""

    def __init__(self, state: State, port: int) -> None:
        self.state = state
        self.port = port
        self.user = SERVER_USER if is_root() else None
        self.folder = self._choose_folder()
        # The socket lies where the server's account can get, as the data do.
        inside = state.home in self.folder.parents
        self.socket = state.socket_folder("postgres") if inside else self.folder.parent / "run"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def command(self) -> list[str]:
        """How the supervisor starts the server."""
        return [str(postgres_programs() / "postgres"), "-D", str(self.data)]

    def _choose_folder(self) -> Path:
        """Beneath the state folder, unless the server's account cannot get there."""
        inside = self.state.home / "postgres"
        if self.user is None:
            return inside
        if not user_exists(SERVER_USER):
            raise PortalError("the account postgres is missing", "reinstall postgresql-15")
        if _can_enter(SERVER_USER, self.state.home):
            return inside
        return Path("/var/lib/sozialdaten") / digest([str(self.state.home)])[:12] / "postgres"

    def prepare(self) -> None:
        """Create the cluster if it is not there, and write its settings."""
        if self.state.home not in self.folder.parents:
            note(f"{self.state.home} cannot be entered by {SERVER_USER}: database in {self.folder}")
        for folder in (self.folder, self.socket):
            folder.mkdir(parents=True, exist_ok=True)
            if self.user is not None:
                shutil.chown(folder, self.user, self.user)
            folder.chmod(0o700)
        if not (self.data / "PG_VERSION").is_file():
            self._initialise()
        settings = SETTINGS.format(port=self.port, socket=self.socket)
        for name, text in (("sozialdaten.conf", settings), ("pg_hba.conf", ACCESS)):
            if write_private(self.data / name, text) and self.user is not None:
                shutil.chown(self.data / name, self.user, self.user)

    def _initialise(self) -> None:
        with step("Database cluster"):
            shutil.rmtree(self.data, ignore_errors=True)  # what an interrupted start left
            command = [
                str(postgres_programs() / "initdb"),
                f"--pgdata={self.data}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--username=postgres",
                "--data-checksums",
            ]
            call(as_user(self.user, command), what="initdb", cwd=Path("/"))
            with (self.data / "postgresql.conf").open("a", encoding="utf-8") as stream:
                stream.write("\ninclude 'sozialdaten.conf'\n")

    def sql(self, statements: str, database: str = "postgres") -> str:
        """Run statements as the cluster's administrator, over the private socket."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket)]
        command += ["-p", str(self.port), "-U", "postgres", "-d", database, "-f", "-"]
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
        return call(
            as_user(self.user, command), what="psql", env=env, cwd=Path("/"), stdin=statements
        )

    def answers(self) -> bool:
        """Whether the server takes connections."""
        program = postgres_programs() / "pg_isready"
        try:
            call([program, "-q", "-h", "127.0.0.1", "-p", str(self.port)], what="pg_isready")
        except PortalError:
            return False
        return True

    def bring_up_to_date(self, passwords: Mapping[str, str]) -> None:
        """Create the accounts and databases that are missing and set every account's password."""
        there = set(self.sql("SELECT rolname FROM pg_roles").split())
        lines = [f"CREATE ROLE {role};" for role in ROLES if role not in there]
        rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        lines += [
            f"ALTER ROLE {role} {rights} PASSWORD '{passwords[f'postgres-{role}']}';"
            for role in ROLES
        ]
        databases = set(self.sql("SELECT datname FROM pg_database").split())
        for name, owner in DATABASES.items():
            if name not in databases:
                lines.append(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0;")
            lines.append(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;")
        for guest, name in (GUESTS | READERS).items():
            lines.append(f"GRANT CONNECT ON DATABASE {name} TO {guest};")
        lines.append("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;")
        self.sql("\n".join(lines))

    def renew_test_lake(self, passwords: Mapping[str, str]) -> None:
        """Empty the catalogues of the tests' lake."""
        lakes = [name for name in DATABASES if name.startswith("lake") and name.endswith(TEST)]
        self.sql("\n".join(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);" for name in lakes))
        self.bring_up_to_date(passwords)

    def grant_datastore(self, template: str) -> None:
        """Give CKAN's datastore accounts their rights, by CKAN's own script.

        Args:
            template: ``ckanext/datastore/set_permissions.sql`` of the installed CKAN.
        """
        for suffix in ("", TEST):
            names = {
                "maindb": f"ckan{suffix}",
                "datastoredb": f"datastore{suffix}",
                "mainuser": f"ckan{suffix}",
                "writeuser": f"datastore_rw{suffix}",
                "readuser": f"datastore_ro{suffix}",
            }
            self.sql(template.format(**{key: f'"{name}"' for key, name in names.items()}))


def _can_enter(user: str, folder: Path) -> bool:
    try:
        call(as_user(user, ["test", "-x", str(folder)]), what="test", cwd=Path("/"))
    except PortalError:
        return False
    return True
