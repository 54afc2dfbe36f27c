"""Insiders: whoever is the only person in a suppressed cell knows that it is 1.

Nobody can tell from a published table which suppressed cells are 1, so this asks of each that may
be: if it were, would its person learn another small count exactly? Where true counts are known, as
before publication, it asks of the cells that are 1 indeed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.disclosure.attack._answers import Answer, Interval, Status
from ckanext.sozialdaten.disclosure.attack._budget import Budget
from ckanext.sozialdaten.disclosure.attack._component import Demand
from ckanext.sozialdaten.disclosure.attack._reduce import known_atoms, rows_of
from ckanext.sozialdaten.disclosure.attack._solve import Part, parts_of, solve_part
from ckanext.sozialdaten.disclosure.attack._statements import Statement, Target

__all__ = ["Insider", "Insiders", "insiders"]

_WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Insider:
    """The only person in one cell, and what they learn.

    Args:
        target: position of their cell among the targets.
        learns: positions of the cells that they learn exactly.
        values: the counts that they learn.
    """

    target: int
    learns: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Insiders:
    """Everybody who learns something.

    Args:
        found: the insiders.
        unasked: cells that no work was left for.
    """

    found: tuple[Insider, ...]
    unasked: int = 0


def insiders(
    statements: Sequence[Statement],
    targets: Sequence[Target],
    answers: Sequence[Answer],
    minimum: float,
    *,
    floor: float = 0.0,
    seconds: float = 10.0,
    true: Mapping[int, float] | None = None,
) -> Insiders:
    """Ask of each cell that may be 1 what its person learns.

    Args:
        statements: what is published.
        targets: the suppressed cells.
        answers: what an outsider derives for them.
        minimum: counts from 1 up to below this are nobody's business.
        floor: lowest value of an atom.
        seconds: work for all of it, in seconds of an idle machine.
        true: the true counts of the targets, where they are known.
    """
    demand = Demand(_open, 0.0, Budget(seconds), keep=False)
    asked = [n for n, a in enumerate(answers) if _may_be_one(targets[n], a.interval, minimum)]
    if true is not None:
        asked = [n for n in asked if true.get(n) == 1]
    if not asked:
        return Insiders(())
    small = {n for n, a in enumerate(answers) if a.interval.low < minimum and targets[n].whole}
    known = known_atoms(statements)
    # What a person knows of their own cell reaches no further than the part that it lies in.
    home = {n: part for part in parts_of(statements, targets, known) for n in part.targets}
    found: list[Insider] = []
    for done, number in enumerate(asked):
        if demand.budget.spent:
            return Insiders(tuple(found), len(asked) - done)
        goal = targets[number]
        others = [n for n in home[number].targets if n in small and targets[n].atoms != goal.atoms]
        if not others:
            continue
        own = rows_of([Statement(goal.atoms, goal.coefficients, 1.0, 1.0, goal.figure)], known)
        part = Part(home[number].atoms, [*home[number].rows, *own], others)
        demand.budget.set_up(sum(len(row.terms) for row in part.rows))
        learned = solve_part(part, targets, known, demand, floor)
        sure = {
            n: interval.low
            for n, interval in zip(others, learned, strict=True)
            if _learned(answers[n].interval, interval, minimum)
        }
        if sure:
            found.append(Insider(number, tuple(sure), tuple(sure.values())))
    return Insiders(tuple(found))


def _may_be_one(goal: Target, interval: Interval, minimum: float) -> bool:
    """Whether a cell may be 1, as far as its interval is known."""
    reach = minimum if interval.status is Status.AT_LEAST else 1 + _WHOLE
    within = interval.low <= reach and interval.high >= 1 - _WHOLE
    return goal.whole and within and interval.width > _WHOLE


def _open(target: Target, interval: Interval) -> bool:
    del target
    return interval.width > 1 - _WHOLE


def _learned(before: Interval, after: Interval, minimum: float) -> bool:
    """Whether a small count follows exactly for an insider alone."""
    known = after.status is Status.EXACT and after.width < _WHOLE
    return before.width > _WHOLE and known and 1 - _WHOLE <= after.low < minimum - _WHOLE
