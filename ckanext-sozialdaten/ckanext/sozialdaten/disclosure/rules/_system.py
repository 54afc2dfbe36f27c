"""The tables of one population as one system: the attack on all of them, and who takes part."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.attack import (
    Interval,
    Statement,
    Status,
    Target,
    mark_bounds,
    solve,
)
from ckanext.sozialdaten.disclosure.attack._published import Published, Spot, published
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.rules._leaks import Leak, What, opened
from ckanext.sozialdaten.disclosure.rules._precision import precision_of
from ckanext.sozialdaten.disclosure.rules._tables import holds, required
from ckanext.sozialdaten.disclosure.structure import Key, Precision, Space, Sum, View
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["System"]

Ends = tuple[float, float]
_NOTHING: tuple[Ends | None, ...] = (None,)


class System:
    """The tables of one population."""

    def __init__(
        self,
        space: Space,
        members: Sequence[View],
        sums: Mapping[int, Mapping[Key, Sum]],
        policy: Policy,
        precision: Precision | None,
        own: int,
    ) -> None:
        self.views = sorted(members, key=lambda view: view.release)
        self.policy = policy
        self.role = self.views[0].role
        self._space, self._sums, self._precision, self._own = space, sums, precision, own
        self._marks = {
            id(view): mark_bounds(view.subject, view.cells, {})
            if view.cells.withheld.any()
            else dict[int, tuple[float, float]]()
            for view in members
        }
        # Values that must stay possible: of the cells of each view, and by the atoms of targets.
        self._levels: dict[int, Mapping[int, Ends]] = {}
        self._asked: dict[tuple[int, ...], set[Ends | None]] = {}

    def leaks(self, demands: Mapping[int, Demands]) -> Iterator[Leak]:
        """What the tables give away together and none of them alone."""
        newest = self.views[0]
        self._levels = {
            id(view): required(view.cells, demands[id(view.subject)])
            for view in self.views
            if id(view.subject) in demands
        }
        try:
            system = published(
                self._space,
                self.views,
                self._sums,
                self.policy.frequency.total_share,
                bounds=lambda view, cell: self._marks[id(view)].get(cell),
                precision=lambda view: precision_of(view, self._precision),
            )
        except NotSupportedError:
            yield Leak(What.TOO_LARGE, newest, (), tuple(self.views[1:]))
            for other in self.views[1:]:
                yield from opened(newest, other, self._sums)
            return
        for target, spot in zip(system.hidden, system.spots, strict=True):
            self._asked.setdefault(target.atoms, set()).add(self._level(spot))
        intervals = self._solve(system.statements, [*system.hidden, *system.groups])
        yield from self._hidden(system, intervals[: len(system.hidden)])
        yield from self._groups(system, intervals[len(system.hidden) :])
        yield from self._doubts(system, intervals)
        if not system.common and any(v.release < self._own for v in self.views):
            yield Leak(What.PARTLY, newest, (), tuple(self.views[1:]))

    def _solve(self, statements: Sequence[Statement], targets: Sequence[Target]) -> list[Interval]:
        minimum = self.policy.frequency.minimum
        negative = any(statement.low < 0 for statement in statements)

        def enough(target: Target, interval: Interval) -> bool:
            return interval.high >= minimum and all(
                holds(interval, self.role, self.policy, levels=levels)
                for levels in self._asked.get(target.atoms, _NOTHING)
            )

        places = {target.atoms: n for n, target in reversed(list(enumerate(targets)))}
        once = sorted(places.values())
        answers = solve(
            statements,
            [targets[n] for n in once],
            floor=-np.inf if negative else 0.0,
            enough=enough,
            seconds=self.policy.suppression.seconds,
            integer_width=self.policy.suppression.integer_width,
        )
        found = {targets[n].atoms: a.interval for n, a in zip(once, answers, strict=True)}
        return [found[target.atoms] for target in targets]

    def _level(self, spot: Spot) -> Ends | None:
        """The values that must stay possible for a suppressed cell, where anybody knows them."""
        return self._levels.get(id(self.views[spot.view]), {}).get(spot.cell)

    def _weak_hidden(self, spot: Spot, interval: Interval) -> bool:
        """Whether a suppressed cell is too narrow; an earlier one only where it is small."""
        view = self.views[spot.view]
        mark = self._marks[id(view)].get(spot.cell)
        if interval.status in (Status.TIME_OUT, Status.CONTRADICTION):
            return False
        if holds(interval, self.role, self.policy, mark, self._level(spot)):
            return False
        small = interval.low < self.policy.frequency.minimum
        return view.release < self._own or small or self.role is not Role.COUNT

    def _hidden(self, system: Published, intervals: Sequence[Interval]) -> Iterator[Leak]:
        """Suppressed cells that the whole narrows too far."""
        weak = [n for n, i in enumerate(intervals) if self._weak_hidden(system.spots[n], i)]
        targets = [system.hidden[n] for n in weak]
        spots = [system.spots[n] for n in weak]
        homes = [self._release(spot) for spot in spots]
        partners = self._partners(
            system, targets, homes, lambda n, interval: self._weak_hidden(spots[n], interval)
        )
        groups: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for number, others in zip(weak, partners, strict=True):
            if others:
                groups.setdefault((system.spots[number].view, others), []).append(number)
        for (place, others), numbers in groups.items():
            view = self.views[place]
            what = What.EARLIER if view.release >= self._own else What.HIDDEN
            cells = tuple(system.spots[n].cell for n in numbers)
            found = tuple(intervals[n] for n in numbers)
            yield Leak(what, view, cells, self._of(others), found)

    def _small(self, interval: Interval) -> bool:
        proven = interval.status not in (Status.TIME_OUT, Status.CONTRADICTION)
        return proven and 1e-6 < interval.high < self.policy.frequency.minimum - 1e-6

    def _groups(self, system: Published, intervals: Sequence[Interval]) -> Iterator[Leak]:
        """Groups that no table publishes and that differences show to be small."""
        small_figures = {
            atom
            for statement in system.statements
            if statement.high < self.policy.frequency.minimum - 1e-6
            for atom in statement.atoms
        }
        weak = [
            n
            for n, interval in enumerate(intervals)
            if self._small(interval) and system.groups[n].atoms[0] not in small_figures
        ]
        targets = [system.groups[n] for n in weak]
        homes = [-1] * len(weak)
        partners = self._partners(system, targets, homes, lambda _n, i: self._small(i))
        groups: dict[tuple[int, ...], set[Spot]] = {}
        for number, others in zip(weak, partners, strict=True):
            if len(others) > 1:
                groups.setdefault(others, set()).update(system.near[number])
        for others, spots in groups.items():
            newest = min(others)
            shown = [s for s in spots if self.views[s.view].release == newest]
            place = shown[0].view if shown else self._first(newest)
            cells = tuple(sorted({s.cell for s in shown if s.view == place}))
            rest = tuple(other for other in others if other != newest)
            yield Leak(What.GROUP, self.views[place], cells, self._of(rest))

    def _first(self, release: int) -> int:
        return next(n for n, view in enumerate(self.views) if view.release == release)

    def _of(self, releases: Iterable[int]) -> tuple[View, ...]:
        return tuple(self.views[self._first(release)] for release in releases)

    def _partners(
        self,
        system: Published,
        targets: Sequence[Target],
        homes: Sequence[int],
        weak: Callable[[int, Interval], bool],
    ) -> list[tuple[int, ...]]:
        """A smallest set of tables that gives each weak target away, without its own one.

        Empty where a single table (for a suppressed cell: its own one) suffices: that is the matter
        of other rules.
        """
        releases = frozenset(view.release for view in self.views)
        result: list[tuple[int, ...]] = [()] * len(targets)
        left = list(range(len(targets)))
        for release in sorted(releases):
            tried = [n for n in left if homes[n] in (release, -1)]
            hits = self._weak_with(system, targets, tried, frozenset((release,)), weak)
            left = [n for n in left if n not in hits]
        kept = {releases: left}
        for release in sorted(releases, reverse=True):
            split: dict[frozenset[int], list[int]] = {}
            for sets, members in kept.items():
                rest = sets - {release}
                hits = self._weak_with(system, targets, members, rest, weak) if rest else set[int]()
                for number in members:
                    split.setdefault(rest if number in hits else sets, []).append(number)
            kept = split
        for sets, members in kept.items():
            for number in members:
                result[number] = tuple(sorted(sets - {homes[number]}))
        return result

    def _weak_with(
        self,
        system: Published,
        targets: Sequence[Target],
        numbers: Sequence[int],
        releases: frozenset[int],
        weak: Callable[[int, Interval], bool],
    ) -> set[int]:
        """Which targets some tables alone give away."""
        if not numbers:
            return set()
        statements = system.without(lambda spot: self._release(spot) not in releases)
        found = self._solve(statements, [targets[n] for n in numbers])
        return {n for n, interval in zip(numbers, found, strict=True) if weak(n, interval)}

    def _release(self, spot: Spot) -> int:
        return self.views[spot.view].release

    def _doubts(self, system: Published, intervals: Sequence[Interval]) -> Iterator[Leak]:
        """What was let go as revised, and what nobody could prove."""
        others = tuple(self.views[1:])
        newest = self.views[0]
        by_view: dict[int, list[int]] = {}
        for spot in system.revised:
            by_view.setdefault(spot.view, []).append(spot.cell)
        for place, cells in by_view.items():
            view = self.views[place]
            what = What.REVISED if view.release or self._own > 1 else What.CONTRADICTION
            yield Leak(
                what, view, tuple(sorted(cells)), (newest,) if view is not newest else others
            )
        for status, what in (
            (Status.TIME_OUT, What.TIME_OUT),
            (Status.CONTRADICTION, What.CONTRADICTION),
        ):
            if any(interval.status is status for interval in intervals):
                yield Leak(what, self.views[0], (), others)
