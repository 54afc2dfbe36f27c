"""The attack: what an outsider derives for suppressed cells from everything that is published.

This package shares no code with whatever suppresses cells: it gets what is published alone, as
statements on atoms, the cells of the finest partition that all tables have in common.
"""

from ckanext.sozialdaten.disclosure.attack._answers import Answer, Interval, Status
from ckanext.sozialdaten.disclosure.attack._atoms import Table, Translated, translate
from ckanext.sozialdaten.disclosure.attack._insiders import Insider, Insiders, insiders
from ckanext.sozialdaten.disclosure.attack._leaks import Effort, Explainer
from ckanext.sozialdaten.disclosure.attack._marks import Bounds, mark_bounds, parse_marks
from ckanext.sozialdaten.disclosure.attack._proof import errors, proof
from ckanext.sozialdaten.disclosure.attack._sentences import leaks_json, sentence
from ckanext.sozialdaten.disclosure.attack._solve import solve
from ckanext.sozialdaten.disclosure.attack._statements import Figure, Statement, Target

__all__ = [
    "Answer",
    "Bounds",
    "Effort",
    "Explainer",
    "Figure",
    "Insider",
    "Insiders",
    "Interval",
    "Statement",
    "Status",
    "Table",
    "Target",
    "Translated",
    "errors",
    "insiders",
    "leaks_json",
    "mark_bounds",
    "parse_marks",
    "proof",
    "sentence",
    "solve",
    "translate",
]
