"""The lists of households with Wohngeld, as the housing office's system prints them.

A household applies, gets the benefit for a year at a time, and falls out when it earns more. The
reform of 2023 brought many in. Names are invented so that nobody takes them for real.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ckanext.sozialdaten.demo.kreis import LAST_YEAR, Kind, Municipality
from ckanext.sozialdaten.demo.population import Year
from ckanext.sozialdaten.demo.spreadsheet import Sheet, workbook

__all__ = ["FIRST_LIST", "HEADER", "Household", "case_list", "file_name", "households", "rows"]

HEADER = (
    "Stichtag",
    "Wohngeldnummer",
    "Personennr.",
    "Antragsteller/in",
    "Gemeindeschlüssel",
    "Haushaltsmitglieder",
    "HH-Gruppe",
    "Bewilligt ab",
    "Bewilligt bis",
    "Wohngeld (EUR/Monat)",
)
FIRST_LIST = 2018
_FIRST = FIRST_LIST - 5
_NAMES = ("Mustermieter", "Beispielheim", "Wohnmuster", "Fiktivhaus", "Testbleibe", "Probedach")
_GIVEN = ("Änne", "Jörg", "Gül", "Renée", "Ülo", "Käthe", "Noël", "Söphie", "Max", "Zoë")
_NEED = {Kind.TOWN: 1.3, Kind.SUBURB: 0.8, Kind.VILLAGE: 0.75}
_PERSONS = {1: 50, 2: 16, 3: 11, 4: 12, 5: 7, 6: 4}
_NEW = 0.0019  # new households a year for each person, before the reform
_REFORM = {2023: 4.2, 2024: 2.1, 2025: 1.7}
_STAYS = 0.62  # how many get the benefit for another year


@dataclass(frozen=True, slots=True)
class Household:
    """A household with Wohngeld from one day to another."""

    number: str
    person: str
    name: str
    region: str
    persons: int
    begin: date
    end: date
    euros: int


def households(
    seed: int, places: Iterable[Municipality], stories: Mapping[str, Mapping[int, Year]]
) -> tuple[Household, ...]:
    """All households that ever got Wohngeld; the same for the same seed.

    Args:
        seed: seed of the whole Kreis.
        places: its Gemeinden.
        stories: what happened in each of them, year by year.
    """
    random = Random(f"{seed}:housing")  # noqa: S311 - a story, not a secret
    towns = [(place, stories[place.key]) for place in places]
    found: list[Household] = []
    for year in range(_FIRST, LAST_YEAR + 1):
        for place, story in towns:
            people = sum(map(sum, story[year].people.values()))
            mean = people * _NEW * _NEED[place.kind] * _REFORM.get(year, 1.0)
            for _ in range(int(mean + random.random())):
                found.append(_household(random, len(found) + 1, place.key, year))
    return tuple(found)


def _household(random: Random, number: int, region: str, year: int) -> Household:
    begin = date(year, random.randint(1, 12), 1)
    years = 1
    while random.random() < _STAYS:
        years += 1
    persons = random.choices(list(_PERSONS), list(_PERSONS.values()))[0]
    return Household(
        number=f"WG-{year}-{number:06}",
        person=f"{700_000 + number}",
        name=f"{random.choice(_NAMES)}, {random.choice(_GIVEN)}",
        region=region,
        persons=persons,
        begin=begin,
        end=begin.replace(year=begin.year + years) - timedelta(days=1),
        euros=round(random.uniform(55, 190) * (0.7 + 0.3 * persons)),
    )


def _group(persons: int) -> str:
    return "HH3UM" if persons > 2 else f"HH{persons}"


def rows(known: Iterable[Household], year: int) -> list[tuple[str | int, ...]]:
    """The lines of the list of 31 December: households whose benefit runs on that day."""
    on = date(year, 12, 31)
    return [
        (
            on.strftime("%d.%m.%Y"),
            home.number,
            home.person,
            home.name,
            home.region,
            home.persons,
            _group(home.persons),
            home.begin.strftime("%d.%m.%Y"),
            home.end.strftime("%d.%m.%Y"),
            home.euros,
        )
        for home in known
        if home.begin <= on <= home.end
    ]


def file_name(year: int) -> str:
    """The name under which the housing office drops the list of a year."""
    return f"Wohngeld_Bestandsliste_{year}1231.xlsx"


def case_list(lines: Iterable[tuple[str | int, ...]], year: int) -> bytes:
    """The list as a workbook: merged title lines, captions, households, their number."""
    body = list(lines)
    title = f"Wohngeld: laufende Bewilligungen am 31.12.{year}"
    return workbook(
        Sheet(
            "Bestandsliste",
            [
                [title],
                ["Wohngeldstelle Kreis Musterland (FIKTIV)"],
                [],
                HEADER,
                *body,
                [f"Anzahl Datensätze: {len(body)}"],
            ],
            ("A1:J1", "A2:J2"),
        )
    )
