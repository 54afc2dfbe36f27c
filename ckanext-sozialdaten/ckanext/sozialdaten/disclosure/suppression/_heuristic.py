"""A good safe pattern where the cheapest one cannot be computed.

First the cheapest deviations for each cell that is open too little say which cells to suppress
with it; then each further cell is published again if all others hold without it; then parts of the
pattern are taken out and mended again and again, and what is cheaper is kept.
"""

import numpy as np

from ckanext.sozialdaten.disclosure.suppression._flow import Flow
from ckanext.sozialdaten.disclosure.suppression._problem import Bools, Floats, Ints, Problem
from ckanext.sozialdaten.disclosure.suppression._proofs import Proofs

__all__ = ["Search"]

_SMALLEST, _LARGEST = 2, 8
_CHEAPER, _DEARER, _AGAIN = 0.5, 1.5, 1.2
_LEVEL = 1e-9


class Search:
    """Patterns of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.proofs = Proofs(problem)
        self.flow = Flow(problem)
        # For each suppressed cell a target that lately needed it.
        self.blame = np.full(len(problem), -1, dtype=np.int64)
        sums = problem.sums
        order = np.argsort(sums.cells, kind="stable")
        self.rows_of: list[Ints] = np.split(
            sums.rows[order], np.cumsum(np.bincount(sums.cells, minlength=len(problem)))[:-1]
        )
        self.cells_of: list[Ints] = np.split(sums.cells, sums.starts[1:-1])
        self.random = np.random.default_rng(20_261_122)

    @property
    def programs(self) -> int:
        """Linear programs solved so far: the measure of work."""
        return self.proofs.programs + self.flow.programs

    def cost(self, pattern: Bools) -> float:
        """The weights of the cells that are suppressed."""
        return float(self.problem.weights[pattern].sum())

    def mended(self, pattern: Bools, prices: Floats) -> Bools | None:
        """A safe pattern that holds this one; None if there is none."""
        found = self.mended_as_far_as_possible(pattern, prices, once=True)
        closed = bool(self.proofs.skipped.any())
        self.proofs.skipped[:] = False
        return None if closed else found

    def mended_as_far_as_possible(
        self, pattern: Bools, prices: Floats, *, once: bool = False
    ) -> Bools:
        """A pattern that holds this one and opens all targets that can be opened.

        The others are skipped from now on.

        Args:
            pattern: what is suppressed already.
            prices: what one more cell costs.
            once: stop at the first target that cannot be opened.
        """
        pattern = pattern.copy()
        self.proofs.face(pattern)
        while weak := self.proofs.weak():
            before = int(pattern.sum()), int(self.proofs.skipped.sum())
            order = sorted(weak, key=lambda one: (-max(self.problem.asked(one[0])), one))
            for target, insider in order:
                if not len(self.proofs.unproven(np.array([target]))):
                    continue
                added = self.flow.cheapest(target, pattern, prices, insider)
                if added is None:
                    self.proofs.skipped[target] = True
                    if once:
                        return pattern
                    continue
                self.blame[added[0] & ~pattern] = target
                pattern |= added[0]
                self.proofs.face(pattern)
                for witness in added[1]:
                    self.proofs.add(witness)
            if before == (int(pattern.sum()), int(self.proofs.skipped.sum())):
                # No cell helps: such as where the published numbers contradict their sums.
                self.proofs.skipped[[target for target, _ in weak]] = True
                if once:
                    return pattern
        return pattern

    def thinned(self, pattern: Bools, tried: Ints, programs: int | None = None) -> Bools:
        """Without those of the tried cells that nobody needs, the dearest first.

        Args:
            pattern: a safe pattern.
            tried: its cells to try.
            programs: how many linear programs may be spent; None: as many as it takes.
        """
        stop = np.inf if programs is None else self.programs + programs
        pattern = pattern.copy()
        weights = self.problem.weights
        for cell in sorted(tried.tolist(), key=lambda c: (-weights[c], c)):
            if self.programs > stop:
                break
            if not pattern[cell] or self.problem.primary[cell]:
                continue
            pattern[cell] = False
            self.proofs.face(pattern)
            target = self.proofs.weakest(int(self.blame[cell]))
            if target >= 0:
                self.blame[cell] = target
                pattern[cell] = True
        self.proofs.face(pattern)
        return pattern

    def improved(self, pattern: Bools, programs: int, thin: int | None = None) -> Bools:
        """Parts taken out and mended again, as long as the work allows.

        Args:
            pattern: a safe pattern.
            programs: how many linear programs may be spent.
            thin: and how many on thinning what comes out of it; None: as many as it takes.
        """
        best, stop = pattern, self.programs + programs
        lowest = self.cost(best)
        while self.programs < stop:
            further = np.flatnonzero(best & ~self.problem.primary)
            if not len(further):
                break
            size = int(self.random.integers(_SMALLEST, _LARGEST + 1))
            removed = self._near(best, int(self.random.choice(further)), size)
            trial = best.copy()
            trial[removed] = False
            prices = self.problem.weights * self.random.uniform(_CHEAPER, _DEARER, len(trial))
            prices[removed] *= _AGAIN
            mended = self.mended(trial, prices)
            if mended is None:
                continue
            mended = self.thinned(mended, np.flatnonzero(mended & (~best | ~trial)))
            cost = self.cost(mended)
            if cost < lowest + _LEVEL:
                best, lowest = mended, min(cost, lowest)
        # What was taken out may have been all that a cell elsewhere was for: alone it would follow.
        self.proofs.face(best)
        return self.thinned(best, np.flatnonzero(best), thin)

    def _near(self, pattern: Bools, seed: int, size: int) -> Ints:
        """Some further cells of a pattern that share sums with a seed, directly or by others."""
        chosen, frontier, seen = [seed], [seed], {seed}
        while frontier and len(chosen) < size:
            cell = frontier.pop(0)
            rows: list[int] = self.rows_of[cell].tolist()
            around: Ints = np.unique(np.concatenate([self.cells_of[row] for row in rows]))
            near: Ints = self.random.permutation(around[pattern[around]])
            for other in near.tolist():
                if other not in seen:
                    seen.add(other)
                    frontier.append(other)
                    if not self.problem.primary[other]:
                        chosen.append(other)
        return np.array(chosen[:size], dtype=np.int64)
