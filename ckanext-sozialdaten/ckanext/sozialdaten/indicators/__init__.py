"""The room indicators: formulas over the lake, comparison values, uncertainty.

Light to import: web processes may; engines are loaded when something is computed.
"""

from ckanext.sozialdaten.indicators._catalogue import Catalogue, LeftOut, catalogue
from ckanext.sozialdaten.indicators._compare import Comparison, Verdict, compare, verdict
from ckanext.sozialdaten.indicators._curve import Curve, cubic
from ckanext.sozialdaten.indicators._definitions import read_text
from ckanext.sozialdaten.indicators._explained import Cell, Explanation, Use
from ckanext.sozialdaten.indicators._face import combine, compute, explain
from ckanext.sozialdaten.indicators._funnel import (
    Funnel,
    Limits,
    Standing,
    dispersion,
    funnel,
    standing,
)
from ckanext.sozialdaten.indicators._model import (
    Expression,
    Filter,
    Function,
    Indicator,
    Input,
    Interval,
    Mean,
    Part,
    Periods,
    Polarity,
    Scale,
    SmallNumbers,
    State,
    Statistic,
    Step,
    Time,
    Upward,
)
from ckanext.sozialdaten.indicators._similar import Common, Similar, similar
from ckanext.sozialdaten.indicators._store import Figures
from ckanext.sozialdaten.indicators._straight import Straight, straight
from ckanext.sozialdaten.indicators.errors import (
    DefinitionError,
    IndicatorError,
    QuestionError,
    UnknownIndicatorError,
)

__all__ = [
    "Catalogue",
    "Cell",
    "Common",
    "Comparison",
    "Curve",
    "DefinitionError",
    "Explanation",
    "Expression",
    "Figures",
    "Filter",
    "Function",
    "Funnel",
    "Indicator",
    "IndicatorError",
    "Input",
    "Interval",
    "LeftOut",
    "Limits",
    "Mean",
    "Part",
    "Periods",
    "Polarity",
    "QuestionError",
    "Scale",
    "Similar",
    "SmallNumbers",
    "Standing",
    "State",
    "Statistic",
    "Step",
    "Straight",
    "Time",
    "UnknownIndicatorError",
    "Upward",
    "Use",
    "Verdict",
    "catalogue",
    "combine",
    "compare",
    "compute",
    "cubic",
    "dispersion",
    "explain",
    "funnel",
    "read_text",
    "similar",
    "standing",
    "straight",
    "verdict",
]
