"""A cohort model: who is born, dies, moves in and out, year by year.

Each region starts with an age pyramid, lives a few years unobserved so that the pyramid takes the
region's own shape, and is then counted on 31 December of every year. All persons are whole, so
every sum of parts is exact.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from ckanext.sozialdaten.demo.kreis import FIRST_YEAR, LAST_YEAR, Kind

__all__ = ["AGE_GROUPS", "AgeGroup", "People", "Year", "live"]

SEXES = ("m", "w")
OLDEST = 100
_UNOBSERVED_YEARS = 8
_BIRTHS_PER_WOMAN = {2010: 1.39, 2016: 1.59, 2021: 1.58, 2024: 1.35, 2025: 1.34}
_MANY = 80
_LOWER_BOUNDS = (0, 3, 6, 10, 15, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 75)

People = dict[str, list[int]]
"""Persons by sex and year of age (0 to 100 and over)."""


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """An age group of the classification ALTX20: lower bound inclusive, upper exclusive."""

    code: str
    label: str
    lower: int
    upper: int


def _age_groups() -> tuple[AgeGroup, ...]:
    groups = [AgeGroup("ALT000B03", "unter 3 Jahre", 0, 3)]
    for lower, upper in pairwise(_LOWER_BOUNDS[1:]):
        label = f"{lower} bis unter {upper} Jahre"
        groups.append(AgeGroup(f"ALT{lower:03}B{upper:02}", label, lower, upper))
    groups.append(AgeGroup("ALT075UM", "75 Jahre und mehr", 75, OLDEST + 1))
    return tuple(groups)


AGE_GROUPS = _age_groups()


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a region: its persons at the end, and what changed their number.

    Args:
        people: persons on 31 December.
        born: live births of the year.
        died: deaths of the year.
        arrived: persons who moved in.
        departed: persons who moved away.
    """

    people: People
    born: int
    died: int
    arrived: int
    departed: int


@dataclass(frozen=True, slots=True)
class _Habits:
    """Yearly net migration as a share of families, the young, the old; and the pyramid's shift.

    ``mobility`` is the share of all persons that moves away within a year.
    """

    families: float
    young: float
    old: float
    age_shift: float
    mobility: float


_HABITS = {
    Kind.TOWN: _Habits(families=0.001, young=0.016, old=0.001, age_shift=-1.0, mobility=0.062),
    Kind.SUBURB: _Habits(families=0.017, young=-0.012, old=0.000, age_shift=-2.0, mobility=0.069),
    Kind.VILLAGE: _Habits(families=-0.001, young=-0.034, old=-0.003, age_shift=3.5, mobility=0.066),
}
_ELSEWHERE = _Habits(families=0.0035, young=0.0095, old=0.0, age_shift=0.0, mobility=0.052)


def _binomial(random: Random, trials: int, chance: float) -> int:
    """How many of ``trials`` succeed; exact for few, by the normal approximation for many."""
    if trials <= 0 or chance <= 0:
        return 0
    if trials < _MANY:
        return sum(random.random() < chance for _ in range(trials))
    spread = math.sqrt(trials * chance * (1 - chance))
    return min(trials, max(0, round(random.gauss(trials * chance, spread))))


def _pyramid(random: Random, inhabitants: int, age_shift: float) -> People:
    """An age pyramid with the baby boom of the 1960s, ``age_shift`` years older than average."""
    weights: dict[tuple[str, int], float] = {}
    for sex in SEXES:
        for age in range(OLDEST + 1):
            boom = math.exp(-(((age - 39 - age_shift) / 9.0) ** 2))
            base = 0.72 + 0.55 * boom
            limit = 76.0 if sex == "m" else 80.5
            alive = 1 / (1 + math.exp((age - limit) / 6.5))
            weights[sex, age] = base * alive * (1.03 if sex == "m" and age < 50 else 1.0)
    whole = sum(weights.values())
    people: People = {sex: [0] * (OLDEST + 1) for sex in SEXES}
    for (sex, age), weight in weights.items():
        exact = inhabitants * weight / whole
        people[sex][age] = int(exact) + (random.random() < exact - int(exact))
    return people


def _mortality(sex: str, age: int) -> float:
    """The chance to die within a year (Gompertz, with the first year of life apart)."""
    if age == 0:
        return 0.0032
    base = 3.1e-5 if sex == "m" else 1.55e-5
    return min(0.6, base * math.exp(0.094 * age))


