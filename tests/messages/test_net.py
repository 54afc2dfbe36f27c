"""The way into the web: public addresses alone, and one door for every room."""

import ast
import ipaddress
import socket
from pathlib import Path

import pytest

from ckanext.sozialdaten import net

SOURCES = Path(__file__).parents[2]
DOOR = {"net.py", "_fetch.py", "_guard.py", "_client.py"}
OPENERS = {"aiohttp", "httpx", "requests", "urllib.request", "urllib3", "http.client", "socket"}


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
    ],
)
def test_an_address_inside_a_network_is_not_public(address: str) -> None:
    assert not net.is_public(address)


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9"])
def test_an_address_of_the_web_is_public(address: str) -> None:
    assert net.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]:8983/solr",
        "http://localhost:6379/",
    ],
)
def test_no_spelling_of_our_own_machine_is_reached(url: str) -> None:
    with pytest.raises(net.NetError):
        net.connection(url, 1)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://a.example/", "http://", "//a"])
def test_only_web_addresses_are_reached(url: str) -> None:
    with pytest.raises(net.NetError, match="http or https"):
        net.connection(url, 1)


def test_a_name_that_changes_its_address_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    reached: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "9.9.9.9" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(where: tuple[str, int], _seconds: float) -> socket.socket:
        reached.append(str(ipaddress.ip_address(where[0])))
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(net.NetError):
        net.connection("http://rebinding.example/", 1)
    assert reached == ["9.9.9.9"]


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", (address, 80)) for address in ("9.9.9.9", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(net.PrivateAddressError):
        net.connection("http://both.example/", 1)


def test_errors_show_neither_password_nor_query() -> None:
    assert net.shown("https://who:word@a.example/x?key=1") == "https://a.example/x"


def test_no_other_module_of_the_server_opens_connections() -> None:
    rooms = [SOURCES / "ckanext-sozialdaten/ckanext/sozialdaten", SOURCES / "harvesters"]
    found = set()
    for path in (path for room in rooms for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if OPENERS & set(names) and path.name not in DOOR:
                found.add(f"{path.relative_to(SOURCES)}: {names}")
    # the benchmark of the pages is a client: it speaks to the address that its caller gives
    assert {line for line in found if "/cli/" not in line} == set()
