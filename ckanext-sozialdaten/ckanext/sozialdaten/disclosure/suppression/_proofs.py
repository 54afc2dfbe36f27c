"""What is proven of a pattern: witnesses are kept and used again as long as the pattern holds them.

A witness is a vector of deviations that fulfils all sums. It holds under every pattern that
suppresses all cells which deviate in it, so a search that changes a pattern a little needs few new
programs.
"""

import numpy as np

from ckanext.sozialdaten.disclosure.suppression._flow import Mover
from ckanext.sozialdaten.disclosure.suppression._problem import (
    EPSILON,
    Bools,
    Floats,
    Ints,
    Problem,
)
from ckanext.sozialdaten.disclosure.suppression._rival import Rival

__all__ = ["Proofs"]

_POOL = 16_000_000
_LEAST = 200
_TOGETHER = 12
_FEW = 12
_USEFUL = 0.8
_FULL = 0.9


class Proofs:
    """Witnesses of one problem, one in each column of the pool, and the pattern we speak of."""

    def __init__(self, problem: Problem) -> None:
        size = len(problem)
        self.problem = problem
        self.rival = Rival(problem)
        self.mover = Mover(problem)
        self.most = max(_LEAST, _POOL // max(size, 1))
        self.pool = np.zeros((size, 0), dtype=np.float32)
        self.moved = np.zeros((size, 0), dtype=np.bool_)
        self.count = 0
        # How many published cells deviate in each witness; it holds if there are none.
        self.broken = np.zeros(0, dtype=np.int64)
        self.pattern = np.zeros(size, dtype=np.bool_)
        # The witnesses that prove each cell, the highest and the lowest; -1: none is known.
        self.known = np.full((2, size), -1, dtype=np.int64)
        # Targets that nothing can open; they are not looked at again.
        self.skipped = np.zeros(size, dtype=np.bool_)
        self.own = problem.own
        self.inside = problem.insiders is not None and bool((problem.insiders >= 0).any())
        # Witnesses that prove a target against every insider, as long as they all hold.
        self.covers: dict[int, Ints] = {}

    def face(self, pattern: Bools) -> None:
        """Speak of this pattern from now on."""
        count = self.count
        dropped = np.flatnonzero(self.pattern & ~pattern)
        added = np.flatnonzero(pattern & ~self.pattern)
        if len(dropped) or len(added):
            self.broken[:count] += self.moved[dropped, :count].sum(axis=0)
            self.broken[:count] -= self.moved[added, :count].sum(axis=0)
            self.pattern = pattern.copy()

    @property
    def programs(self) -> int:
        """Linear programs solved so far."""
        return self.rival.programs + self.mover.programs

    def add(self, witness: Floats) -> None:
        """Keep one more witness."""
        if self.count == self.pool.shape[1]:
            self._make_room()
        moved = witness != 0
        self.pool[:, self.count] = witness
        self.moved[:, self.count] = moved
        self.broken[self.count] = int((moved & ~self.pattern).sum())
        self.count += 1

    def _make_room(self) -> None:
        """Room for more; beyond the limit only the newest and what proves something is kept."""
        count, kept = self.count, np.arange(self.count)
        if count >= self.most:
            useful = np.zeros(count, dtype=np.bool_)
            useful[count // 2 :] = True
            useful[self.known[self.known >= 0]] = True
            if useful.sum() > _FULL * count:
                useful[: count // 2] = False
            kept = np.flatnonzero(useful)
        size = max(64, min(2 * len(kept), self.most))
        pool = np.zeros((len(self.problem), size), dtype=np.float32)
        moved = np.zeros((len(self.problem), size), dtype=np.bool_)
        broken = np.zeros(size, dtype=np.int64)
        pool[:, : len(kept)] = self.pool[:, kept]
        moved[:, : len(kept)] = self.moved[:, kept]
        broken[: len(kept)] = self.broken[kept]
        place = np.full(count + 1, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        self.pool, self.moved, self.broken, self.count = pool, moved, broken, len(kept)
        self.known = place[self.known]
        self.covers.clear()

    @property
    def rows(self) -> Ints:
        """The witnesses that hold under the pattern."""
        return np.flatnonzero(self.broken[: self.count] == 0)

    def unproven(self, targets: Ints) -> Ints:
        """The targets of which the witnesses at hand prove too little."""
        targets = targets[~self.skipped[targets]]
        left = self._unknown(targets)
        if len(left):
            rows = self.rows
            if len(rows):
                reached = self.pool[np.ix_(left, rows)]
                self.known[0, left] = rows[reached.argmax(axis=1)]
                self.known[1, left] = rows[reached.argmin(axis=1)]
            left = self._unknown(left)
        if not self.inside:
            return left
        weak = [t for t in np.setdiff1d(targets, left).tolist() if self.insider_of(t) >= 0]
        return np.union1d(left, np.array(weak, dtype=np.int64))

    def _unknown(self, targets: Ints) -> Ints:
        """The targets that the witnesses known for them do not prove."""
        if not self.count:  # nothing moves as yet; nothing may be asked, either
            still = np.zeros(len(targets))
            return targets[~self.problem.fulfilled(targets, still, still)]
        ends = self.known[:, targets]
        good = (ends >= 0) & (self.broken[ends] == 0)
        reached = np.where(good, self.pool[targets, ends], 0.0)
        above, below = np.maximum(reached[0], 0.0), np.maximum(-reached[1], 0.0)
        return targets[~self.problem.fulfilled(targets, above, below)]

    def insider_of(self, target: int) -> int:
        """An insider against whom no witness proves a target; -1 if there is none."""
        insiders = self.problem.insiders
        if not self.inside or insiders is None or not self.own[target]:
            return -1
        cover = self.covers.get(target)
        if cover is not None and not self.broken[cover].any():
            return -1
        rows = self.rows
        reached = self.pool[target, rows]
        lifted, reached = rows[reached != 0], reached[reached != 0]
        if not len(lifted):
            return -1
        # Against whoever moves in neither of the two ends these prove as much as all witnesses do.
        used = [int(lifted[reached.argmax()]), int(lifted[reached.argmin()])]
        suspects = np.unique(insiders[(insiders >= 0) & self.moved[:, used].any(axis=1)])
        for insider in suspects[suspects != insiders[target]].tolist():
            cells = np.flatnonzero(insiders == insider)
            kept = np.flatnonzero(~self.moved[np.ix_(cells, lifted)].any(axis=0))
            ends = reached[kept].astype(np.float64)
            width = float(ends.max(initial=0.0) - ends.min(initial=0.0))
            if width + EPSILON < self.problem.inside_width:
                return int(insider)
            used += lifted[kept[[ends.argmax(), ends.argmin()]]].tolist()
        self.covers[target] = np.array(used, dtype=np.int64)
        return -1

    def weak(self) -> list[tuple[int, int]]:
        """Targets that are open too little, each with the insider against whom, or -1."""
        left = self.unproven(self.problem.targets(self.pattern))
        if not len(left):
            return []
        self.rival.assume(self.pattern)
        self.mover.assume(self.pattern)
        left = self._together(left)
        found: list[tuple[int, int]] = []
        while len(left):
            insider = self._prove(int(left[0]))
            if insider is not None:
                found.append((int(left[0]), insider))
            left = self.unproven(left[1:])
        return found

    def weakest(self, guess: int) -> int:
        """A target that is open too little, the guessed one first; -1 if there is none."""
        left = self.unproven(self.problem.targets(self.pattern))
        if not len(left):
            return -1
        self.rival.assume(self.pattern)
        self.mover.assume(self.pattern)
        if guess in left:
            left = np.concatenate([[guess], left[left != guess]])
        while len(left):
            if self._prove(int(left[0])) is not None:
                return int(left[0])
            left = self.unproven(left[1:])
        return -1

    def _together(self, left: Ints) -> Ints:
        """Prove many targets by few programs; those that are left."""
        for _ in range(_TOGETHER if len(left) > _FEW else 0):
            self.add(self.rival.together(left))
            rest = self.unproven(left)
            useless = len(rest) > _USEFUL * len(left)
            left = rest
            if useless:
                break
        return left

    def _prove(self, target: int) -> int | None:
        """Look for witnesses of one target.

        Returns:
            None if the target is open enough; else the insider against whom it is not, -1 for an
            outsider.
        """
        aim = np.array([target])
        if len(self._unknown(aim)):
            self._search(target, -1)
            self.unproven(aim)
            if len(self._unknown(aim)):
                return -1
        while (insider := self.insider_of(target)) >= 0:
            self._search(target, insider)
            if self.insider_of(target) == insider:
                return insider
        return None

    def _search(self, target: int, insider: int) -> None:
        """Witnesses of a target: the least deviations, or where a width is asked the greatest."""
        up, down, width = self.problem.asked(target, insider)
        if width == 0:
            for distance in (up, -down):
                witness = self.mover.moved(target, distance) if distance else None
                if witness is not None:
                    self.add(witness)
                elif distance:
                    return
            return
        if up <= width and not down:
            # What moves few cells outlives most changes of the pattern, and few insiders know it.
            witness = self.mover.moved(target, width, insider)
            if witness is not None:
                self.add(witness)
                return
        for witness in self.rival.witnesses(target, insider):
            if witness.any():
                self.add(witness)
