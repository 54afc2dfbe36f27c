"""What a reader who knows the method derives from a table with noise: is a count proven small?

Works on the published copy alone: its counts bound the true ones, which add up although the
published ones need not. A count leaks if all tables that fit have it between 1 and the minimum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._parameters import Zeros
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.attack import Figure, Interval, Statement, Status, Target, solve
from ckanext.sozialdaten.disclosure.rules._tables import holds
from ckanext.sozialdaten.disclosure.structure import Cells, Precision, Relation, groups
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Attacked", "attack_noise"]

_NOWHERE = Figure("")
_WHOLE = 1e-6

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attacked:
    """What the attack found.

    Args:
        attacked: how many counts were attacked.
        weak: how many are not proven open.
        timed_out: how many of these are so because the time ran out.
    """

    attacked: int
    weak: int
    timed_out: int


def attack_noise(
    cells: Cells,
    found: Sequence[Relation],
    precision: Precision,
    policy: Policy,
    small_base: int = 0,
    witnesses: Sequence[Floats] = (),
) -> Attacked:
    """Attack every count of a table with noise.

    Args:
        cells: the published copy.
        found: which counts add up in truth; anybody can see that from the labels.
        precision: how published counts stand for true ones.
        policy: what is too small.
        small_base: see :class:`Candidate`.
        witnesses: tables that are said to fit; those that do not are ignored.
    """
    totals = {group.total for relation in found for group in groups(cells, relation)}
    low, high = _bounds(cells, precision, small_base, totals)
    statements: list[Statement] = [
        Statement((cell,), (1.0,), low[cell], high[cell], _NOWHERE)
        for cell in np.flatnonzero(~cells.withheld).tolist()
    ]
    rests = len(cells)
    for relation in found:
        for group in groups(cells, relation):
            atoms, signs = (group.total, *group.parts), (1.0, *[-1.0] * len(group.parts))
            if not relation.exact:
                atoms, signs = (*atoms, rests), (*signs, -1.0)
                rests += 1
            statements.append(Statement(atoms, signs, 0.0, 0.0))
    left = _unproven(cells, statements, witnesses, policy)
    targets = [Target((cell,), (1.0,), _NOWHERE) for cell in left]

    def open_enough(target: Target, interval: Interval) -> bool:
        return _open(interval, bool(cells.withheld[target.atoms[0]]), policy)

    seconds = policy.suppression.seconds
    answers = solve(statements, targets, enough=open_enough, seconds=seconds)
    weak = [
        answer.interval.status
        for cell, answer in zip(left, answers, strict=True)
        if not _open(answer.interval, bool(cells.withheld[cell]), policy)
    ]
    return Attacked(len(cells), len(weak), weak.count(Status.TIME_OUT))


def _unproven(
    cells: Cells,
    statements: Sequence[Statement],
    witnesses: Sequence[Floats],
    policy: Policy,
) -> list[int]:
    """Cells that no known table, which fits all that is published, proves open yet.

    If the published table fits its own statements, it is such a table.
    """
    if cells.withheld.any():
        return list(range(len(cells)))
    done = np.zeros(len(cells), dtype=bool)
    for witness in (cells.values, *witnesses):
        if len(witness) != len(cells) or not _fits(witness, statements):
            continue
        done |= witness >= policy.frequency.minimum - _WHOLE
        if policy.frequency.zeros is Zeros.PUBLISH:
            done |= witness < 1 - _WHOLE
    return np.flatnonzero(~done).tolist()


def _fits(table: Floats, statements: Sequence[Statement]) -> bool:
    """Whether a table fulfils all statements, with rests that are not negative."""
    for one in statements:
        known = value = 0.0
        for atom, factor in zip(one.atoms, one.coefficients, strict=True):
            if atom < len(table):
                value += factor * float(table[atom])
            else:
                known = np.inf
        if not one.low - _WHOLE <= value <= one.high + known + _WHOLE:
            return False
    return True


def _bounds(
    cells: Cells, precision: Precision, small_base: int, totals: set[int]
) -> tuple[Floats, Floats]:
    """Lowest and highest true count behind each published one."""
    low, high = np.zeros(len(cells)), np.full(len(cells), np.inf)
    for cell in np.flatnonzero(~cells.withheld).tolist():
        value = float(cells.values[cell])
        if not small_base:
            low[cell], high[cell] = precision.bounds(value)
        elif cell not in totals and value == 0:
            high[cell] = small_base - 1
        elif cell not in totals:
            low[cell], high[cell] = 1.0 if value == small_base else value, value
    return low, high


def _open(interval: Interval, withheld: bool, policy: Policy) -> bool:
    """Whether a count is not proven to be too small, and a suppressed one stays suppressed."""
    if interval.status in (Status.TIME_OUT, Status.CONTRADICTION):
        return False
    if withheld:
        return holds(interval, Role.COUNT, policy)
    if interval.high >= policy.frequency.minimum - _WHOLE or not policy.frequency.check:
        return True
    return policy.frequency.zeros is Zeros.PUBLISH and interval.low < 1 - _WHOLE
