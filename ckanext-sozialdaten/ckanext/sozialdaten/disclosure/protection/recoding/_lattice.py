"""The full-domain recoding that loses least: a search over all combinations of levels.

A node says for each column at which level it stands. Nodes are taken in order of the loss of their
levels, a lower bound of their whole loss. Where one fails, a path leads upwards from it, and
bisection on it finds where the criteria begin to hold; what fails tags all nodes below (predictive
tagging as in Flash, Kohlmayer et al. 2012, and OLA, El Emam et al. 2009). Groups that fail may be
left out up to a share of rows; then criteria other than k and distinct l no longer carry over from
node to node, and only what fails by these two tags others.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.protection.recoding._criteria import (
    Bools,
    Criteria,
    Sensitive,
    judge,
    rolled,
)
from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Ints
from ckanext.sozialdaten.disclosure.protection.recoding._loss import Floats, Metric

__all__ = ["Node", "Problem", "Solution", "grouped", "search"]

Node = tuple[int, ...]
Key = tuple[float, ...]
_MAX_NODES = 300_000
_MOST = 1 << 62
_RECENT = 48


@dataclass(frozen=True, slots=True)
class Problem:
    """Distinct rows with the codes of each column at each level.

    Args:
        codes: for each column and level the code of each distinct row.
        sizes: rows of each distinct row.
        losses: for each column its loss at each level.
        lowest: for each column the first level that may be published.
        sensitive: sensitive columns over the distinct rows.
        criteria: what groups must fulfil.
        limit: rows that may be left out.
        metric: how losses of columns are put together.
    """

    codes: Sequence[Sequence[Ints]]
    sizes: Ints
    losses: Sequence[Floats]
    lowest: Node
    sensitive: Sequence[Sensitive]
    criteria: Criteria
    limit: int
    metric: Metric = Metric.BALANCED

    @property
    def shape(self) -> tuple[int, ...]:
        """Levels of each column."""
        return tuple(len(levels) for levels in self.codes)

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return int(self.sizes.sum())

    @property
    def top(self) -> Node:
        """The node where every column stands at its last level."""
        return tuple(size - 1 for size in self.shape)

    @property
    def carries_over(self) -> bool:
        """Whether what holds at a node holds at all nodes above it."""
        return self.criteria.monotone or not self.limit

    def loss(self, node: Node, left_out: int = 0) -> Key:
        """The loss of a node, to be compared; a row that is left out loses everything."""
        share = left_out / max(self.rows, 1)
        parts = [
            float(losses[level]) * (1 - share) + share
            for losses, level in zip(self.losses, node, strict=True)
        ]
        if self.metric is Metric.RANK:
            return tuple(sorted(parts, reverse=True))
        if self.metric is Metric.BALANCED:
            parts = [part * part for part in parts]
        return (math.fsum(parts) / max(len(parts), 1),)


@dataclass(frozen=True, slots=True)
class Solution:
    """The node that was found.

    Args:
        node: its levels.
        loss: its loss.
        kept: which distinct rows fulfil the criteria; the others are left out.
        evaluated: how many nodes were looked at.
        exact: whether no node loses less.
    """

    node: Node
    loss: Key
    kept: Bools
    evaluated: int = 0
    exact: bool = True


def grouped(columns: Sequence[Ints], size: int) -> Ints:
    """A number from 0 for each distinct combination of codes."""
    key = np.zeros(size, dtype=np.int64)
    width = 1
    for codes in columns:
        radix = int(codes.max(initial=0)) + 1
        if width * radix >= _MOST:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            width = int(key.max(initial=0)) + 1
        key = key * radix + codes
        width *= radix
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups at a node.

    Args:
        node: its levels.
        of: group of each distinct row of the problem.
        first: a distinct row of each group.
        rows: rows of each group.
        sensitive: sensitive columns over the groups.
    """

    node: Node
    of: Ints
    first: Ints
    rows: Ints
    sensitive: Sequence[Sensitive]


@dataclass(slots=True)
class _Search:
    """What is known of the nodes so far, and groups from which those of coarser nodes are made."""

    problem: Problem
    failed: npt.NDArray[np.bool_]
    recent: deque[_Groups]
    best: Solution | None = None
    evaluated: int = 0
    seen: dict[Node, bool] = field(default_factory=dict[Node, bool])

    def holds(self, node: Node) -> bool:
        """Whether the criteria hold at a node; what follows for others is noted."""
        if node in self.seen:
            return self.seen[node]
        if self.failed[node]:
            return False
        self.evaluated += 1
        groups = self._groups(node)
        kept, sure = _evaluate(self.problem, groups)
        if sure:
            self.failed[tuple(slice(0, level + 1) for level in node)] = True
        good = kept is not None
        self.seen[node] = good
        if kept is not None:
            left_out = int(groups.rows[~kept].sum())
            loss = self.problem.loss(node, left_out)
            if self.best is None or (loss, node) < (self.best.loss, self.best.node):
                self.best = Solution(node, loss, kept[groups.of])
        return good

    def _groups(self, node: Node) -> _Groups:
        """The groups at a node, joined from those of the coarsest known node below it."""
        problem = self.problem
        below = [g for g in self.recent if all(a <= b for a, b in zip(g.node, node, strict=True))]
        source = min(below, key=lambda groups: len(groups.first))
        columns = [
            levels[level][source.first] for levels, level in zip(problem.codes, node, strict=True)
        ]
        classes = grouped(columns, len(source.first))
        first = np.unique(classes, return_index=True)[1]
        found = _Groups(
            node,
            classes[source.of],
            source.first[first],
            np.bincount(classes, source.rows).astype(np.int64),
            [rolled(column, classes) for column in source.sensitive],
        )
        if len(self.recent) > _RECENT:
            del self.recent[1]
        self.recent.append(found)
        return found


