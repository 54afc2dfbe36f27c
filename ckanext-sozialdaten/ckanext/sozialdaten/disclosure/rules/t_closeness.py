"""t-closeness: the sensitive values of a group must lie about as everybody's do."""

from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.persons import Values
from ckanext.sozialdaten.disclosure.persons._limits import distance
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules._sensitive_values import sensitive_findings
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "t-closeness"
_MESSAGE = (
    "The values of {sensitive} among persons alike in {columns} differ too much from everybody's:"
    " by up to {distance}, allowed are {t} ({rows} persons)."
)
_REMEDY = Message(
    "Coarsen the columns that form the groups, coarsen or drop the sensitive column, or publish an"
    " aggregate."
)


def _find(subject: Subject) -> Iterator[Finding]:
    persons = subject.policy.persons

    def say(columns: str, sensitive: str, found: Values) -> Message:
        return Message(
            _MESSAGE,
            {
                "columns": columns,
                "sensitive": sensitive,
                "rows": found.sizes.unsafe,
                "distance": round(found.distance, 6),
                "t": persons.t,
            },
        )

    return sensitive_findings(subject, _ID, distance(persons), say, _REMEDY)


RULE = Rule(_ID, Message("t-closeness of sensitive columns"), _find)
