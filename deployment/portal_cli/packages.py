"""Debian packages: which are missing, and their installation where we may."""

import functools
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal_cli.console import PortalError, step
from portal_cli.processes import call, is_root

__all__ = ["BROWSER", "PYTHON", "SERVERS", "SOLR_BUILD", "Need", "ensure", "postgres_programs"]

POSTGRES_VERSION = "15"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a Debian package brings.

    Attributes:
        packages: the packages that bring it.
        present: whether this machine has it already, from wherever.
    """

    packages: tuple[str, ...]
    present: Callable[[], bool]


def _program(name: str) -> Callable[[], bool]:
    return functools.partial(_has_program, name)


def _has_program(name: str) -> bool:
    return shutil.which(name) is not None


def _has_file(*patterns: str) -> bool:
    return any(any(Path("/usr").glob(pattern)) for pattern in patterns)


def postgres_programs() -> Path:
    """The folder of the database's programs."""
    return Path(f"/usr/lib/postgresql/{POSTGRES_VERSION}/bin")


def _python_headers() -> bool:
    return (Path(sysconfig.get_paths()["include"]) / "Python.h").is_file()


FONTS = Need(
    ("fonts-dejavu-core",), lambda: _has_file("share/fonts/truetype/dejavu/DejaVuSans.ttf")
)
#: What the Python environment needs: psycopg2 is compiled, python-magic loads a library.
PYTHON = (
    Need(("gcc", "libc6-dev"), _program("gcc")),
    Need(("libpq-dev",), _program("pg_config")),
    Need((f"python{sys.version_info[0]}-dev",), _python_headers),
    Need(("libmagic1",), lambda: _has_file("lib/*/libmagic.so.1", "lib/libmagic.so.1")),
    # weasyprint sets documents with Pango, in fonts of this machine
    Need(
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
        lambda: (
            _has_file("lib/*/libpangoft2-1.0.so.0") and _has_file("lib/*/libharfbuzz-subset.so.0")
        ),
    ),
    FONTS,
    Need(("ca-certificates",), lambda: Path("/etc/ssl/certs/ca-certificates.crt").is_file()),
)
SERVERS = (
    Need((f"postgresql-{POSTGRES_VERSION}",), lambda: (postgres_programs() / "postgres").is_file()),
    Need(("redis-server",), _program("redis-server")),
    Need(("default-jre-headless",), _program("java")),
)
#: Only where the search server's libraries are not in the cache yet.
SOLR_BUILD = (Need(("maven",), _program("mvn")),)
BROWSER = (
    Need(("chromium",), _program("chromium")),
    FONTS,
)


def ensure(needs: tuple[Need, ...]) -> None:
    """Install what is missing; nothing is asked of apt when all is there.

    Raises:
        PortalError: something is missing and this account may not install it; the hint says how.
    """
    missing = sorted({name for need in needs if not need.present() for name in need.packages})
    if not missing:
        return
    line = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if not is_root() or shutil.which("apt-get") is None:
        raise PortalError(
            f"Debian packages are missing: {', '.join(missing)}",
            f"run as root: apt-get update && {line}\nor run deployment/portal once as root",
        )
    # No service of the distribution is started: the portal runs its own under its supervisor.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with step(f"Debian packages: {', '.join(missing)}"):
        call(["apt-get", "update", "-qq"], what="apt-get update", env=env)
        call([*line.split(), "-y", "-qq"], what="apt-get install", env=env)
    left = sorted({name for need in needs if not need.present() for name in need.packages})
    if left:
        raise PortalError(f"still missing after apt-get: {', '.join(left)}")
