"""The room geography: regions by AGS and ARS, their hierarchy, names and boundaries."""

from ckanext.sozialdaten.geography._convert import Conversion, convert, ratio
from ckanext.sozialdaten.geography._crosswalk import (
    Crosswalk,
    Share,
    Territories,
    Weight,
    state_day,
)
from ckanext.sozialdaten.geography._features import Feature, FeatureCollection, Geometry
from ckanext.sozialdaten.geography._files import Region
from ckanext.sozialdaten.geography._keys import (
    Level,
    ars_to_ags,
    canonical_key,
    key_level,
    small_area_key,
)
from ckanext.sozialdaten.geography._register import Register
from ckanext.sozialdaten.geography.errors import (
    BadRegionKey,
    GeographyError,
    NoWay,
    RegisterError,
    UnknownRegion,
)

__all__ = [
    "BadRegionKey",
    "Conversion",
    "Crosswalk",
    "Feature",
    "FeatureCollection",
    "GeographyError",
    "Geometry",
    "Level",
    "NoWay",
    "Region",
    "Register",
    "RegisterError",
    "Share",
    "Territories",
    "UnknownRegion",
    "Weight",
    "ars_to_ags",
    "canonical_key",
    "convert",
    "key_level",
    "ratio",
    "small_area_key",
    "state_day",
]
