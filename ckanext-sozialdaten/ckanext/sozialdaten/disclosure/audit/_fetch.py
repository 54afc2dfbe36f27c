"""Bytes from the web, within limits, and from public addresses alone unless told otherwise.

Each redirect is looked at anew by :mod:`ckanext.sozialdaten.net`.
"""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from ckanext.sozialdaten import net
from ckanext.sozialdaten.disclosure.errors import DisclosureError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["FetchError", "Fetcher"]

_CHUNK = 1 << 16
_REDIRECTS = 5
_AGAIN = (429, 502, 503, 504)
_MOVED = (301, 302, 303, 307, 308)


class FetchError(DisclosureError):
    """Something that the web did not give us."""

    code = "disclosure-fetch"


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str
    retry_after: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Gets bytes over HTTP.

    Args:
        max_bytes: size from which on a response is refused.
        seconds: time for one response, redirects and retries included.
        allow_private: whether addresses inside private networks may be reached.
        retries: how often a busy server is asked again.
        sleep: how to wait; tests do not.
    """

    max_bytes: int = 200 << 20
    seconds: float = 120.0
    allow_private: bool = False
    retries: int = 3
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def get(self, url: str) -> bytes:
        """The body of a response.

        Raises:
            FetchError: the address is refused, the server says no, or a limit is reached.
        """
        deadline = time.monotonic() + self.seconds
        redirects = tries = 0
        while True:
            answer = self._once(url, deadline)
            if answer.status in _MOVED and answer.location:
                redirects += 1
                if redirects > _REDIRECTS:
                    raise _error(url, Message("The address leads on and on."))
                url = urljoin(url, answer.location)
            elif answer.status in _AGAIN and tries < self.retries:
                wait = _wait(answer.retry_after, tries)
                if time.monotonic() + wait > deadline:
                    raise _error(url, Message("The server is busy."))
                tries += 1
                self.sleep(wait)
            elif answer.status == http.client.OK:
                return answer.body
            else:
                raise _error(
                    url, Message("The server answers {status}.", {"status": answer.status})
                )

    def _once(self, url: str, deadline: float) -> _Answer:
        connection = self._connection(url, deadline)
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("GET", path, headers={"Host": parts.netloc.rpartition("@")[2]})
            response = connection.getresponse()
            body = self._read(response, url, deadline)
        except (OSError, http.client.HTTPException) as error:
            raise _error(url, Message("The server cannot be reached.")) from error
        finally:
            connection.close()
        headers = response.headers
        return _Answer(
            response.status, headers.get("Location", ""), headers.get("Retry-After", ""), body
        )

    def _connection(self, url: str, deadline: float) -> http.client.HTTPConnection:
        left = min(max(0.1, deadline - time.monotonic()), 30.0)
        try:
            return net.connection(url, left, allow_private=self.allow_private)
        except net.NetError as error:
            private = isinstance(error, net.PrivateAddressError)
            hint = Message("Add --allow-private if you mean it.") if private else None
            raise _error(url, error.message, hint) from error

    def _read(self, response: http.client.HTTPResponse, url: str, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read1(_CHUNK):
            size += len(chunk)
            if size > self.max_bytes:
                raise _error(url, Message("The file is too large."))
            if time.monotonic() > deadline:
                raise _error(url, Message("The server takes too long."))
            chunks.append(chunk)
        return b"".join(chunks)


def _wait(retry_after: str, tries: int) -> float:
    """Seconds that the server asks for, as a number or as a date; else ever longer."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError):
        return 2.0**tries


def _error(url: str, message: Message, hint: Message | None = None) -> FetchError:
    return FetchError(message, hint, Place(file=net.shown(url)))
