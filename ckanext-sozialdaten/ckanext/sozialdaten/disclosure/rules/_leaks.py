"""What several tables give away together: kinds of leaks, and the tables that they take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ckanext.sozialdaten.disclosure.attack import Interval
from ckanext.sozialdaten.disclosure.structure import Key, Kin, Sum, View

__all__ = ["Leak", "Leaks", "Stranger", "What", "opened"]


class What(StrEnum):
    """What several tables give away, or why nobody knows."""

    HIDDEN = "hidden"
    EARLIER = "earlier"
    GROUP = "group"
    NEAR = "near"
    REVISED = "revised"
    TIME_OUT = "time_out"
    CONTRADICTION = "contradiction"
    TOO_LARGE = "too_large"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Leak:
    """One kind of leak at some cells of one table.

    Args:
        what: its kind.
        view: the table.
        cells: positions of its cells.
        partners: the other tables that it takes.
        intervals: for suppressed cells what an attacker derives; for small differences these.
    """

    what: What
    view: View
    cells: tuple[int, ...]
    partners: tuple[View, ...]
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Stranger:
    """Two tables that cannot be compared, and why."""

    one: View
    two: View
    kin: Kin


@dataclass(frozen=True, slots=True)
class Leaks:
    """What all tables together give away.

    Args:
        leaks: the leaks.
        strangers: pairs that were not compared.
        systems: the tables of each system that was attacked.
    """

    leaks: tuple[Leak, ...]
    strangers: tuple[Stranger, ...]
    systems: tuple[tuple[View, ...], ...]


def opened(one: View, two: View, sums: Mapping[int, Mapping[Key, Sum]]) -> Iterator[Leak]:
    """Cells that the newer state of a table withholds and the older one shows."""
    older = sums[id(two)]
    values = {
        entry.cells[0]: older[key].value
        for key, entry in sums[id(one)].items()
        if len(entry.cells) == 1
        and one.cells.withheld[entry.cells[0]]
        and key in older
        and not np.isnan(older[key].value)
    }
    if values:
        found = tuple(Interval(value, value) for _, value in sorted(values.items()))
        yield Leak(What.HIDDEN, one, tuple(sorted(values)), (two,), found)
