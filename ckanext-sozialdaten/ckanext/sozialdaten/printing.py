"""HTML to an accessible PDF, in a process of its own.

The process ends with the document, so that the web server keeps none of its memory and goes on
answering, and it fetches nothing: a page can name no file and no address.
"""

import subprocess
import sys

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.messages import Message

__all__ = ["PrintingError", "print_pdf"]

_SECONDS = 180  # a long report on a busy machine


class PrintingError(SozialdatenError):
    """The document could not be made."""

    code = "printing"


def print_pdf(html: str, variant: str) -> bytes:
    """A tagged PDF of a page that holds its own styles.

    Args:
        html: the page.
        variant: what it shall conform to: ``pdf/ua-1`` or ``pdf/a-3a``.

    Raises:
        PrintingError: the document could not be made.
    """
    command = [sys.executable, "-m", __name__, variant]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=html.encode(), capture_output=True, timeout=_SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise PrintingError(
            Message("The document could not be made."),
            Message("Try again; if it fails again, tell the operator of this portal."),
        ) from error
    return done.stdout


def _refuse(url: str, *_args: object, **_options: object) -> dict[str, object]:
    raise ValueError(f"a document fetches nothing, not even {url[:40]}")


def _main(variant: str) -> None:
    from weasyprint import HTML

    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=_refuse)
    page.write_pdf(sys.stdout.buffer, pdf_variant=variant, pdf_tags=True)


if __name__ == "__main__":
    _main(sys.argv[1])
