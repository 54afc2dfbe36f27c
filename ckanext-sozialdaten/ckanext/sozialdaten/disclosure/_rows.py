"""Whether the rows of a table are persons or cases, or cells that count them."""

import math
import re
from collections.abc import Callable, Mapping, Set

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import RoleGuess
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.lake.layouts import Role

__all__ = [
    "DAYS",
    "FEW_ROWS",
    "KEYS",
    "PERSONAL",
    "is_person_level",
    "length",
    "lists_institutions",
    "tells_sex",
]

PERSONAL = (
    *("name", "case", "birth", "insurance", "health", "tax_id", "azr", "iban", "pseudonym"),
    "identity_card",
)
KEYS = frozenset({Role.REGION, Role.TIME, Role.DIMENSION})
FEW_ROWS = 10
DAYS = "days"
"""Why a column is one of time: days that hardly repeat."""

_MOSTLY_DAYS = 0.9
_FEW_GROUPS, _PERSON_COLUMNS = 3, 2
_LIFE = 50  # years
_THIN = 4  # where rows fill less than a 4th of all combinations of codes, they are cases
_CODE_LENGTH = 8
_FAR = 10  # where there are ten times as many combinations as rows, nobody crossed them
_HIGHEST_CODE = 150  # codes and ages are small numbers
_NAMED, _EACH = 0.3, 0.6  # share of rows that are institutions of their own
_OF_THINGS = re.compile(
    r"einheit|anlage|mastr|zähler|laterne|baum|bauwerk|gerät|fahrzeug|produkt|artikel",
    re.IGNORECASE,
)
_FIRST_NAMES = re.compile(r"vornamen?|first ?names?|rufnamen?", re.IGNORECASE)
# how tables write sex
_SEX = re.compile(r"(?:m|w|d|f|männl(?:ich|\.)|weibl(?:ich|\.)|divers|male|female)$", re.IGNORECASE)
_CODE = re.compile(r"(?=.*\d)(?:[A-Za-z0-9+/=_-]*[A-Za-z][A-Za-z0-9+/=_-]*|\d{10,})$")


def tells_sex(profile: Profile) -> bool:
    """Whether the values of a column are sexes."""
    return 1 < profile.distinct <= 4 and profile.share(_SEX) == 1


def lists_institutions(profiles: Mapping[str, Profile]) -> bool:
    """Whether rows are institutions, by the name of a column or by what stands in it.

    Clients of a few institutions are none: an institution hardly has two rows.
    """
    words = lexicon()
    for name, profile in profiles.items():
        if words.speaks_of(name, "institution") and profile.distinct >= _NAMED * profile.rows:
            return True
        if profile.distinct >= max(2, _EACH * profile.rows):
            sample = profile.sample()
            # no word stands in what has no letters
            lettered = [value for value in sample if value.upper() != value.lower()]
            said = sum(words.speaks_of(value, "institution") for value in lettered)
            if said >= _EACH * len(sample):
                return True
    return False


def length(profile: Profile) -> int:
    """How long each value is; 0 if they differ."""
    lengths = {len(value) for value in profile.sample()}
    return lengths.pop() if len(lengths) == 1 else 0


def is_person_level(
    profiles: Mapping[str, Profile],
    guesses: Mapping[str, RoleGuess],
    said: Set[Role | None],
    pending: list[str],
    unique: Callable[[list[str]], bool],
) -> bool:
    """Whether each row is a person or a case.

    Args:
        profiles: what the values look like.
        guesses: roles found so far.
        said: declared roles.
        pending: columns of whole numbers that could be anything.
        unique: whether some columns together name a row.
    """
    if said & {Role.COUNT, Role.RATE}:
        return False
    if said & {Role.IDENTIFIER, Role.QUASI_IDENTIFIER, Role.SENSITIVE}:
        return True
    words = lexicon()
    roles = {guess.role for guess in guesses.values()}
    counted = Role.COUNT in roles
    if _names_persons(profiles, counted=counted):
        return True
    if roles & {Role.COUNT, Role.RATE}:
        return _repeat_persons(profiles, guesses, unique)
    about = [n for n in profiles if words.speaks_of(n, "person") or tells_sex(profiles[n])]
    if len(about) < _PERSON_COLUMNS and lists_institutions(profiles):
        return False
    if Role.WEIGHT in roles and Role.REGION not in roles:
        return True  # a sample: regions alone have weights without being one
    return _by_shape(profiles, guesses, pending, unique)


