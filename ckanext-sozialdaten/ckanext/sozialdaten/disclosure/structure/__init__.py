"""How a published table hangs together: its cells by dimensions, and which sum up others.

Reading alone: neither the attack nor suppression stands here, and neither knows the other.
"""

from ckanext.sozialdaten.disclosure.structure._cells import Cells, Dimension, cells_of
from ckanext.sozialdaten.disclosure.structure._precision import Noise, Precision
from ckanext.sozialdaten.disclosure.structure._relations import (
    Group,
    Kind,
    Relation,
    groups,
    relations,
)

__all__ = [
    "Cells",
    "Dimension",
    "Group",
    "Kind",
    "Noise",
    "Precision",
    "Relation",
    "cells_of",
    "groups",
    "relations",
]
