"""Cells of a table of figures, of any format, become observations under the source's own names.

Everything is decided once for each distinct series, dimension, region and time, and applied to
columns: of a table of millions of cells only those need memory that the source keeps.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core._dimensions import parse_dimensions
from ckanext.sozialdaten.harvesters.core._figure_rules import Columns, Refusal, Regions, Times
from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryError,
    DeliveryRefused,
    DuplicateKey,
    EmptyDelivery,
    MissingColumn,
    UnknownRegionKey,
)
from ckanext.sozialdaten.harvesters.core.observations import (
    Observation,
    dimensions_text,
    to_table,
)
from ckanext.sozialdaten.harvesters.core.readers import Opened, Settings, reader_for
from ckanext.sozialdaten.harvesters.core.source import ObservationRule, Source
from ckanext.sozialdaten.lake.signs import SignKind, signs_of
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Figures", "figures"]

_MOST_PROBLEMS = 20
_ZERO = (SignKind.NOTHING, SignKind.ROUNDED_TO_ZERO)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a table of figures.

    Args:
        table: observations in the columns of the lake.
        cells: value cells of the file.
        form: format that it was read as.
        signs: convention of its quality signs.
        encoding: encoding of a text; else what the file is.
        columns: series that the file has; in its order where they are columns of it.
        notes: what was noticed but is no error.
    """

    table: "pa.Table"
    cells: int
    form: str
    signs: str
    encoding: str
    columns: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """What is known of a file while its batches come."""

    source: Source
    rule: ObservationRule
    file: str
    signs: str
    columns: Columns
    regions: Regions
    times: Times
    leave_out: bool
    problems: list[DeliveryError] = field(default_factory=list[DeliveryError])
    cells: int = 0
    wide: bool = False
    seen: dict[str, None] = field(default_factory=dict[str, None])
    filled: set[str] = field(default_factory=set[str])
    _answers: dict[tuple[str, ...], object] = field(default_factory=dict[tuple[str, ...], object])
    _rows: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def census_base(self) -> str:
        """The census that all figures rest on."""
        return self.rule.census_base

    def ask(
        self,
        rule: Callable[..., Answer | Refusal | None],
        texts: tuple[str, ...],
        row: Mapping[str, object],
    ) -> Answer | None:
        """What a rule says of texts, asked once; a refusal is noted at the first cell."""
        key = (rule.__name__, *texts)
        if key not in self._answers:
            self._answers[key] = answer = rule(*texts)
            if isinstance(answer, Refusal) and not self._left_out(answer):
                place = _place(row, self.file)
                self.problems.append(answer.kind(answer.message, answer.hint, place))
                if len(self.problems) > _MOST_PROBLEMS:
                    self.refuse()
        answer = self._answers[key]
        return None if isinstance(answer, Refusal) else cast("Answer | None", answer)

    def _left_out(self, refusal: Refusal) -> bool:
        return self.leave_out and refusal.kind is UnknownRegionKey

    def means_nothing(self, sign: str) -> bool:
        """Whether a sign in place of a figure says that there is nothing."""
        known = signs_of(self.signs).get(sign)
        return known is not None and known.kind in _ZERO

    def once(self, observation: Observation, row: Mapping[str, object]) -> None:
        """Note a cell that came before."""
        key = hash(
            (
                observation.series,
                observation.region,
                observation.start,
                observation.end,
                observation.dimensions,
            )
        )
        place = _place(row, self.file)
        number = place.row or self.cells
        if key in self._rows and len(self.problems) <= _MOST_PROBLEMS:
            self.problems.append(
                DuplicateKey(
                    Message("The cell stands in row {first} already.", {"first": self._rows[key]})
                    if place.row
                    else Message("The cell comes twice."),
                    Message("Each cell must come once; two answers may have been joined."),
                    place,
                )
            )
        self._rows.setdefault(key, number)

    def refuse(self) -> None:
        """Refuse the file if anything is wrong."""
        if self.problems:
            found = sorted(self.problems, key=lambda item: (item.place and item.place.row) or 0)
            raise DeliveryRefused(self.file, found[:_MOST_PROBLEMS], len(found) > _MOST_PROBLEMS)


def figures(
    source: Source, opened: Opened, register: Register, *, leave_out: bool = False
) -> Figures:
    """The observations of a delivery. Rows of other regions and other values are left out.

    A sign for nothing (``-``) becomes zero with its sign where the region existed on that day, and
    no cell where it did not; every other sign stays without a value.

    Args:
        source: a source with an observation rule.
        opened: the file.
        register: knows the regions.
        leave_out: whether rows of unknown regions are left out rather than refused.

    Raises:
        DeliveryRefused: unknown regions, dimensions or codes, another unit, cells that come twice.
        EmptyDelivery: nothing in the file is about this source.
        DeliveryError: the file cannot be read.
    """
    import pyarrow as pa

    rule, known = source.observations, source.read
    assert rule is not None  # noqa: S101 - the caller has asked
    notes: list[str] = []
    reader = reader_for(opened, source.format)
    settings = Settings(
        source.layout, known.region, known.time, known.decimal, known.signs, notes.append
    )
    described = source.layout.signs if source.layout else ""
    signs = known.signs or described or reader.signs
    reading = _Reading(
        source,
        rule,
        opened.name,
        signs,
        Columns(source, rule),
        Regions(rule.regions, register),
        Times(rule),
        leave_out,
    )
    pieces = [_kept(pa.table(batch), reading) for batch in reader.read(opened, settings)]
    pieces = [piece for piece in pieces if piece.num_rows]
    reading.problems += _absent(reading)
    reading.refuse()
    if not pieces:
        raise EmptyDelivery(
            Message("The table holds no values of this source."),
            Message("Check the table's code, its value codes and the regions asked for."),
            Place(opened.name),
        )
    encoding = opened.text.encoding if opened.kind == "text" else opened.kind
    return Figures(
        pa.concat_tables(pieces),
        reading.cells,
        reader.name,
        signs,
        encoding,
        tuple(reading.seen if reading.wide else sorted(reading.seen)),
        tuple(notes),
    )


