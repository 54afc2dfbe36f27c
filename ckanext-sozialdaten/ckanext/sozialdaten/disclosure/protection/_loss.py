"""What a protected table lost: how many figures, how far they moved, which headlines stand."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.readers._common import cell_text
from ckanext.sozialdaten.disclosure.structure import Cells, cells_of, relations
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Change", "Loss", "loss_of"]

Floats = npt.NDArray[np.float64]
Place = tuple[tuple[str, ...], str]
_WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs. For the staff alone.

    Args:
        row: its row in the table before, counted from 0.
        column: its column.
        before: what stood there.
        after: what stands there now; empty if its row is gone.
    """

    row: int
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Loss:
    """Information lost over the published figures of a table of counts.

    Args:
        cells: figures that were published before.
        changed: how many of them differ or are gone.
        lost_cells: share of them that is hidden now or gone.
        lost_sum: share of their sum.
        max_deviation: greatest change of a figure that is still there.
        mean_deviation: mean change over all figures that are still there.
        headlines: totals over all dimensions, or all but one.
        answerable: how many headlines are still there.
        unchanged: how many of them are as they were.
        score: mean loss of a figure between 0 and 1, hidden ones counting 1 and changed ones by
            their relative change; totals weigh more, as the policy says.
    """

    cells: int = 0
    changed: int = 0
    lost_cells: float = 0.0
    lost_sum: float = 0.0
    max_deviation: float = 0.0
    mean_deviation: float = 0.0
    headlines: int = 0
    answerable: int = 0
    unchanged: int = 0
    score: float = 0.0

    def to_json(self) -> dict[str, object]:
        """The loss as JSON."""
        return {
            "cells": round(self.lost_cells, 6),
            "sum": round(self.lost_sum, 6),
            "changed": self.changed,
            "max_deviation": round(self.max_deviation, 6),
            "mean_deviation": round(self.mean_deviation, 6),
            "headlines": {
                "count": self.headlines,
                "answerable": self.answerable,
                "unchanged": self.unchanged,
            },
            "score": round(self.score, 6),
        }


def loss_of(before: Subject, after: Subject) -> tuple[Loss, tuple[Change, ...]]:
    """Compare the counts of a table with those of its protected copy.

    Rows are matched by what names them, so that rows may be merged or gone.

    Args:
        before: the table.
        after: the copy.
    """
    old, new = cells_of(before, Role.COUNT), cells_of(after, Role.COUNT)
    if old is None:
        return Loss(), ()
    names = list(before.measures.keys) if before.measures else []
    found = _values(after, new, names) if new is not None else {}
    places = _places(before, old, names)
    shown = ~old.withheld
    now = np.array([found.get(place, np.nan) for place in places])
    here = shown & ~np.isnan(now)
    away = np.where(here, np.abs(now - old.values), 0.0)
    lost = shown & ~here
    differs = lost | (away > _WHOLE)
    weights, headline = _weights(before, old)
    each = np.where(lost, 1.0, np.minimum(away / np.maximum(np.abs(old.values), 1.0), 1.0))
    weights = np.where(shown, weights, 0.0)
    total = float(np.abs(old.values[shown]).sum())
    loss = Loss(
        int(shown.sum()),
        int(differs.sum()),
        float(lost.sum()) / max(int(shown.sum()), 1),
        float(np.abs(old.values[lost]).sum()) / total if total else 0.0,
        float(away.max(initial=0.0)),
        float(away[here].mean()) if here.any() else 0.0,
        int((headline & shown).sum()),
        int((headline & here).sum()),
        int((headline & here & ~differs).sum()),
        float((weights * np.nan_to_num(each)).sum() / max(float(weights.sum()), 1.0)),
    )
    return loss, _changes(before, after, old, places, np.flatnonzero(differs).tolist())


def _texts(table: pa.Table, names: list[str]) -> list[tuple[str, ...]]:
    columns = [
        [cell_text(value) for value in table.column(name).to_pylist()]
        if name in table.column_names
        else [""] * table.num_rows
        for name in names
    ]
    return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


def _places(subject: Subject, cells: Cells, names: list[str]) -> list[Place]:
    """What names each cell: the texts of its row's key columns, and its column."""
    rows = _texts(subject.sheet.table, names)
    return [
        (rows[row], column) for row, column in zip(cells.rows.tolist(), cells.columns, strict=True)
    ]


def _values(subject: Subject, cells: Cells, names: list[str]) -> dict[Place, float]:
    places = _places(subject, cells, names)
    return dict(zip(places, cells.values.tolist(), strict=True))


def _weights(subject: Subject, cells: Cells) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What each cell is worth, and whether it is a headline."""
    found = relations(cells, subject.policy.frequency.total_share)
    weights, inner = np.ones(len(cells)), np.zeros(len(cells))
    summed = 0
    for position, dimension in enumerate(cells.dimensions):
        totals = {relation.total for relation in found if relation.dimension == position}
        parts = {part for r in found if r.dimension == position for part in r.parts}
        if not totals:
            continue
        summed += 1
        weights[np.isin(dimension.codes, sorted(totals))] *= subject.policy.protection.margin_weight
        inner += ~np.isin(dimension.codes, sorted(totals - parts))
    return weights, (inner <= 1) & (inner < summed)


def _changes(
    before: Subject, after: Subject, old: Cells, places: list[Place], chosen: list[int]
) -> tuple[Change, ...]:
    names = list(before.measures.keys) if before.measures else []
    table = after.sheet.table
    rows = {place: row for row, place in enumerate(_texts(table, names))}
    shown = {
        name: [cell_text(value) for value in table.column(name).to_pylist()]
        for name in dict.fromkeys(old.columns)
        if name in table.column_names
    }
    previous = {
        name: [cell_text(value) for value in before.sheet.table.column(name).to_pylist()]
        for name in dict.fromkeys(old.columns)
    }
    result: list[Change] = []
    for cell in chosen:
        row, column, now = int(old.rows[cell]), old.columns[cell], ""
        place = rows.get(places[cell][0])
        if place is not None and column in shown:
            now = shown[column][place] or "."
        result.append(Change(row, column, previous[column][row], now))
    return tuple(sorted(result, key=lambda change: (change.row, change.column)))
