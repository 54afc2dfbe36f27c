"""What an indicator is: its inputs, its formula and its texts, as its YAML file says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from ckanext.sozialdaten.geography import Level

__all__ = [
    "Expression",
    "Filter",
    "Function",
    "Indicator",
    "Input",
    "Interval",
    "Mean",
    "Part",
    "Periods",
    "Polarity",
    "Scale",
    "SmallNumbers",
    "State",
    "Statistic",
    "Step",
    "Time",
    "Upward",
]


class State(StrEnum):
    """What stands in a cell; the four kinds of an absent figure are never merged.

    ``SUPPRESSED``: hidden to protect persons, here or in an input. ``INCOMPLETE``: parts are
    missing. ``NOT_APPLICABLE``: the figure has no meaning there, such as a share of nobody.
    """

    VALUE = "value"
    SUPPRESSED = "suppressed"
    NOT_AVAILABLE = "not_available"
    NOT_APPLICABLE = "not_applicable"
    INCOMPLETE = "incomplete"


class Polarity(StrEnum):
    """Which direction is the better one."""

    HIGHER = "higher_is_better"
    LOWER = "lower_is_better"
    NEUTRAL = "neutral"


class Periods(StrEnum):
    """The length of the periods that an indicator speaks of."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"

    @property
    def in_a_year(self) -> int:
        """How many of them a year has."""
        return {Periods.YEAR: 1, Periods.QUARTER: 4, Periods.MONTH: 12}[self]


class Time(StrEnum):
    """Which observation of an input belongs to a period.

    ``SAME``: that of the period, of several Stichtage in it the last. ``PREVIOUS``: that of the
    period one year earlier. ``MEAN``: the mean of both (mean population). ``LATEST``: the last one
    known at the end of the period, at most ``within_years`` old.
    """

    SAME = "same"
    PREVIOUS = "previous"
    MEAN = "mean"
    LATEST = "latest"


class Upward(StrEnum):
    """How a region without a row of its own gets a figure from the regions inside it.

    ``WEIGHTED``: the mean weighted by another input, as the income per person of a Kreis is that of
    its Gemeinden weighted by their persons; a plain mean of rates is never formed.
    """

    SUM = "sum"
    WEIGHTED = "weighted"
    NONE = "none"


class Statistic(StrEnum):
    """What is told of the points, or other free rows, of a region and period."""

    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    MINIMUM = "min"
    MAXIMUM = "max"
    DEVIATION = "deviation"


class Interval(StrEnum):
    """How uncertainty is shown: that of small counts, or that of the line behind a trend."""

    NONE = "none"
    LINE = "line"
    WILSON = "wilson"
    POISSON = "poisson"


class Function(StrEnum):
    """The functions of the formula language."""

    VALUE = "value"
    SUM = "sum"
    DIFFERENCE = "difference"
    PRODUCT = "product"
    RATIO = "ratio"
    CHANGE = "change"
    TREND = "trend"
    CONTINUITY = "continuity"
    INDEX = "index"


class Step(IntEnum):
    """Whether a change is told in units or in per cent of the earlier figure."""

    ABSOLUTE = 0
    RELATIVE = 1


class Scale(StrEnum):
    """How an index makes its parts comparable, among the regions of a level in a period.

    ``ZSCORE``: standard deviations above the mean. ``MINMAX``: 0 for the lowest, 1 for the highest.
    ``RANK``: the place in the order, from 0 to 1; equal figures share the mean of their places.
    """

    ZSCORE = "zscore"
    MINMAX = "minmax"
    RANK = "rank"


