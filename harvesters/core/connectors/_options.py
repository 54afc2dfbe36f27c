"""What connectors read from the ``connector:`` block of a source, and from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ckanext.sozialdaten.harvesters.core.connectors._client import Limits
from ckanext.sozialdaten.harvesters.core.connectors.errors import CredentialMissing
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = [
    "CREDENTIALS",
    "WEB_KEYS",
    "Credentials",
    "Web",
    "credentials",
    "is_web_address",
    "private_hosts",
    "web",
]

CREDENTIALS = "SOZIALDATEN_CREDENTIAL_"
WEB_KEYS = ("hosts", "seconds", "read_seconds", "retries", "parallel", "ca_file", "max_bytes")
_VARIABLE = re.compile(CREDENTIALS + r"[A-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Names of environment variables: what they hold is read when it is sent, and never shown.

    Args:
        username: variable with the user name.
        password: variable with the password.
        token: variable with a token in place of both.
        key: variable with the path of a private key (SFTP).
    """

    username: str = ""
    password: str = ""
    token: str = ""
    key: str = ""

    def value(self, name: str) -> str:
        """What a variable holds.

        Raises:
            CredentialMissing: it is not set.
        """
        found = os.environ.get(name, "")
        if not found:
            raise CredentialMissing(
                Message("The environment variable {name} is not set.", {"name": name}),
                Message("Set it where the workers start; it is named in the source's YAML."),
            )
        return found


@dataclass(frozen=True, slots=True)
class Web:
    """What all connectors of the web have in common.

    Args:
        hosts: hosts besides that of the address to which it may lead; ``*`` any public one.
        ca_file: certificates to trust in place of the installation's.
        limits: what a fetch may cost.
    """

    hosts: tuple[str, ...]
    ca_file: str
    limits: Limits


def web(
    section: Section, address: str, parallel: int = 2, read_seconds: int = 60, retries: int = 4
) -> Web:
    """The common keys of the ``connector:`` block; see ``WEB_KEYS``.

    Args:
        section: the block.
        address: address of the service, whose host is always allowed.
        parallel: requests to the host at a time, at most.
        read_seconds: longest silence, unless the block says otherwise.
        retries: how often one request is sent again, unless the block says otherwise.
    """
    plain = Limits()
    wanted = section.integer("parallel", parallel)
    if not 1 <= wanted <= parallel:
        raise section.wrong(
            "parallel", "{where} must lie between 1 and {most}.", most=str(parallel)
        )
    host = urlsplit(address).hostname or ""
    return Web(
        hosts=(host, *section.texts("hosts")),
        ca_file=section.text("ca_file", ""),
        limits=Limits(
            seconds=section.integer("seconds", round(plain.seconds)),
            read_seconds=section.integer("read_seconds", read_seconds),
            max_bytes=section.integer("max_bytes", plain.max_bytes),
            retries=section.integer("retries", retries),
            parallel=wanted,
        ),
    )


def is_web_address(section: Section, key: str, default: str | None = None) -> str:
    """An address with http or https, without a login in it.

    Raises:
        LayoutError: something else; a login belongs into the environment.
    """
    text = section.text(key, default)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise section.wrong(key, "{where} must be an address with http or https.")
    if parts.username or parts.password:
        raise section.wrong(key, "{where} must not hold a login; name variables as credentials.")
    return text


def credentials(section: Section, keys: tuple[str, ...]) -> Credentials:
    """The block ``credentials``: which variables hold the login.

    Raises:
        LayoutError: no name of a variable that is meant for credentials: a source could otherwise
            send any secret of the installation to any host.
    """
    inner = section.section("credentials", keys)
    names: Mapping[str, str] = {key: inner.text(key, "") for key in keys}
    for key, name in names.items():
        if name and not _VARIABLE.fullmatch(name):
            raise inner.wrong(
                key,
                "{where} must name an environment variable {prefix}…, never the secret itself.",
                prefix=CREDENTIALS,
            )
    return Credentials(**names)


def private_hosts() -> tuple[str, ...]:
    """Hosts of the own network that the operator allows, in ``SOZIALDATEN_PRIVATE_HOSTS``."""
    text = os.environ.get("SOZIALDATEN_PRIVATE_HOSTS", "")
    return tuple(host.strip() for host in text.split(",") if host.strip())