def _kept(batch: "pa.Table", reading: _Reading) -> "pa.Table":
    """The observations of a batch that the source wants."""
    reading.cells += batch.num_rows
    reading.wide = "sheet" in batch.column_names
    reading.seen |= dict.fromkeys(cast("list[str]", batch["series"].unique().to_pylist()))
    batch = _filtered(batch, "series", reading.columns.wants)
    if reading.rule.regions.column:
        batch = _with_regions(batch, reading)
    batch = _filtered(batch, "region", lambda key: reading.regions.region(key) is not None)
    rows = cast("list[dict[str, object]]", batch.to_pylist())
    found = [item for row in rows if (item := _observation(row, reading)) is not None]
    return to_table(found, reading.source.id)


def _with_regions(batch: "pa.Table", reading: _Reading) -> "pa.Table":
    """The batch with the regions that a dimension of it names.

    Where it has no such dimension, the reader took the column for what it is: its regions stay.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(batch["dimensions"].combine_chunks())
    regions: list[str] = []
    rests: list[str] = []
    for text in cast("list[str]", encoded.dictionary.to_pylist()):
        codes = dict(parse_dimensions(text))
        regions.append(reading.regions.written(codes.pop(reading.rule.regions.column, "")))
        rests.append(dimensions_text(codes))
    named = pa.array(regions, pa.string()).take(encoded.indices)
    read = batch["region"].combine_chunks().cast(pa.string())
    for name, column in (
        ("region", pc.if_else(pc.equal(named, ""), read, named)),
        ("dimensions", pa.array(rests, pa.string()).take(encoded.indices)),
    ):
        batch = batch.set_column(batch.column_names.index(name), name, column)
    return batch


def _filtered(batch: "pa.Table", column: str, wants: Callable[[str], bool]) -> "pa.Table":
    """The rows whose text is wanted; each distinct text is asked about once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = cast("list[str]", batch[column].unique().to_pylist())
    wanted = pa.array([text for text in texts if wants(text)], pa.string())
    return batch.filter(pc.is_in(batch[column], value_set=wanted))


def _observation(row: Mapping[str, object], reading: _Reading) -> Observation | None:
    """The observation of a cell; None where it is not wanted, or where something is wrong."""
    region = reading.ask(reading.regions.region, (str(row["region"]),), row)
    texts = (str(row["series"]), str(row["dimensions"]), str(row["unit"]))
    target = reading.ask(reading.columns.target, texts, row)
    if target is None or region is None:
        return None
    times = (str(row["reference_start"]), str(row["reference_end"]))
    span = reading.ask(reading.times.span, times, row)
    if span is None:
        return None
    reading.filled.add(target.rule.column)
    printed, sign = str(row["value"] or ""), str(row["quality"])
    value = Decimal(printed) * target.rule.factor if printed else None
    if value is None and reading.means_nothing(sign):
        if not reading.regions.existed(region, span[1]):
            return None
        value = Decimal(0)
    series = reading.source.series(target.rule.column)
    base = reading.census_base
    observation = Observation(
        series, region, *span, target.dimensions, value, target.unit, sign, base
    )
    reading.once(observation, row)
    return observation


def _place(row: Mapping[str, object], file: str) -> Place:
    """Where people find a cell, as far as its format has rows."""
    number = row.get("row")
    return Place(
        file,
        str(row.get("sheet") or ""),
        int(str(number)) if number is not None else None,
        str(row.get("column") or row["series"]),
    )


def _absent(reading: _Reading) -> Iterator[DeliveryError]:
    """Value columns of the source that the file does not have."""
    for value in reading.rule.values:
        if value.column in reading.filled or value.optional or not reading.filled:
            continue
        reading.filled.add(value.column)
        spare = [series for series in reading.seen if not reading.columns.wants(series)]
        near = difflib.get_close_matches(value.series[0], spare, 1)
        yield MissingColumn(
            Message(
                "The file has no figures for “{name}” (in the file: {series}).",
                {"name": value.column, "series": ", ".join(value.series)},
            ),
            Message(
                "Is it “{near}” under a new name? Then add that to “series” of the source.",
                {"near": near[0]},
            )
            if near
            else Message("Fetch the table with all its columns, or mark this one as optional."),
            Place(reading.file, column=value.column),
        )
