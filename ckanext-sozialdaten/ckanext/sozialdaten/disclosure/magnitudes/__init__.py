"""Sums and means of values, such as turnover or benefits, and the contributors behind them."""

from ckanext.sozialdaten.disclosure.magnitudes._contributors import (
    Contributors,
    contributors_of,
    read_contributors,
)
from ckanext.sozialdaten.disclosure.magnitudes._demands import Demand, Demands, demands_of
from ckanext.sozialdaten.disclosure.magnitudes._match import Matched, match
from ckanext.sozialdaten.disclosure.magnitudes._sensitivity import (
    Contributions,
    Sensitivity,
    Weighting,
    sensitivity,
)
from ckanext.sozialdaten.disclosure.magnitudes._verdicts import Verdict, verdicts

__all__ = [
    "Contributions",
    "Contributors",
    "Demand",
    "Demands",
    "Matched",
    "Sensitivity",
    "Verdict",
    "Weighting",
    "contributors_of",
    "demands_of",
    "match",
    "read_contributors",
    "sensitivity",
    "verdicts",
]
