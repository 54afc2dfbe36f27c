"""Where the two zones lie, and whether this process may know."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from ckanext.sozialdaten.lake._model import Zone
from ckanext.sozialdaten.lake.errors import SettingsError
from ckanext.sozialdaten.messages import Message

__all__ = ["LakeSettings", "ZoneSettings"]

_WAREHOUSE = "SOZIALDATEN_LAKE_{zone}"
_CATALOG = "SOZIALDATEN_LAKE_{zone}_CATALOG"
_MOUNT = "SOZIALDATEN_LAKE_{zone}_MOUNT"
_S3 = "SOZIALDATEN_LAKE_{zone}_S3_{what}"
_S3_PROPERTIES = {
    "ENDPOINT": "s3.endpoint",
    "REGION": "s3.region",
    "ACCESS_KEY_ID": "s3.access-key-id",
    "SECRET_ACCESS_KEY": "s3.secret-access-key",
}


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """One zone.

    Args:
        warehouse: folder, or ``s3://bucket/prefix``.
        catalog: SQLAlchemy URL of the Iceberg catalogue, in production
            ``postgresql+psycopg2://user:password@host:port/database``.
        properties: further properties of PyIceberg, such as ``s3.endpoint``.
        mount: folder that must be a mounted file system and hold the warehouse, where one encrypts
            it; empty: any.
    """

    warehouse: str
    catalog: str = field(repr=False)
    properties: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    mount: str = ""


@dataclass(frozen=True, slots=True)
class LakeSettings:
    """The zones that this process may use. Web processes are not given the restricted one."""

    zones: Mapping[Zone, ZoneSettings]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "LakeSettings":
        """Read ``SOZIALDATEN_LAKE_<ZONE>`` and ``SOZIALDATEN_LAKE_<ZONE>_CATALOG``.

        For a bucket also ``SOZIALDATEN_LAKE_<ZONE>_S3_ENDPOINT``, ``…_S3_REGION``,
        ``…_S3_ACCESS_KEY_ID`` and ``…_S3_SECRET_ACCESS_KEY``: each zone has keys of its own.
        Without them the usual environment of AWS applies. ``SOZIALDATEN_LAKE_<ZONE>_MOUNT`` names
        the file system that encrypts a folder: without it being mounted nothing is written.

        Raises:
            SettingsError: a zone has one of the two but not the other.
        """
        given = os.environ if environment is None else environment
        zones: dict[Zone, ZoneSettings] = {}
        for zone in Zone:
            names = [pattern.format(zone=zone.upper()) for pattern in (_WAREHOUSE, _CATALOG)]
            warehouse, catalog = (given.get(name, "") for name in names)
            if bool(warehouse) != bool(catalog):
                raise SettingsError(
                    Message("The zone {zone} is only half configured.", {"zone": zone}),
                    Message("Set both {names}.", {"names": ", ".join(names)}),
                )
            if warehouse:
                properties = {
                    name: given[_S3.format(zone=zone.upper(), what=what)]
                    for what, name in _S3_PROPERTIES.items()
                    if given.get(_S3.format(zone=zone.upper(), what=what))
                }
                mount = given.get(_MOUNT.format(zone=zone.upper()), "")
                zones[zone] = ZoneSettings(warehouse, catalog, properties, mount)
        return cls(zones)

    def default_zone(self) -> Zone:
        """The restricted zone where this process may use it, else the public one."""
        return Zone.RESTRICTED if Zone.RESTRICTED in self.zones else Zone.PUBLIC

    def of(self, zone: Zone) -> ZoneSettings:
        """The settings of ``zone``.

        Raises:
            SettingsError: this process was not given the zone.
        """
        if zone not in self.zones:
            names = [pattern.format(zone=zone.upper()) for pattern in (_WAREHOUSE, _CATALOG)]
            raise SettingsError(
                Message("The zone {zone} of the lake is not open to this process.", {"zone": zone}),
                Message(
                    "Run it through “deployment/portal run”, or set {names}.",
                    {"names": ", ".join(names)},
                ),
            )
        return self.zones[zone]
