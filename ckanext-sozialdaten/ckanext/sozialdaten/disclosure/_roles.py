"""Roles of columns: declared by a layout or by the user, else inferred with a stated confidence.

A wrong guess must fail towards caution: a column of whole numbers that might be counts is checked
as counts, and a table that might be person-level is checked as such.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._model import RoleGuess
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._rows import (
    DAYS,
    FEW_ROWS,
    KEYS,
    PERSONAL,
    is_person_level,
    length,
    lists_institutions,
    tells_sex,
)
from ckanext.sozialdaten.disclosure.errors import RolesError
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Declared", "Understanding", "declared", "understand"]

_DIRECT = (*PERSONAL, "address", "email", "phone", "plate", "ip")
_STRONG_COUNT = re.compile(r"anzahl|f[äa]e?lle|zahl\b|count|freq|\bcases\b", re.IGNORECASE)
_PERIOD_NAME = re.compile(r"^(\d{1,2}\.\d{1,2}\.)?(19|20)\d{2}(-\d{2}(-\d{2})?)?\b")
_FIGURE_TOPICS = (
    ("region", Role.REGION),
    ("person", Role.QUASI_IDENTIFIER),
    ("sensitive", Role.SENSITIVE),
    ("location", Role.QUASI_IDENTIFIER),
)
_NO_COUNTS = (
    ("change", Role.MAGNITUDE),
    ("technical", Role.DIMENSION),
    ("weight", Role.WEIGHT),
    ("rate", Role.RATE),
    ("region_key", Role.REGION),
)
_PERIOD_HEAD = re.compile(
    r"^(?:(?:[1-4]\.?|[IV]+\.?|erstes|zweites|drittes|viertes)\s*(?:(?:bis|-|–)\s*[1-4]\.?\s*)?)"
    r"(?:quartal|halbjahr|vierteljahr|tertial|trimester)e?\b|^Q[1-4]$|^H[12]$",
    re.IGNORECASE,
)
_PERIOD_WORD = re.compile(r"^(?:jahr|quartal|halbjahr|monat|year|quarter|month)$", re.IGNORECASE)
_COMPACT_DATE = re.compile(r"^(?:19|20)\d{2}(?:\d{2}){0,2}$")
_MOST_PERIODS = 99
_MOST_WRITTEN = 0.9
_WITH_SHARE = re.compile(r"^\d[\d. ]*\s*\(\s*[\d.,]+\s*%\s*\)$")
_MOSTLY = 0.5
_FEW_NUMBERS = 2
_WEIGHTS = frozenset({"w", "wgt", "pweight"})
_LONG_TEXT = 40
_PROSE_COLUMNS = 3
_CODE_DIGITS = 10
_LEADING_ZERO = re.compile(r"0\d+$")
_SENTINEL = -9
_NUMBERED = re.compile(r"[a-zäöüß](?:nr\.?|nummer)$|[_ ]id$", re.IGNORECASE)
_NAMING = frozenset({"id", "name", "nr", "code", "schlüssel", "bezeichnung", "text"})


@dataclass(frozen=True, slots=True)
class Declared:
    """What the user or a layout says about columns."""

    roles: Mapping[str, Role | None]
    quality_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a table is read.

    Args:
        guesses: role of each column with its confidence.
        quality_of: value column of each column of quality signs.
        person_level: whether each row is a person or a case.
        institutions: whether rows are institutions, whose addresses are public.
        prose: whether the "table" is a cover sheet, imprint or list of contents.
    """

    guesses: Mapping[str, RoleGuess]
    quality_of: Mapping[str, str]
    person_level: bool
    institutions: bool
    prose: bool

    def columns(self, *roles: Role) -> list[str]:
        """Columns with one of ``roles``, in order."""
        return [name for name, guess in self.guesses.items() if guess.role in roles]


def declared(source: Layout | Mapping[str, Role | str] | None) -> Declared:
    """The declarations of a layout, or of a mapping from column to role.

    Raises:
        RolesError: an unknown role.
    """
    if source is None:
        return Declared({}, {})
    if isinstance(source, Layout):
        return Declared(
            {column.name: column.role for column in source.fields},
            {column.name: column.quality_of for column in source.fields if column.quality_of},
        )
    roles: dict[str, Role | None] = {}
    for column, role in source.items():
        try:
            roles[column] = Role(role)
        except ValueError as error:
            raise RolesError(
                Message("Unknown role for the column {column}.", {"column": column}),
                Message("Known roles: {names}.", {"names": ", ".join(Role)}),
            ) from error
    return Declared(roles, {})


