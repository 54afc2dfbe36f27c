"""The problem that a file in the JJ format describes."""

import numpy as np

from ckanext.sozialdaten.disclosure.structure._jj import JJInstance, JJStatus
from ckanext.sozialdaten.disclosure.suppression._problem import Equation, Problem, Sums

__all__ = ["problem_of"]


def problem_of(instance: JJInstance) -> Problem:
    """The problem of an instance; cells that its file says are suppressed may be published again.

    Printed values need not add up to the last digit: the problem speaks of deviations alone.
    """
    primary = instance.has(JJStatus.PRIMARY)
    # A primary cell of which the file asks nothing must not follow exactly all the same.
    asked = (instance.up > 0) | (instance.down > 0) | (instance.width > 0)
    least = np.minimum(1.0, np.maximum(np.abs(instance.values), 1.0) / 100)
    if bool((instance.values % 1 == 0).all()):
        least = np.ones(len(instance))
    equations = [Equation(row.cells, row.coefficients) for row in instance.equations]
    return Problem(
        instance.values,
        instance.costs,
        instance.low,
        instance.high,
        primary,
        instance.has(JJStatus.PUBLISHED),
        Sums.of(equations),
        up=instance.up,
        down=instance.down,
        width=np.where(primary & ~asked, least, instance.width),
    )
