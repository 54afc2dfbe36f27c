"""What runs: the command line and the environment of every process."""

import os
from collections.abc import Mapping

from portal_cli.ckan_config import Configuration
from portal_cli.credentials import KEY_FILE
from portal_cli.postgres import Cluster
from portal_cli.postgres_roles import TEST
from portal_cli.solr import SolrServer
from portal_cli.state import ROOT, State, digest, write_private
from portal_cli.supervision import Program

__all__ = ["all_programs", "environment", "test_environment"]

SOURCES = ("ckanext-sozialdaten", "harvesters", "schemas")
NO_SOURCES = frozenset({".pyc", ".md", ".po", ".part"})
#: How the outer world is reached, for the processes that fetch.
NETWORK = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
)


def environment(configuration: Configuration, *, restricted: bool) -> dict[str, str]:
    """The project's variables.

    Args:
        configuration: the installation.
        restricted: with the addresses of the restricted zone, the inbox and the pseudonymisation
            key, which the web process never gets.
    """
    state = configuration.state
    known = {
        "SOZIALDATEN_HOME": str(state.home),
        "CKAN_INI": str(state.ckan_ini),
        "SOZIALDATEN_LAKE_PUBLIC": str(state.home / "lake" / "public"),
        "SOZIALDATEN_LAKE_PUBLIC_CATALOG": _catalogue(configuration, "lake_public"),
    }
    if restricted:
        known |= {
            "SOZIALDATEN_LAKE_RESTRICTED": str(state.home / "lake" / "restricted"),
            "SOZIALDATEN_LAKE_RESTRICTED_CATALOG": _catalogue(configuration, "lake_restricted"),
            "SOZIALDATEN_INBOX": str(state.home / "inbox"),
            "SOZIALDATEN_KEY_FILE": str(state.secrets / KEY_FILE),
        }
    for name in ("SOZIALDATEN_REGIONS", "SOZIALDATEN_INDICATORS"):
        if os.environ.get(name):
            known[name] = os.environ[name]
    return known


def test_environment(configuration: Configuration) -> dict[str, str]:
    """The project's variables for tests: a lake, an inbox and an ini file of their own."""
    lake = configuration.state.home / "lake_test"
    return {
        "SOZIALDATEN_HOME": str(configuration.state.home),
        "CKAN_INI": str(configuration.state.test_ini),
        "SOZIALDATEN_LAKE_PUBLIC": str(lake / "public"),
        "SOZIALDATEN_LAKE_PUBLIC_CATALOG": _catalogue(configuration, f"lake_public{TEST}"),
        "SOZIALDATEN_LAKE_RESTRICTED": str(lake / "restricted"),
        "SOZIALDATEN_LAKE_RESTRICTED_CATALOG": _catalogue(configuration, f"lake_restricted{TEST}"),
        "SOZIALDATEN_INBOX": str(lake / "inbox"),
        "SOZIALDATEN_KEY_FILE": str(configuration.state.secrets / KEY_FILE),
    }


def _catalogue(configuration: Configuration, name: str) -> str:
    return configuration.database(name, name, scheme="postgresql+psycopg2")


def _redis_settings(state: State, port: int, password: str) -> None:
    """Write Redis's configuration: on disk, since the harvest queues live there."""
    text = f"""\
bind 127.0.0.1
port {port}
requirepass {password}
dir {state.home / "redis"}
appendonly yes
appendfsync everysec
save ""
maxmemory 128mb
maxmemory-policy noeviction
databases 4
daemonize no
"""
    write_private(state.home / "redis.conf", text)


def _code_version() -> str:
    """Changes with the project's sources: a start takes in what was edited."""
    parts: list[str] = []
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in NO_SOURCES and path.is_file():
                about = path.stat()
                parts.append(f"{path}:{about.st_size}:{about.st_mtime_ns}")
    return digest(parts)[:16]


def _python(configuration: Configuration, *, restricted: bool) -> dict[str, str]:
    """The environment of a Python process of ours: small in memory, unbuffered."""
    network: Mapping[str, str] = os.environ if restricted else {}
    return {
        "PATH": f"{configuration.state.venv}/bin:/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Two arenas instead of eight per core keep threaded workers small.
        "MALLOC_ARENA_MAX": "2",
        # Memory that a harvest or a check took goes back to the machine.
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OMP_NUM_THREADS": "1",
        **{name: network[name] for name in NETWORK if name in network},
        **environment(configuration, restricted=restricted),
    }


def all_programs(
    configuration: Configuration, ini: str, cluster: Cluster, solr: SolrServer
) -> list[Program]:
    """Every process of the installation.

    Args:
        configuration: the installation.
        ini: the text of ckan.ini; a change starts the application anew.
        cluster: its database.
        solr: its search server.
    """
    return [*_servers(configuration, cluster, solr), *_application(configuration, ini)]


def _servers(configuration: Configuration, cluster: Cluster, solr: SolrServer) -> list[Program]:
    state, ports = configuration.state, configuration.ports
    _redis_settings(state, ports.redis, configuration.secrets["redis-password"])
    redis_version = digest([str(ports.redis), configuration.secrets["redis-password"]])[:16]
    return [
        Program(
            "postgres",
            cluster.command(),
            {"LC_ALL": "C.UTF-8"},
            str(ports.postgres),
            user=cluster.user,
            stop_signal="INT",
            patience=40,
        ),
        Program("redis", ["redis-server", str(state.home / "redis.conf")], {}, redis_version),
        Program("solr", solr.command(), {}, str(solr.libraries)),
    ]


def _application(configuration: Configuration, ini: str) -> list[Program]:
    state = configuration.state
    version = digest([_code_version(), ini])[:16]
    ckan = [str(state.venv / "bin" / "ckan"), "-c", str(state.ckan_ini)]
    gunicorn = [
        str(state.venv / "bin" / "gunicorn"),
        f"--bind=127.0.0.1:{configuration.ports.web}",
        "--workers=2",
        "--preload",
        "--threads=4",
        "--timeout=120",
        "--graceful-timeout=15",
        "--max-requests=5000",
        "--max-requests-jitter=500",
        "--no-control-socket",
        f"--pythonpath={ROOT / 'deployment'}",
        "wsgi:application",
    ]
    words = {
        "web": gunicorn,
        # the scheduler brings late jobs into their queues: no fork of the worker for that
        "worker": [*ckan, "jobs", "worker", "--no-scheduler"],
        "gather": [*ckan, "harvester", "gather-consumer"],
        "fetch": [*ckan, "harvester", "fetch-consumer"],
        "scheduler": [*ckan, "sozialdaten-harvest", "schedule"],
    }
    return [
        Program(
            name,
            command,
            _python(configuration, restricted=name != "web"),
            version,
            patience=30,
            priority=200,
        )
        for name, command in words.items()
    ]
