"""Sums and means of values, such as turnover or benefits, and the contributors behind them."""

from ckanext.sozialdaten.disclosure.magnitudes._contributors import (
    Contributors,
    contributors_of,
    read_contributors,
)
from ckanext.sozialdaten.disclosure.magnitudes._match import Matched, match
from ckanext.sozialdaten.disclosure.magnitudes._sensitivity import (
    Contributions,
    Sensitivity,
    Weighting,
    sensitivity,
)

__all__ = [
    "Contributions",
    "Contributors",
    "Matched",
    "Sensitivity",
    "Weighting",
    "contributors_of",
    "match",
    "read_contributors",
    "sensitivity",
]
