"""Groups that lie in one sensitive category: who belongs to them is known to have it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._parameters import Groups
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._figures import Floats, values_of
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.structure import Cells, Dimension, cells_of, groups, relations
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "group-disclosure"
_NEAR_TOTAL = 3
_MANY = 100
_HARMLESS = re.compile(
    r"\b(nein|kein|keine|keiner|ohne|nicht|negativ|unauffällig|no|none|not|without|false|"
    r"gesund|sonstige?s?|übrige|unbekannt|other|unknown)\b|^0$"
)
_REMEDY = Message(
    "Merge categories or groups until every group spreads over several categories, or suppress "
    "the cells of the group together with others."
)


@dataclass(slots=True)
class _Hits:
    """Cells of groups that lie wholly or nearly in one category."""

    full: set[int] = field(default_factory=set[int])
    near: set[int] = field(default_factory=set[int])


@dataclass(frozen=True, slots=True)
class _Vector:
    """A group over the categories of a dimension: cells by position.

    Args:
        total: its total, if one is published.
        parts: its categories.
        complete: whether no category is left out.
    """

    total: int | None
    parts: list[int]
    complete: bool


def _is_sensitive(subject: Subject, dimension: Dimension) -> bool:
    """Whether the codes of a dimension say something about a person that harms."""
    words = lexicon()
    guess = subject.known.guesses.get(dimension.name)
    if guess is not None and guess.confidence == 1.0:
        return guess.role is Role.SENSITIVE
    if dimension.name != COLUMN and words.speaks_of(dimension.name, "sensitive"):
        return True
    if len(dimension.labels) > _MANY:
        return False
    codes = [label for label in dimension.labels if not words.is_total(label)]
    telling = [label for label in codes if words.speaks_of(label, "sensitive_value")]
    return len(codes) > 1 and 2 * len(telling) >= len(codes)


def _vectors(cells: Cells, position: int, share: float) -> Iterator[_Vector]:
    """Total, parts and completeness of each group over a dimension.

    A group that leaves out categories is complete if its total says so.
    """
    found = [relation for relation in relations(cells, share) if relation.dimension == position]
    for relation in found:
        for group in groups(cells, relation):
            complete = len(group.parts) == len(relation.parts)
            yield _Vector(group.total, list(group.parts), complete)
    if found:
        return
    dimension = cells.dimensions[position]
    totals = {code for code, label in enumerate(dimension.labels) if lexicon().is_total(label)}
    by_group: dict[int, list[int]] = {}
    others = cells.others(position).tolist()
    for cell, code in enumerate(dimension.codes.tolist()):
        if code not in totals:
            by_group.setdefault(others[cell], []).append(cell)
    size = len(dimension.labels) - len(totals)
    for parts in by_group.values():
        yield _Vector(None, parts, len(parts) == size)


def _judge(cells: Cells, position: int, vector: _Vector, hits: _Hits, rules: Groups) -> None:
    """Note the cell that holds the whole group, or nearly."""
    total_cell, parts, complete = vector.total, vector.parts, vector.complete
    values = cells.values[parts]
    if np.isnan(values).any() or (values < 0).any():
        return
    total = float(values.sum())
    if total_cell is not None and not np.isnan(cells.values[total_cell]):
        published = float(cells.values[total_cell])
        if published > total + 0.5:
            return
        complete = True
    largest = int(np.argmax(values))
    dimension = cells.dimensions[position]
    label = dimension.labels[dimension.codes[parts[largest]]]
    if total < 1 or _HARMLESS.search(normal(label)):
        return
    part = float(values[largest]) / total
    if part >= rules.full_share and complete:
        hits.full.add(parts[largest])
    elif part >= rules.near_share and total >= _NEAR_TOTAL:
        hits.near.add(parts[largest])


def _findings(subject: Subject, cells: Cells, hits: _Hits) -> Iterator[Finding]:
    rules = subject.policy.groups
    kinds = (
        (hits.full, Severity.BLOCK if rules.block else Severity.WARN, "full"),
        (hits.near - hits.full, Severity.WARN, "near"),
    )
    for positions, severity, kind in kinds:
        by_column: dict[str, list[int]] = {}
        for position in sorted(positions):
            by_column.setdefault(cells.columns[position], []).append(int(cells.rows[position]))
        for column, rows in by_column.items():
            text = (
                "In the column {column} {cells} counts hold a whole group: everybody who belongs "
                "to it is known to be in that category."
                if kind == "full"
                else "In the column {column} {cells} counts hold nearly a whole group."
            )
            message = Message(text, {"column": column, "cells": len(rows)})
            yield Finding(_ID, severity, message, _REMEDY, column=column, cells=subject.rows(rows))


def _find(subject: Subject) -> Iterator[Finding]:
    rules = subject.policy.groups
    if not rules.check or subject.measures is None:
        return
    cells = cells_of(subject, Role.COUNT)
    if cells is not None:
        hits = _Hits()
        for position, dimension in enumerate(cells.dimensions):
            if len(cells.dimensions) > 1 and _is_sensitive(subject, dimension):
                for vector in _vectors(cells, position, subject.policy.frequency.total_share):
                    _judge(cells, position, vector, hits, rules)
        yield from _findings(subject, cells, hits)
    yield from _rates(subject, subject.measures.of(Role.RATE))


def _rates(subject: Subject, columns: Sequence[str]) -> Iterator[Finding]:
    """Shares of a hundred percent in a sensitive category."""
    rules = subject.policy.groups
    for column, values in values_of(subject, columns).items():
        name = normal(column)
        if not _is_share(name, values) or _HARMLESS.search(name):
            continue
        if not (
            lexicon().speaks_of(column, "sensitive")
            or lexicon().speaks_of(column, "sensitive_value")
        ):
            continue
        scale = 1.0 if np.nanmax(values) <= 1 else 100.0
        rows = np.flatnonzero(values >= rules.full_share * scale)
        if len(rows):
            text = (
                "In the column {column} {cells} shares say that a whole group is in one category."
            )
            yield Finding(
                _ID,
                Severity.BLOCK if rules.block else Severity.WARN,
                Message(text, {"column": column, "cells": len(rows)}),
                _REMEDY,
                column=column,
                cells=subject.rows(rows.tolist()),
            )


def _is_share(name: str, values: Floats) -> bool:
    known = values[np.isfinite(values)]
    share = any(word in name for word in ("anteil", "quote", "prozent", "share", "percent", "%"))
    return share and bool(len(known)) and bool((known >= 0).all()) and float(known.max()) <= 100


RULE = Rule(_ID, Message("Groups that lie in one category"), _find)