def understand(
    profiles: Mapping[str, Profile],
    given: Declared,
    unique: Callable[[list[str]], bool],
    title: str = "",
) -> Understanding:
    """Roles of all columns and whether rows are persons.

    Args:
        profiles: what the values look like.
        given: declarations; they win.
        unique: whether some columns together name a row.
        title: name of the sheet, member or path.
    """
    guesses: dict[str, RoleGuess] = {}
    quality = dict(given.quality_of)
    pending: list[str] = []
    spread = _spread(profiles)
    last_value = ""
    for name, profile in profiles.items():
        if name in given.roles or name in quality:
            guesses[name] = RoleGuess(given.roles.get(name))
        elif last_value and _is_quality(profile):
            guesses[name] = RoleGuess(None, 0.8, "values")
            quality[name] = last_value
        else:
            guess = _guess(profile, name in spread)
            guesses[name] = guess or RoleGuess(None, 0.0, "values")
            if guess is None:
                pending.append(name)
        if guesses[name].role in (Role.COUNT, Role.MAGNITUDE, Role.RATE):
            last_value = name
    _by_unit(profiles, guesses, given, pending)
    _by_heads(profiles, guesses, given)
    _by_place(profiles, guesses, given)
    person = is_person_level(profiles, guesses, set(given.roles.values()), pending, unique)
    institutions = lexicon().speaks_of(title, "institution") or lists_institutions(profiles)
    _settle(profiles, guesses, pending, person, unique)
    if person:
        _as_person_columns(guesses, given)
    else:
        _as_counts(profiles, guesses, given)
    return Understanding(
        guesses, quality, person, institutions and not person, _prose_sheet(guesses, person)
    )


def _by_unit(
    profiles: Mapping[str, Profile],
    guesses: dict[str, RoleGuess],
    given: Declared,
    pending: list[str],
) -> None:
    """In a table with a column of units, counts whose units are all money or shares are none."""
    words = lexicon()
    units = [p for name, p in profiles.items() if words.speaks_of(name, "unit_column")]
    for topic, role in (("unit_money", Role.MAGNITUDE), ("unit_rate", Role.RATE)):
        if len(units) == 1 and all(words.speaks_of(text, topic) for text in units[0].values):
            for name, guess in guesses.items():
                if name not in given.roles and (guess.role is Role.COUNT or name in pending):
                    guesses[name] = RoleGuess(role, 0.8, "unit")
            pending.clear()


def _by_place(
    profiles: Mapping[str, Profile], guesses: dict[str, RoleGuess], given: Declared
) -> None:
    """A first column of 1, 2, 3 names the rows where nothing else does: "Personen im Haushalt"."""
    first, *others = profiles or ("",)
    if not others or first in given.roles or any(guesses[n].role in KEYS for n in others):
        return
    if _is_label(profiles[first], keyed=True) and profiles[first].rows > _FEW_NUMBERS:
        guesses[first] = RoleGuess(Role.DIMENSION, 0.5, "shape")


def _by_heads(
    profiles: Mapping[str, Profile], guesses: dict[str, RoleGuess], given: Declared
) -> None:
    """Beside columns named "1. Quartal" the column "Jahr" holds the counts of the year."""
    heads = [name for name in profiles if _PERIOD_HEAD.match(name)]
    if not any(guesses[name].role in (Role.COUNT, None) for name in heads):
        return
    for name, profile in profiles.items():
        plain = name not in given.roles and profile.years < _MOSTLY
        if plain and _PERIOD_WORD.match(name) and profile.share(_COMPACT_DATE) == 0:
            guesses[name] = RoleGuess(Role.COUNT, 0.7, "name")


def _prose_sheet(guesses: Mapping[str, RoleGuess], person: bool) -> bool:
    values = {Role.COUNT, Role.MAGNITUDE, Role.RATE, Role.IDENTIFIER}
    roles = {guess.role for guess in guesses.values()}
    return not person and len(guesses) <= _PROSE_COLUMNS and not roles & values


def _is_quality(profile: Profile) -> bool:
    if not lexicon().speaks_of(profile.name, "quality"):
        return False
    return all(len(value) <= 3 for value in profile.sample())


def _spread(names: Iterable[str]) -> frozenset[str]:
    """Columns such as "Pflegegrad 2", "Pflegegrad 3": categories of what their names speak of."""
    found: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = normal(name).partition(" ")
        if rest and rest not in _NAMING:
            found.setdefault(head, []).append(name)
    return frozenset(name for group in found.values() if len(group) > 1 for name in group)


