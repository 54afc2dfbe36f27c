"""HTML to an accessible PDF/A for archives."""

from ckanext.sozialdaten.printing import PrintingError, print_pdf
from ckanext.sozialdaten.publishing.errors import DocumentError

__all__ = ["pdf_of"]


def pdf_of(html: str) -> bytes:
    """A tagged PDF/A-3a of a page that holds its own styles.

    Raises:
        DocumentError: the document could not be made.
    """
    try:
        return print_pdf(html, "pdf/a-3a")
    except PrintingError as error:
        raise DocumentError(error.message, error.hint) from error
