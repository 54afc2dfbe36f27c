"""Exact places: coordinates fine enough to point at a door, and points in GeoJSON."""

import re
from collections.abc import Iterable, Iterator

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.readers._places import small_area_in
from ckanext.sozialdaten.disclosure.rules._detector import LONGEST, column_finding
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules.minimum_frequency import of_things
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "identifier-location"
_IN_COLUMN = "The column {column} holds exact coordinates ({rows} rows)."
_REMEDY = Message("Publish the region (Gemeinde, Stadtteil) or a coarse grid instead.")
_FINE = re.compile(r"^-?\d{1,3}[.,]\d{4,}$")
_METRES = re.compile(r"^\d{6,8}([.,]\d+)?$")
_DEGREES = r"-?\d{1,3}\.\d{4,}"
_SELF_TELLING = re.compile(
    rf"(?:POINT ?Z?M? ?\( ?{_DEGREES} {_DEGREES}"  # WKT
    rf"|geo:{_DEGREES},{_DEGREES}"  # RFC 5870
    r"|\d{1,3}°\s?\d{1,2}['′´]\s?\d{1,2}(?:[.,]\d+)?(?:[\"″]|'')\s?[NSEWO]"
    r"|\b\d{1,2}[C-HJ-NP-X] ?[A-HJ-NP-Z]{2} ?"  # MGRS
    r"(?:\d{6}|\d{8}|\d{10}|\d{4} \d{4}|\d{5} \d{5})\b"
    r"|\b\d{1,2} ?[NU] \d{6}(?:[.,]\d+)? \d{7}(?:[.,]\d+)?\b"  # UTM
    r"|\b(?:100?|25|50)mN\d{5,7}E\d{5,7}\b"  # INSPIRE grid ids of 10 to 100 m
    r"|RES(?:100?|25|50)mN\d{5,7}E\d{5,7}"
    r"|\b[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,3}\b"  # Open Location Code
    r"|^(?:0101000000[0-9A-Fa-f]{32}|0101000020E6100000[0-9A-Fa-f]{32})$)"  # WKB
)
_PAIR = re.compile(rf"^\(?{_DEGREES}[,;]? ?{_DEGREES}\)?$")
_PAIR_IN_TEXT = re.compile(rf"(?<![\d.,]){_DEGREES}\s?[,;/ ]\s?{_DEGREES}(?![\d.])")
_DECIMAL = re.compile(r"^\d{1,7}(?:[.,]\d{1,15})?$")
_LATITUDE, _LONGITUDE = (47.0, 55.2), (5.5, 15.3)
_EAST, _NORTH = (250_000.0, 950_000.0), (5_200_000.0, 6_120_000.0)


def _within(profile: Profile, low: float, high: float, decimals: int) -> bool:
    """Whether all values are numbers of a range, most of them with enough decimals."""
    sample = profile.sample()
    if len(sample) < 2:
        return False
    for value in sample:
        if not (_DECIMAL.match(value) and low <= float(value.replace(",", ".")) <= high):
            return False
    fine = sum(len(value.replace(",", ".").partition(".")[2]) >= decimals for value in sample)
    return 2 * fine > len(sample)


def _unnamed(profiles: Iterable[Profile]) -> set[str]:
    """Columns that are coordinates in Germany by their ranges, each beside its other half."""
    found: set[str] = set()
    known = list(profiles)
    for first, second, decimals in ((_LATITUDE, _LONGITUDE, 4), (_NORTH, _EAST, 0)):
        one = [profile.name for profile in known if _within(profile, *first, decimals)]
        two = [profile.name for profile in known if _within(profile, *second, decimals)]
        # without decimals any two columns of large numbers could be meant: names must be bare
        if one and two and (decimals or all(len(name) <= 2 for name in (*one, *two))):
            found.update((*one, *two))
    return found


def _fine(profile: Profile, paired: bool, free: bool) -> list[str]:
    named = lexicon().speaks_of(profile.name, "location")
    patterns = [_SELF_TELLING, _PAIR]
    if named or paired:
        patterns += [_FINE, _METRES]
    if free:
        patterns.append(_PAIR_IN_TEXT)
    return [
        value
        for value in profile.values
        if any(p.search(value[:LONGEST]) for p in patterns) or small_area_in(value[:LONGEST])
    ]


def _find(subject: Subject) -> Iterator[Finding]:
    pairs = _unnamed(subject.profiles.values())
    # The centre of a region or the door of an institution tells nothing about a person.
    told = set(subject.known.columns(Role.COUNT, Role.SENSITIVE, Role.QUASI_IDENTIFIER))
    told -= {name for name in told if lexicon().speaks_of(name, "location")}
    public = not subject.known.person_level and bool(
        subject.known.institutions
        or subject.known.columns(Role.REGION)
        or all(of_things(name) for name in told - pairs)
    )
    for profile in subject.profiles.values():
        free = subject.known.guesses[profile.name].role is Role.FREE_TEXT
        hits = _fine(profile, profile.name in pairs, free)
        if hits and (free or 2 * len(hits) > profile.distinct):
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
