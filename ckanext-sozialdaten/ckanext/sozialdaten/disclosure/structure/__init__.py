"""How a published table hangs together: its cells by dimensions, and which sum up others.

Reading alone: neither the attack nor suppression stands here, and neither knows the other.
"""

from ckanext.sozialdaten.disclosure.structure._cells import Cells, cells_of
from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension
from ckanext.sozialdaten.disclosure.structure._jj import (
    JJEquation,
    JJInstance,
    JJStatus,
    parse_jj,
    read_jj,
    write_jj,
)
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
    "JJEquation",
    "JJInstance",
    "JJStatus",
    "Kind",
    "Noise",
    "Precision",
    "Relation",
    "cells_of",
    "groups",
    "parse_jj",
    "read_jj",
    "relations",
    "write_jj",
]
