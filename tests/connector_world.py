"""A web of services on this machine: real HTTP on 127.0.0.1, with the failures of the real ones."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml

from ckanext.sozialdaten.harvesters.core.connectors import Progress, connection, connector
from ckanext.sozialdaten.harvesters.core.ports import Connector
from ckanext.sozialdaten.harvesters.core.source import Connection
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["Asked", "Reply", "Service", "Some", "drip", "opened", "options"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the service saw it."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service says; ``cut`` sends only so many bytes of a longer announced body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    pause: float = 0.0


Handler = Callable[[Asked], Reply]


class Service:
    """A server whose answers are a function; it remembers what it was asked."""

    def __init__(self, answer: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.open = self.most_open = 0
        self._answer = answer
        self._lock = threading.Lock()
        service = self

        class Handle(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def _any(self) -> None:
                service._serve(self)

            do_GET = do_POST = do_HEAD = _any  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handle)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [f"{item.method} {item.path}" for item in self.asked]

    def _serve(self, handle: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handle.path)
        length = int(handle.headers.get("Content-Length") or 0)
        asked = Asked(
            handle.command,
            parts.path,
            parse_qs(parts.query, keep_blank_values=True),
            dict(handle.headers.items()),
            handle.rfile.read(length),
        )
        with self._lock:
            self.asked.append(asked)
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        try:
            self._reply(handle, asked, self._answer(asked))
        except (BrokenPipeError, ConnectionResetError):
            handle.close_connection = True
        finally:
            with self._lock:
                self.open -= 1

    def _reply(self, handle: BaseHTTPRequestHandler, asked: Asked, reply: Reply) -> None:
        time.sleep(reply.pause)
        body, headers = reply.body, dict(reply.headers)
        if "gzip" in asked.headers.get("Accept-Encoding", "") and len(body) > 200:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        handle.send_response(reply.status)
        if reply.status != 304:
            headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            handle.send_header(name, value)
        handle.end_headers()
        if asked.method != "HEAD" and reply.status != 304:
            handle.wfile.write(body if reply.cut is None else body[: reply.cut])
        if reply.cut is not None:
            handle.close_connection = True


def drip(port_of: list[int], text: bytes, seconds: float = 0.05) -> socket.socket:
    """A slow loris in reverse: a server that gives one byte at a time, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    port_of.append(server.getsockname()[1])

    def serve() -> None:
        try:
            while True:
                one, _ = server.accept()
                threading.Thread(target=give, args=(one,), daemon=True).start()
        except OSError:
            return

    def give(one: socket.socket) -> None:
        try:
            one.sendall(text)
            while True:
                one.sendall(b"x")
                time.sleep(seconds)
        except OSError:
            one.close()

    threading.Thread(target=serve, daemon=True).start()
    return server


@dataclass(frozen=True, slots=True)
class Some:
    """As much of a source as a connector needs."""

    connection: Connection
    id: str = "test-source"


def options(block: str, file: str = "test.yaml") -> Connection:
    """The connection of a ``connector:`` block, read as that of a source."""
    return connection(Section({"connector": yaml.safe_load(block)}, "", ("connector",), file))


def opened(block: str, told: list[Progress] | None = None) -> Connector:
    """The connector of a ``connector:`` block."""
    return connector(Some(options(block)), (told if told is not None else []).append)


def lying(folder: Path) -> list[str]:
    """Names of all files in a folder, for tests that say that nothing was left behind."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
