"""l-diversity: who shares a group must not share a sensitive value with all or nearly all of it."""

from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.persons import Values
from ckanext.sozialdaten.disclosure.persons._limits import diversity
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules._sensitive_values import sensitive_findings
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "l-diversity"
_MESSAGE = (
    "Who knows {columns} of a person learns too much about {sensitive}: {rows} persons are in"
    " groups with too few different values (at least {kinds}) or with one value for too many (up to"
    " {share} %)."
)
_EVERYBODY = (
    "Nearly everybody in the table has the same value in {sensitive} ({share} %), so that it says"
    " too much about each of {rows} persons."
)
_REMEDY = Message(
    "Coarsen the columns that form the groups, coarsen or drop the sensitive column, or publish an"
    " aggregate."
)


def _say(columns: str, sensitive: str, found: Values) -> Message:
    return Message(
        _MESSAGE if columns else _EVERYBODY,
        {
            "columns": columns,
            "sensitive": sensitive,
            "rows": found.sizes.unsafe,
            "kinds": found.kinds,
            "effective": round(found.effective, 6),
            "share": round(100 * found.share),
        },
    )


def _find(subject: Subject) -> Iterator[Finding]:
    return sensitive_findings(subject, _ID, diversity(subject.policy.persons), _say, _REMEDY)


RULE = Rule(_ID, Message("l-diversity of sensitive columns"), _find)
