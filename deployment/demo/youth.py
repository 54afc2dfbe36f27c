"""The case lists of the fictitious youth office: young persons with Hilfen zur Erziehung.

Cases begin by chance from the young population of each Gemeinde, last for months or years, and end
at the latest on the 21st birthday. On every 31 December the office's system prints a list: all
cases of the year, open ones without an end. Nobody can take the invented names for real ones.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ckanext.sozialdaten.demo.kreis import FIRST_YEAR, LAST_YEAR, Kind, Municipality
from ckanext.sozialdaten.demo.population import Year

__all__ = ["HEADER", "Case", "case_list", "cases", "file_name", "rows"]

HEADER = (
    "Stichtag",
    "Fallnummer",
    "PersNr",
    "Name, Vorname",
    "Geb.-Dat.",
    "Geschl.",
    "GKZ",
    "Ort",
    "Hilfeart",
    "Beginn",
    "Ende",
    "Zuständigkeitsübergang",
    "Kosten je Monat (€)",
    "SB",
)
_SURNAMES = (
    "Musterkind",
    "Beispielhöfer",
    "Probstfeld-Fiktiv",
    "Testmüller",
    "Erfundén",
    "Niemandsländer",
    "Größtmuster",
    "Fiktivsøn",
    "von Vorlagen",
    "Öhne-Namen",
    "Übungsfall",
    "Platzhälter",
    "D'Exemplaire",
    "Straßenmuster",
    "Ñemo-Beispiel",
)
_GIVEN = {
    "m": ("Jörg-Muster", "Bënno", "Emil", "Günay", "Löwe", "Noël", "Tarık", "Ülo", "André", "Max"),
    "w": ("Änne", "Chloë", "Fränzi", "Gül", "Mia", "Renée", "Söphie", "Zoë", "Käthe", "Lea"),
}
_CLERKS = ("MUS", "BSP", "TST", "FIK")
_FOREVER = "31.12.9999"
_FIRST_CASES = FIRST_YEAR - 4
_ADULT = 21


@dataclass(frozen=True, slots=True)
class _Support:
    """A kind of support: who gets it, for how long, at what price a month (euros)."""

    youngest: int
    oldest: int
    weight: int
    months: float
    euros: int


_SUPPORTS = {
    "27": _Support(0, 17, 10, 14, 900),
    "28": _Support(0, 20, 16, 7, 160),
    "29": _Support(6, 15, 4, 12, 420),
    "30": _Support(10, 17, 8, 13, 780),
    "31": _Support(0, 14, 22, 16, 1_450),
    "32": _Support(6, 13, 5, 20, 2_900),
    "33": _Support(0, 17, 11, 44, 1_150),
    "34": _Support(6, 17, 11, 24, 5_600),
    "35": _Support(14, 20, 2, 11, 4_300),
    "35a": _Support(5, 17, 13, 22, 1_050),
    "41": _Support(18, 20, 14, 12, 2_700),
}
_NEED = {Kind.TOWN: 1.35, Kind.SUBURB: 0.75, Kind.VILLAGE: 0.95}


@dataclass(frozen=True, slots=True)
class Case:
    """One support of one young person; the person may have several."""

    number: str
    person: str
    name: str
    born: date
    sex: str
    region: str
    place: str
    support: str
    begin: date
    end: date
    moved: bool
    euros: Decimal
    clerk: str


def _poisson(random: Random, mean: float) -> int:
    limit, product, found = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        found += 1
    return found


def _new_cases(age: int, year: int) -> float:
    """New cases per person and year: most at school age, slowly rising over the years."""
    by_age = 0.0048 if age < 6 else 0.0110 if age < 15 else 0.0092
    return by_age * (1 + 0.022 * (year - FIRST_YEAR)) * (0.86 if year == 2020 else 1.0)


def _birthday(born: date, age: int) -> date:
    """The day on which somebody becomes ``age``; 29 February counts as 28 February."""
    day = 28 if (born.month, born.day) == (2, 29) else born.day
    return born.replace(year=born.year + age, day=day)


def _choose_support(random: Random, age: int) -> str:
    fitting = {k: s.weight for k, s in _SUPPORTS.items() if s.youngest <= age <= s.oldest}
    return random.choices(list(fitting), list(fitting.values()))[0]


def _end(random: Random, begin: date, born: date, support: str) -> date:
    """The last day of a support; the day before the 21st birthday at the latest."""
    days = 20 + round(random.expovariate(1 / (30.4 * _SUPPORTS[support].months)))
    return min(begin + timedelta(days=days), _birthday(born, _ADULT) - timedelta(days=1))


def _sex(random: Random) -> str:
    return random.choices(("m", "w", "d", "u"), (540, 450, 6, 4))[0]


def _name(random: Random, sex: str) -> str:
    given = _GIVEN.get(sex) or _GIVEN["m"] + _GIVEN["w"]
    name = f"{random.choice(_SURNAMES)}, {random.choice(given)}"
    # The system writes cp1252; a letter that it does not hold arrives as a question mark.
    return name.encode("cp1252", "replace").decode("cp1252")


@dataclass(slots=True)
class _Office:
    """Numbers the cases and persons of one youth office."""

    random: Random
    found: list[Case]
    persons: int = 0

    def open(self, place: Municipality, age: int, year: int) -> None:
        """Open one case, sometimes two at once, for a new young person."""
        self.persons += 1
        begin = date(year, 1, 1) + timedelta(days=self.random.randrange(365))
        born = _birthday(begin, -age) - timedelta(days=self.random.randrange(365))
        sex = _sex(self.random)
        name = _name(self.random, sex)
        for _ in range(2 if self.random.random() < 0.06 else 1):
            support = _choose_support(self.random, age)
            price = _SUPPORTS[support].euros * self.random.uniform(0.7, 1.4)
            self.found.append(
                Case(
                    number=f"JUG-{year}-{len(self.found) + 1:06}",
                    person=f"{self.persons:07}",
                    name=name,
                    born=born,
                    sex=sex,
                    region=place.key,
                    place=place.name,
                    support=support,
                    begin=begin,
                    end=_end(self.random, begin, born, support),
                    moved=self.random.random() < 0.08,
                    euros=Decimal(round(price * 100)) / 100,
                    clerk=self.random.choice(_CLERKS),
                )
            )


def _young(story: Mapping[int, Year], year: int, age: int) -> int:
    people = story[max(year, FIRST_YEAR)].people
    return people["m"][age] + people["w"][age]


def cases(
    seed: int, places: Iterable[Municipality], stories: Mapping[str, Mapping[int, Year]]
) -> tuple[Case, ...]:
    """All cases of the office, by their beginning; the same for the same seed.

    Args:
        seed: seed of the whole Kreis.
        places: its Gemeinden.
        stories: what happened in each of them, year by year.
    """
    office = _Office(Random(f"{seed}:youth"), [])  # noqa: S311 - a story, not a secret
    towns = [(place, stories[place.key]) for place in places]
    for year in range(_FIRST_CASES, LAST_YEAR + 1):
        for place, story in towns:
            for age in range(_ADULT):
                mean = _young(story, year, age) * _new_cases(age, year) * _NEED[place.kind]
                for _ in range(_poisson(office.random, mean)):
                    office.open(place, age, year)
    return tuple(office.found)


def _euros(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def _day(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _row(case: Case, on: date) -> tuple[str, ...]:
    open_end = _FOREVER if int(case.number[-1]) % 3 == 0 else ""
    return (
        _day(on),
        case.number,
        case.person,
        case.name,
        _day(case.born),
        case.sex,
        case.region,
        case.place,
        case.support,
        _day(case.begin),
        _day(case.end) if case.end <= on else open_end,
        "J" if case.moved else "N",
        _euros(case.euros),
        case.clerk,
    )


def rows(known: Iterable[Case], year: int) -> list[tuple[str, ...]]:
    """The lines of the list of 31 December: cases that ran at some time in the year."""
    on = date(year, 12, 31)
    return [_row(case, on) for case in known if case.begin <= on and case.end >= date(year, 1, 1)]


def file_name(year: int) -> str:
    """The name under which the office's system drops the list of a year."""
    return f"HzE_Fallliste_{year}1231.csv"


def case_list(
    lines: Iterable[tuple[str, ...]], year: int, header: tuple[str, ...] = HEADER
) -> bytes:
    """The list as the system exports it: three title lines, header, cases, their number; cp1252."""
    body = [";".join(line) for line in lines]
    text = [
        f"Auswertung: Hilfen zur Erziehung – Fallliste zum Stichtag 31.12.{year}",
        f"Jugendamt Kreis Musterland (FIKTIV);;Druckdatum:;{_day(date(year + 1, 1, 8))}",
        "",
        ";".join(header),
        *body,
        f"Anzahl Datensätze: {len(body)}",
    ]
    return "".join(line + "\r\n" for line in text).encode("cp1252")