def _guess(profile: Profile, spread: bool) -> RoleGuess | None:
    """A role by name and values; None for whole numbers that could be anything."""
    words = lexicon()
    name = profile.name
    share, whole, low = profile.figures()
    if low <= _SENTINEL and profile.has_sentinel():
        low = 0
    if any(words.speaks_of(name, topic) for topic in _DIRECT):
        return RoleGuess(Role.IDENTIFIER, 0.9, "name")
    times = max(profile.years, profile.dates)
    counted = words.speaks_of(name, "count") or _heads_counts(profile)  # "Zuzüge im Jahr 2013"
    counted = counted and share >= 0.9
    if times >= 0.9 or (words.speaks_of(name, "time") and not (counted and times < _MOSTLY)):
        days = profile.dates >= 0.9 and 2 * profile.distinct > profile.rows
        sure = 0.9 if profile.years + profile.dates >= 0.9 else 0.7
        return RoleGuess(Role.TIME, sure, DAYS if days else "name")
    if share >= 0.9:
        return _guess_nested(profile) or _guess_figure(profile, whole, low, spread)
    if _written(profile):
        return RoleGuess(Role.COUNT, 0.7, "values")
    if words.speaks_of(name, "free_text") or _prose(profile):
        return RoleGuess(Role.FREE_TEXT, 0.8, "name")
    for topic, role in (
        ("region", Role.REGION),
        ("person", Role.QUASI_IDENTIFIER),
        ("sensitive", Role.SENSITIVE),
    ):
        if words.speaks_of(name, topic):
            return RoleGuess(role, 0.8, "name")
    if profile.regions >= 0.9 and profile.distinct > 1:
        return RoleGuess(Role.REGION, 0.7, "values")
    return _guess_label(profile)


def _heads_counts(profile: Profile) -> bool:
    """Whether a column named after a period holds what was counted in it: "1. Quartal", "Jahr"."""
    if _PERIOD_HEAD.match(profile.name):
        return True
    if not _PERIOD_WORD.match(profile.name):
        return False
    numbers = [int(value) for value in profile.sample() if value.isdecimal()]
    return max(numbers, default=0) > _MOST_PERIODS and profile.share(_COMPACT_DATE) == 0


def _written(profile: Profile) -> bool:
    """Whether counts stand in words: "zwei", "2 Kinder".

    Sizes of households and the like are labels ("1 Person", "2 Personen"): they are small, and
    the column is not called after what it counts.
    """
    share, highest = profile.written()
    if share < _MOST_WRITTEN:
        return False
    told = lexicon().speaks_of(profile.name, "count") or bool(_STRONG_COUNT.search(profile.name))
    worded = not any(letter.isdigit() for value in profile.sample() for letter in value)
    return worded or highest >= FEW_ROWS or (told and bool(_STRONG_COUNT.search(profile.name)))


def _guess_label(profile: Profile) -> RoleGuess:
    """The role of texts under a name that says nothing."""
    if lexicon().speaks_of(profile.name, "row_id") and profile.distinct == profile.rows:
        return RoleGuess(Role.IDENTIFIER, 0.6, "name")
    if tells_sex(profile):
        return RoleGuess(Role.QUASI_IDENTIFIER, 0.7, "values")
    return RoleGuess(Role.DIMENSION, 0.6, "values")


def _guess_nested(profile: Profile) -> RoleGuess | None:
    """Region keys of several levels, whatever their column is called, such as "Schlüssel"."""
    words, name = lexicon(), profile.name
    told = words.speaks_of(name, "person") or words.speaks_of(name, "count")
    return RoleGuess(Role.REGION, 0.8, "values") if profile.nested_regions and not told else None


def _guess_figure(profile: Profile, whole: bool, low: float, spread: bool) -> RoleGuess | None:
    """The role of a column of numbers.

    Args:
        profile: the column.
        whole: whether all numbers are whole.
        low: the lowest.
        spread: whether it is one of several categories of what its name speaks of.
    """
    words, name, counts = lexicon(), profile.name, whole and low >= 0
    strong = bool(_STRONG_COUNT.search(name))
    if strong and counts and profile.share(_WITH_SHARE) >= _MOSTLY:
        return RoleGuess(Role.COUNT, 0.8, "values")
    for topic, role in _NO_COUNTS:
        if words.speaks_of(name, topic):
            return RoleGuess(role, 0.9, "name")
    if words.speaks_of(name, "magnitude") and not strong:
        return RoleGuess(Role.MAGNITUDE, 0.9, "name")
    if words.speaks_of(name, "count") or strong:
        # corrections below zero make no other thing of "Fälle"
        counts = counts or (whole and (strong or profile.has_sentinel()))
        return RoleGuess(Role.COUNT if counts else Role.MAGNITUDE, 0.9 if counts else 0.6, "name")
    for topic, role in () if counts and spread else _FIGURE_TOPICS:
        if words.speaks_of(name, topic):
            return RoleGuess(role, 0.8, "name")
    if _PERIOD_NAME.match(name) and counts:
        return RoleGuess(Role.COUNT, 0.7, "name")
    if not whole and low > 0 and normal(name) in _WEIGHTS:
        return RoleGuess(Role.WEIGHT, 0.7, "name")
    return _guess_code(profile) or (None if counts else RoleGuess(Role.MAGNITUDE, 0.6, "values"))


