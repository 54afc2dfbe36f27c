"""What an explanation holds: a figure, its inputs, and the released cells that they took."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.indicators._model import Time

__all__ = ["Cell", "Explanation", "Use"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a released table.

    Args:
        series: ``<source>.<column>``.
        region: key of its region.
        start: first day of what it speaks of.
        end: last day.
        dimensions: its codes.
        value: the figure; None where a sign stands in its place.
        quality: its sign as released.
        captured_at: when it was released.
        file: file and number of the release.
        release: id of the release.
        resource: id of the resource in it.
    """

    series: str
    region: str
    start: dt.date
    end: dt.date
    dimensions: dict[str, str]
    value: float | None
    quality: str
    captured_at: dt.datetime
    file: str
    release: str
    resource: str


@dataclass(frozen=True, slots=True)
class Use:
    """An input of the formula, with the cells that it took.

    Args:
        indicator: the indicator whose input it is; a formula may name others.
        name: as the formula calls it.
        layout: its layout.
        column: its column; empty where rows are counted.
        time: which observation it takes.
        cells: those of the region, or of its Gemeinden where it has none of its own.
    """

    indicator: str
    name: str
    layout: str
    column: str
    time: Time
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with its way.

    Args:
        figure: the row of the result.
        method: how it is computed, German and English.
        source_tables: tables of official statistics or internal exports.
        uses: its inputs.
    """

    figure: dict[str, Any]
    method: dict[str, str]
    source_tables: tuple[str, ...]
    uses: tuple[Use, ...]
