"""Which columns of a person-level table are recoded, which are kept, which are left out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import RoleGuess, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.protection.recoding._automatic import day_of
from ckanext.sozialdaten.disclosure.rules import IDENTIFIER_RULES
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Columns", "Reason", "columns_of"]

_BIRTH = "identifier-birth-date"
_SURE = 0.9
_MOST_ROWS = 20


class Reason(StrEnum):
    """Why a column is left out."""

    IDENTIFIER = "identifier"
    FREE_TEXT = "free-text"
    WEIGHT = "weight"
    UNIFORM = "nearly-all-alike"
    COARSE = "nothing-finer-is-safe"
    COSTLY = "costs-more-than-it-tells"


@dataclass(frozen=True, slots=True)
class Columns:
    """What becomes of each column.

    Args:
        quasi: columns that are recoded.
        sensitive: columns that stay, and whose values must differ within each group.
        amounts: sensitive columns of exact amounts, which are rounded and cut off at both ends.
        dropped: columns that are left out, with the reason.
        persons: a column that is left out and names persons, some of them in several rows.
    """

    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]
    amounts: tuple[str, ...]
    dropped: Mapping[str, Reason]
    persons: tuple[str, ...] = ()


def _of_birth(subject: Subject, name: str) -> bool:
    """Whether a column holds days of birth, which a year or a band can stand for."""
    sample = subject.profiles[name].sample()
    days = sum(1 for value in sample if day_of(value))
    return bool(sample) and days >= _SURE * len(sample)


def _blocked(subject: Subject) -> dict[str, set[str]]:
    """The rules on identifiers that block each column."""
    found: dict[str, set[str]] = {}
    if subject.policy.identifiers.check:
        for rule in IDENTIFIER_RULES:
            for finding in rule.find(subject):
                if finding.severity is Severity.BLOCK and finding.column:
                    found.setdefault(finding.column, set()).add(finding.rule)
    return found


def columns_of(subject: Subject, declared: Collection[str] = ()) -> Columns:
    """What becomes of each column.

    Identifiers, pseudonyms, free text and weights are left out. Sensitive columns stay as they
    are; amounts, which may be known exactly, are rounded. All others are quasi-identifiers, for
    anybody may know anything that is not sensitive.

    Args:
        subject: the table.
        declared: columns for which a hierarchy is given: they are recoded unless sensitive.
    """
    blocked = _blocked(subject)
    quasi: list[str] = []
    sensitive: list[str] = []
    dropped: dict[str, Reason] = {}
    for name, guess in subject.known.guesses.items():
        rules = blocked.get(name, set())
        birth = rules <= {_BIRTH} and _of_birth(subject, name)
        if name in declared and guess.role is not Role.SENSITIVE:
            quasi.append(name)
        elif guess.role is Role.FREE_TEXT:
            dropped[name] = Reason.FREE_TEXT
        elif birth and (rules or lexicon().speaks_of(name, "birth")):
            quasi.append(name)
        elif rules or guess.role is Role.IDENTIFIER:
            dropped[name] = Reason.IDENTIFIER
        elif guess.role is Role.WEIGHT:
            dropped[name] = Reason.WEIGHT
        elif guess.role is Role.SENSITIVE or _amount(guess):
            sensitive.append(name)
        else:
            quasi.append(name)
    persons = tuple(
        name
        for name, reason in dropped.items()
        if reason is Reason.IDENTIFIER and _repeats(subject.profiles[name])
    )
    amounts = tuple(
        name for name in sensitive if subject.known.guesses[name].role is Role.MAGNITUDE
    )
    return Columns(tuple(quasi), tuple(sensitive), amounts, dropped, persons)


def _amount(guess: RoleGuess) -> bool:
    """Whether a column holds amounts for sure; other decimal numbers become ranges."""
    return guess.role is Role.MAGNITUDE and guess.confidence >= _SURE


def _repeats(profile: Profile) -> bool:
    """Whether some persons stand in several rows, as far as this column names persons."""
    return profile.rows // _MOST_ROWS <= profile.distinct < profile.rows == profile.filled
