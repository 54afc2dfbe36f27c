"""Why the process could not read a document; each is an exit code.

::

    DocumentFault
    ├── DamagedError     3
    ├── EncryptedError   4
    ├── TooMuchError     5
    ├── ActiveError      6   scripts or macros
    └── NoPageError      7
"""

from typing import ClassVar

__all__ = [
    "ActiveError",
    "DamagedError",
    "DocumentFault",
    "EncryptedError",
    "NoPageError",
    "TooMuchError",
]


class DocumentFault(Exception):  # noqa: N818 - the root of what is wrong with a document
    """Root: stays within the process that reads."""

    exit_code: ClassVar[int] = 3


class DamagedError(DocumentFault):
    """The file is no document of its kind."""


class EncryptedError(DocumentFault):
    """A password is needed."""

    exit_code = 4


class TooMuchError(DocumentFault):
    """More pages, parts or text than a document has."""

    exit_code = 5


class ActiveError(DocumentFault):
    """It would run something where it is opened."""

    exit_code = 6


class NoPageError(DocumentFault):
    """There is no such page."""

    exit_code = 7
