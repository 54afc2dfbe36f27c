"""One component: atoms and targets that hang together, and the pool of tables found for them.

Every solution is a feasible table and so widens the proven interval of every target in it (witness
pooling); a target whose pooled interval is wide enough needs no program of its own. A pooled end
that equals what single figures allow is an end for certain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.attack._answers import Interval, Status
from ckanext.sozialdaten.disclosure.attack._budget import Budget
from ckanext.sozialdaten.disclosure.attack._program import Floats, Found, Outcome, Program
from ckanext.sozialdaten.disclosure.attack._reduce import Row
from ckanext.sozialdaten.disclosure.attack._statements import Target

__all__ = ["Aims", "Component", "Demand"]

_EPSILON = 1e-6
_NOISE = 1e-6
_CROWD = 24
_WHOLE_SHARE = 0.1
_WIDTHS = (1.0, 2.0, 3.0, 4.0, *(float(1 << power) for power in range(3, 40)))


@dataclass(frozen=True, slots=True)
class Aims:
    """The targets of a component as a sparse matrix over its atoms.

    Args:
        targets: positions among all targets.
        starts: where each target's atoms start in ``columns``.
        columns: atoms as columns of the program.
        factors: coefficient of each.
        offsets: what published atoms add to each target.
    """

    targets: tuple[int, ...]
    starts: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int32]
    factors: Floats
    offsets: Floats

    def __len__(self) -> int:
        return len(self.targets)

    def values(self, table: Floats) -> Floats:
        """The value of each target in a table."""
        products = table[self.columns] * self.factors
        return np.add.reduceat(products, self.starts) + self.offsets

    def cost(self, aim: int) -> tuple[npt.NDArray[np.int32], Floats]:
        """Columns and factors of one target."""
        end = self.starts[aim + 1] if aim + 1 < len(self) else len(self.columns)
        chosen = slice(int(self.starts[aim]), int(end))
        return self.columns[chosen], self.factors[chosen]

    def mixed(self, weights: Floats, size: int) -> Floats:
        """The cost of a weighted sum of targets."""
        lengths = np.diff(np.append(self.starts, len(self.columns)))
        return np.bincount(
            self.columns, self.factors * np.repeat(weights, lengths), minlength=size
        ).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of a component.

    Args:
        enough: whether a proven interval suffices for a target; None: nothing does.
        exact: compute ends exactly all the same, and fall back on what suffices if time runs out.
        integer_width: intervals narrower than this are computed in whole numbers.
        budget: what it may cost.
        keep: whether to keep tables as proofs.
    """

    enough: Callable[[Target, Interval], bool] | None
    integer_width: float
    budget: Budget
    keep: bool
    exact: bool = False


@dataclass(slots=True)
class _Pool:
    """The lowest and highest value of each target in any table so far."""

    low: Floats
    high: Floats
    low_at: npt.NDArray[np.int64]
    high_at: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, size: int) -> "_Pool":
        none = np.full(size, -1, dtype=np.int64)
        return cls(np.full(size, np.inf), np.full(size, -np.inf), none, none.copy())

    def add(self, values: Floats, number: int) -> None:
        lower, higher = values < self.low, values > self.high
        self.low[lower], self.low_at[lower] = values[lower], number
        self.high[higher], self.high_at[higher] = values[higher], number


