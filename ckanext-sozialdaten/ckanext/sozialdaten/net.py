"""Ways into the web, for every room: public addresses alone, whatever a name or a redirect says.

A host is resolved once, every address that it has is looked at, and the connection goes to the very
address that was looked at: a name that changes its address in between leads nowhere. Whoever
follows a redirect asks here again for its target. No other module of the server opens a connection
to an address that somebody wrote down.
"""

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import SplitResult, urlsplit

from ckanext.sozialdaten.errors import Place, SozialdatenError
from ckanext.sozialdaten.messages import Message

__all__ = ["NetError", "PrivateAddressError", "connection", "dial", "is_public", "shown"]


class NetError(SozialdatenError):
    """An address that cannot be reached, or shall not be."""

    code = "net"


class PrivateAddressError(NetError):
    """An address inside a private network."""

    code = "net-private"


def shown(url: str) -> str:
    """A URL as errors show it: without name, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public web; tunnels count as what they lead to."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or _translated(found)
        found = inner or found
    return found.is_global and not found.is_multicast


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a translator reaches under NAT64's prefix (RFC 6052)."""
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def connection(
    url: str, seconds: float, *, allow_private: bool = False
) -> http.client.HTTPConnection:
    """An open connection to the host of a URL.

    Args:
        url: address with http or https.
        seconds: how long connecting, and each read, may take.
        allow_private: whether addresses inside private networks may be reached.

    Raises:
        PrivateAddressError: one of the host's addresses is not public.
        NetError: no web address, no such host, or nobody answers.
    """
    parts = _web(url)
    host = parts.hostname or ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise NetError(Message("There is no such host."), place=Place(file=shown(url))) from error
    opened = http.client.HTTPConnection(host, port, timeout=seconds)
    plain = dial(host, port, seconds, allow_private=allow_private, address=shown(url))
    try:
        opened.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            if parts.scheme == "https"
            else plain
        )
    except OSError as error:
        text = Message("The server cannot be reached.")
        raise NetError(text, place=Place(file=shown(url))) from error
    return opened


def dial(
    host: str, port: int, seconds: float, *, allow_private: bool = False, address: str = ""
) -> socket.socket:
    """A connected socket, to the very address of the host that was looked at.

    Args:
        host: name or IP address.
        port: its port.
        seconds: how long connecting, and each read, may take.
        allow_private: whether addresses inside private networks may be reached.
        address: how errors name the place; host and port if empty.

    Raises:
        PrivateAddressError: one of the host's addresses is not public.
        NetError: no such host, or nobody answers.
    """
    place = Place(file=address or f"{host}:{port}")
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise NetError(Message("There is no such host."), place=place) from error
    addresses = [str(entry[4][0]) for entry in known]
    if not allow_private and not all(map(is_public, addresses)):
        raise PrivateAddressError(Message("The address lies in a private network."), place=place)
    failure: OSError | None = None
    for found in dict.fromkeys(addresses):
        try:
            return socket.create_connection((found, port), seconds)
        except OSError as error:
            failure = error
    raise NetError(Message("The server cannot be reached."), place=place) from failure


def _web(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        text = Message("Only addresses with http or https can be fetched.")
        raise NetError(text, place=Place(file=shown(url)))
    return parts
