"""Errors of the gate.

::

    SozialdatenError
    └── PublishingError
        ├── GateClosedError    a write that only the release action may do
        ├── TamperedError      bytes on disk are not those that were approved
        ├── DocumentError      a document of a release could not be made
        ├── UnreadableError    a resource cannot be read as its layout says
        └── SelfCheckError     a ring of the gate is missing: the portal must not start
"""

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = [
    "DocumentError",
    "GateClosedError",
    "PublishingError",
    "SelfCheckError",
    "TamperedError",
    "UnreadableError",
]


class PublishingError(SozialdatenError):
    """Any error of the gate."""

    code = "publishing"


class GateClosedError(PublishingError):
    """A write that only the release action may do."""

    code = "gate-closed"


class TamperedError(PublishingError):
    """Stored bytes differ from their content address."""

    code = "tampered"


class DocumentError(PublishingError):
    """A document of a release that could not be made."""

    code = "document"


class UnreadableError(PublishingError):
    """A resource that cannot be read as its layout says."""

    code = "unreadable"


class SelfCheckError(PublishingError):
    """A ring of the gate is missing."""

    code = "self-check"
