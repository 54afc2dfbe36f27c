"""Exact places: coordinates fine enough to point at a door, and points in GeoJSON."""

import re
from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._detector import column_finding
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "identifier-location"
_IN_COLUMN = "The column {column} holds exact coordinates ({rows} rows)."
_REMEDY = Message("Publish the region (Gemeinde, Stadtteil) or a coarse grid instead.")
_FINE = re.compile(r"^-?\d{1,3}[.,]\d{4,}$")
_METRES = re.compile(r"^\d{6,8}([.,]\d+)?$")
_PAIR = re.compile(r"^\(?(POINT ?\()?-?\d{1,2}\.\d{4,}[,;]? ?-?\d{1,3}\.\d{4,}\)*$")


def _fine(profile: Profile) -> list[str]:
    named = lexicon().speaks_of(profile.name, "location")
    patterns = (_FINE, _METRES, _PAIR) if named else (_PAIR,)
    return [value for value in profile.values if any(p.match(value) for p in patterns)]


def _find(subject: Subject) -> Iterator[Finding]:
    # The centre of a region or the door of an institution tells nothing about a person.
    public = not subject.known.person_level and bool(
        subject.known.institutions
        or subject.known.columns(Role.REGION)
        or not subject.known.columns(Role.COUNT)
    )
    for profile in subject.profiles.values():
        hits = _fine(profile)
        if hits and 2 * len(hits) > profile.distinct:
            yield column_finding(
                subject,
                _ID,
                _IN_COLUMN,
                profile.name,
                hits,
                severity=Severity.INFO if public else Severity.BLOCK,
                remedy=_REMEDY,
            )


RULE = Rule(_ID, Message("Exact places"), _find)
