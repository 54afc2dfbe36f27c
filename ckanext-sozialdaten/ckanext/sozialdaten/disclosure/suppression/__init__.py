"""Which cells to suppress besides the small ones, so that no sum gives them back.

The model speaks of deviations from the true table. It shares nothing with the attack, which gets
the published table alone and speaks of the unknown cells.
"""

from ckanext.sozialdaten.disclosure.suppression._build import Built, Wanted, build
from ckanext.sozialdaten.disclosure.suppression._instance import problem_of
from ckanext.sozialdaten.disclosure.suppression._joined import Margin, joined, with_margins
from ckanext.sozialdaten.disclosure.suppression._limits import Limits
from ckanext.sozialdaten.disclosure.suppression._pattern import (
    Method,
    Pattern,
    Unsolvable,
    suppress,
)
from ckanext.sozialdaten.disclosure.suppression._problem import Equation, Problem, Sums

__all__ = [
    "Built",
    "Equation",
    "Limits",
    "Margin",
    "Method",
    "Pattern",
    "Problem",
    "Sums",
    "Unsolvable",
    "Wanted",
    "build",
    "joined",
    "problem_of",
    "suppress",
    "with_margins",
]
