"""Sources: where data comes from and what becomes of it. One YAML file each, and no code.

The values here are what the YAML says, checked. They are read by
:mod:`sources`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from ckanext.sozialdaten.lake.layouts import Layout, Role

__all__ = [
    "ActiveRule",
    "AggregateRule",
    "Checks",
    "Connection",
    "Deliveries",
    "DimensionRule",
    "Group",
    "Margins",
    "MeasureKind",
    "MeasureRule",
    "ObservationRule",
    "Period",
    "PublishRule",
    "ReadRule",
    "Reference",
    "RegionScope",
    "ResourceText",
    "Schedule",
    "SmallCounts",
    "Source",
    "ValueRule",
    "VariableRule",
]


class Schedule(StrEnum):
    """When a source is fetched without anybody asking."""

    MANUAL = "manual"
    ON_ARRIVAL = "on_arrival"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Reference(StrEnum):
    """What the time of a row means: a key date (stocks) or a whole period (flows)."""

    STICHTAG = "stichtag"
    PERIOD = "period"


class Period(StrEnum):
    """Length of the periods of a flow."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


class Deliveries(StrEnum):
    """Whether a delivery holds everything of its scope, so that what is absent is gone."""

    FULL = "full"
    DELTA = "delta"


class SmallCounts(StrEnum):
    """What happens to counts below the policy's minimum frequency in the published table."""

    SUPPRESS = "suppress"
    KEEP = "keep"


class Margins(StrEnum):
    """Which totals the published table shows.

    ``when_complete`` adds a Kreis row or a total of groups only where none of its parts is
    suppressed: such a total is a sum of published cells and reveals nothing new. ``protect`` also
    shows the total of the whole area for each group; where a part of it is suppressed, further
    parts are suppressed with it until no difference narrows any of them down.
    """

    NONE = "none"
    WHEN_COMPLETE = "when_complete"
    PROTECT = "protect"
    KEEP = "keep"


class MeasureKind(StrEnum):
    """What is counted when person-level rows become observations."""

    PERSONS = "persons"
    CASES = "cases"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where deliveries come from.

    Args:
        type: the connector; ``file`` (any file of a drop folder) or ``genesis`` (flat files of that
            family) have the fields below, all others their ``options``.
        pattern: file names that count, several separated by ``|``.
        folder: absolute folder instead of ``<inbox>/<source id>``; its files are left where they
            are, whereas files of the inbox are taken away when they are done.
        max_bytes: largest file that is read; also the cap for what a ZIP unpacks to.
        table: code of the GENESIS table.
        options: what the connector itself reads from the block; see ``connectors``.
    """

    type: str
    pattern: str = "*"
    folder: str = ""
    max_bytes: int = 256 * 1024 * 1024
    table: str = ""
    options: object = None


@dataclass(frozen=True, slots=True)
class Group:
    """A band of ages in whole years, both ends included; ``to`` None has no upper end."""

    code: str
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """One dimension of the aggregate: the values of ``column``, or age groups of a birth date.

    Args:
        name: name of the dimension.
        column: column of the delivery.
        groups: age groups; empty: the values of the column themselves.
        outside: code for persons outside all groups; empty: such a person is an error.
    """

    name: str
    column: str
    groups: tuple[Group, ...] = ()
    outside: str = ""


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """One value column: distinct persons, distinct cases, or the sum of ``column``."""

    name: str
    kind: MeasureKind
    unit: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """Only cases in force on the Stichtag count: begun by then, and not ended before it."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class RegionScope:
    """The regions that a source speaks of.

    Args:
        within: key of the region whose parts are meant.
        level: level of those parts; empty: every level from ``within`` down.
        also: further keys to keep, for comparison.
        column: dimension of a table of figures that holds keys or names of regions, where the
            format does not see that itself.
    """

    within: str
    level: str = ""
    also: tuple[str, ...] = ()
    column: str = ""


@dataclass(frozen=True, slots=True)
class AggregateRule:
    """How person-level rows become counts, at the interface.

    Args:
        reference: column with the date that a row speaks of.
        region: column with the regional key.
        person: column that is the same for all rows of one person.
        case: column that names a case.
        active: which rows are in force; None: all.
        dimensions: groups besides region and time.
        measures: what is counted or summed.
        regions: every one of these gets a cell in each group, zero where nobody is.
        keep: columns of the rows that the restricted zone keeps until they expire.
        pseudonymise: columns that it keeps as pseudonyms.
    """

    reference: str
    region: str
    person: str
    case: str
    dimensions: tuple[DimensionRule, ...]
    measures: tuple[MeasureRule, ...]
    regions: RegionScope
    active: ActiveRule | None = None
    keep: tuple[str, ...] = ()
    pseudonymise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueRule:
    """One value column, and where it stands in a delivery.

    Args:
        column: its name here.
        series: its names there, as ``sozialdaten read`` prints them: whole, or without the first
            part; ``*`` stands for anything; several where headers vary from year to year.
        where: dimension -> code that a row must have; the dimension then belongs to the column.
        unit: its unit here; empty: as printed.
        printed: units that the file may print for it; empty: ``unit``. Another one is an error.
        factor: what a printed figure is multiplied by (1000 where the file prints thousands).
        role: what the column is in the published table.
        title: German and English caption.
        optional: whether a delivery may lack it.
    """

    column: str
    series: tuple[str, ...]
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    unit: str = ""
    printed: tuple[str, ...] = ()
    factor: Decimal = Decimal(1)
    role: Role = Role.COUNT
    title: Mapping[str, str] = field(default_factory=dict[str, str])
    optional: bool = False


