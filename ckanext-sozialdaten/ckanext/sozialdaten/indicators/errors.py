"""Errors of the indicators.

::

    IndicatorError
    ├── DefinitionError         a definition says something that cannot be computed
    ├── UnknownIndicatorError   no definition has this id
    └── QuestionError           a question that a definition cannot answer
"""

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = ["DefinitionError", "IndicatorError", "QuestionError", "UnknownIndicatorError"]


class IndicatorError(SozialdatenError):
    """Something is wrong with an indicator or with a question for one."""

    code = "indicator"


class DefinitionError(IndicatorError):
    """A definition cannot be computed; names the file, the key and the way out."""

    code = "indicator_definition"


class UnknownIndicatorError(IndicatorError):
    """No definition has this id."""

    code = "unknown_indicator"


class QuestionError(IndicatorError):
    """A question that cannot be answered: an unknown region, level or series."""

    code = "indicator_question"
