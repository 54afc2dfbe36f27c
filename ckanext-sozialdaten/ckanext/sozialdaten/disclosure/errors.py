"""What can go wrong in this room, apart from findings, which are results and no errors.

::

    DisclosureError
    ├── UnreadableFile   a file, sheet or row that nobody can check: never "safe"
    ├── BadPolicy        a policy file that says something that cannot be
    ├── BadRoles         roles for columns that do not exist, or unknown roles
    ├── MissingEngine    the asked engine is not installed
    └── NotSupported     a check that was asked for and that cannot be done: refused, never left out
"""

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = [
    "BadPolicy",
    "BadRoles",
    "DisclosureError",
    "MissingEngine",
    "NotSupported",
    "UnreadableFile",
]


class DisclosureError(SozialdatenError):
    """Root of this room's errors."""

    code = "disclosure"


class UnreadableFile(DisclosureError):
    """A file that cannot be read as a table."""

    code = "disclosure-unreadable"


class BadPolicy(DisclosureError):
    """A policy that does not exist or that is written wrongly."""

    code = "disclosure-policy"


class BadRoles(DisclosureError):
    """Roles that do not fit the table."""

    code = "disclosure-roles"


class MissingEngine(DisclosureError):
    """An engine that is not installed here."""

    code = "disclosure-engine"


class NotSupported(DisclosureError):
    """A check that was asked for and that this table or version does not allow."""

    code = "disclosure-not-supported"
