"""The attack: what an outsider derives for suppressed cells from everything that is published.

This package shares no code with whatever suppresses cells: it gets the published table alone.
"""

from ckanext.sozialdaten.disclosure.attack._solve import Interval, Status, solve
from ckanext.sozialdaten.disclosure.attack._system import Equation, equations

__all__ = ["Equation", "Interval", "Status", "equations", "solve"]
