"""Hierarchies that somebody declares: which code lies in which, from a CSV file."""

import csv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from ckanext.sozialdaten.disclosure.errors import RolesError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["parse_hierarchies", "read_parents"]


def parse_hierarchies(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each ``column=FILE`` the code above each code of the column.

    Raises:
        RolesError: written otherwise, or a file that is no hierarchy.
    """
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        column, equals, path = text.partition("=")
        if not equals or not column or not path:
            raise RolesError(
                Message("The hierarchies cannot be read."),
                Message("Write --hierarchy column=FILE."),
            )
        found.setdefault(column, {}).update(read_parents(path))
    return found


def read_parents(path: str | Path) -> dict[str, str]:
    """The code above each code, from a CSV file with one column for each level.

    The levels may run from fine to coarse (``child,parent``) or from coarse to fine, as tables of
    correspondence do; which one it is follows from the codes. A header does no harm.

    Raises:
        RolesError: no such file, fewer than two levels, or codes that lie in several others.
    """
    place = Place(file=str(path))
    file = Path(path)
    if not file.is_file():
        raise RolesError(Message("There is no hierarchy file here."), place=place)
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RolesError(Message("The hierarchies cannot be read."), place=place) from error
    mark = ";" if ";" in text else ","
    rows = [tuple(x.strip() for x in row) for row in csv.reader(text.splitlines(), delimiter=mark)]
    rows = [row for row in rows if any(row)]
    if not rows or min(map(len, rows)) < 2:
        raise RolesError(
            Message("A hierarchy has a column for each level, at least two."), place=place
        )
    steps = [
        {(row[left], row[right]) for row in rows if row[left] and row[right]}
        for left, right in pairwise(range(min(map(len, rows))))
    ]
    upward = all(len({child for child, _ in pairs}) == len(pairs) for pairs in steps)
    downward = all(len({child for _, child in pairs}) == len(pairs) for pairs in steps)
    if not upward and not downward:
        raise RolesError(Message("In the hierarchy some codes lie in several others."), place=place)
    found: dict[str, str] = {}
    for one, two in (pair for pairs in steps for pair in sorted(pairs)):
        child, parent = (one, two) if upward else (two, one)
        if child != parent:
            found.setdefault(child, parent)
    return found