def _fertility(year: int) -> float:
    """Children per woman in ``year``, interpolated between known years."""
    years = sorted(_BIRTHS_PER_WOMAN)
    if year <= years[0]:
        return _BIRTHS_PER_WOMAN[years[0]]
    for before, after in pairwise(years):
        if year <= after:
            share = (year - before) / (after - before)
            first, last = _BIRTHS_PER_WOMAN[before], _BIRTHS_PER_WOMAN[after]
            return first + share * (last - first)
    return _BIRTHS_PER_WOMAN[years[-1]]


def _births(random: Random, women: list[int], year: int) -> tuple[int, int]:
    """Boys and girls born in ``year``."""
    bell = {age: math.exp(-(((age - 31) / 5.6) ** 2) / 2) for age in range(15, 50)}
    whole = sum(bell.values())
    expected = sum(women[age] * _fertility(year) * bell[age] / whole for age in bell)
    born = max(0, round(random.gauss(expected, math.sqrt(max(expected, 0.01)))))
    boys = _binomial(random, born, 0.513)
    return boys, born - boys


def _migration_rate(habits: _Habits, age: int, year: int) -> float:
    """Net migration as a share of the persons of an age; 2015 and 2022 brought refugees."""
    if age < 15 or 28 <= age < 46:
        rate = habits.families
    elif 18 <= age < 28:
        rate = habits.young
    elif age >= 65:
        rate = habits.old
    else:
        rate = habits.families / 3
    if year in (2015, 2022) and age < 46:
        rate += 0.008
    return rate


def _migrate(random: Random, people: People, habits: _Habits, year: int) -> None:
    for sex in SEXES:
        ages = people[sex]
        for age in range(OLDEST):
            around = ages[max(0, age - 1) : age + 2]
            mean = sum(around) / len(around)
            expected = mean * _migration_rate(habits, age, year)
            noise = random.gauss(0, math.sqrt(max(mean, 0) * 0.004))
            moved = math.floor(expected + noise + random.random())
            ages[age] = max(0, ages[age] + moved)


def _grow_older(random: Random, people: People, year: int) -> tuple[People, int, int]:
    """The persons a year older, and how many were born and died."""
    boys, girls = _births(random, people["w"], year)
    older: People = {"m": [boys], "w": [girls]}
    died = 0
    for sex in SEXES:
        left = [
            persons - _binomial(random, persons, _mortality(sex, age))
            for age, persons in enumerate(people[sex])
        ]
        died += sum(people[sex]) - sum(left)
        older[sex] += [*left[: OLDEST - 1], left[OLDEST - 1] + left[OLDEST]]
    return older, boys + girls, died


def _departures(random: Random, habits: _Habits, persons: int, gained: int) -> int:
    """How many moved away, where ``gained`` is what arrivals and departures left."""
    left = round(persons * habits.mobility * random.uniform(0.94, 1.06))
    return max(left, -gained, 0)


def live(seed: int, region: str, inhabitants: int, kind: Kind | None) -> dict[int, Year]:
    """What happened in a region, year by year, and its persons on 31 December.

    Args:
        seed: seed of the whole Kreis; each region draws from a stream of its own.
        region: key of the region.
        inhabitants: persons when the story begins, some years before the first count.
        kind: how the region develops; none is the rest of the country.
    """
    random = Random(f"{seed}:population:{region}")  # noqa: S311 - a story, not a secret
    moving = Random(f"{seed}:moving:{region}")  # noqa: S311
    habits = _ELSEWHERE if kind is None else _HABITS[kind]
    people = _pyramid(random, inhabitants, habits.age_shift)
    story: dict[int, Year] = {}
    for year in range(FIRST_YEAR - _UNOBSERVED_YEARS, LAST_YEAR + 1):
        people, born, died = _grow_older(random, people, year)
        stayed = _whole(people)
        _migrate(random, people, habits, year)
        if year >= FIRST_YEAR:
            gained = _whole(people) - stayed
            departed = _departures(moving, habits, stayed, gained)
            copy = {sex: list(ages) for sex, ages in people.items()}
            story[year] = Year(copy, born, died, departed + gained, departed)
    return story


def _whole(people: People) -> int:
    return sum(map(sum, people.values()))
