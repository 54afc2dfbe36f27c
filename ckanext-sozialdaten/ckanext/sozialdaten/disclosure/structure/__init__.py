"""How published tables hang together: their cells by dimensions, which sum up others, and the
space that several tables share.

Reading alone: neither the attack nor suppression stands here, and neither knows the other.
"""

from ckanext.sozialdaten.disclosure.structure._absent import completed, leaves_out_empty
from ckanext.sozialdaten.disclosure.structure._axes import Axis
from ckanext.sozialdaten.disclosure.structure._cells import Cells, cells_of
from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension
from ckanext.sozialdaten.disclosure.structure._hierarchies import parse_hierarchies, read_parents
from ckanext.sozialdaten.disclosure.structure._kinship import Kin, Kinship, kinship
from ckanext.sozialdaten.disclosure.structure._meaning import Period, Topic, bands, period
from ckanext.sozialdaten.disclosure.structure._precision import Noise, Precision
from ckanext.sozialdaten.disclosure.structure._relations import (
    Group,
    Kind,
    Relation,
    groups,
    relations,
)
from ckanext.sozialdaten.disclosure.structure._space import Key, Space, Sum, space_of
from ckanext.sozialdaten.disclosure.structure._tiles import tiled
from ckanext.sozialdaten.disclosure.structure._times import dated
from ckanext.sozialdaten.disclosure.structure._views import TOTAL, Code, Side, View, views

__all__ = [
    "TOTAL",
    "Axis",
    "Cells",
    "Code",
    "Dimension",
    "Group",
    "Key",
    "Kin",
    "Kind",
    "Kinship",
    "Noise",
    "Period",
    "Precision",
    "Relation",
    "Side",
    "Space",
    "Sum",
    "Topic",
    "View",
    "bands",
    "cells_of",
    "completed",
    "dated",
    "groups",
    "kinship",
    "leaves_out_empty",
    "parse_hierarchies",
    "period",
    "read_parents",
    "relations",
    "space_of",
    "tiled",
    "views",
]
