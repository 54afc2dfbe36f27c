"""The table beside every chart: a model, and its rows as HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import ckan.plugins.toolkit as tk
from markupsafe import Markup, escape

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
    """A table: caption, columns (the first is that of the heads), rows, rows of comparison.

    Remarks get a column of their own: beside a figure they would break its column.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    foot: Sequence[Row] = field(default=())

    @property
    def heads(self) -> tuple[Column, ...]:
        """The columns, with that of remarks where a row has one."""
        return (
            (*self.columns, Column(tk._("Remark"), number=False)) if self._noted else self.columns
        )

    @property
    def _noted(self) -> bool:
        rows = (*self.rows, *self.foot)
        return any(entry.remark for row in rows for entry in row.entries)

    def body(self, linked: bool = True) -> Markup:
        """The rows as HTML.

        Args:
            linked: whether heads lead to their addresses.
        """
        return self._written(self.rows, linked)

    def end(self, linked: bool = True) -> Markup:
        """The rows of comparison as HTML."""
        return self._written(self.foot, linked)

    def _written(self, rows: Iterable[Row], linked: bool) -> Markup:
        # not in the template: there, a table of 400 regions takes ten times as long
        cells = ['<td class="sd-number">' if c.number else "<td>" for c in self.columns[1:]]
        noted = self._noted
        # which figure a remark speaks of is said where a row has several
        names = [column.label for column in self.columns[1:]] if self._several else None
        lines: list[str] = []
        for row in rows:
            line = _line(row, cells, linked)
            note = f'<td class="sd-remark">{_remarks(row, names)}</td>' if noted else ""
            lines.append(f"{line}{note}</tr>")
        return Markup("\n".join(lines))  # noqa: S704 - escaped

    @property
    def _several(self) -> bool:
        rows = (*self.rows, *self.foot)
        noted = {place for row in rows for place, entry in enumerate(row.entries) if entry.remark}
        return len(noted) > 1


def _line(row: Row, cells: Sequence[str], linked: bool) -> str:
    head = escape(row.head)
    if row.link and linked:
        head = f'<a href="{escape(row.link)}">{head}</a>'
    chosen = ' class="sd-row-chosen"' if row.chosen else ""
    entries = zip(cells, row.entries, strict=True)
    told = "".join([f"{cell}{_figure(entry)}</td>" for cell, entry in entries])
    return f'<tr{chosen}><th scope="row">{head}</th>{told}'


def _figure(entry: Entry) -> str:
    text = str(escape(entry.text))
    return f'<span class="sd-none sd-none-{entry.pattern}">{text}</span>' if entry.pattern else text


def _remarks(row: Row, names: Sequence[str] | None) -> str:
    """The remarks of a row; each with its column's name where several columns have some."""
    found = {place: entry.remark for place, entry in enumerate(row.entries) if entry.remark}
    if names is None or (len(found) == len(names) and len(set(found.values())) == 1):
        told = dict.fromkeys(found.values())
    else:
        told = dict.fromkeys(f"{names[place]}: {remark}" for place, remark in found.items())
    return str(escape("; ".join(told))) or "–"


def entry(cell: Cell, decimals: int, language: str) -> Entry:
    """A figure with its remark, or in words why there is none."""
    text = cell_text(cell, language, decimals)
    if cell.value is None:
        return Entry(text, "", pattern_of(cell.kind))
    return Entry(text, remark_text(cell, language))


def told(cell: Cell, decimals: int, language: str) -> Entry:
    """The 95 % interval of a figure; a dash where it has none."""
    return Entry(interval_text(cell, language, decimals) or "–")