@dataclass(slots=True)
class Component:
    """Atoms, rows and targets that hang together."""

    atoms: tuple[int, ...]
    rows: Sequence[Row]
    aims: Aims
    goals: Sequence[Target]
    floor: float
    whole: bool
    tables: list[Floats] = field(default_factory=list[Floats])
    _any: _Pool = field(init=False)
    _full: _Pool = field(init=False)
    _program: Program = field(init=False)
    _play: Sequence[float] = ()
    _twin: Program | None = None
    _caps: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        self._any, self._full = _Pool.empty(len(self.aims)), _Pool.empty(len(self.aims))

    def solve(self, demand: Demand) -> list[Interval]:
        """The interval of every target."""
        outcome = self._open(demand)
        if outcome is not Outcome.OPTIMAL:
            status = Status.TIME_OUT if outcome is Outcome.UNFINISHED else Status.CONTRADICTION
            return [Interval(self.floor, np.inf, status)] * len(self.aims)
        if len(self.aims) > _CROWD:
            self._spread(demand)
            self._crowd(demand)
        return [self._interval(aim, demand) for aim in range(len(self.aims))]

    def _open(self, demand: Demand) -> Outcome:
        """A first table; where figures contradict each other, they get the play of rounding."""
        none = np.empty(0, dtype=np.int32)
        found = Found(Outcome.INFEASIBLE)
        plays = (
            [0.0] * len(self.rows),
            [row.slack for row in self.rows],
            [row.slack + _NOISE * row.scale for row in self.rows],
        )
        for number, play in enumerate(plays):
            if number and play == plays[number - 1]:
                continue
            self._play = play
            self._program = Program(self.atoms, self.rows, self.floor, play)
            found = self._program.run(none, np.empty(0), demand.budget, maximize=False)
            if found.outcome is not Outcome.INFEASIBLE:
                break
        self._pool(found, demand)
        return found.outcome

    def _pool(self, found: Found, demand: Demand) -> None:
        """Remember a solution as a witness for all targets."""
        if found.values is None:
            return
        values = self.aims.values(found.values)
        number = len(self.tables) if demand.keep else -1
        if demand.keep:
            self.tables.append(found.values)
        self._any.add(values, number)
        if self.whole and np.abs(found.values - np.rint(found.values)).max(initial=0) < _EPSILON:
            self._full.add(values, number)

    def _pooled(self, aim: int) -> Interval:
        """The interval that tables prove so far: in whole numbers where targets are counts."""
        pool = self._full if self.whole else self._any
        return Interval(
            _clean(float(pool.low[aim])), _clean(float(pool.high[aim])), Status.AT_LEAST
        )

    def _suffices(self, aim: int, demand: Demand) -> bool:
        if demand.enough is None:
            return False
        pooled = self._pooled(aim)
        return pooled.low <= pooled.high and demand.enough(self.goals[aim], pooled)

    def _spread(self, demand: Demand) -> None:
        """Widen all targets at once, each by what suffices and no further, up and down."""
        if demand.enough is None:
            return
        for up in (True, False, True, False):
            caps = np.full(len(self.atoms), np.inf)
            asked: list[int] = []
            for aim in range(len(self.aims)):
                columns, factors = self.aims.cost(aim)
                if len(columns) == 1 and factors[0] == 1.0 and not self._suffices(aim, demand):
                    cap = self._asked(aim, demand, up=up)
                    if np.isfinite(cap):
                        caps[columns[0]] = cap
                        asked.append(int(columns[0]))
            if len(asked) < _CROWD or demand.budget.spent:
                return
            program = Program(self.atoms, self.rows, self.floor, self._play, caps=caps)
            chosen = np.array(sorted(set(asked)), dtype=np.int32)
            columns = chosen if up else (chosen + len(self.atoms)).astype(np.int32)
            ones = np.ones(len(columns))
            self._pool(program.run(columns, ones, demand.budget, maximize=up), demand)

    def _asked(self, aim: int, demand: Demand, *, up: bool) -> float:
        """The value beyond its pooled end that would suffice for a target."""
        low, high = float(self._any.low[aim]), float(self._any.high[aim])
        for width in _WIDTHS:
            ends = (low, low + width) if up else (high - width, high)
            interval = Interval(*ends, Status.AT_LEAST)
            if demand.enough is not None and demand.enough(self.goals[aim], interval):
                return ends[1] if up else ends[0]
        return np.inf

    def _crowd(self, demand: Demand) -> None:
        """Widen many targets at once: mixed objectives, as long as that pays."""
        random = np.random.default_rng(len(self.aims))
        columns = np.arange(len(self.atoms), dtype=np.int32)
        open_ = [aim for aim in range(len(self.aims)) if not self._suffices(aim, demand)]
        signs = [np.ones(len(self.aims)), -np.ones(len(self.aims))]
        while len(open_) > _CROWD and not demand.budget.spent:
            sign = signs.pop() if signs else random.choice([-1.0, 1.0], len(self.aims))
            weights = np.zeros(len(self.aims))
            weights[open_] = sign[open_] * random.uniform(0.5, 1.5, len(open_))
            costs = self.aims.mixed(weights, len(self.atoms))
            before = self._any.high - self._any.low
            found = self._program.run(columns, costs, demand.budget, maximize=True)
            if found.outcome is not Outcome.OPTIMAL:
                break
            self._pool(found, demand)
            gained = int(((self._any.high - self._any.low) > before + _EPSILON).sum())
            open_ = [aim for aim in open_ if not self._suffices(aim, demand)]
            if not signs and gained < max(3, len(open_) // 20):
                break

    def _interval(self, aim: int, demand: Demand) -> Interval:
        """The interval of one target, by programs of its own where the pool does not do."""
        ends: list[float] = []
        for maximize in (True, False):
            if not demand.exact and self._suffices(aim, demand):
                return self._pooled(aim)
            end = self._end(aim, demand, maximize=maximize) if not demand.budget.spent else None
            if end is None:
                return self._unfinished(aim, demand)
            ends.append(end)
        high, low = ends
        if self.whole and (high - low < demand.integer_width):
            return self._in_whole_numbers(aim, low, high, demand)
        return Interval(_clean(low), _clean(high))

    def _unfinished(self, aim: int, demand: Demand) -> Interval:
        if self._suffices(aim, demand):
            return self._pooled(aim)
        low, high = float(self._any.low[aim]), float(self._any.high[aim])
        if low > high:
            low, high = self.floor, np.inf
        return Interval(_clean(low), _clean(high), Status.TIME_OUT)

    def _end(self, aim: int, demand: Demand, *, maximize: bool) -> float | None:
        """The lowest or highest value of a target; None if the time was too short."""
        columns, factors = self.aims.cost(aim)
        if not maximize and (factors > 0).all():
            least = float(factors.sum()) * self.floor + float(self.aims.offsets[aim])
            if self._any.low[aim] <= least + _EPSILON:
                return float(self._any.low[aim])
        if maximize and self._any.high[aim] >= self._most(aim) - _EPSILON:
            return float(self._any.high[aim])
        found = self._program.run(columns, factors, demand.budget, maximize=maximize)
        if found.outcome is Outcome.OPTIMAL:
            self._pool(found, demand)
            return float((self._any.high if maximize else self._any.low)[aim])
        if found.outcome is Outcome.UNBOUNDED:
            return np.inf if maximize else -np.inf
        return None

    def _most(self, aim: int) -> float:
        """What the smallest figures around a target allow at most."""
        columns, factors = self.aims.cost(aim)
        if self.floor != 0 or not (factors == 1.0).all():
            return np.inf
        caps = [self._cap(int(column)) for column in columns]
        return sum(caps) + float(self.aims.offsets[aim])

    def _cap(self, column: int) -> float:
        """What the smallest figure that holds an atom allows it at most."""
        if not self._caps:
            place = {atom: number for number, atom in enumerate(self.atoms)}
            self._caps = [np.inf] * len(self.atoms)
            for row, play in zip(self.rows, self._play, strict=True):
                if all(factor > 0 for factor in row.terms.values()):
                    for atom, factor in row.terms.items():
                        cap = (row.high + play) / factor
                        self._caps[place[atom]] = min(self._caps[place[atom]], cap)
        return self._caps[column]

    def _in_whole_numbers(self, aim: int, low: float, high: float, demand: Demand) -> Interval:
        """A narrow interval again, in whole numbers: what fractions reach, those may not."""
        low, high = float(np.ceil(low - _EPSILON)), float(np.floor(high + _EPSILON))
        status = Status.EXACT
        if self._full.low[aim] > low + _EPSILON:
            end = self._whole_end(aim, demand, maximize=False)
            low, status = (low, Status.OUTER) if end is None else (end, status)
        if self._full.high[aim] < high - _EPSILON:
            end = self._whole_end(aim, demand, maximize=True)
            high, status = (high, Status.OUTER) if end is None else (end, status)
        return Interval(_clean(low), _clean(high), status)

    def _whole_end(self, aim: int, demand: Demand, *, maximize: bool) -> float | None:
        """The same end by branch and bound; None if it did not finish."""
        if self._twin is None:
            self._twin = Program(self.atoms, self.rows, self.floor, self._play, whole=True)
        columns, factors = self.aims.cost(aim)
        budget = demand.budget.part(_WHOLE_SHARE)
        before = budget.left
        found = self._twin.run(columns, factors, budget, maximize=maximize)
        demand.budget.left -= before - budget.left
        if found.outcome is not Outcome.OPTIMAL or found.values is None:
            return None
        self._pool(Found(found.outcome, np.rint(found.values)), demand)
        return float((self._full.high if maximize else self._full.low)[aim])

    def witness(self, aim: int, *, highest: bool) -> Floats | None:
        """The table in which a target takes its pooled end, if it was kept."""
        pool = self._full if self.whole and self._full.low_at[aim] >= 0 else self._any
        number = int((pool.high_at if highest else pool.low_at)[aim])
        return self.tables[number] if number >= 0 else None


def _clean(value: float) -> float:
    """Whole numbers without the noise of the solver."""
    nearest = round(value) if np.isfinite(value) else value
    return float(nearest) if abs(value - nearest) < _EPSILON else value
