"""A cohort model: who is born, dies, moves in and out, year by year.

Each region starts with an age pyramid, lives a few years unobserved so that the pyramid takes the
region's own shape, and is then counted on 31 December of every year. All persons are whole, so
every sum of parts is exact.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from ckanext.sozialdaten.demo.kreis import (
    FIRST_YEAR,
    KREIS,
    LAND,
    LAST_YEAR,
    Kind,
    Municipality,
)

__all__ = ["AGE_GROUPS", "AgeGroup", "Count", "People", "counts", "live"]

SEXES = ("m", "w")
OLDEST = 100
_UNOBSERVED_YEARS = 8
_BIRTHS_PER_WOMAN = {2010: 1.39, 2016: 1.59, 2021: 1.58, 2024: 1.35}
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
class Count:
    """Persons of a region on 31 December of a year; an empty sex or age group is the total."""

    region: str
    year: int
    sex: str
    age_group: str
    persons: int


@dataclass(frozen=True, slots=True)
class _Habits:
    """Yearly net migration as a share of families, the young, the old; and the pyramid's shift."""

    families: float
    young: float
    old: float
    age_shift: float


_HABITS = {
    Kind.TOWN: _Habits(families=0.001, young=0.016, old=0.001, age_shift=-1.0),
    Kind.SUBURB: _Habits(families=0.017, young=-0.012, old=0.000, age_shift=-2.0),
    Kind.VILLAGE: _Habits(families=-0.001, young=-0.034, old=-0.003, age_shift=3.5),
}
_ELSEWHERE = _Habits(families=0.0035, young=0.0095, old=0.0, age_shift=0.0)


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


def _grow_older(random: Random, people: People, year: int) -> People:
    boys, girls = _births(random, people["w"], year)
    older: People = {"m": [boys], "w": [girls]}
    for sex in SEXES:
        left = [
            persons - _binomial(random, persons, _mortality(sex, age))
            for age, persons in enumerate(people[sex])
        ]
        older[sex] += [*left[: OLDEST - 1], left[OLDEST - 1] + left[OLDEST]]
    return older


def live(seed: int, region: str, inhabitants: int, kind: Kind | None) -> dict[int, People]:
    """The persons of a region on 31 December of every year.

    Args:
        seed: seed of the whole Kreis; each region draws from a stream of its own.
        region: key of the region.
        inhabitants: persons when the story begins, some years before the first count.
        kind: how the region develops; none is the rest of the country.
    """
    random = Random(f"{seed}:population:{region}")  # noqa: S311 - a story, not a secret
    habits = _ELSEWHERE if kind is None else _HABITS[kind]
    people = _pyramid(random, inhabitants, habits.age_shift)
    story: dict[int, People] = {}
    for year in range(FIRST_YEAR - _UNOBSERVED_YEARS, LAST_YEAR + 1):
        people = _grow_older(random, people, year)
        _migrate(random, people, habits, year)
        if year >= FIRST_YEAR:
            story[year] = {sex: list(ages) for sex, ages in people.items()}
    return story


def _sum(parts: list[dict[int, People]]) -> dict[int, People]:
    return {
        year: {
            sex: [sum(ages) for ages in zip(*(part[year][sex] for part in parts), strict=True)]
            for sex in SEXES
        }
        for year in parts[0]
    }


def _tables(seed: int, places: tuple[Municipality, ...]) -> dict[str, dict[int, People]]:
    """Every region's story: Germany holds the Land, the Land the Kreis, the Kreis its Gemeinden."""
    stories = {place.key: live(seed, place.key, place.inhabitants, place.kind) for place in places}
    kreis = _sum(list(stories.values()))
    land = _sum([kreis, live(seed, f"{LAND}:rest", 1_730_000, None)])
    germany = _sum([land, live(seed, "DG:rest", 76_400_000, None)])
    return {"DG": germany, LAND: land, KREIS: kreis, **stories}


def counts(seed: int, places: tuple[Municipality, ...]) -> Iterator[Count]:
    """Every count of every region: by sex and age group, and all totals."""
    for region, story in _tables(seed, places).items():
        for year, people in story.items():
            for sex in ("", *SEXES):
                ages = (
                    people[sex]
                    if sex
                    else [m + w for m, w in zip(people["m"], people["w"], strict=True)]
                )
                for group in AGE_GROUPS:
                    persons = sum(ages[group.lower : group.upper])
                    yield Count(region, year, sex, group.code, persons)
                yield Count(region, year, sex, "", sum(ages))
