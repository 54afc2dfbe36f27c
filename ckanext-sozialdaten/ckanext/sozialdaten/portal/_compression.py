"""Pages, styles and scripts travel compressed, also without a web server before the portal."""

import gzip
import io
import secrets
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

__all__ = ["Compressed"]

_TEXTS = frozenset(
    {"text/html", "text/css", "text/javascript", "application/javascript", "application/json",
     "image/svg+xml"}
)  # fmt: skip
_FILES = _TEXTS - {"text/html", "application/json"}
_LEAST, _MOST = 1_000, 4_000_000
_LEVEL = 6
_PADDING = 100

Environ = dict[str, Any]
Start = Callable[..., Any]


class Compressed:
    """A WSGI application whose texts are compressed with gzip where the browser takes that.

    Downloads stay as they are: the bytes of a release are addressed by their digest and asked for
    in ranges. Pages get a name of random length inside, so that their size tells nothing of a
    secret beside words that the reader sent.

    Source: Palacios, Izquierdo and others, “HTB: A Very Effective Method to Protect Web Servers
    Against BREACH Attack to HTTPS” (2022), as Django does it.
    """

    def __init__(self, application: Callable[[Environ, Start], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "GET" or "gzip" not in environ.get(
            "HTTP_ACCEPT_ENCODING", ""
        ):
            return self._application(environ, start_response)
        told: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[..., Any]:
            told[:] = [status, headers, more]
            if not _fits(status, headers):
                told.append(start_response(status, headers, *more))
                return told[-1]
            return lambda _: None

        parts = self._application(environ, note)
        if len(told) != 3:
            return parts
        status, headers, more = told
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        kind = _kind({name.lower(): value for name, value in headers})
        packed = _kept(body) if kind in _FILES else _padded(body)
        start_response(status, [*_kept_headers(headers), *_added(headers, len(packed))], *more)
        return [packed]


@lru_cache(maxsize=64)
def _kept(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)


def _padded(body: bytes) -> bytes:
    stream = io.BytesIO()
    name = "a" * secrets.randbelow(_PADDING)
    with gzip.GzipFile(name, "wb", _LEVEL, stream, mtime=0) as packed:
        packed.write(body)
    return stream.getvalue()


def _kind(named: dict[str, str]) -> str:
    return named.get("content-type", "").partition(";")[0].strip().lower()


def _fits(status: str, headers: list[tuple[str, str]]) -> bool:
    named = {name.lower(): value for name, value in headers}
    kind = _kind(named)
    length = named.get("content-length", "")
    apart = "content-encoding" in named or "attachment" in named.get("content-disposition", "")
    return (
        status.startswith("200")
        and kind in _TEXTS
        and length.isdigit()
        and _LEAST <= int(length) <= _MOST
        and not apart
    )


def _kept_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    left = ("content-length", "vary", "etag", "accept-ranges")
    return [(name, value) for name, value in headers if name.lower() not in left]


def _added(headers: list[tuple[str, str]], length: int) -> list[tuple[str, str]]:
    """What changes: length, encoding, and a tag that says “the same text”, not “the same bytes”."""
    named = {name.lower(): value for name, value in headers}
    vary = ", ".join(filter(None, (named.get("vary", ""), "Accept-Encoding")))
    added = [("Content-Encoding", "gzip"), ("Content-Length", str(length)), ("Vary", vary)]
    tag = named.get("etag", "")
    if tag:
        added.append(("ETag", tag if tag.startswith("W/") else f"W/{tag}"))
    return added
