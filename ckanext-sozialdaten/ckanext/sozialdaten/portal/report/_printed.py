"""Documents that the worker prints, kept for a day under the digest of the page that they show.

A document takes seconds of a processor: who waits for one at a screen gets a page that says so, and
the web server goes on answering. Whoever gets a document has to bring its whole page: once a figure
was withdrawn, no page has that digest any more, and what was printed goes with the next sweep.
"""

import contextlib
import hashlib
import re
import secrets
import time
from enum import StrEnum
from pathlib import Path

import ckan.plugins.toolkit as tk
from ckan.common import config
from redis.exceptions import RedisError

from ckanext.sozialdaten.printing import PrintingError, print_pdf

__all__ = ["Stage", "begin", "digest_of", "print_job", "printed", "stage_of"]

_VARIANT = "pdf/ua-1"
_KEPT = 86_400  # seconds
_PATIENCE = 120  # so long a reader waits for a worker that is busy or away
_LONGEST = 600  # a job that is older was lost with its worker
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Stage(StrEnum):
    """How far a document is."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "unknown"


def digest_of(html: str) -> str:
    """Names the document of a page."""
    return hashlib.sha256(html.encode()).hexdigest()


def _path(digest: str, kind: str) -> Path:
    root = Path(config["ckan.storage_path"]) / "sozialdaten" / "printed"
    return root / f"{digest}.{kind}"


def stage_of(digest: str) -> Stage:
    """How far the document of a page is; what is no digest is unknown."""
    if not _DIGEST.fullmatch(digest):
        return Stage.UNKNOWN
    if _path(digest, "pdf").exists():
        return Stage.READY
    if _path(digest, "failed").exists():
        return Stage.FAILED
    return Stage.WAITING if _age(_path(digest, "html")) < _PATIENCE else Stage.UNKNOWN


def begin(html: str) -> Stage:
    """Have a document printed, unless it is at hand, or waits, or failed a moment ago.

    Returns:
        How far it is; ``UNKNOWN`` where there is no queue to send it to, or nobody works on it.
    """
    digest = digest_of(html)
    if (stage := stage_of(digest)) is not Stage.UNKNOWN:
        return stage
    if _age(_path(digest, "html")) < _LONGEST:
        return Stage.UNKNOWN
    _write(_path(digest, "html"), html.encode())
    # a reader waits: what harvests and checks do in the background can come a minute later
    options = {"timeout": _LONGEST, "at_front": True}
    try:
        tk.enqueue_job(print_job, [digest], title="print a report", rq_kwargs=options)
    except RedisError:
        _path(digest, "html").unlink(missing_ok=True)
        return Stage.UNKNOWN
    return Stage.WAITING


def printed(html: str) -> bytes:
    """The document of a page: the one that is kept, or made now.

    Raises:
        PrintingError: it could not be made.
    """
    path = _path(digest_of(html), "pdf")
    with contextlib.suppress(OSError):
        return path.read_bytes()
    content = print_pdf(html, _VARIANT)
    _write(path, content)
    return content


def print_job(digest: str) -> None:
    """The job: print what waits under a digest, and clear away what is old."""
    _sweep()
    page = _path(digest, "html")
    try:
        printed(page.read_text("utf-8"))
    except FileNotFoundError:
        return  # swept away, or printed already
    except PrintingError:
        _write(_path(digest, "failed"), b"")
        raise
    finally:
        page.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(8)}")
    part.write_bytes(content)
    part.replace(path)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _sweep() -> None:
    """Remove old documents; of a failure only that it must not be tried again at once."""
    for path in _path("", "").parent.iterdir():
        if _age(path) > (_LONGEST if path.suffix == ".failed" else _KEPT):
            path.unlink(missing_ok=True)
