"""Person-level tables: what groups of equal persons give away, and how likely one is found again.

Every measure is one Ibis expression, the same on DuckDB and on PySpark.
"""

from ckanext.sozialdaten.disclosure.persons._classes import class_sizes, class_values
from ckanext.sozialdaten.disclosure.persons._coding import Codes, coded
from ckanext.sozialdaten.disclosure.persons._counted import counted
from ckanext.sozialdaten.disclosure.persons._cube import Cube
from ckanext.sozialdaten.disclosure.persons._ground import Equal, Ground, Ordered, Tree
from ckanext.sozialdaten.disclosure.persons._limits import Limit, Sizes, Values
from ckanext.sozialdaten.disclosure.persons._measure import measure
from ckanext.sozialdaten.disclosure.persons._population import population_uniqueness
from ckanext.sozialdaten.disclosure.persons._ranking import Telling, telling
from ckanext.sozialdaten.disclosure.persons._risk import (
    Risks,
    household_risk,
    individual_risk,
    risks,
)
from ckanext.sozialdaten.disclosure.persons._sensitive import Sensitive
from ckanext.sozialdaten.disclosure.persons._suda import Special, special_uniques

__all__ = [
    "Codes",
    "Cube",
    "Equal",
    "Ground",
    "Limit",
    "Ordered",
    "Risks",
    "Sensitive",
    "Sizes",
    "Special",
    "Telling",
    "Tree",
    "Values",
    "class_sizes",
    "class_values",
    "coded",
    "counted",
    "household_risk",
    "individual_risk",
    "measure",
    "population_uniqueness",
    "risks",
    "special_uniques",
    "telling",
]
