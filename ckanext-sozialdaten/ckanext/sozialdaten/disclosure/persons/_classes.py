"""What groups of equal persons give away about a sensitive column: one row for each group.

A *class* is the persons who are alike in some quasi-identifiers. Its columns here:

``f``         persons in the class (k-anonymity: Sweeney 2002)
``kinds``     different sensitive values (l-diversity: Machanavajjhala et al. 2007)
``entropy``   entropy of the sensitive values in nats
``top``       persons with the most frequent value ((alpha,k)-anonymity: Wong et al. 2006)
``tail``      persons with the l-th most frequent value or a rarer one (recursive diversity)
``distance``  earth mover's distance to the values of everybody (t-closeness: Li et al. 2007)
``gain``      greatest relative gain of a value over everybody's share (beta-likeness: Cao and
              Karras 2012)
``log_gain``  greatest absolute logarithm of the ratio of a value's shares in the class and in all,
              of the values that the class has (delta-disclosure: Brickell and Shmatikov 2008;
              strictly it is infinite where ``kinds`` says that one is absent)

Few values become one counting column each, so that one grouping over the rows gives everything;
many are ranked within each class (``_ranked``). Both give the same numbers. NULL is a value.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure.persons._ground import Tree
from ckanext.sozialdaten.disclosure.persons._ranked import ranked_classes
from ckanext.sozialdaten.disclosure.persons._sensitive import Sensitive

__all__ = ["FEW_VALUES", "class_sizes", "class_values"]

FEW_VALUES = 24


def class_sizes(
    table: Any, keys: Sequence[str], count: str | None = None, person: str | None = None
) -> Any:
    """The classes with their size alone.

    Args:
        table: rows, or combinations of values with their number.
        keys: columns in which the persons of a class are alike.
        count: column with the number of persons that a row stands for; None for one each.
        person: column that names a person where one has several rows; they count once.
    """
    if person is not None:
        return table.group_by(list(keys)).agg(f=table[person].nunique())
    return table.group_by(list(keys)).agg(f=_persons(table, count))


def class_values(
    table: Any,
    keys: Sequence[str],
    sensitive: Sensitive,
    count: str | None = None,
    recursive_l: int = 0,
) -> Any:
    """The classes with all columns that the module's head names.

    Args:
        table: rows, or combinations of values with their number.
        keys: columns in which the persons of a class are alike.
        sensitive: the column to protect.
        count: column with the number of persons that a row stands for; None for one each.
        recursive_l: the l of recursive (c,l)-diversity; 0 and 1: ``tail`` is ``f``.
    """
    if len(sensitive.values) > FEW_VALUES and not isinstance(sensitive.ground, Tree):
        return ranked_classes(table, keys, sensitive, count, recursive_l)
    counts = [f"c{index}" for index in range(len(sensitive.values))]
    counted = _counted(table, keys, sensitive, count, counts)
    n, size = [counted[name] for name in counts], counted.f.cast("float64")
    ratios = [part / size / q for part, q in zip(n, sensitive.shares, strict=True)]
    excess = [part / size - q for part, q in zip(n, sensitive.shares, strict=True)]
    # A ratio that does not occur is as large as it could be at most: it is never the least.
    both = zip(n, ratios, sensitive.shares, strict=True)
    least = [ibis.ifelse(part > 0, ratio, 1.0 / q) for part, ratio, q in both]
    highest, lowest = _greatest(ratios), _least(least)
    return counted.select(
        *keys,
        f=counted.f,
        kinds=_sum([(part > 0).cast("int64") for part in n]),
        entropy=size.ln() - _sum([_n_log_n(part) for part in n]) / size,
        top=_greatest(n),
        tail=counted.f - _most_frequent(n, recursive_l - 1),
        distance=sensitive.ground.distance(excess),
        gain=highest - 1.0,
        log_gain=ibis.greatest(highest.ln(), -lowest.ln()),
    )


def _persons(table: Any, count: str | None, where: Any = None) -> Any:
    if count is None:
        return table.count(where=where)
    return table[count].sum(where=where).fill_null(0)


def _counted(
    table: Any, keys: Sequence[str], sensitive: Sensitive, count: str | None, names: Sequence[str]
) -> Any:
    """The classes with a conditional count for each value."""
    column = table[sensitive.column]
    cells = {
        name: _persons(table, count, column.isnull() if value is None else column == value)
        for name, value in zip(names, sensitive.values, strict=True)
    }
    return table.group_by(list(keys)).agg(f=_persons(table, count), **cells)


def _sum(parts: Sequence[Any]) -> Any:
    return reduce(lambda left, right: left + right, parts)


def _greatest(parts: Sequence[Any]) -> Any:
    return ibis.greatest(*parts) if len(parts) > 1 else parts[0]


def _least(parts: Sequence[Any]) -> Any:
    return ibis.least(*parts) if len(parts) > 1 else parts[0]


def _n_log_n(n: Any) -> Any:
    return ibis.ifelse(n > 1, n * ibis.greatest(n, 1).cast("float64").ln(), 0.0)


def _most_frequent(counts: Sequence[Any], places: int) -> Any:
    """Persons with one of the most frequent values."""
    if places < 1:
        return 0
    if places >= len(counts):
        return _sum(counts)
    ranked = ibis.array(list(counts)).sort()
    return _sum([ranked[len(counts) - 1 - place] for place in range(places)])
