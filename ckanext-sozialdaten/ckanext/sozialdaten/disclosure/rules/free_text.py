"""Free text about persons: nobody can prove that it names no one.

In person-level tables every free text is one; in other tables one that tells of lives.
"""

import re
from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import DROP_COLUMN
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "free-text"
_LIVES = re.compile(
    r"\b(?:(?:kindes|gro(?:ß|ss)|stief|pflege)?(?:mutter|vater)|tochter|sohn|geschwister|bruder"
    r"|schwester|oma|opa|ehemann|ehefrau|ex-?(?:mann|frau|partner\w*)|lebensgefährt\w+"
    r"|lebt|wohnt|zog|umgezogen|ausgezogen|schwanger|verstorben|getrennt lebend|in haft|inhaftiert"
    r"|trennung|scheidung|schulden|räumungsklage|entzug|suizid\w*|psychiatrie|krankenhaus|klinik"
    r"|therapie|ausbildung abgebrochen|schule abgebrochen|arbeitslos geworden|trinkt|schlägt"
    r"|vernachlässigt|säugling|nachbar(?:n|in)?|alkoholisiert|aufgegriffen|vermüllt|verwahrlost"
    r"|weggelaufen|geschlagen|hausverbot|ex-?freund(?:in)?|er hat|sie hat|er ist|sie ist)\b",
    re.IGNORECASE,
)
_FEW = 2


def _tells_of_lives(profile: Profile) -> bool:
    """Whether most of several texts tell of somebody's life, as notes on a case do."""
    sample = profile.sample()
    told = sum(1 for text in sample if _LIVES.search(text))
    return told >= _FEW and 2 * told > len(sample)


def _find(subject: Subject) -> Iterator[Finding]:
    known = subject.known
    for column in known.columns(Role.FREE_TEXT):
        profile = subject.profiles[column]
        if profile.filled and (known.person_level or _tells_of_lives(profile)):
            yield Finding(
                _ID,
                Severity.BLOCK,
                Message("The column {column} is free text about persons.", {"column": column}),
                DROP_COLUMN,
                column=column,
            )


RULE = Rule(_ID, Message("Free text about persons"), _find)
