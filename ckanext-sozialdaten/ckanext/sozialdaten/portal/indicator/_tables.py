"""The table beside every chart: a model that one template writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.preview import (
    Cell,
    cell_text,
    interval_text,
    pattern_of,
    remark_text,
)

__all__ = ["Column", "Entry", "Row", "TableModel", "entry", "told"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, and the address that sorts by it."""

    label: str
    number: bool = True
    link: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell in words: text, remark beside it, pattern where there is no figure."""

    text: str
    remark: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its head with an address, and its entries."""

    head: str
    entries: tuple[Entry, ...]
    link: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class TableModel:
    """A table: caption, columns (the first is that of the heads), rows, rows of comparison."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    foot: Sequence[Row] = field(default=())


def entry(cell: Cell, decimals: int, unit: str = "") -> Entry:
    """A figure with its remark, or in words why there is none."""
    text = cell_text(cell, frame.language(), decimals)
    if cell.value is None:
        return Entry(text, "", pattern_of(cell.kind))
    return Entry(f"{text} {unit}".rstrip(), remark_text(cell, frame.language()))


def told(cell: Cell, decimals: int) -> Entry:
    """The 95 % interval of a figure; a dash where it has none."""
    return Entry(interval_text(cell, frame.language(), decimals) or "–")
