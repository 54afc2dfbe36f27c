"""What groups of persons must fulfil: k, l and t, on rows that are counted once and for all.

k-anonymity: Sweeney 2002. Distinct, entropy and recursive l-diversity: Machanavajjhala et al. 2007.
t-closeness: Li, Li and Venkatasubramanian 2007. ``max_share`` is the alpha of (alpha, k)-anonymity.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Ints

__all__ = ["Bools", "Criteria", "Sensitive", "Verdict", "judge", "rolled", "sensitive_of"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
_EPSILON = 1e-9
_DENSE = 20_000_000


@dataclass(frozen=True, slots=True)
class Criteria:
    """The numbers of a policy's section on persons; 0 asks nothing."""

    k: int = 1
    distinct_l: int = 0
    entropy_l: float = 0.0
    recursive_c: float = 0.0
    recursive_l: int = 0
    max_share: float = 0.0
    t: float = 0.0
    max_global_risk: float = 0.0

    @classmethod
    def of(cls, policy: Policy) -> "Criteria":
        """Those of a policy; a person among ``f`` alike is found again with a risk of ``1/f``."""
        rules = policy.persons
        if not rules.check:
            return cls()
        alike = (
            math.ceil(1 / rules.max_individual_risk - _EPSILON)
            if (rules.max_individual_risk)
            else 1
        )
        return cls(
            max(rules.k, alike, 1),
            rules.distinct_l,
            rules.entropy_l,
            rules.recursive_c,
            rules.recursive_l,
            rules.max_share,
            rules.t,
            rules.max_global_risk,
        )

    @property
    def monotone(self) -> bool:
        """Whether what holds for groups also holds for any group joined with a failing one."""
        return not (self.entropy_l or self.recursive_c or self.max_share or self.t)


@dataclass(frozen=True, slots=True)
class Sensitive:
    """One sensitive column: how many rows of each distinct row have which value.

    Args:
        name: the column.
        base: position of the distinct row.
        value: number of the value; in the order of numbers where ``ordered``.
        count: rows.
        size: number of values.
        ordered: whether the distance of two values is that of their ranks.
        persons: whether the values are persons, of which each group must hold k.
    """

    name: str
    base: Ints
    value: Ints
    count: Ints
    size: int
    ordered: bool = False
    persons: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which groups fail.

    Args:
        failing: by group.
        sure: groups that fail whatever they are joined with less than: too few rows or values.
    """

    failing: Bools
    sure: Bools


def sensitive_of(
    name: str, base: Ints, values: Ints, *, ordered: bool = False, persons: bool = False
) -> Sensitive:
    """A sensitive column from the distinct row and the value of each row."""
    size = int(values.max(initial=-1)) + 1
    pairs, count = np.unique(base * max(size, 1) + values, return_counts=True)
    return Sensitive(
        name, pairs // max(size, 1), pairs % max(size, 1), count, size, ordered, persons
    )


def rolled(column: Sensitive, classes: Ints) -> Sensitive:
    """The same column over groups of distinct rows.

    Args:
        column: over distinct rows.
        classes: group of each distinct row, numbered from 0; -1 where it is left out.
    """
    group = classes[column.base]
    kept = group >= 0
    pairs, inverse = np.unique(group[kept] * column.size + column.value[kept], return_inverse=True)
    count = np.bincount(inverse, column.count[kept]).astype(np.int64)
    size = max(column.size, 1)
    return replace(column, base=pairs // size, value=pairs % size, count=count)


def judge(rows: Ints, sensitive: Sequence[Sensitive], criteria: Criteria) -> Verdict:
    """Which groups fail.

    Args:
        rows: rows of each group.
        sensitive: sensitive columns over the groups.
        criteria: the numbers.
    """
    sure = rows < criteria.k
    failing = sure.copy()
    for column in sensitive:
        few, bad = _column(rows, column, criteria)
        sure |= few
        failing |= few | bad
    return Verdict(failing, sure)


def _column(rows: Ints, column: Sensitive, criteria: Criteria) -> tuple[Bools, Bools]:
    """Groups with too few values, and groups that fail otherwise."""
    group, value = column.base, column.value
    distinct = np.bincount(group, minlength=len(rows))
    if column.persons:
        return distinct < criteria.k, np.zeros(len(rows), dtype=bool)
    few = distinct < criteria.distinct_l
    bad = np.zeros(len(rows), dtype=bool)
    share = column.count / rows[group]
    if criteria.entropy_l:
        entropy = np.bincount(group, -share * np.log(share), minlength=len(rows))
        bad |= np.exp(entropy) < criteria.entropy_l - _EPSILON
    if criteria.max_share:
        most = np.zeros(len(rows))
        np.maximum.at(most, group, share)
        bad |= most > criteria.max_share + _EPSILON
    if criteria.recursive_c and criteria.recursive_l:
        bad |= ~_recursive(group, column.count, len(rows), criteria)
    if criteria.t:
        bad |= _distance(group, value, share, rows, column) > criteria.t + _EPSILON
    return few, bad


def _recursive(group: Ints, count: Ints, size: int, criteria: Criteria) -> Bools:
    """Where the most frequent value is rarer than c times all from the l-th on."""
    order = np.lexsort((-count, group))
    group, count = group[order], count[order]
    first = np.searchsorted(group, np.arange(size))
    rank = np.arange(len(group)) - first[group]
    tail = np.bincount(group, count * (rank >= criteria.recursive_l - 1), minlength=size)
    return np.asarray(count[first] < criteria.recursive_c * tail)


def _distance(group: Ints, value: Ints, share: Floats, rows: Ints, column: Sensitive) -> Floats:
    """Distance of each group's values from everybody's: earth mover's, or half the sum.

    The latter is an upper bound of the former, and stands in for it where the table is too large.
    """
    overall = np.bincount(value, share * rows[group], minlength=column.size) / rows.sum()
    if column.ordered and column.size > 1 and len(rows) * column.size <= _DENSE:
        dense = np.zeros((len(rows), column.size))
        dense[group, value] = share
        steps = np.abs(np.cumsum(dense - overall, axis=1)).sum(axis=1)
        return np.asarray(steps / (column.size - 1))
    present = np.abs(share - overall[value]) - overall[value]
    return np.asarray((np.bincount(group, present, minlength=len(rows)) + 1) / 2)
