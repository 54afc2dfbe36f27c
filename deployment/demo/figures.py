"""How a statistic of the demo is described: table, variables, and where its figures come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from ckanext.sozialdaten.demo.kreis import Kind

__all__ = [
    "SEX",
    "TOTAL",
    "Attribute",
    "Cell",
    "Event",
    "Figure",
    "Grown",
    "Less",
    "Level",
    "Of",
    "People",
    "Quotient",
    "Rate",
    "Same",
    "Share",
    "Statistic",
    "Value",
    "Variable",
    "everywhere",
]

TOTAL = ""
Cell = tuple[str, ...]
"""A cell of a statistic: code of the value, then one attribute for each variable."""


@dataclass(frozen=True, slots=True)
class People:
    """Persons of an age (lower bound inclusive, upper exclusive) at the end of the year."""

    sexes: str
    lower: int = 0
    upper: int = 101


Of = People | Cell
"""What a figure is a part of: persons, or a cell of a statistic (its source goes before it)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of a thousand, by the kind of a place, in the middle of the story.

    Args:
        town: in towns.
        suburb: in suburbs.
        village: in villages.
        elsewhere: in the rest of the country.
        growth: change from year to year (0.02: two per cent more).
        years: years that differ, with their factor.
    """

    town: float
    suburb: float
    village: float
    elsewhere: float
    growth: float = 0.0
    years: Mapping[int, float] = field(default_factory=dict[int, float])

    def of(self, kind: Kind | None) -> float:
        """The rate of a kind of place."""
        if kind is None:
            return self.elsewhere
        return {Kind.TOWN: self.town, Kind.SUBURB: self.suburb, Kind.VILLAGE: self.village}[kind]


def everywhere(rate: float, growth: float = 0.0, **years: float) -> Rate:
    """The same rate in every place; ``y2020=1.2`` is a year that differs."""
    factors = {int(year[1:]): factor for year, factor in years.items()}
    return Rate(rate, rate, rate, rate, growth, factors)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of something, with chance; ``most`` of a thousand at the most; ``digits`` decimals."""

    of: Of
    rate: Rate
    most: float = 0.0
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """What the story of a place tells: ``born``, ``died``, ``arrived``, ``departed``, ``area``."""

    name: str


@dataclass(frozen=True, slots=True)
class Same:
    """The figure that another statistic gives."""

    of: Of


@dataclass(frozen=True, slots=True)
class Less:
    """What is left of something without a part of it."""

    of: Of
    minus: Of


@dataclass(frozen=True, slots=True)
class Grown:
    """A stock that gains another figure every year and loses ``minus`` of a thousand."""

    start: Share
    plus: Of
    minus: float


@dataclass(frozen=True, slots=True)
class Level:
    """A value that is no sum, such as a life expectancy; drawn for each region by itself."""

    middle: float
    growth: float
    spread: float


@dataclass(frozen=True, slots=True)
class Quotient:
    """Per cent of one figure in the sum of others, for each region by itself."""

    above: tuple[Cell, ...]
    below: tuple[Cell, ...]


Figure = Share | Event | Same | Less | Grown | Level | Quotient


@dataclass(frozen=True, slots=True)
class Attribute:
    """A code of a variable; one that does not count is no part of the total (a "thereof")."""

    code: str
    label: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Variable:
    """A dimension of a table, with its total under an empty code unless it has ``no_total``."""

    code: str
    label: str
    attributes: tuple[Attribute, ...]
    no_total: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, the total first."""
        own = tuple(item.code for item in self.attributes)
        return own if self.no_total else (TOTAL, *own)

    @property
    def counted(self) -> tuple[str, ...]:
        """The codes that add up to the total."""
        return tuple(item.code for item in self.attributes if item.counts)

    def text(self, code: str) -> str:
        """The label of a code."""
        return {item.code: item.label for item in self.attributes}.get(code, "Insgesamt")


@dataclass(frozen=True, slots=True)
class Value:
    """A value column."""

    code: str
    label: str
    unit: str = "Anzahl"
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic of the demo.

    Args:
        source: id of the source that delivers it.
        table: code of the table, or the name of its publication.
        label: name of the statistic.
        years: years (of the reference date or period) that are delivered.
        values: value columns.
        figures: where each cell comes from; a cell that is not there is the sum of its attributes.
        variables: dimensions.
        day: reference date within the year, such as ``12-31``; empty: the whole year.
        days: the reference date of years in which it is another one.
        lag: how many years before its own the figure's persons are counted (1 for a key date at
            the beginning of a year).
        minimum: counts below it are hidden, where the source does so.
        sign: what the source prints for a hidden count.
        places: Gemeinden that occur; none: all.
        regions: other regions that occur.
    """

    source: str
    table: str
    label: str
    years: tuple[int, ...]
    values: tuple[Value, ...]
    figures: Mapping[Cell, Figure]
    variables: tuple[Variable, ...] = ()
    day: str = "12-31"
    days: Mapping[int, str] = field(default_factory=dict[int, str])
    lag: int = 0
    minimum: int = 0
    sign: str = "."
    places: tuple[str, ...] | None = None
    regions: tuple[str, ...] = ("DG", "99", "99001")

    def moment(self, year: int) -> str:
        """The reference date of a year as ISO text, or the year."""
        return f"{year}-{self.days.get(year, self.day)}" if self.day else str(year)

    def has(self, place: str) -> bool:
        """Whether a Gemeinde occurs."""
        return self.places is None or place in self.places

    def cells(self) -> tuple[Cell, ...]:
        """Every cell of the table, totals included."""
        choices = [variable.codes for variable in self.variables]
        return tuple((v.code, *codes) for codes in product(*choices) for v in self.values)

    def leaves(self, cell: Cell) -> list[Cell]:
        """The cells that a total is the sum of."""
        value, *codes = cell
        choices = [
            variable.counted if code == TOTAL else (code,)
            for variable, code in zip(self.variables, codes, strict=True)
        ]
        return [(value, *chosen) for chosen in product(*choices)]


SEX = Variable("GES", "Geschlecht", (Attribute("GESM", "männlich"), Attribute("GESW", "weiblich")))
"""The dimension that most statistics have."""
