"""Free text in person-level tables: nobody can prove that it names no one."""

from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import DROP_COLUMN
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "free-text"


def _find(subject: Subject) -> Iterator[Finding]:
    if not subject.known.person_level:
        return
    for column in subject.known.columns(Role.FREE_TEXT):
        if subject.profiles[column].filled:
            yield Finding(
                _ID,
                Severity.BLOCK,
                Message("The column {column} is free text about persons.", {"column": column}),
                DROP_COLUMN,
                column=column,
            )


RULE = Rule(_ID, Message("Free text about persons"), _find)
