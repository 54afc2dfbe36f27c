"""Cells that a spreadsheet program would run: formulas smuggled into text.

A text that starts with ``=`` or ``@`` is a formula to a spreadsheet that opens a CSV file; one that
starts with a sign is one if it calls a function or another program. Negative numbers, telephone
numbers, signs that stand alone and labels such as ``- insgesamt`` are none. Source: OWASP, CSV
Injection.
"""

from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import column_finding
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.formulas import is_formula
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "formula"
_TEXT = "The column {column} holds texts that a spreadsheet runs as a formula ({rows} rows)."
_REMEDY = Message(
    "Write the value itself instead of the formula, or put an apostrophe before the text."
)


def _find(subject: Subject) -> Iterator[Finding]:
    for name, profile in subject.profiles.items():
        hits = [] if profile.typed else [text for text in profile.values if is_formula(text)]
        if hits or is_formula(name):
            yield column_finding(
                subject, _ID, _TEXT, name, hits, severity=Severity.WARN, remedy=_REMEDY
            )


RULE = Rule(_ID, Message("Formulas in texts"), _find)
