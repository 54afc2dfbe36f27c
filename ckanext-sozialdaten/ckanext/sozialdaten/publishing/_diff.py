"""What changed between two states of a dataset: rows, columns and figures of its tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.lake.layouts import NUMERIC_ROLES
from ckanext.sozialdaten.publishing._tables import Table

__all__ = ["Change", "TableDiff", "compare"]

_Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is new, gone, or whose figures differ.

    Args:
        state: ``added``, ``removed`` or ``changed``.
        key: what names the row, by column.
        figures: old and new text of each figure that differs, by column.
    """

    state: str
    key: Mapping[str, str]
    figures: Mapping[str, tuple[str, str]]

    def to_json(self) -> dict[str, Any]:
        """The change as JSON."""
        figures = {name: list(pair) for name, pair in self.figures.items()}
        return {"state": self.state, "key": dict(self.key), "figures": figures}


@dataclass(frozen=True, slots=True)
class TableDiff:
    """The difference of two tables.

    Args:
        before: rows of the old one.
        after: rows of the new one.
        added: rows whose key is new.
        removed: rows whose key is gone.
        changed: rows with the same key and other figures.
        columns_added: columns that are new.
        columns_removed: columns that are gone.
        examples: the first changes, in the order of the tables.
    """

    before: int
    after: int
    added: int
    removed: int
    changed: int
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    examples: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "columns_added": list(self.columns_added),
            "columns_removed": list(self.columns_removed),
            "examples": [example.to_json() for example in self.examples],
        }


@dataclass(frozen=True, slots=True)
class _Reading:
    """How both tables are read: the columns that name a row, and its figures."""

    keys: tuple[str, ...]
    figures: tuple[str, ...]

    def rows(self, table: Table) -> Iterator[tuple[_Row, _Row]]:
        names = [column.name for column in table.columns]
        keys = [names.index(name) for name in self.keys]
        figures = [names.index(name) for name in self.figures]
        for row in table.rows():
            yield tuple(row[i] for i in keys), tuple(row[i] for i in figures)


def compare(old: Table, new: Table, examples: int = 50) -> TableDiff:
    """The difference of two tables that have a layout each.

    Rows are known by all columns that hold no figure and no quality sign. Where these do not name
    each row once, rows are compared as a whole and none counts as changed. Rows are kept as two
    numbers each, so that a million of them fit into memory.

    Raises:
        UnreadableError: a row cannot be read by its layout.
    """
    before, after = _names(old), _names(new)
    reading = _reading(old, new)
    past, present = _digests(reading.rows(old)), _digests(reading.rows(new))
    if not (past.unique and present.unique):
        reading = _Reading(reading.keys + reading.figures, ())
        past, present = _digests(reading.rows(old)), _digests(reading.rows(new))
    added = present.figures.keys() - past.figures.keys()
    removed = past.figures.keys() - present.figures.keys()
    changed = {
        key
        for key, figures in present.figures.items()
        if key in past.figures and past.figures[key] != figures
    }
    return TableDiff(
        past.rows,
        present.rows,
        len(added),
        len(removed),
        len(changed),
        tuple(name for name in after if name not in before),
        tuple(name for name in before if name not in after),
        _examples(reading, old, new, (added, removed, changed), examples),
    )


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _reading(old: Table, new: Table) -> _Reading:
    known = set(_names(old))
    figures = {
        column.name
        for table in (old, new)
        for column in table.columns
        if column.sign_of or (column.field is not None and column.field.role in NUMERIC_ROLES)
    }
    shared = [name for name in _names(new) if name in known]
    return _Reading(
        tuple(name for name in shared if name not in figures),
        tuple(name for name in shared if name in figures),
    )


@dataclass(frozen=True, slots=True)
class _Digests:
    rows: int
    figures: Mapping[int, int]

    @property
    def unique(self) -> bool:
        return self.rows == len(self.figures)


def _digests(rows: Iterator[tuple[_Row, _Row]]) -> _Digests:
    found: dict[int, int] = {}
    count = 0
    for key, figures in rows:
        found[hash(key)] = hash(figures)
        count += 1
    return _Digests(count, found)


def _examples(
    reading: _Reading,
    old: Table,
    new: Table,
    changes: Sequence[set[int]],
    most: int,
) -> tuple[Change, ...]:
    added, removed, changed = changes
    wanted = changed if len(changed) <= most else set(sorted(changed)[:most])
    past = _picked(reading.rows(old), wanted.__contains__, most)
    found: list[Change] = []
    for key, figures in _picked(reading.rows(new), wanted.__contains__, most).items():
        pairs = zip(reading.figures, past.get(key, ()), figures, strict=False)
        differing = {name: (then or "", now or "") for name, then, now in pairs if then != now}
        found.append(Change("changed", _key(reading, key), differing))
    for state, table, members in (("added", new, added), ("removed", old, removed)):
        for key, figures in _picked(reading.rows(table), members.__contains__, most).items():
            side = 1 if state == "added" else 0
            shown = {
                name: ("", text or "") if side else (text or "", "")
                for name, text in zip(reading.figures, figures, strict=True)
            }
            found.append(Change(state, _key(reading, key), shown))
    return tuple(found[:most])


def _picked(
    rows: Iterator[tuple[_Row, _Row]], wanted: Callable[[int], bool], most: int
) -> dict[_Row, _Row]:
    found: dict[_Row, _Row] = {}
    for key, figures in rows:
        if len(found) >= most:
            break
        if wanted(hash(key)):
            found[key] = figures
    return found


def _key(reading: _Reading, key: _Row) -> dict[str, str]:
    return {name: text or "" for name, text in zip(reading.keys, key, strict=True)}
