"""Works out every figure of every region and year from the descriptions of `figures`.

The Gemeinden, the rest of the Land and the rest of the country are drawn; Kreis, Land and Germany
are their sums. Each figure draws from a stream of its own, so a new one changes no other.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from itertools import pairwise
from random import Random

from ckanext.sozialdaten.demo.figures import (
    Cell,
    Event,
    Figure,
    Grown,
    Less,
    Level,
    Of,
    People,
    Quotient,
    Same,
    Share,
    Statistic,
)
from ckanext.sozialdaten.demo.hiding import hidden
from ckanext.sozialdaten.demo.kreis import (
    FIRST_YEAR,
    KREIS,
    LAND,
    LAST_YEAR,
    Kind,
    Municipality,
)
from ckanext.sozialdaten.demo.population import Year, live

__all__ = ["Printed", "Society"]

GERMANY = "DG"
_REST_OF_LAND, _REST_OF_GERMANY = f"{LAND}:rest", f"{GERMANY}:rest"
_RESTS = {_REST_OF_LAND: 1_730_000, _REST_OF_GERMANY: 76_400_000}
_REST_AREAS = {_REST_OF_LAND: 14_800.0, _REST_OF_GERMANY: 341_900.0}  # square kilometres
_STEADY = 0.35  # share of pure chance in a stock's changes from year to year
_SPREAD = 0.13  # how far places differ from others of their kind
_MIDDLE = 2018  # the year of which rates speak
_KM = 111.2  # kilometres of a degree


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell as its office prints it; no value where it keeps it secret."""

    region: str
    year: int
    cell: Cell
    value: float | None


