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
from ckanext.sozialdaten.disclosure.rules._figures import Flags, Floats, Ints, values_of
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.rules._within import in_subsets
from ckanext.sozialdaten.disclosure.structure import Cells, Dimension, cells_of, relations
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "telling_zeros"]

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
    """Cells of groups that lie wholly or nearly in one category, and the zeros that tell so."""

    full: set[int] = field(default_factory=set[int])
    empty: set[int] = field(default_factory=set[int])
    near: set[int] = field(default_factory=set[int])


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Groups over the categories of a dimension: cells by position.

    Args:
        groups: number of the group of each part, ascending.
        parts: its categories.
        totals: by group its published total; -1 if there is none.
        complete: by group whether no category is left out.
    """

    groups: Ints
    parts: Ints
    totals: Ints
    complete: Flags


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
    totals = dimension.totals
    codes = [label for label in dimension.labels if label not in totals]
    if dimension.name == COLUMN and any(words.speaks_of(code, "population") for code in codes):
        return False  # inhabitants beside some of them are no partition
    telling = [label for label in codes if words.speaks_of(label, "sensitive_value")]
    return len(codes) > 1 and 2 * len(telling) >= len(codes)


def _vectors(cells: Cells, position: int, share: float) -> Iterator[_Vectors]:
    """Totals, parts and completeness of all groups over a dimension.

    A group that leaves out categories is complete if its total says so.
    """
    dimension, others = cells.dimensions[position], cells.others(position)
    found = [relation for relation in relations(cells, share) if relation.dimension == position]
    for relation in found:
        totals = np.flatnonzero(dimension.codes == relation.total)
        combos, first = np.unique(others[totals], return_index=True)
        parts = np.flatnonzero(np.isin(dimension.codes, np.asarray(relation.parts)))
        place = np.searchsorted(combos, others[parts])
        inside = place < len(combos)
        inside[inside] = combos[place[inside]] == others[parts[inside]]
        yield _grouped(parts[inside], place[inside], totals[first], len(relation.parts))
    if found:
        return
    said = dimension.totals
    totals = [code for code, label in enumerate(dimension.labels) if label in said]
    parts = np.flatnonzero(~np.isin(dimension.codes, np.asarray(totals, dtype=np.int64)))
    combos, groups = np.unique(others[parts], return_inverse=True)
    none = np.full(len(combos), -1, dtype=np.int64)
    yield _grouped(parts, groups, none, len(dimension.labels) - len(totals))


def _grouped(parts: Ints, groups: Ints, totals: Ints, size: int) -> _Vectors:
    order = np.argsort(groups, kind="stable")
    complete = np.bincount(groups, minlength=len(totals)) == size
    return _Vectors(groups[order].astype(np.int64), parts[order], totals, complete)


def _judge(cells: Cells, position: int, found: _Vectors, hits: _Hits, rules: Groups) -> None:
    """Note the cells that hold a whole group, or nearly."""
    if not len(found.parts):
        return
    values, size = cells.values[found.parts], len(found.totals)
    starts = np.flatnonzero(np.diff(found.groups, prepend=-1))
    present = found.groups[starts]
    unfit = np.bincount(found.groups, np.isnan(values) | (values < 0), size)[present] > 0
    totals = np.bincount(found.groups, np.nan_to_num(values), size)[present]
    largest = np.maximum.reduceat(np.nan_to_num(values), starts)
    cell = found.totals[present]
    published = np.where(cell >= 0, cells.values[cell], np.nan)
    known = ~np.isnan(published)
    fits = ~unfit & (totals >= 1) & ~(known & (published > totals + 0.5))
    complete = found.complete[present] | known
    part = largest / np.maximum(totals, 1)
    full: Flags = fits & complete & (part >= rules.full_share)
    near: Flags = fits & ~full & (part >= rules.near_share) & (totals >= _NEAR_TOTAL)
    dimension = cells.dimensions[position]
    ends: list[int] = np.append(starts[1:], len(values)).tolist()
    hit: list[int] = np.flatnonzero(full | near).tolist()
    for group in hit:
        first = int(starts[group])
        at = int(found.parts[first + int(np.argmax(values[first : ends[group]]))])
        if not _HARMLESS.search(normal(dimension.labels[int(dimension.codes[at])])):
            (hits.full if full[group] else hits.near).add(at)
            if full[group]:
                own = slice(first, ends[group])
                hits.empty.update(found.parts[own][values[own] == 0].tolist())


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
        yield from _findings(subject, cells, _hits(subject, cells))
    yield from _whole_subsets(subject)
    yield from _rates(subject, subject.measures.of(Role.RATE))


def _hits(subject: Subject, cells: Cells) -> _Hits:
    """What the counts of a table tell of groups."""
    hits = _Hits()
    for position, dimension in enumerate(cells.dimensions):
        if len(cells.dimensions) > 1 and _is_sensitive(subject, dimension):
            for found in _vectors(cells, position, subject.policy.frequency.total_share):
                _judge(cells, position, found, hits, subject.policy.groups)
    return hits


def telling_zeros(subject: Subject, cells: Cells) -> frozenset[int]:
    """Positions of counts of nobody that show a whole group to lie in one category.

    Nothing where the policy lets such groups pass.
    """
    rules = subject.policy.groups
    if not (rules.check and rules.block):
        return frozenset()
    return frozenset(_hits(subject, cells).empty)


def _whole_subsets(subject: Subject) -> Iterator[Finding]:
    """Groups of which everybody is in a sensitive subset, such as "davon Sozialhilfe"."""
    words, hits = lexicon(), dict[str, set[int]]()
    for found in in_subsets(subject):
        name = found.label
        telling = words.speaks_of(name, "sensitive") or words.speaks_of(name, "sensitive_value")
        if telling and not _HARMLESS.search(normal(name)):
            rows = found.rows[(found.parts >= 1) & (found.rest == 0)].tolist()
            hits.setdefault(found.column, set()).update(rows)
    for column, rows in hits.items():
        if rows:
            text = (
                "In the column {column} {cells} counts hold a whole group: everybody who belongs "
                "to it is known to be in that category."
            )
            yield Finding(
                _ID,
                Severity.BLOCK if subject.policy.groups.block else Severity.WARN,
                Message(text, {"column": column, "cells": len(rows)}),
                _REMEDY,
                column=column,
                cells=subject.rows(sorted(rows)),
            )


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
