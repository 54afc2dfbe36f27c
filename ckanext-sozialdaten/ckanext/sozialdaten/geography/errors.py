"""Errors of the room geography.

::

    GeographyError
    ├── BadRegionKey     the text is no region key
    ├── UnknownRegion    well formed, but not in the register
    ├── NoWay            no list of changes leads to the territorial state
    └── RegisterError    a register or boundary file cannot be read
"""

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = ["BadRegionKey", "GeographyError", "NoWay", "RegisterError", "UnknownRegion"]


class GeographyError(SozialdatenError):
    """Something is wrong with a region."""

    code = "geography"


class BadRegionKey(GeographyError):  # noqa: N818 - reads as the finding that it is
    """The text is no region key; the hint says what probably happened to it."""

    code = "bad_region_key"


class UnknownRegion(GeographyError):  # noqa: N818
    """The key is well formed, but the register has no such region."""

    code = "unknown_region"


class RegisterError(GeographyError):
    """A file of a register folder is not what the README of the room describes."""

    code = "region_register"


class NoWay(GeographyError):  # noqa: N818
    """No list of territorial changes leads from one state to the other."""

    code = "no_way"
