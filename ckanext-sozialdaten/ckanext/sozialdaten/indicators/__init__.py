"""The room indicators: formulas over the lake, comparison values, uncertainty.

Light to import: web processes may; engines are loaded when something is computed.
"""

from ckanext.sozialdaten.indicators._catalogue import Catalogue, catalogue
from ckanext.sozialdaten.indicators._face import compute
from ckanext.sozialdaten.indicators._model import (
    Expression,
    Function,
    Indicator,
    Input,
    Interval,
    Periods,
    Polarity,
    SmallNumbers,
    State,
    Step,
    Time,
    Upward,
)
from ckanext.sozialdaten.indicators._store import Figures
from ckanext.sozialdaten.indicators.errors import (
    DefinitionError,
    IndicatorError,
    QuestionError,
    UnknownIndicatorError,
)

__all__ = [
    "Catalogue",
    "DefinitionError",
    "Expression",
    "Figures",
    "Function",
    "Indicator",
    "IndicatorError",
    "Input",
    "Interval",
    "Periods",
    "Polarity",
    "QuestionError",
    "SmallNumbers",
    "State",
    "Step",
    "Time",
    "UnknownIndicatorError",
    "Upward",
    "catalogue",
    "compute",
]
