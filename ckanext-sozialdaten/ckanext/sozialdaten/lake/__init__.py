"""The room lake: deliveries and observations as captured; any state, any Stichtag."""

from ckanext.sozialdaten.lake._encryption import Encryption, EncryptionFound, encryption_of
from ckanext.sozialdaten.lake._lake import MAX_AGE_DAYS, Lake
from ckanext.sozialdaten.lake._model import (
    AppendResult,
    Change,
    Delivery,
    Erased,
    Kind,
    Layouted,
    Received,
    Scope,
    SeriesInfo,
    Zone,
)
from ckanext.sozialdaten.lake._settings import LakeSettings, ZoneSettings
from ckanext.sozialdaten.lake.errors import (
    BusyError,
    LakeError,
    LayoutError,
    ObservationError,
    SettingsError,
    UnknownSeriesError,
    ZoneError,
)

__all__ = [
    "MAX_AGE_DAYS",
    "AppendResult",
    "BusyError",
    "Change",
    "Delivery",
    "Encryption",
    "EncryptionFound",
    "Erased",
    "Kind",
    "Lake",
    "LakeError",
    "LakeSettings",
    "LayoutError",
    "Layouted",
    "ObservationError",
    "Received",
    "Scope",
    "SeriesInfo",
    "SettingsError",
    "UnknownSeriesError",
    "Zone",
    "ZoneError",
    "ZoneSettings",
    "encryption_of",
]