class Society:
    """The figures of one seed.

    Args:
        seed: the same seed gives the same figures.
        places: the Gemeinden.
        statistics: the descriptions that figures refer to.
    """

    def __init__(
        self, seed: int, places: Iterable[Municipality], statistics: Iterable[Statistic]
    ) -> None:
        self.seed = seed
        self.places = tuple(places)
        self._kinds: dict[str, Kind | None] = {place.key: place.kind for place in self.places}
        self._kinds |= dict.fromkeys(_RESTS)
        self._statistics = {item.source: item for item in statistics}
        self._known: dict[tuple[str, Cell, str, int], float] = {}

    @cached_property
    def stories(self) -> dict[str, dict[int, Year]]:
        """What happened in each Gemeinde and in the rest of the country."""
        found = {p.key: live(self.seed, p.key, p.inhabitants, p.kind) for p in self.places}
        return found | {key: live(self.seed, key, size, None) for key, size in _RESTS.items()}

    def parts(self, region: str) -> tuple[str, ...]:
        """The drawn areas that a region consists of."""
        kreis = tuple(place.key for place in self.places)
        return {
            KREIS: kreis,
            LAND: (*kreis, _REST_OF_LAND),
            GERMANY: (*kreis, _REST_OF_LAND, _REST_OF_GERMANY),
        }.get(region, (region,))

    def printed(self, statistic: Statistic) -> Iterator[Printed]:
        """Every cell of a statistic, small counts hidden where its office hides them."""
        names = [place.key for place in self.places if statistic.has(place.key)]
        cells = statistic.cells()
        for year in statistic.years:
            found = {
                (region, cell): self.value(statistic, cell, region, year)
                for region in (*statistic.regions, *names)
                for cell in cells
            }
            secret = hidden(statistic, found, KREIS) if statistic.minimum else frozenset()
            for key, value in found.items():
                yield Printed(key[0], year, key[1], None if key in secret else value)

    def value(self, statistic: Statistic, cell: Cell, region: str, year: int) -> float:
        """One figure of a region, in the year that the statistic's delivery prints.

        Args:
            statistic: the description.
            cell: value and attributes; an empty attribute is the total.
            region: key of a Gemeinde, the Kreis, the Land or Germany.
            year: of the reference date or period.
        """
        return self._value(statistic, cell, region, year - statistic.lag)

    def _value(self, statistic: Statistic, cell: Cell, region: str, year: int) -> float:
        figure = statistic.figures.get(cell)
        if isinstance(figure, Level | Quotient):
            return self._rate(statistic, cell, figure, region, year)
        return sum(self._drawn(statistic, cell, part, year) for part in self.parts(region))

    def _drawn(self, statistic: Statistic, cell: Cell, area: str, year: int) -> float:
        """A figure of one area, kept once it is known."""
        key = (statistic.source, cell, area, year)
        if self._kinds[area] is not None and not statistic.has(area):
            return 0.0
        if key not in self._known:
            figure = statistic.figures.get(cell)
            self._known[key] = (
                sum(self._drawn(statistic, part, area, year) for part in statistic.leaves(cell))
                if figure is None
                else self._worked_out(statistic, cell, figure, area, year)
            )
        return self._known[key]

    def _worked_out(
        self, statistic: Statistic, cell: Cell, figure: Figure, area: str, year: int
    ) -> float:
        match figure:
            case Event(name):
                return self._event(name, area, year)
            case Same(of):
                return self._base(of, area, year)
            case Less(of, minus):
                return self._base(of, area, year) - self._base(minus, area, year)
            case Share():
                return self._share(statistic, cell, figure, area, year)
            case Grown(start, plus, minus):
                if year <= FIRST_YEAR:
                    return self._share(statistic, cell, start, area, year)
                before = self._drawn(statistic, cell, area, year - 1)
                lost = round(before * minus / 1000)
                return before + self._base(plus, area, year) - lost
            case _:  # rates are worked out for each region by itself
                raise TypeError(type(figure).__name__)

    def _base(self, of: Of, area: str, year: int) -> float:
        if isinstance(of, People):
            people = self.stories[area][min(max(year, FIRST_YEAR), LAST_YEAR)].people
            return sum(sum(people[sex][of.lower : of.upper]) for sex in of.sexes)
        source, *cell = of
        return self._drawn(self._statistics[source], tuple(cell), area, year)

    def _event(self, name: str, area: str, year: int) -> float:
        if name == "area":
            return _REST_AREAS.get(area) or self._areas[area]
        return float(getattr(self.stories[area][year], name))

    def _share(self, statistic: Statistic, cell: Cell, share: Share, area: str, year: int) -> float:
        base = self._base(share.of, area, year)
        kind = self._kinds[area]
        rate = share.rate.of(kind) / 1000
        rate *= (1 + share.rate.growth) ** (year - _MIDDLE) * share.rate.years.get(year, 1.0)
        if kind is not None and isinstance(share.of, People):
            rate *= math.exp(self._random(statistic.source, area).gauss(0, _SPREAD))
        if share.most:
            rate = min(rate, share.most / 1000)
        random = self._random(statistic.source, *cell, area, year)
        found = base * rate + random.gauss(0, _STEADY) * math.sqrt(base * rate)
        if share.digits:
            return max(0.0, round(found, share.digits))
        return float(max(0, math.floor(found + random.random())))

    def _rate(
        self, statistic: Statistic, cell: Cell, figure: Level | Quotient, region: str, year: int
    ) -> float:
        if isinstance(figure, Level):
            own = self._random(statistic.source, *cell, region).gauss(0, figure.spread)
            chance = self._random(statistic.source, *cell, region, year).gauss(0, figure.spread / 5)
            return (figure.middle + own + chance) * (1 + figure.growth) ** (year - _MIDDLE)
        above, below = (
            sum(self._value(self._statistics[s], tuple(c), region, year) for s, *c in of)
            for of in (figure.above, figure.below)
        )
        return 100 * above / below

    def _random(self, *words: object) -> Random:
        return Random(":".join(map(str, (self.seed, *words))))  # noqa: S311 - a story, no secret

    @cached_property
    def _areas(self) -> dict[str, float]:
        """Square kilometres of the Gemeinden, from their boundaries."""
        folder = resources.files("ckanext.sozialdaten.schemas.geography")
        text = (folder / "boundaries_gemeinde_2024.geojson").read_text("utf-8")
        return {
            feature["properties"]["ags"]: round(_area(feature["geometry"]["coordinates"][0]), 2)
            for feature in json.loads(text)["features"]
        }


def _area(ring: list[list[float]]) -> float:
    """Square kilometres within a ring of degrees (small enough to be flat)."""
    north = sum(point[1] for point in ring) / len(ring)
    east = _KM * math.cos(math.radians(north))
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    return abs(twice) / 2 * east * _KM
