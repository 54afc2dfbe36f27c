"""When a class is unsafe under a policy, and what all classes of a set come to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure._parameters import Persons

__all__ = [
    "Limit",
    "Sizes",
    "Values",
    "distance",
    "diversity",
    "size",
    "sizes",
    "sizes_of",
    "values",
    "values_of",
]

_ROUNDING = 1e-9

Limit = Callable[[Any], Any]
"""From classes to the condition under which one is unsafe."""


def size(persons: Persons) -> Limit:
    """Fewer than k persons."""
    return lambda classes: classes["f"] < persons.k


def diversity(persons: Persons) -> Limit | None:
    """Too few different values, or one that is too frequent; None if the policy has no limit."""
    limits: list[Limit] = []
    if persons.distinct_l:
        limits.append(lambda c: c["kinds"] < persons.distinct_l)
    if persons.entropy_l:
        limits.append(lambda c: c["entropy"].exp() < persons.entropy_l - _ROUNDING)
    if persons.recursive_c and persons.recursive_l:
        limits.append(lambda c: c["top"] >= persons.recursive_c * c["tail"])
    if persons.max_share:
        limits.append(lambda c: c["top"] > (persons.max_share + _ROUNDING) * c["f"])
    return (lambda c: ibis.or_(*[limit(c) for limit in limits])) if limits else None


def distance(persons: Persons) -> Limit | None:
    """Values too far from everybody's; None if the policy has no limit."""
    return (lambda c: c["distance"] > persons.t + _ROUNDING) if persons.t else None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The classes of one set of columns.

    Args:
        classes: their number.
        persons: persons in all of them.
        k: size of the smallest.
        uniques: persons who are alone in theirs.
        unsafe: persons in unsafe classes.
    """

    classes: int
    persons: int
    k: int
    uniques: int
    unsafe: int


@dataclass(frozen=True, slots=True)
class Values:
    """The same with what they say about a sensitive column; the worst class counts.

    Args:
        sizes: number and size of the classes.
        kinds: fewest different values.
        effective: least effective number of values, the exponential of their entropy.
        recursive_c: greatest quotient of the most frequent value and of all but the l-1 most
            frequent; (c,l)-diversity holds for every greater c. Infinite if there are no others.
        share: greatest share of one value.
        distance: greatest distance to everybody's values.
        gain: greatest relative gain over everybody's share.
        log_gain: greatest absolute logarithm of the ratio of shares, of the values that occur.
    """

    sizes: Sizes
    kinds: int
    effective: float
    recursive_c: float
    share: float
    distance: float
    gain: float
    log_gain: float


def _totals(classes: Any, limit: Limit) -> dict[str, Any]:
    f = classes["f"]
    return {
        "classes": classes.count(),
        "persons": f.sum(),
        "k": f.min(),
        "uniques": (f == 1).sum(),
        "unsafe": f.sum(where=limit(classes)).fill_null(0),
    }


def _worst(classes: Any) -> dict[str, Any]:
    n = classes["f"].cast("float64")
    tail = ibis.greatest(classes["tail"], 1)
    return {
        "kinds": classes["kinds"].min(),
        "effective": classes["entropy"].min().exp(),
        "recursive_c": (classes["top"] / tail.cast("float64")).max(),
        "single": (classes["tail"] == 0).any(),
        "share": (classes["top"] / n).max(),
        "distance": classes["distance"].max(),
        "gain": classes["gain"].max(),
        "log_gain": classes["log_gain"].max(),
    }


def sizes(classes: Any, by: Sequence[str], limit: Limit) -> Any:
    """One row for each value of ``by``, or one in all, with the fields of :class:`Sizes`."""
    return classes.aggregate(by=list(by), **_totals(classes, limit))


def values(classes: Any, by: Sequence[str], limit: Limit) -> Any:
    """One row for each value of ``by``, or one in all, with the fields of :class:`Values`."""
    return classes.aggregate(by=list(by), **_totals(classes, limit), **_worst(classes))


def sizes_of(row: Mapping[str, Any] | None) -> Sizes:
    """A row of :func:`sizes`; None if there are no classes."""
    if row is None or not row["classes"]:
        return Sizes(0, 0, 0, 0, 0)
    return Sizes(*(int(row[n]) for n in ("classes", "persons", "k", "uniques", "unsafe")))


def values_of(row: Mapping[str, Any] | None) -> Values:
    """A row of :func:`values`; None if there are no classes."""
    if row is None or not row["classes"]:
        return Values(sizes_of(None), 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Values(
        sizes_of(row),
        int(row["kinds"]),
        float(row["effective"]),
        float("inf") if row["single"] else float(row["recursive_c"]),
        *(float(row[n]) for n in ("share", "distance", "gain", "log_gain")),
    )