@dataclass(frozen=True, slots=True)
class VariableRule:
    """One dimension of a table of figures.

    Args:
        name: its name here.
        variables: its names there; the first that a row has counts. A row with none is a total.
        codes: what the file prints -> code; empty: the codes are those of the file.
        title: German and English caption.
        captions: German and English caption of each code.
    """

    name: str
    variables: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    title: Mapping[str, str] = field(default_factory=dict[str, str])
    captions: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


@dataclass(frozen=True, slots=True)
class ObservationRule:
    """Which cells of a table of figures become observations, and under which names.

    Args:
        values: the value columns.
        dimensions: the dimensions.
        kind: whether the times are key dates (stocks) or periods (flows).
        regions: rows of other regions are left out.
        where: dimension -> code that every row must have; other rows are left out.
        ignore: dimensions without meaning here; any other that no rule names is an error.
        period: length of a period.
        day: day (``MM-DD``) of a key date that the file prints as a bare year; empty: the last.
        census_base: census that population figures rest on; empty: not said.
    """

    values: tuple[ValueRule, ...]
    dimensions: tuple[VariableRule, ...]
    kind: Reference
    regions: RegionScope
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    ignore: tuple[str, ...] = ()
    period: Period = Period.YEAR
    day: str = ""
    census_base: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """From which difference on a delivery waits for a person (percent, where nothing else is said).

    Args:
        rows_drop: fewer rows for each reference date or period than the last delivery had.
        jump: a figure differs by more than this from the last one known ...
        jump_cells: ... in more than this part of the figures ...
        jump_least: ... of at least this size (smaller ones jump by chance; not percent).
        columns: whether columns may neither come nor go.
        order: whether they must keep their order.
        sums: axes whose totals must equal their parts everywhere: dimensions, or ``regions``.
    """

    rows_drop: int = 10
    jump: int = 25
    jump_cells: int = 10
    jump_least: int = 20
    columns: bool = True
    order: bool = True
    sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRule:
    """What a file of the source does not say itself: see ``sozialdaten read --help``."""

    region: str = ""
    time: str = ""
    decimal: str = ""
    signs: str = ""


@dataclass(frozen=True, slots=True)
class PublishRule:
    """What the working copy shows of the source's observations.

    Args:
        layout: the published table.
        measures: value columns of the source that it shows.
        policy: disclosure policy, a name in ``schemas/policies``.
        small_counts: what happens to counts below the policy's minimum frequency.
        margins: which totals are shown.
    """

    layout: Layout
    measures: tuple[str, ...]
    policy: str
    small_counts: SmallCounts = SmallCounts.SUPPRESS
    margins: Margins = Margins.WHEN_COMPLETE


@dataclass(frozen=True, slots=True)
class CatalogueRule:
    """How datasets of another catalogue become datasets here, each a working copy of its own.

    Args:
        prefix: start of their addresses in this portal.
        themes: EU data theme -> social themes.
        vanish: percent of the datasets that may vanish at once; above, a person has to look.
    """

    prefix: str
    themes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    vanish: int = 20


@dataclass(frozen=True, slots=True)
class ResourceText:
    """Name and file name of the published table."""

    name: str
    filename: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One source.

    Args:
        id: identifier, the stem of its file and the name of its drop folder.
        title: German and English name.
        owner_org: name of the organisation that answers for it.
        connection: where deliveries come from.
        reader: ``auto``, a format of ``sozialdaten read``, or ``layout``.
        layout: columns of a delivery; None where the format describes itself.
        read: what a delivery does not say itself.
        schedule: when it is fetched by itself.
        aggregate: for person-level deliveries.
        observations: for tables of figures.
        catalogue: for whole catalogues: metadata and addresses, no figures.
        deliveries: whether a delivery holds everything of its scope.
        checks: from which difference on a delivery waits for a person.
        retention_days: how long files and person-level rows stay in the restricted area; 0: they
            are erased as soon as the aggregate is verified.
        refused_days: how long a refused file stays for the clerk to look at.
        publish: what the working copy shows.
        licence: licence id of the working copy.
        attribution: whom to name.
        legal_basis: codes of the legal bases.
        purpose: German and English purpose.
        dataset: further fields of the working copy.
        resource: its table.
    """

    id: str
    title: Mapping[str, str]
    owner_org: str
    connection: Connection
    reader: str
    publish: PublishRule
    resource: ResourceText
    layout: Layout | None = None
    read: ReadRule = field(default_factory=ReadRule)
    schedule: Schedule = Schedule.MANUAL
    aggregate: AggregateRule | None = None
    observations: ObservationRule | None = None
    catalogue: CatalogueRule | None = None
    deliveries: Deliveries = Deliveries.FULL
    checks: Checks = field(default_factory=Checks)
    retention_days: int = 0
    refused_days: int = 14
    licence: str = ""
    attribution: str = ""
    legal_basis: tuple[str, ...] = ()
    purpose: Mapping[str, str] = field(default_factory=dict[str, str])
    dataset: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def measures(self) -> tuple[str, ...]:
        """The value columns of this source; each is a series."""
        if self.aggregate:
            return tuple(measure.name for measure in self.aggregate.measures)
        if self.observations:
            return tuple(dict.fromkeys(value.column for value in self.observations.values))
        return ()

    def series(self, measure: str) -> str:
        """The series in the lake that holds ``measure``."""
        return f"{self.id}.{measure}"

    @property
    def dimension_names(self) -> tuple[str, ...]:
        """The dimensions of this source's observations."""
        if self.aggregate:
            return tuple(rule.name for rule in self.aggregate.dimensions)
        return (
            tuple(rule.name for rule in self.observations.dimensions) if self.observations else ()
        )

    @property
    def format(self) -> str:
        """The format that deliveries have; empty where each shows it itself."""
        if self.reader == "layout":
            return "delimited"
        return "" if self.reader == "auto" else self.reader
