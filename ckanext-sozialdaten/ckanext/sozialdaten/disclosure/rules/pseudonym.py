"""Pseudonyms: hashes, UUIDs and ids unique per row make persons traceable over releases."""

import re
from collections.abc import Iterator, Sequence

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import column_finding
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "pseudonym"
_HASH = "The column {column} holds pseudonyms such as hashes or UUIDs ({rows} rows)."
_UNIQUE = "The column {column} has a different value in every row and so names each of them."
_REMEDY = Message("Remove the column; a new number for each release is no protection either.")
_HASHED = re.compile(
    r"^(?:[A-Za-z][A-Za-z0-9]{0,11}[-_:$.|])?"
    r"(\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?"
    r"|(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{24}|[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})"
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}"
    r"|(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[a-z])(?=[A-Za-z0-9+/_-]*[A-Z])[A-Za-z0-9+/_-]{22,88}={0,2})$"
)
# hashes cut short: digits and letters change place from one to the next, as in no numbering
_SHORT = re.compile(r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,15}$", re.IGNORECASE)
_FEW, _MANY_FORMS = 8, 0.5
_MOST = 0.8


def _cut_short(values: Sequence[str]) -> list[str]:
    """Values that are hashes cut to some length; none if they look like a numbering."""
    found = [value for value in values if _SHORT.match(value)]
    forms = {re.sub(r"\d", "0", re.sub(r"\D", "a", value)) for value in found}
    same = len({len(value) for value in found}) == 1
    return found if same and len(found) >= _FEW and len(forms) >= _MANY_FORMS * len(found) else []


def _running(profile: Profile) -> bool:
    """Whether a column just counts the rows."""
    numbers = [int(value) for value in profile.values if value.isdigit()]
    return len(numbers) == profile.distinct and max(numbers, default=0) - min(
        numbers, default=0
    ) < (profile.distinct)


def _unique(profile: Profile, subject: Subject) -> bool:
    """Whether every row has its own value and the column is no measurement."""
    if profile.rows < subject.policy.identifiers.unique_rows:
        return False
    role = subject.known.guesses[profile.name].role
    measured = role in (Role.MAGNITUDE, Role.RATE, Role.WEIGHT, Role.TIME, Role.FREE_TEXT)
    share, whole, _ = profile.figures()
    return profile.distinct == profile.rows and not measured and (share < 0.9 or whole)


def _find(subject: Subject) -> Iterator[Finding]:
    person = subject.known.person_level
    for profile in subject.profiles.values():
        sample = profile.sample()
        hashed = [value for value in sample if _HASHED.match(value)] or _cut_short(sample)
        named = lexicon().names(profile.name, "pseudonym")
        if profile.distinct > 1 and (len(hashed) >= _MOST * len(sample) or (named and person)):
            severity = Severity.BLOCK if person or named else Severity.WARN
            yield column_finding(
                subject,
                _ID,
                _HASH,
                profile.name,
                list(profile.values),
                severity=severity,
                remedy=_REMEDY,
            )
        elif person and _unique(profile, subject):
            severity = Severity.INFO if _running(profile) else Severity.BLOCK
            yield column_finding(
                subject,
                _ID,
                _UNIQUE,
                profile.name,
                list(profile.values),
                severity=severity,
                remedy=_REMEDY,
            )


RULE = Rule(_ID, Message("Pseudonyms and row ids"), _find)
