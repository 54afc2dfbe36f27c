"""The attack: what an outsider derives for suppressed cells from everything that is published.

This package shares no code with whatever suppresses cells: it gets the published table alone.
"""

from ckanext.sozialdaten.disclosure.attack._cells import Cells, Dimension, cells_of
from ckanext.sozialdaten.disclosure.attack._relations import (
    Group,
    Kind,
    Relation,
    groups,
    relations,
)
from ckanext.sozialdaten.disclosure.attack._solve import Interval, Status, solve
from ckanext.sozialdaten.disclosure.attack._system import Equation, equations

__all__ = [
    "Cells",
    "Dimension",
    "Equation",
    "Group",
    "Interval",
    "Kind",
    "Relation",
    "Status",
    "cells_of",
    "equations",
    "groups",
    "relations",
    "solve",
]
