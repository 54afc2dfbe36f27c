"""What nobody has looked at: a table is not safe because of it."""

from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import LONGEST
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "not-examined"
_REMEDY = Message(
    "Leave the column out, put its values into groups, or raise identifiers.max_values in the"
    " policy: the check then takes longer."
)
_SHORTEN = Message("Put each statement into a cell of its own, or leave the text out.")


def _find(subject: Subject) -> Iterator[Finding]:
    for profile in subject.profiles.values():
        if profile.unseen:
            text = "The column {column} has too many different values: {values} were not looked at."
            message = Message(text, {"column": profile.name, "values": profile.unseen})
            yield Finding(_ID, Severity.BLOCK, message, _REMEDY, column=profile.name)
        if any(len(value) > LONGEST for value in profile.values):
            text = "The column {column} has texts too long to be looked at to their end."
            message = Message(text, {"column": profile.name})
            yield Finding(_ID, Severity.BLOCK, message, _SHORTEN, column=profile.name)
    long = [loose.row for loose in subject.sheet.loose if len(loose.text) > LONGEST]
    if long:
        message = Message("A text outside the table is too long to be looked at to its end.")
        cells = tuple(sorted({row for row in long if row}))
        yield Finding(_ID, Severity.BLOCK, message, _SHORTEN, cells=cells)


RULE = Rule(_ID, Message("What was not looked at"), _find)
