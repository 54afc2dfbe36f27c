"""Errors of the lake.

::

    LakeError
    ├── LayoutError         a layout or a settings file says something that cannot be
    ├── SettingsError       the lake is not configured, or not for this zone
    ├── ObservationError    observations that must not enter the lake
    ├── ZoneError           person-level rows outside the restricted zone
    ├── UnknownSeriesError  a question for a series that the zone does not hold
    └── BusyError           other writers kept winning; nothing was written
"""

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = [
    "BusyError",
    "LakeError",
    "LayoutError",
    "ObservationError",
    "SettingsError",
    "UnknownSeriesError",
    "ZoneError",
]


class LakeError(SozialdatenError):
    """Something is wrong with the lake or with what it shall take."""

    code = "lake"


class LayoutError(LakeError):
    """A layout cannot be understood; names the key and the way out."""

    code = "layout"


class SettingsError(LakeError):
    """Folder or catalogue of a zone are not configured in this process."""

    code = "lake_settings"


class ObservationError(LakeError):
    """Observations break the contract of the lake; nothing of the delivery was written."""

    code = "observation"


class ZoneError(LakeError):
    """An operation that this zone never allows."""

    code = "zone"


class UnknownSeriesError(LakeError):
    """The zone holds no such series."""

    code = "unknown_series"


class BusyError(LakeError):
    """Other writers changed the same table again and again; the caller may try again."""

    code = "lake_busy"