def _guess_code(profile: Profile) -> RoleGuess | None:
    """The role of numbers that count nothing: a running number, or the keys of regions."""
    numbered = lexicon().speaks_of(profile.name, "row_id") or _NUMBERED.search(profile.name)
    if numbered and profile.distinct == profile.rows:
        return RoleGuess(Role.IDENTIFIER, 0.6, "name")
    keys = profile.regions >= 0.9 and any(v.startswith("0") for v in profile.sample())
    if keys and lexicon().speaks_of(profile.name, "person"):
        return RoleGuess(Role.QUASI_IDENTIFIER, 0.7, "name")  # single years of age, "000" to "099"
    if keys and profile.distinct > 1:
        return RoleGuess(Role.REGION, 0.7, "values")
    many = profile.distinct == profile.rows >= FEW_ROWS
    if many and length(profile) >= _CODE_DIGITS:
        return RoleGuess(Role.IDENTIFIER, 0.6, "values")
    padded = not profile.typed and profile.share(_LEADING_ZERO) > 0
    return RoleGuess(Role.DIMENSION, 0.7, "values") if padded else None


def _prose(profile: Profile) -> bool:
    sample = profile.sample()
    if not sample or profile.distinct < profile.filled / 2:
        return False
    wordy = sum(1 for value in sample if value.count(" ") >= 4)
    return sum(map(len, sample)) / len(sample) > _LONG_TEXT and wordy > len(sample) / 2


def _settle(
    profiles: Mapping[str, Profile],
    guesses: dict[str, RoleGuess],
    pending: list[str],
    person: bool,
    unique: Callable[[list[str]], bool],
) -> None:
    """Give whole numbers without a telling name a role; one that never changes is a code."""
    if not pending:
        return
    keys = [name for name, guess in guesses.items() if guess.role in KEYS]
    naming = (Role.QUASI_IDENTIFIER, Role.SENSITIVE)
    keys += [name for name, guess in guesses.items() if guess.role in naming]
    whole = not person and bool(keys) and unique(keys)
    counted = any(guess.role is Role.COUNT for guess in guesses.values())
    first = next(iter(profiles))
    # In a table of nothing but numbers the first column names the rows if it can.
    label = not person and first in pending and _is_label(profiles[first], bool(keys))
    whole = whole or (label and not keys)
    if not (person or keys or whole) and len(pending) > 1:
        widest = max(pending, key=lambda name: profiles[name].distinct)
        if unique([name for name in pending if name != widest]):
            guesses[widest] = RoleGuess(Role.COUNT, 0.5, "shape")
            pending = [name for name in pending if name != widest]
    for name in pending:
        profile = profiles[name]
        if label and name == first:
            guesses[name] = RoleGuess(Role.DIMENSION, 0.5, "shape")
            continue
        many = profile.rows > FEW_ROWS
        role = Role.QUASI_IDENTIFIER if person else Role.DIMENSION
        # Where labels repeat, what hardly ever repeats beside counts is a count and no code.
        telling = counted and not person and many and 2 * profile.distinct > profile.rows
        if not (profile.distinct == 1 and many) and (whole or telling):
            role = Role.COUNT
        guesses[name] = RoleGuess(role, 0.5, "shape")


def _is_label(profile: Profile, keyed: bool) -> bool:
    """Whether a first column of numbers names the rows; beside other keys only running numbers."""
    if not 1 < profile.rows == profile.distinct:
        return False
    return not keyed or set(profile.values) == {str(n + 1) for n in range(profile.rows)}


def _as_counts(
    profiles: Mapping[str, Profile], guesses: dict[str, RoleGuess], given: Declared
) -> None:
    """Where rows are no persons, whole numbers under "Sucht" or "Pflegegrad" count people."""
    if not any(guess.role is Role.COUNT for guess in guesses.values()):
        return
    for name, guess in guesses.items():
        if name not in given.roles and guess.role is Role.SENSITIVE:
            share, whole, low = profiles[name].figures()
            if share >= 0.9 and whole and low >= 0 and profiles[name].distinct > 1:
                guesses[name] = RoleGuess(Role.COUNT, 0.5, "shape")


def _as_person_columns(guesses: dict[str, RoleGuess], given: Declared) -> None:
    """In a person-level table groups and small numbers are properties of persons."""
    for name, guess in guesses.items():
        if name not in given.roles and guess.role in (Role.DIMENSION, Role.COUNT, Role.RATE):
            guesses[name] = RoleGuess(Role.QUASI_IDENTIFIER, guess.confidence, guess.why)
