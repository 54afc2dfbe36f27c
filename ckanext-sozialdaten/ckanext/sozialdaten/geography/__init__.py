"""The room geography: regions by AGS and ARS, their hierarchy, names and boundaries."""

from ckanext.sozialdaten.geography._files import Feature, FeatureCollection, Geometry, Region
from ckanext.sozialdaten.geography._keys import Level, ars_to_ags, canonical_key, key_level
from ckanext.sozialdaten.geography._register import Register
from ckanext.sozialdaten.geography.errors import (
    BadRegionKey,
    GeographyError,
    RegisterError,
    UnknownRegion,
)

__all__ = [
    "BadRegionKey",
    "Feature",
    "FeatureCollection",
    "GeographyError",
    "Geometry",
    "Level",
    "Region",
    "Register",
    "RegisterError",
    "UnknownRegion",
    "ars_to_ags",
    "canonical_key",
    "key_level",
]
