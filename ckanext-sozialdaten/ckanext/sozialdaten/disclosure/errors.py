"""What can go wrong in this room, apart from findings, which are results and no errors.

::

    DisclosureError
    ├── UnreadableFileError   a file, sheet or row that nobody can check: never "safe"
    ├── PolicyError        a policy file that says something that cannot be
    ├── RolesError         roles for columns that do not exist, or unknown roles
    ├── MissingEngineError    the asked engine is not installed
    ├── NotProtectedError     no safe copy of a table can be made: none is given
    ├── NotSupportedError     a check that was asked for and that cannot be done: refused, never
    │                         left out
    └── UnknownRuleError      the page of a rule that does not exist
"""

from ckanext.sozialdaten.errors import Place, SozialdatenError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "DisclosureError",
    "MissingEngineError",
    "NotProtectedError",
    "NotSupportedError",
    "PolicyError",
    "RolesError",
    "UnknownRuleError",
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


class NotProtectedError(DisclosureError):
    """A table of which no safe copy can be made.

    Args:
        rows: rows of the table, counted from 0, whose cells cannot be protected; empty if the
            obstacle lies elsewhere.
    """

    code = "disclosure-not-protected"

    def __init__(
        self,
        message: Message,
        hint: Message | None = None,
        place: Place | None = None,
        *,
        rows: tuple[int, ...] = (),
    ) -> None:
        super().__init__(message, hint, place)
        self.rows = rows


class UnknownRuleError(DisclosureError):
    """A rule that nobody wrote."""

    code = "disclosure-rule"
