"""Why a target is narrow: the fewest published figures that, added and taken away, give its end.

The multipliers come from a linear program; they are made fractions and checked in exact arithmetic,
so anybody can check them with a pencil.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ckanext.sozialdaten.disclosure.attack._answers import Interval
from ckanext.sozialdaten.disclosure.attack._budget import Budget
from ckanext.sozialdaten.disclosure.attack._duals import SMALL, Side, multipliers
from ckanext.sozialdaten.disclosure.attack._reduce import known_atoms
from ckanext.sozialdaten.disclosure.attack._statements import Figure, Statement, Target

__all__ = ["Effort", "Explainer", "Leak", "Side", "Term"]

_DENOMINATOR = 60
_DIGITS = 10**6
#: How many steps to go from the target, over figures of at most how many atoms.
_REACHES = ((1, 12), (2, 12), (2, 40), (1_000_000, 1_000_000))


@dataclass(frozen=True, slots=True)
class Term:
    """A published figure and how often it counts.

    Args:
        figure: the figure.
        factor: its multiplier.
        low: lowest value that it stands for.
        high: highest value.
    """

    figure: Figure
    factor: Fraction
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Leak:
    """The published figures that narrow a target, and what they give.

    Args:
        side: whether they give the value, or its lowest or highest end.
        terms: the figures, those that are added first.
        value: what they give.
        floor: whether it takes, besides, that no number is below 0.
    """

    side: Side
    terms: tuple[Term, ...]
    value: float
    floor: bool


class Effort:
    """What all explanations of one attack may cost: half of it is kept for exact values.

    Args:
        seconds: work in seconds of an idle machine.
    """

    def __init__(self, seconds: float = 20.0) -> None:
        self.exact, self.ends = Budget(seconds / 2), Budget(seconds / 2)


class Explainer:
    """Finds the combinations of figures behind intervals.

    Args:
        statements: what is published.
        floor: lowest value of an atom, 0 or -inf.
        effort: what is left for explanations, of these statements and others.
    """

    def __init__(
        self, statements: Sequence[Statement], *, floor: float = 0.0, effort: Effort | None = None
    ) -> None:
        self._statements = statements
        self._floor = floor
        self._effort = effort or Effort()
        self._known = known_atoms(statements)
        self._of_atom: dict[int, list[int]] = {}
        self._unknown = [[a for a in s.atoms if a not in self._known] for s in statements]
        for number, statement in enumerate(statements):
            for atom in statement.atoms:
                self._of_atom.setdefault(atom, []).append(number)

    def leaks(self, goal: Target, interval: Interval) -> tuple[Leak, ...]:
        """One combination for an exact value, else one for each end.

        Returns:
            What could be shown in fractions; nothing where that takes too long.
        """
        if interval.width < SMALL:
            found = self._widening(goal, Side.EXACT, interval.low)
            if found:
                return (found,)
        ends = ((Side.LOW, interval.low), (Side.HIGH, interval.high))
        both = [
            self._widening(goal, side, value)
            for side, value in ends
            if np.isfinite(value) and not (side is Side.LOW and value <= self._floor)
        ]
        return tuple(end for end in both if end)

    def _widening(self, goal: Target, side: Side, value: float) -> Leak | None:
        """The combination among the figures nearby, then among those further away."""
        size = -1
        budget = self._effort.exact if side is Side.EXACT else self._effort.ends
        for near in self._near(goal):
            if len(near) == size:
                continue
            if budget.spent:
                return None
            size = len(near)
            found = multipliers(near, goal, side, value, self._floor, budget)
            if found is None:
                continue
            exact = {
                number: Fraction(factor).limit_denominator(_DENOMINATOR)
                for number, factor in enumerate(found.tolist())
                if abs(factor) > SMALL
            }
            return self._checked(near, goal, side, value, exact)
        return None

    def _near(self, goal: Target) -> Iterator[list[Statement]]:
        """The statements that share atoms with a target, at growing reach, small sums first."""
        for reach, most in _REACHES:
            chosen: set[int] = set()
            seen: set[int] = set()
            edge = {atom for atom in goal.atoms if atom not in self._known}
            for _ in range(reach):
                if not edge:
                    break
                seen |= edge
                around = {n for atom in edge for n in self._of_atom.get(atom, ())}
                chosen |= {n for n in around if len(self._unknown[n]) <= most}
                edge = {a for n in chosen & around for a in self._unknown[n]} - seen
            touched = {a for n in chosen for a in self._statements[n].atoms} | set(goal.atoms)
            more = {n for atom in touched for n in self._of_atom.get(atom, ())}
            inside = {n for n in more if touched.issuperset(self._statements[n].atoms)}
            yield [self._statements[n] for n in sorted(chosen | inside)]

    def _checked(
        self,
        near: Sequence[Statement],
        goal: Target,
        side: Side,
        value: float,
        exact: dict[int, Fraction],
    ) -> Leak | None:
        """The combination if it proves its end in exact arithmetic."""
        rest = _rest(near, goal, exact)
        sign = {Side.EXACT: 0, Side.LOW: 1, Side.HIGH: -1}[side]
        usable = sign != 0 and self._floor == 0
        if any(left * sign < 0 or not usable for left in rest.values()):
            return None
        terms: dict[Figure, Term] = {}
        for number, factor in exact.items():
            statement = near[number]
            if statement.figure is None:
                continue
            earlier = terms.get(statement.figure)
            both = factor + (earlier.factor if earlier else 0)
            terms[statement.figure] = Term(statement.figure, both, statement.low, statement.high)
        used = [term for term in terms.values() if term.factor]
        used.sort(key=lambda term: (term.factor < 0, -abs(term.high)))
        return Leak(side, tuple(used), value, bool(rest))


def _rest(
    statements: Sequence[Statement], goal: Target, exact: dict[int, Fraction]
) -> dict[int, Fraction]:
    """The target minus the combination, atom by atom."""
    rest = {
        atom: Fraction(factor).limit_denominator(_DIGITS)
        for atom, factor in zip(goal.atoms, goal.coefficients, strict=True)
    }
    for number, multiplier in exact.items():
        statement = statements[number]
        for atom, factor in zip(statement.atoms, statement.coefficients, strict=True):
            amount = multiplier * Fraction(factor).limit_denominator(_DIGITS)
            rest[atom] = rest.get(atom, Fraction(0)) - amount
    return {atom: left for atom, left in rest.items() if left}
