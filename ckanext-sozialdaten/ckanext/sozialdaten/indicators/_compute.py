"""Figures of an indicator: inputs are read, laid out, put into the formula and told as a table."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.indicators._catalogue import Catalogue
from ckanext.sozialdaten.indicators._formulas import (
    FUNCTIONS,
    Line,
    Ratio,
    change,
    continuity,
    index,
    ratio,
    trend,
)
from ckanext.sozialdaten.indicators._grid import Axes, Grid, empty
from ckanext.sozialdaten.indicators._layout_grid import (
    SourceBook,
    axes_of,
    lay_out,
    level_of,
    timed,
)
from ckanext.sozialdaten.indicators._model import Expression, Function, Indicator, Input, Polarity
from ckanext.sozialdaten.indicators._result import SCHEMA, Outcome, to_table
from ckanext.sozialdaten.indicators._terms import Reader
from ckanext.sozialdaten.lake import Lake

__all__ = ["compute_indicator", "figures"]


def compute_indicator(
    indicator: Indicator,
    lake: Lake,
    catalogue: Catalogue,
    *,
    regions: Iterable[str] | None,
    start: dt.date | None,
    end: dt.date | None,
    as_of: dt.datetime | dt.date | None,
    register: Register | None,
) -> pa.Table:
    """See `compute`."""
    known = register or Register.default()
    reader = Reader(lake, as_of, known)
    wanted = None if regions is None else frozenset(regions)
    return figures(indicator, reader, catalogue, known, wanted, (start, end))


def figures(
    indicator: Indicator,
    reader: Reader,
    catalogue: Catalogue,
    register: Register,
    regions: frozenset[str] | None = None,
    between: tuple[dt.date | None, dt.date | None] = (None, None),
) -> pa.Table:
    """The same with a reader that several indicators share."""
    world = _World.of(indicator, reader, catalogue, register)
    if not world.axes.count:
        return SCHEMA.empty_table()
    found = world.evaluate(indicator.formula, indicator)
    lead = world.first(indicator)
    nothing = empty(world.axes.shape)
    made = found if isinstance(found, Ratio) else Ratio(_result(found), nothing, nothing)
    outcome = Outcome(
        indicator,
        world.axes,
        made,
        is_ratio=isinstance(found, Ratio),
        lead=lead.grid,
        stock=lead.stock,
        book=world.book,
        reach=found.reach if isinstance(found, Line) else nothing.value,
    )
    shown = [level_of(key, register) in indicator.levels for key in world.axes.regions]
    if regions is not None:
        shown = [
            told and key in regions for told, key in zip(shown, world.axes.regions, strict=True)
        ]
    return to_table(outcome, np.array(shown, bool), between)


@dataclass(frozen=True, slots=True)
class _Laid:
    """An input laid out, and whether it speaks of Stichtage."""

    grid: Grid
    stock: bool


@dataclass(frozen=True, slots=True)
class _World:
    """All inputs of a formula and of the formulas that it names, on the same axes."""

    axes: Axes
    inputs: Mapping[str, _Laid]
    catalogue: Catalogue
    levels: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    book: SourceBook

    @classmethod
    def of(
        cls, indicator: Indicator, reader: Reader, catalogue: Catalogue, register: Register
    ) -> "_World":
        items = {_key(item): item for item in _inputs(indicator, catalogue)}
        terms = {key: reader.term(item, indicator.periods) for key, item in items.items()}
        axes = axes_of(terms.values(), register, indicator.periods)
        book = SourceBook()

        def grid(item: Input) -> Grid:
            weigher = None if item.weigher is None else grid(item.weigher)
            found = lay_out(item, terms[_key(item)], axes, register, book, weigher)
            return timed(found, item, axes)

        laid = {
            key: _Laid(grid(items[key]), "stichtag" in term.rows["kind"].unique().to_pylist())
            for key, term in terms.items()
        }
        ranks = [
            -1 if (level := level_of(key, register)) is None else level.rank for key in axes.regions
        ]
        return cls(axes, laid, catalogue, np.array(ranks, np.int64), book)

    def first(self, indicator: Indicator) -> _Laid:
        """The input that the formula names first: its times are those of the figure."""
        leaf = next(indicator.formula.leaves())
        if leaf.input:
            return self.inputs[_key(indicator.inputs[leaf.input])]
        return self.first(self.catalogue[leaf.indicator])

    def evaluate(self, expression: Expression, indicator: Indicator) -> Grid | Ratio | Line:
        """A formula; of a ratio also its parts, of a trend how sure it is."""
        if expression.function is Function.VALUE:
            if expression.input:
                return self.inputs[_key(indicator.inputs[expression.input])].grid
            other = self.catalogue[expression.indicator]
            return self.evaluate(other.formula, other)
        parts = [self._grid(argument, indicator) for argument in expression.arguments]
        match expression.function:
            case Function.RATIO:
                return ratio(parts[0], parts[1], expression)
            case Function.CHANGE:
                return change(parts[0], expression, self.axes)
            case Function.TREND:
                return trend(parts[0], expression, self.axes)
            case Function.CONTINUITY:
                return continuity(parts[0], expression, self.axes)
            case Function.INDEX:
                said = zip(expression.arguments, expression.polarities, strict=True)
                signs = [self._sign(argument, polarity) for argument, polarity in said]
                return index(parts, expression, signs, self.levels)
            case _:
                return FUNCTIONS[expression.function](parts)

    def _grid(self, expression: Expression, indicator: Indicator) -> Grid:
        return _result(self.evaluate(expression, indicator))

    def _sign(self, expression: Expression, said: Polarity | None) -> int:
        """-1 where low figures are the favourable ones, as is said or as the indicator has it."""
        if said is None and expression.indicator:
            said = self.catalogue[expression.indicator].polarity
        return -1 if said is Polarity.LOWER else 1


def _result(found: Grid | Ratio | Line) -> Grid:
    return found if isinstance(found, Grid) else found.result


def _inputs(indicator: Indicator, catalogue: Catalogue) -> Iterable[Input]:
    yield from indicator.inputs.values()
    for key in indicator.references:
        yield from _inputs(catalogue[key], catalogue)


def _key(item: Input) -> str:
    """What an input means, whatever a formula calls it: it may serve several."""
    return repr(replace(item, name=""))
