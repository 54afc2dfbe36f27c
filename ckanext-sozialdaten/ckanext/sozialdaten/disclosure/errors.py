"""What can go wrong in this room, apart from findings, which are results and no errors.

::

    DisclosureError
    ├── UnreadableFileError   a file, sheet or row that nobody can check: never "safe"
    ├── PolicyError        a policy file that says something that cannot be
    ├── RolesError         roles for columns that do not exist, or unknown roles
    ├── MissingEngineError    the asked engine is not installed
    └── NotSupportedError     a check that was asked for and that cannot be done: refused, never
    left out
"""

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = [
    "DisclosureError",
    "MissingEngineError",
    "NotSupportedError",
    "PolicyError",
    "RolesError",
    "UnreadableFileError",
]


class DisclosureError(SozialdatenError):
    """Root of this room's errors."""

    code = "disclosure"


class UnreadableFileError(DisclosureError):
    """A file that cannot be read as a table."""

    code = "disclosure-unreadable"


class PolicyError(DisclosureError):
    """A policy that does not exist or that is written wrongly."""

    code = "disclosure-policy"


class RolesError(DisclosureError):
    """Roles that do not fit the table."""

    code = "disclosure-roles"


class MissingEngineError(DisclosureError):
    """An engine that is not installed here."""

    code = "disclosure-engine"


class NotSupportedError(DisclosureError):
    """A check that was asked for and that this table or version does not allow."""

    code = "disclosure-not-supported"
