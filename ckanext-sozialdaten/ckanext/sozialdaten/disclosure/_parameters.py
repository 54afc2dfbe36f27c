"""The numbers of a policy, section by section; 0 or false switches a rule off.

``schemas/policies/amtliche-statistik-3.yaml`` says what each one means.
"""

import dataclasses
from enum import StrEnum

__all__ = [
    "CellKey",
    "Dominance",
    "Frequency",
    "Groups",
    "Identifiers",
    "Persons",
    "Protection",
    "Rates",
    "Releases",
    "ReportLimits",
    "SmallAreas",
    "Suppression",
    "Zeros",
]


class Zeros(StrEnum):
    """What a published zero is."""

    PUBLISH = "publish"
    PROTECT = "protect"


@dataclasses.dataclass(frozen=True, slots=True)
class Identifiers:
    """Direct identifiers."""

    check: bool
    significance: float
    max_values: int
    name_share: float
    unique_rows: int


@dataclasses.dataclass(frozen=True, slots=True)
class Frequency:
    """Minimum frequency of published counts."""

    check: bool
    minimum: int
    zeros: Zeros
    total_share: float


@dataclasses.dataclass(frozen=True, slots=True)
class Groups:
    """Cells that hold a whole group: who belongs to the group is known to be in the cell."""

    check: bool
    full_share: float
    near_share: float
    block: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Dominance:
    """Magnitudes with few or dominating contributors."""

    check: bool
    contributors: int
    n: int
    k_percent: float
    p_percent: float
    q_percent: float


@dataclasses.dataclass(frozen=True, slots=True)
class Suppression:
    """What the attack on suppressed cells must not achieve."""

    check: bool
    minimum_width: float
    minimum_width_percent: float
    insiders: bool
    integer_width: float
    max_cells: int
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Protection:
    """What a protected table keeps rather, and how far the search for the best one goes."""

    margin_weight: float
    earlier_weight: float
    exact_cells: int
    exact_rounds: int
    exact_nodes: int
    further_percent: float
    rounding_base: int
    max_lost_share: float


@dataclasses.dataclass(frozen=True, slots=True)
class CellKey:
    """The noise of the Cell Key Method: see Giessing and Tent (2019) and the package ptable."""

    deviation: int
    variance: float
    forbidden_below: int


@dataclasses.dataclass(frozen=True, slots=True)
class Persons:
    """Person-level tables."""

    check: bool
    k: int
    distinct_l: int
    entropy_l: float
    recursive_c: float
    recursive_l: int
    max_share: float
    t: float
    max_individual_risk: float
    max_global_risk: float
    max_set: int
    max_columns: int
    max_distinct_share: float


@dataclasses.dataclass(frozen=True, slots=True)
class Rates:
    """Rates, means and shares that give back a count."""

    check: bool
    evidence_rows: int


@dataclasses.dataclass(frozen=True, slots=True)
class Releases:
    """Differences between releases and linked tables."""

    check: bool
    minimum_difference: int


@dataclasses.dataclass(frozen=True, slots=True)
class SmallAreas:
    """Areas that are too small for social figures."""

    check: bool
    minimum_population: int


@dataclasses.dataclass(frozen=True, slots=True)
class ReportLimits:
    """How long a report may get."""

    max_cells: int
    max_sets: int
