"""HTML to an accessible PDF/A for archives, in a process of its own.

The process ends with the document, so that the web server keeps none of its memory, and it fetches
nothing: a page can name no file and no address.
"""

import subprocess
import sys

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing.errors import DocumentError

__all__ = ["pdf_of"]

_SECONDS = 60


def pdf_of(html: str) -> bytes:
    """A tagged PDF/A-3a of a page that holds its own styles.

    Raises:
        DocumentError: the document could not be made.
    """
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=html.encode(), capture_output=True, timeout=_SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise DocumentError(
            Message("The document could not be made."),
            Message("Try again; if it fails again, tell the operator of this portal."),
        ) from error
    return done.stdout


def _refuse(url: str, *_args: object, **_options: object) -> dict[str, object]:
    raise ValueError(f"a document fetches nothing, not even {url[:40]}")


def _main() -> None:
    from weasyprint import HTML

    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=_refuse)
    page.write_pdf(sys.stdout.buffer, pdf_variant="pdf/a-3a", pdf_tags=True)


if __name__ == "__main__":
    _main()