def _names_persons(profiles: Mapping[str, Profile], *, counted: bool) -> bool:
    """Whether a column is called after what one person alone has."""
    words = lexicon()
    for name, profile in profiles.items():
        if counted and _FIRST_NAMES.fullmatch(name):
            continue  # how many bear a first name
        several = profile.distinct > max(1, profile.rows // 10)
        if several and any(words.names(name, topic) for topic in PERSONAL):
            return True
    return not counted and any(words.speaks_of(name, "death") for name in profiles)


def _by_shape(
    profiles: Mapping[str, Profile],
    guesses: Mapping[str, RoleGuess],
    pending: list[str],
    unique: Callable[[list[str]], bool],
) -> bool:
    """The same for tables of which neither names nor declarations say what their rows are."""
    if any(_is_code(profile, profiles, guesses, pending) for profile in profiles.values()):
        return True
    if _dated_cases(profiles, guesses, unique):
        return True
    births = [name for name, profile in profiles.items() if _may_be_births(profile)]
    keys = [n for n, guess in guesses.items() if guess.role in KEYS and n not in births]
    about = [n for n in profiles if lexicon().speaks_of(n, "person") or tells_sex(profiles[n])]
    if about:
        sensitive = any(guess.role is Role.SENSITIVE for guess in guesses.values())
        if len(about) + sensitive >= _PERSON_COLUMNS and _scattered(profiles, guesses, pending):
            return True
        measured = pending or any(guess.role is Role.MAGNITUDE for guess in guesses.values())
        crossed = bool(measured) and _crossed(profiles, guesses, pending, unique)
        return not crossed and (not pending or not keys or not unique(keys))
    named = any(profile.distinct == profile.rows for profile in profiles.values())
    if not named and not keys and _coded(profiles, pending):
        return True
    if named or not _repeats(profiles, guesses, pending):
        return False
    if not unique(keys + pending):
        return True
    return not keys and _sparse([profiles[name] for name in (*births, *pending)])


def _may_be_births(profile: Profile) -> bool:
    """Whether years under a name that says nothing lie as far apart as those of births do."""
    if profile.years < 1 or lexicon().speaks_of(profile.name, "time"):
        return False
    years = [int(value) for value in profile.sample()]
    return max(years) - min(years) > _LIFE


def _dated_cases(
    profiles: Mapping[str, Profile],
    guesses: Mapping[str, RoleGuess],
    unique: Callable[[list[str]], bool],
) -> bool:
    """Whether rows are cases: what somebody had on which day, and all labels of a row come again.

    A table that counts names each of its cells once.
    """
    labels = [n for n, guess in guesses.items() if guess.role in (*KEYS, Role.SENSITIVE)]
    sensitive = any(guess.role is Role.SENSITIVE for guess in guesses.values())
    days = any(
        profiles[name].dates >= _MOSTLY_DAYS
        and _THIN * profiles[name].distinct > profiles[name].rows
        for name in labels
    )
    return sensitive and days and profiles[labels[0]].rows >= FEW_ROWS and not unique(labels)


def _is_code(
    profile: Profile,
    profiles: Mapping[str, Profile],
    guesses: Mapping[str, RoleGuess],
    pending: list[str],
) -> bool:
    """Whether a column names persons by a code: codes of one length beside what they are or had."""
    if guesses[profile.name].role is Role.REGION or set(pending) - {profile.name}:
        return False
    if _OF_THINGS.search(profile.name):
        return False
    several = profile.distinct >= FEW_ROWS and 10 * profile.distinct > profile.rows
    if not several or length(profile) < _CODE_LENGTH or profile.share(_CODE) < 1:
        return False
    others = [(name, guess) for name, guess in guesses.items() if name != profile.name]
    if any(guess.role is Role.SENSITIVE for _, guess in others):
        return True
    told = any(guess.role is Role.REGION for _, guess in others)
    titled = any(profiles[name].distinct == profile.rows for name, g in others if g.why != DAYS)
    return told and not titled and any(guess.why == DAYS for _, guess in others)


def _repeat_persons(
    profiles: Mapping[str, Profile],
    guesses: Mapping[str, RoleGuess],
    unique: Callable[[list[str]], bool],
) -> bool:
    """Whether rows with figures are persons: the same properties of persons in several rows.

    A table that counts has each combination of its groups once.
    """
    words = lexicon()
    groups = _groups(profiles, guesses)
    about = [n for n in groups if words.speaks_of(n, "person") or tells_sex(profiles[n])]
    if len(about) < _PERSON_COLUMNS or unique(groups):
        return False
    return not any(words.is_total(value) for name in groups for value in profiles[name].sample())


def _groups(profiles: Mapping[str, Profile], guesses: Mapping[str, RoleGuess]) -> list[str]:
    """Columns that group rows."""
    roles = (*KEYS, Role.QUASI_IDENTIFIER, Role.SENSITIVE)
    return [n for n, guess in guesses.items() if guess.role in roles and profiles[n].distinct > 1]


def _scattered(
    profiles: Mapping[str, Profile], guesses: Mapping[str, RoleGuess], pending: list[str]
) -> bool:
    """Whether rows lie so far apart among all combinations of groups that nobody crossed them."""
    groups = [profiles[name] for name in _groups(profiles, guesses) if name not in pending]
    if any(lexicon().is_total(value) for group in groups for value in group.sample()):
        return False
    return len(groups) > 2 and _FAR * groups[0].rows < math.prod(group.distinct for group in groups)


def _coded(profiles: Mapping[str, Profile], pending: list[str]) -> bool:
    """Whether a table of nothing but whole numbers lists persons, one of them in a wide range."""
    columns = [profiles[name] for name in pending if profiles[name].distinct > 1]
    if len(pending) < len(profiles) or len(columns) <= _FEW_GROUPS:
        return False
    codes = sorted(profile.distinct for profile in columns)[:-1]
    low = all(max(map(int, p.values), default=0) <= _HIGHEST_CODE for p in columns if _digits(p))
    return low and _FAR * columns[0].rows < math.prod(codes)


def _digits(profile: Profile) -> bool:
    return all(value.isascii() and value.isdigit() for value in profile.values)


def _sparse(columns: list[Profile]) -> bool:
    """Whether codes are crossed so thinly that rows are cases, whichever column may be a count."""
    sizes = [profile.distinct for profile in columns if profile.distinct > 1]
    if len(sizes) <= _FEW_GROUPS:
        return False
    return columns[0].rows * _THIN < math.prod(sizes) // max(sizes)


def _crossed(
    profiles: Mapping[str, Profile],
    guesses: Mapping[str, RoleGuess],
    pending: list[str],
    unique: Callable[[list[str]], bool],
) -> bool:
    """Whether rows are the cells of a table: groups crossed with each other, or their totals."""
    groups = [name for name in _groups(profiles, guesses) if name not in pending]
    if not groups or not unique(groups):
        return False
    if any(lexicon().is_total(value) for name in groups for value in profiles[name].sample()):
        return True
    first = profiles[groups[0]]
    if len(groups) == 1:
        return _listed(first, len(pending))
    cells = math.prod(profiles[name].distinct for name in groups)
    return (2 if pending else 1) * first.rows >= cells


def _listed(profile: Profile, figures: int) -> bool:
    """Whether the one group of a table lists categories: numbers in a row, or several figures."""
    values = list(profile.values)
    if all(value.isdigit() for value in values):
        numbers = sorted(map(int, values))
        return numbers[-1] - numbers[0] == len(numbers) - 1
    return figures > 1


def _repeats(
    profiles: Mapping[str, Profile], guesses: Mapping[str, RoleGuess], pending: list[str]
) -> bool:
    """Whether a table without telling names may list persons: several groups, nothing measured."""
    if any(profiles[name].distinct > profiles[name].rows / 2 for name in pending):
        return False
    groups = [
        profile
        for name, profile in profiles.items()
        if (name in pending or guesses[name].role in (*KEYS, Role.SENSITIVE))
        and profile.distinct > 1
    ]
    return len(groups) > 1 and groups[0].rows >= FEW_ROWS
