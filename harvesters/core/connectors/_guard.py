"""A ``requests`` session whose connections all go through :mod:`ckanext.sozialdaten.net`.

The check happens where the socket is made, so no redirect, proxy variable or changed name service
leads past it.
"""

import socket
import threading
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

from ckanext.sozialdaten import net

__all__ = ["guarded_session"]

_SECONDS = 60.0


class _Guarded(HTTPConnection):
    """Connects to a checked address, and gives up on a head that drips in."""

    def _may_be_private(self) -> bool:
        return False

    def _new_conn(self) -> socket.socket:
        seconds = self.timeout if isinstance(self.timeout, int | float) else _SECONDS
        allowed = self._may_be_private()
        return net.dial(self.host, self.port or 80, seconds, allow_private=allowed)

    def getresponse(self) -> HTTPResponse:  # pyright: ignore[reportIncompatibleMethodOverride]
        seconds = self.timeout if isinstance(self.timeout, int | float) else _SECONDS
        watch = threading.Timer(seconds, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            return super().getresponse()
        finally:
            watch.cancel()

    def _give_up(self) -> None:
        """Wake whoever waits for bytes: each single byte would start the time-out anew."""
        if self.sock is not None:
            self.sock.shutdown(socket.SHUT_RDWR)


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same over TLS; the certificate is checked against the host's name."""


class _Adapter(HTTPAdapter):
    """Transport with guarded connections."""

    def __init__(self, allow_private: Callable[[str], bool]) -> None:
        self._allow = allow_private
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools, whose connections ask us before they are made."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allow)


def _pools(allow: Callable[[str], bool]) -> dict[str, Any]:
    """Connection pools by scheme, for one answer to who may reach private addresses."""

    class Plain(_Guarded):
        def _may_be_private(self) -> bool:
            return allow(self.host)

    class Secure(_GuardedTls):
        def _may_be_private(self) -> bool:
            return allow(self.host)

    class Http(HTTPConnectionPool):
        ConnectionCls: Any = Plain

    class Https(HTTPSConnectionPool):
        ConnectionCls: Any = Secure

    return {"http": Http, "https": Https}


def guarded_session(allow_private: Callable[[str], bool], ca_file: str = "") -> requests.Session:
    """A session without proxies, cookies or logins from the environment.

    Args:
        allow_private: whether a host inside a private network may be reached, by its name.
        ca_file: certificates to trust besides which none is; empty: those of the installation.
    """
    session = requests.Session()
    session.trust_env = False
    session.verify = ca_file or True
    adapter = _Adapter(allow_private)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
