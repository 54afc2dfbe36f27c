"""The problem that a file in the JJ format describes."""

from ckanext.sozialdaten.disclosure.structure._jj import JJInstance, JJStatus
from ckanext.sozialdaten.disclosure.suppression._problem import Equation, Problem, Sums

__all__ = ["problem_of"]


def problem_of(instance: JJInstance) -> Problem:
    """The problem of an instance; cells that its file says are suppressed may be published again.

    Printed values need not add up to the last digit: the problem speaks of deviations alone.
    """
    equations = [Equation(row.cells, row.coefficients) for row in instance.equations]
    return Problem(
        instance.values,
        instance.costs,
        instance.low,
        instance.high,
        instance.has(JJStatus.PRIMARY),
        instance.has(JJStatus.PUBLISHED),
        Sums.of(equations),
        up=instance.up,
        down=instance.down,
        width=instance.width,
    )