class Mean(StrEnum):
    """How an index puts its parts together; the geometric mean does not let one make up for all."""

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"
    LOWEST = "lowest"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a dimension without code list count, such as places of an institution.

    Args:
        least: numbers from this one on.
        most: numbers up to this one.
        contains: texts with this part, upper or lower case.
        without: all codes but these.
    """

    least: float | None = None
    most: float | None = None
    contains: str = ""
    without: tuple[str, ...] = ()

    def takes(self, code: str) -> bool:
        """Whether a code fulfils every condition; a text is no number and never in a span."""
        if self.least is not None or self.most is not None:
            try:
                number = float(code.replace(",", "."))
            except ValueError:
                return False
            if self.least is not None and number < self.least:
                return False
            if self.most is not None and number > self.most:
                return False
        return self.contains.casefold() in code.casefold() and code not in self.without


@dataclass(frozen=True, slots=True)
class Input:
    """A column of a layout, narrowed to some codes of its dimensions.

    Args:
        name: as the formula calls it.
        layout: name in ``schemas/layouts``; every released table of this layout feeds the input.
        column: its value column; empty where rows are counted.
        codes: for each dimension the codes whose cells are added up; every one of them must be
            known, else the sum is incomplete.
        time: which observation belongs to a period.
        day: month and day that a Stichtag must have; None: any, the last of the period counts.
        within_years: how old a ``latest`` observation may be.
        weights: factors of codes, for sums of products such as ages; by dimension.
        upward: how the Kreis gets a figure where the source has no row for it.
        census_base: the census that the figures must rest on; empty: any.
        count: whether cells are counted instead of added up, as institutions are.
        points: dimensions with longitude and latitude; then the region is where the point lies.
        filters: conditions on dimensions whose codes are free.
        statistic: what is told of points.
        weigher: the input that weighs this one upward.
    """

    name: str
    layout: str
    column: str
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    time: Time = Time.SAME
    day: tuple[int, int] | None = None
    within_years: int = 0
    weights: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    upward: Upward = Upward.SUM
    census_base: str = ""
    count: bool = False
    points: tuple[str, str] | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict[str, Filter])
    statistic: Statistic = Statistic.SUM
    weigher: "Input | None" = None

    def takes(self, cell: Mapping[str, str]) -> bool:
        """Whether a cell with these codes is one of the input."""
        return all(cell.get(name) in codes for name, codes in self.codes.items()) and all(
            one.takes(cell.get(name, "")) for name, one in self.filters.items()
        )


@dataclass(frozen=True, slots=True)
class Expression:
    """A function with its arguments: an input, another indicator, or functions again.

    Args:
        function: which; ``VALUE`` is a leaf and names ``input`` or ``indicator``.
        arguments: what it is applied to, in order; of a ratio numerator and denominator.
        input: name of an input, of a leaf.
        indicator: id of another indicator, of a leaf.
        factor: a ratio is multiplied by it: 100 for a share, 1000 for per mille.
        share: whether the numerator is a part of the denominator.
        step: of a change, a trend or a continuity.
        months: how far a change or a trend reaches back; 0 where ``since`` is said.
        since: the period that a change starts from.
        weights: of an index, one for each argument.
        polarities: of an index, which side of each argument is better; None: as the indicator says.
        scale: of an index.
        mean: of an index.
    """

    function: Function
    arguments: tuple["Expression", ...] = ()
    input: str = ""
    indicator: str = ""
    factor: float = 1.0
    share: bool = False
    step: Step = Step.ABSOLUTE
    months: int = 0
    since: str = ""
    weights: tuple[float, ...] = ()
    polarities: tuple[Polarity | None, ...] = ()
    scale: Scale = Scale.ZSCORE
    mean: Mean = Mean.ARITHMETIC

    def leaves(self) -> Iterator["Expression"]:
        """All inputs and indicators in it, in order."""
        if self.function is Function.VALUE:
            yield self
        for argument in self.arguments:
            yield from argument.leaves()


@dataclass(frozen=True, slots=True)
class SmallNumbers:
    """Where a numerator is small, several years are taken together.

    Args:
        below: numerators below this are pooled; 0: never.
        years: how many years.
    """

    below: int = 0
    years: int = 1


@dataclass(frozen=True, slots=True)
class Indicator:
    """One Kennzahl. Its YAML is its calculation and its description.

    Args:
        id: lower case, digits and ``_``; the stem of its file.
        theme: code of ``schemas/codelists/social_themes.yaml``.
        name: German and English.
        unit: German and English; of a share ``%``.
        formula: what is computed.
        inputs: by name.
        description: what it says, German and English; so the other texts.
        method: how it is computed, for people.
        interpretation: how to read it.
        limits: what it does not say.
        decimals: digits after the point to show.
        polarity: which direction is better.
        periods: length of the periods.
        levels: levels of regions that it is told for.
        source_tables: tables of official statistics or internal exports behind it.
        interval: how uncertainty is shown.
        small_numbers: when years are pooled.
        headline: whether it belongs to a Sozialbericht.
        file: where it was read.
    """

    id: str
    theme: str
    name: Mapping[str, str]
    unit: Mapping[str, str]
    formula: Expression
    inputs: Mapping[str, Input]
    description: Mapping[str, str] = field(default_factory=dict[str, str])
    method: Mapping[str, str] = field(default_factory=dict[str, str])
    interpretation: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: Mapping[str, str] = field(default_factory=dict[str, str])
    decimals: int = 1
    polarity: Polarity = Polarity.NEUTRAL
    periods: Periods = Periods.YEAR
    levels: tuple[Level, ...] = (Level.GEMEINDE, Level.KREIS, Level.LAND, Level.BUND)
    source_tables: tuple[str, ...] = ()
    interval: Interval = Interval.NONE
    small_numbers: SmallNumbers = field(default_factory=SmallNumbers)
    headline: bool = False
    file: str = ""

    def label(self, language: str = "de") -> str:
        """The name in ``language``, else in German."""
        return self.name.get(language) or self.name["de"]

    @property
    def references(self) -> tuple[str, ...]:
        """The ids of the indicators that the formula is made of."""
        return tuple(
            dict.fromkeys(leaf.indicator for leaf in self.formula.leaves() if leaf.indicator)
        )

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that feed it directly."""
        return tuple(dict.fromkeys(item.layout for item in self.inputs.values()))

    @property
    def weighers(self) -> frozenset[str]:
        """Names of the inputs that weigh others upward."""
        return frozenset(item.weigher.name for item in self.inputs.values() if item.weigher)


@dataclass(frozen=True, slots=True)
class Part:
    """A series, narrowed to one code of each dimension.

    Args:
        series: name in the public zone.
        dimensions: code of each dimension; one that is not named must have a total.
    """

    series: str
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
