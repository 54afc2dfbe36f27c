"""What the rules on person-level tables share: columns, cube, the search for small sets."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._numbers import State, parse
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.persons import (
    Codes,
    Cube,
    Equal,
    Ground,
    Ordered,
    Sensitive,
    Tree,
    coded,
)
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Group", "PersonTable", "person_table", "unsafe_sets"]

_GROUPS = (Role.QUASI_IDENTIFIER, Role.REGION, Role.TIME, Role.DIMENSION)
_PERSON_TOPICS = ("case", "insurance", "health", "tax_id", "azr", "pseudonym")
_HOUSEHOLD = ("bg", "bedarfsgemeinschaft", "haushalt", "familie", "household")

_SHARED = "persons"

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class PersonTable:
    """A person-level table, ready for the measures.

    Args:
        cube: the classes; its columns have short names.
        names: the table's name of each quasi-identifier of the cube.
        declared: the set of declared quasi-identifiers.
        candidates: columns that inferred sets are formed of, the most telling first.
        sensitive: sensitive columns by their name in the table.
        persons: columns of the cube that name a person who has several rows, by their name.
    """

    cube: Cube
    names: Mapping[str, str]
    declared: tuple[str, ...]
    candidates: tuple[str, ...]
    sensitive: Mapping[str, Sensitive]
    persons: Mapping[str, str]

    def shown(self, chosen: Sequence[str]) -> list[str]:
        """The table's names of some columns of the cube."""
        return [self.names[name] for name in chosen]


@dataclass(frozen=True, slots=True)
class Group(Generic[Found]):
    """A set of columns with unsafe classes.

    Args:
        columns: the set, as the cube names it.
        found: what its classes come to.
        declared: whether the user or a layout named this set.
    """

    columns: tuple[str, ...]
    found: Found
    declared: bool


def person_table(subject: Subject) -> PersonTable | None:
    """The table with its columns in codes; None if its rows are no persons."""
    if not subject.policy.persons.check or not subject.known.person_level:
        return None
    if _SHARED not in subject.shared:
        subject.shared[_SHARED] = _loaded(subject)
    return subject.shared[_SHARED]


def _loaded(subject: Subject) -> PersonTable | None:
    declared = _declared(subject)
    inferred = _candidates(subject)
    quasi = list(dict.fromkeys([*declared, *inferred]))
    table = subject.sheet.table
    if not quasi or not table.num_rows:
        return None
    short = {name: f"q{index}" for index, name in enumerate(quasi)}
    codes = {short[name]: coded(table.column(name)) for name in quasi}
    sensitive, others = _sensitive(subject)
    persons = {name: f"p{index}" for index, name in enumerate(_named(subject))}
    others |= {code: coded(table.column(name)) for name, code in persons.items()}
    return PersonTable(
        Cube.load(subject.engine, codes, others, subject.policy.persons.recursive_l),
        {code: name for name, code in short.items()},
        tuple(short[name] for name in declared),
        tuple(short[name] for name in inferred),
        sensitive,
        persons,
    )


def unsafe_sets(
    table: PersonTable,
    max_set: int,
    measure: Callable[[Sequence[tuple[str, ...]], bool], Sequence[Found]],
    unsafe: Callable[[Found], bool],
    *,
    smallest: int = 1,
) -> Iterator[Group[Found]]:
    """The declared set if it is unsafe, then every smallest unsafe one with another column.

    Args:
        table: the persons.
        max_set: columns in an inferred set at most.
        measure: what the classes of some sets come to; told whether they are declared.
        unsafe: whether that is unsafe.
        smallest: columns in a set at least; 0: all persons together are a class too.
    """
    whole = frozenset(table.declared)
    known = False
    if table.declared:
        (found,) = measure([table.declared], True)
        known = unsafe(found)
        if known:
            yield Group(table.declared, found, True)
    bad: list[frozenset[str]] = []
    columns = table.candidates
    levels = [*range(smallest, min(max_set, len(columns)) + 1)]
    if len(columns) > max_set:
        levels.append(len(columns))  # all of them together, though no set between
    for size in levels:
        sets = [
            chosen
            for chosen in itertools.combinations(columns, size)
            if not any(small <= set(chosen) for small in bad)
        ]
        for chosen, found in zip(sets, measure(sets, False) if sets else [], strict=True):
            if not unsafe(found):
                continue
            bad.append(frozenset(chosen))
            if not (known and whole.issuperset(chosen)):
                yield Group(chosen, found, False)


