"""At most N requests to one host at a time, over all workers of the installation.

Each slot is a file with an advisory lock: a worker that dies gives its slot back at once.
"""

import fcntl
import os
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.connectors.errors import Busy
from ckanext.sozialdaten.messages import Message

__all__ = ["slot"]

_PAUSE = 0.1


@contextmanager
def slot(
    folder: Path, host: str, count: int, deadline: float, sleep: Callable[[float], None]
) -> Generator[None]:
    """Hold one of ``count`` slots of ``host``; wait for one until the deadline.

    Raises:
        Busy: others held all slots until ``deadline`` (of ``time.monotonic``).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = re.sub(r"[^a-z0-9.-]", "_", host.lower())
    while True:
        for number in range(count):
            descriptor = os.open(folder / f"{name}.{number}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            try:
                yield
            finally:
                os.close(descriptor)
            return
        if time.monotonic() > deadline:
            raise Busy(
                Message("Other harvests kept this busy for the whole time."),
                Message("It is tried again with the next run."),
                Place(file=host),
            )
        sleep(_PAUSE)
