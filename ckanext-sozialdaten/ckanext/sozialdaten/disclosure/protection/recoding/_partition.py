"""The merging of one dimension's categories that loses least while no small cell is left.

Siblings of a tree are merged, never cousins, so that every published total stays the sum of what is
published below it. Bands that follow each other are cut into runs of neighbours by dynamic
programming, so that the fewest bits are lost; of other siblings as many as it takes go into one
rest, chosen by a covering program, so that it holds the fewest persons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.protection.recoding._tree import ROOT, Tree

__all__ = ["Floats", "Merging", "Smallness", "best_merging", "cut_below", "paired"]

Floats = npt.NDArray[np.float64]
_NODES = 2_000
_FEASIBLE = 2


@dataclass(frozen=True, slots=True)
class Merging:
    """What becomes of the codes of one dimension.

    Args:
        groups: codes that become one, with the code above them, which they may make up entirely.
        gone: codes below the merged ones, which are published no more.
        bits: what is lost, in bits of the counts' place among codes.
    """

    groups: tuple[tuple[int, tuple[int, ...]], ...] = ()
    gone: frozenset[int] = frozenset()
    bits: float = 0.0

    def joined(self, other: "Merging") -> "Merging":
        """Both together."""
        return Merging(
            (*self.groups, *other.groups), self.gone | other.gone, self.bits + other.bits
        )


@dataclass(frozen=True, slots=True)
class Smallness:
    """Which counts are too small.

    Args:
        minimum: the first count that is not.
        zeros: whether zero is small as well.
    """

    minimum: int
    zeros: bool = False

    def of(self, values: Floats) -> bool:
        """Whether any of them is."""
        return bool(self.mask(values).any())

    def mask(self, values: Floats) -> npt.NDArray[np.bool_]:
        """Which of them are."""
        small = values < self.minimum - 1e-9
        return small if self.zeros else small & (np.abs(values) > 1e-9)


@dataclass(frozen=True, slots=True)
class _Task:
    tree: Tree
    counts: Floats
    small: Smallness

    def merged(self, codes: Sequence[int]) -> Floats:
        """The counts of some codes together, by combination of the other dimensions."""
        return np.asarray(self.counts[list(codes)].sum(axis=0))

    def bits(self, codes: Sequence[int]) -> float:
        """What merging codes loses: for each person the bits that tell the leaf it counts in."""
        leaves = [leaf for code in codes for leaf in self.tree.leaves(code)]
        parts = np.maximum(self.counts[leaves], 0)
        whole = np.maximum(parts.sum(axis=0), 1e-300)
        shares = np.where(parts > 0, parts, 1) / np.where(parts > 0, whole, 1)
        # A merged category is a loss even where it is empty: fewer are better.
        return float(-(parts * np.log2(shares)).sum()) + 1e-3 * (len(leaves) - 1)

    def below(self, codes: Sequence[int]) -> frozenset[int]:
        """All codes under some codes."""
        found: set[int] = set()
        for code in codes:
            for child in self.tree.children(code):
                found |= {child} | self.below([child])
        return frozenset(found)

    def group(self, parent: int, codes: Sequence[int]) -> Merging:
        """Some siblings as one category."""
        return Merging(((parent, tuple(codes)),), self.below(codes), self.bits(codes))


def best_merging(tree: Tree, counts: Floats, small: Smallness) -> Merging | None:
    """The merging of one dimension after which no count is small; None if there is none.

    Args:
        tree: its codes.
        counts: by code and combination of the other dimensions; 0 where a cell is absent.
        small: which counts are too small.
    """
    task = _Task(tree, counts, small)
    tops = tree.children(ROOT)
    if len(tops) == 1 and small.of(counts[tops[0]]):
        return None
    return _solved(task, ROOT)


def _solved(task: _Task, parent: int) -> Merging | None:
    """The best merging below one code that is published itself."""
    children = task.tree.children(parent)
    if not children:
        return Merging()
    single = {
        child: None if task.small.of(task.counts[child]) else _solved(task, child)
        for child in children
    }
    if task.tree.runs(parent):
        found = _runs(task, parent, children, single)
    else:
        found = _rest(task, parent, children, single)
    # What a total holds beyond its parts may leave these small even together: then they go.
    return found if found is not None or parent == ROOT else task.group(parent, children)


def _runs(
    task: _Task, parent: int, children: Sequence[int], single: dict[int, Merging | None]
) -> Merging | None:
    """Neighbours cut into runs: dynamic programming over the end of the last run."""
    best: list[Merging | None] = [Merging()]
    for end in range(1, len(children) + 1):
        found: list[Merging] = []
        for start in range(end):
            before = best[start]
            if before is None:
                continue
            run = children[start:end]
            if len(run) == 1:
                own = single[run[0]]
            elif task.small.of(task.merged(run)):
                own = None
            else:
                own = task.group(parent, run)
            if own is not None:
                found.append(before.joined(own))
        best.append(min(found, key=lambda merging: merging.bits, default=None))
    return best[-1]


def _rest(
    task: _Task, parent: int, children: Sequence[int], single: dict[int, Merging | None]
) -> Merging | None:
    """One rest of all siblings that are too small, and of as few others as it takes."""
    forced = [child for child in children if single[child] is None]
    chosen = _cover(task, children, forced) if forced else []
    if chosen is None or len(chosen) == 1:
        return None
    result = task.group(parent, chosen) if chosen else Merging()
    for child in children:
        own = single[child]
        if child not in chosen and own is not None:
            result = result.joined(own)
    return result


def _cover(task: _Task, children: Sequence[int], forced: Sequence[int]) -> list[int] | None:
    """Siblings whose sum is nowhere small, the forced ones among them, with fewest persons."""
    needed = task.small.mask(task.merged(forced))
    if not needed.any():
        return list(forced)
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_max_nodes", _NODES)
    for column, child in enumerate(children):
        model.addVar(1.0 if child in forced else 0.0, 1.0)
        model.changeColCost(column, float(np.maximum(task.counts[child], 0).sum()) + 1e-3)
        model.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    places = np.arange(len(children), dtype=np.int32)
    for combination in np.flatnonzero(needed).tolist():
        values = np.asarray(task.counts[list(children), combination], dtype=np.float64)
        model.addRow(float(task.small.minimum), highspy.kHighsInf, len(places), places, values)
    model.run()
    solution = np.array(model.getSolution().col_value)
    if len(solution) != len(children) or model.getInfo().primal_solution_status != _FEASIBLE:
        return None
    chosen = [c for c, x in zip(children, solution.tolist(), strict=True) if x > 0.5]
    return None if task.small.of(task.merged(chosen)) else chosen


def paired(tree: Tree, counts: Floats, width: int) -> Merging | None:
    """Bands that follow each other joined so many at a time; None if there are none."""
    task = _Task(tree, counts, Smallness(0))
    result = Merging()
    for parent in (ROOT, *range(len(tree.labels))):
        children = tree.children(parent)
        if tree.runs(parent) and len(children) > width:
            for start in range(0, len(children), width):
                run = children[start : start + width]
                if len(run) > 1:
                    result = result.joined(task.group(parent, run))
    return result if result.groups else None


def cut_below(tree: Tree, counts: Floats, depth: int) -> Merging | None:
    """Nothing but the codes above a depth: the parts of each code there become one."""
    task = _Task(tree, counts, Smallness(0))
    parents = (
        [ROOT]
        if depth == 0
        else [code for code in range(len(tree.labels)) if tree.depth(code) == depth - 1]
    )
    result = Merging()
    for parent in parents:
        children = tree.children(parent)
        if len(children) > 1 or (children and parent != ROOT):
            result = result.joined(task.group(parent, children))
    return result if result.groups else None
