"""Cells that a spreadsheet program would run: formulas smuggled into text.

A text that starts with ``=`` or ``@`` is a formula to a spreadsheet that opens a CSV file; one that
starts with a sign is one if it calls a function or another program. Negative numbers, telephone
numbers, signs that stand alone and labels such as ``- insgesamt`` are none. Source: OWASP, CSV
Injection.
"""

import re
from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import column_finding
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "formula"
_TEXT = "The column {column} holds texts that a spreadsheet runs as a formula ({rows} rows)."
_REMEDY = Message(
    "Write the value itself instead of the formula, or put an apostrophe before the text."
)
_FORMULA = re.compile(r"[\t\r]*(?:=\s*[^\s=]|@\s*\w+\s*\(|[+-].*(?:\w\(|\|.*!))", re.DOTALL)
_STARTS = ("=", "@", "+", "-", "\t", "\r")


def _is_formula(text: str) -> bool:
    return text.startswith(_STARTS) and _FORMULA.match(text) is not None


def _find(subject: Subject) -> Iterator[Finding]:
    for name, profile in subject.profiles.items():
        hits = [] if profile.typed else [text for text in profile.values if _is_formula(text)]
        if hits or _is_formula(name):
            yield column_finding(
                subject, _ID, _TEXT, name, hits, severity=Severity.WARN, remedy=_REMEDY
            )


RULE = Rule(_ID, Message("Formulas in texts"), _find)
