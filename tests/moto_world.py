"""A bucket on moto's server: another S3 than ours, spoken to over real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow.fs as pafs
from moto.server import ThreadedMotoServer

__all__ = ["moto_server", "system_of"]


@contextmanager
def moto_server() -> Iterator[str]:
    """The address of an empty server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def system_of(endpoint: str) -> pafs.FileSystem:
    """The server as an administrator sees it; any keys do."""
    return pafs.S3FileSystem(
        access_key="test",
        secret_key="test",
        endpoint_override=endpoint,
        region="eu-central-1",
        allow_bucket_creation=True,
        allow_bucket_deletion=True,
    )