def _evaluate(problem: Problem, groups: _Groups) -> tuple[Bools | None, bool]:
    """The groups that may stay, None if too few; and whether all nodes below fail too."""
    criteria = problem.criteria
    verdict = judge(groups.rows, groups.sensitive, criteria)
    if int(groups.rows[verdict.sure].sum()) > problem.limit:
        return None, True
    if not problem.limit and verdict.failing.any():
        return None, True
    kept = ~verdict.failing
    while criteria.t and not kept.all() and kept.any():
        places = np.where(kept, np.cumsum(kept) - 1, -1)
        left = [rolled(column, places) for column in groups.sensitive]
        again = judge(groups.rows[kept], left, criteria).failing
        if not again.any():
            break
        kept[np.flatnonzero(kept)[again]] = False
    rows = int(groups.rows[kept].sum())
    if problem.rows - rows > problem.limit or not rows:
        return None, False
    if criteria.max_global_risk and int(kept.sum()) > criteria.max_global_risk * rows:
        return None, problem.limit == 0
    return kept, False


def search(problem: Problem, below: Key | None = None) -> Solution | None:
    """The node with the least loss at which the criteria hold; None if they hold at none.

    Args:
        problem: the columns and what groups must fulfil.
        below: only nodes that lose less count; None: all.

    Ties go to the node with the lower levels in the order of columns. Above 300,000 nodes the
    search goes down from the top as long as a step down holds: good, but not proven to be best.
    """
    rows = np.arange(len(problem.sizes), dtype=np.int64)
    base = _Groups(problem.lowest, rows, rows, problem.sizes, problem.sensitive)
    state = _Search(problem, np.zeros(problem.shape, dtype=bool), deque([base]))
    if not state.holds(problem.top) and problem.carries_over:
        return None
    exact = math.prod(problem.shape) <= _MAX_NODES
    if exact:
        _all_nodes(state, below)
    else:
        _descent(state)
    if state.best is None or (below is not None and state.best.loss >= below):
        return None
    best = state.best
    return Solution(best.node, best.loss, best.kept, state.evaluated, exact)


def _all_nodes(state: _Search, below: Key | None) -> None:
    problem = state.problem
    for node in _in_order(problem):
        known = [loss for loss in (state.best and state.best.loss, below) if loss is not None]
        if known and problem.loss(node) >= min(known):
            break
        if state.failed[node] or node in state.seen:
            continue
        state.holds(node)
        path = _path(state, node) if state.failed[node] else [node]
        low, high = 1, len(path) - 1
        while low < high:
            middle = (low + high) // 2
            state.holds(path[middle])
            if state.failed[path[middle]]:
                low = middle + 1
            else:
                high = middle


def _in_order(problem: Problem) -> list[Node]:
    """All nodes by the loss of their levels."""
    grids = np.meshgrid(
        *(np.arange(low, size) for low, size in zip(problem.lowest, problem.shape, strict=True)),
        indexing="ij",
    )
    nodes = np.stack([grid.ravel() for grid in grids], axis=1)
    parts = np.stack(
        [losses[nodes[:, index]] for index, losses in enumerate(problem.losses)], axis=1
    )
    if problem.metric is Metric.RANK:
        ranked = -np.sort(-parts, axis=1)
        order = np.lexsort(ranked.T[::-1])
    else:
        power = 2 if problem.metric is Metric.BALANCED else 1
        order = np.argsort((parts**power).sum(axis=1), kind="stable")
    return [tuple(node) for node in nodes[order].tolist()]


def _path(state: _Search, node: Node) -> list[Node]:
    """From a node step by step to the top, each time by the column that loses least."""
    problem, path = state.problem, [node]
    while path[-1] != problem.top:
        here = path[-1]
        steps = [
            (*here[:i], here[i] + 1, *here[i + 1 :])
            for i, size in enumerate(problem.shape)
            if here[i] + 1 < size
        ]
        path.append(min(steps, key=lambda step: (problem.loss(step), step)))
    return path


def _descent(state: _Search) -> None:
    """Down from the top, each time to the node that loses least of those where all holds.

    From the lowest node each column is raised by one level and the way down is sought again, as
    long as that leads to less loss.
    """
    here = _lowest(state, state.problem.top)
    while True:
        before = state.best.loss if state.best else None
        for place, size in enumerate(state.problem.shape):
            if here[place] + 1 < size:
                _lowest(state, (*here[:place], here[place] + 1, *here[place + 1 :]), place)
        if state.best is None or state.best.loss == before:
            return
        here = state.best.node


def _lowest(state: _Search, here: Node, fixed: int = -1) -> Node:
    """Where the way down from a node ends; the level of one column may be fixed."""
    problem = state.problem
    while True:
        steps = [
            (*here[:i], here[i] - 1, *here[i + 1 :])
            for i in range(len(here))
            if here[i] > problem.lowest[i] and i != fixed
        ]
        steps.sort(key=lambda step: (problem.loss(step), step))
        good = next((step for step in steps if state.holds(step)), None)
        if good is None:
            return here
        here = good