def _declared(subject: Subject) -> list[str]:
    return [
        name
        for name, guess in subject.known.guesses.items()
        if guess.why == "declared" and guess.role is Role.QUASI_IDENTIFIER
    ]


def _candidates(subject: Subject) -> list[str]:
    """Columns that sets are formed of: declared ones first, then the most telling ones."""
    known, rules = subject.known, subject.policy.persons
    chosen: list[tuple[bool, float, str]] = []
    for name, profile in subject.profiles.items():
        guess = known.guesses[name]
        sure = guess.why == "declared" and guess.role is Role.QUASI_IDENTIFIER
        grouped = (
            profile.distinct <= rules.max_distinct_share * profile.rows
            or profile.rows < 2 * rules.k
        )
        person = lexicon().speaks_of(name, "person") or guess.why == "days"
        if guess.role in _GROUPS and profile.distinct > 0 and (sure or grouped or person):
            chosen.append((not sure, -profile.distinct, name))
    return [name for _, _, name in sorted(chosen)][: rules.max_columns]


def _sensitive(subject: Subject) -> tuple[dict[str, Sensitive], dict[str, Codes]]:
    """Sensitive columns with their codes; inferred ones only if they have several values."""
    found: dict[str, Sensitive] = {}
    codes: dict[str, Codes] = {}
    for name, guess in subject.known.guesses.items():
        profile = subject.profiles[name]
        declared = guess.why == "declared"
        wanted = guess.role is Role.SENSITIVE or (declared and guess.role is Role.MAGNITUDE)
        many = profile.distinct > subject.policy.persons.max_distinct_share * profile.rows
        if not wanted or (not declared and (profile.distinct < 2 or many)):
            continue
        ground = _ground(subject, profile)
        column = coded(
            subject.sheet.table.column(name),
            _order(profile) if isinstance(ground, Ordered) else None,
        )
        if isinstance(ground, Tree):
            ground = Tree(tuple(_path(subject.hierarchies[name], v) for v in column.values))
        code = f"s{len(found)}"
        codes[code] = column
        values = tuple(range(len(column.values)))
        found[name] = Sensitive(code, values, column.shares, ground)
    return found, codes


def _ground(subject: Subject, profile: Profile) -> Ground:
    """Numbers are ordered, codes with declared parents a tree, anything else equally far apart."""
    if profile.name in subject.hierarchies:
        parents = subject.hierarchies[profile.name]
        depths = {len(_path(parents, value)) for value in ["", *profile.values]}
        return Tree(()) if len(depths) == 1 else Equal()
    share, _, _ = profile.figures()
    return Ordered() if share >= 1.0 and profile.distinct > 2 else Equal()


def _path(parents: Mapping[str, str], value: str) -> tuple[str, ...]:
    """The codes above a value up to one root of all."""
    path: list[str] = []
    while value in parents and parents[value] not in path:
        value = parents[value]
        path.append(value)
    return (*path, "")


def _order(profile: Profile) -> Callable[[str], float]:
    """Sorts texts as numbers; what is none comes first."""

    def place(text: str) -> float:
        cell = parse(text, profile.decimal)
        return cell.value if cell.state is State.VALUE else float("-inf")

    return place


def _named(subject: Subject) -> list[str]:
    """Columns that name a person, not a household, where one has several rows."""
    words, found = lexicon(), list[str]()
    for name, profile in subject.profiles.items():
        role = subject.known.guesses[name].role
        person = any(words.speaks_of(name, topic) for topic in _PERSON_TOPICS)
        household = any(part in name.lower() for part in _HOUSEHOLD)
        repeated = 1 < profile.distinct < profile.filled
        if role is Role.IDENTIFIER and person and repeated and not household:
            found.append(name)
    return found
