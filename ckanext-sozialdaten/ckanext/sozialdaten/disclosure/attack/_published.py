"""From everything published to one linear system: statements on atoms, and what must stay open.

Several tables of one population become one system: this table, linked tables, earlier releases.
Where two states of the data show the same cell differently, the newest one counts, and the other is
remembered as revised. What still contradicts is let go with the least total change, older tables
first: an attacker would not believe it either.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.attack._margins import atoms_of
from ckanext.sozialdaten.disclosure.attack._statements import Figure, Statement, Target
from ckanext.sozialdaten.disclosure.structure import TOTAL, Key, Precision, Space, Sum, View
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Published", "Spot", "figure_of", "published"]

_CLOSE = 1e-6
_NEWEST_COST = 1_000.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a view.

    Args:
        view: position of the view.
        cell: position of the cell in it.
    """

    view: int
    cell: int


@dataclass(frozen=True, slots=True)
class Published:
    """One system.

    Args:
        statements: what is published.
        sources: the cells that say each statement; the same figure of several tables is one, and
            none says that sums of two tables are equal.
        hidden: suppressed cells.
        spots: the cell of each hidden target.
        groups: atoms that nothing publishes by itself: groups that differences may isolate.
        near: for each group the smallest figure of each view that holds it.
        revised: cells that a newer table, or most of the others, contradict.
        common: whether all tables share one partition; else less may follow than is true.
    """

    statements: tuple[Statement, ...]
    sources: tuple[tuple[Spot, ...], ...]
    hidden: tuple[Target, ...]
    spots: tuple[Spot, ...]
    groups: tuple[Target, ...]
    near: tuple[tuple[Spot, ...], ...]
    revised: tuple[Spot, ...]
    common: bool = True

    def without(self, gone: Callable[[Spot], bool]) -> list[Statement]:
        """The statements but for those that only some cells say."""
        pairs = zip(self.statements, self.sources, strict=True)
        return [statement for statement, spots in pairs if not spots or not all(map(gone, spots))]


def published(
    space: Space,
    views: Sequence[View],
    sums: Mapping[int, Mapping[Key, Sum]],
    share: float,
    bounds: Callable[[View, int], tuple[float, float] | None] | None = None,
    precision: Callable[[View], Precision] | None = None,
) -> Published:
    """The system of some views of one population.

    Args:
        space: their common space.
        views: the newest first.
        sums: figures and sums of each view, by its identity.
        share: share of complete sums that must fit for the others to count as additive.
        bounds: what the mark of a suppressed cell says about its value.
        precision: how the published counts of a view stand for true ones.

    Raises:
        NotSupportedError: more atoms than one attack can take on.
    """
    parts = atoms_of(space, views, sums, share)
    statements: list[Statement] = []
    sources: list[Spot] = []
    hidden: dict[tuple[Spot, Key], Target] = {}
    for number, view in enumerate(views):
        for cell, key in enumerate(space.keys(view)):
            atoms = parts.members[id(view)][key] if key is not None else ()
            if not atoms or key is None:
                continue
            spot, figure = Spot(number, cell), figure_of(view, cell)
            low, high = _range(view, cell, bounds, precision)
            if view.cells.withheld[cell]:
                whole = view.role is Role.COUNT
                hidden[spot, key] = Target(atoms, (1.0,) * len(atoms), figure, whole)
            if low > 0 or np.isfinite(high):
                statements.append(Statement(atoms, (1.0,) * len(atoms), low, high, figure))
                sources.append(spot)
    statements, said, revised = _newest(statements, sources)
    links = [_equal(*both) for both in parts.links]
    statements, said, more = _consistent(statements, said, views, parts.count, links)
    shown = {s.atoms for s in statements if len(s.atoms) == 1 and s.high - s.low <= _CLOSE}
    own = {target.atoms for target in hidden.values()}
    groups, near = _unpublished(parts.count, statements, said, shown | own, views)
    return Published(
        (*statements, *links),
        (*said, *(() for _ in links)),
        tuple(hidden.values()),
        tuple(spot for spot, _ in hidden),
        groups,
        near,
        (*revised, *more),
        parts.common,
    )


def _equal(one: tuple[int, ...], two: tuple[int, ...]) -> Statement:
    """That two sums of atoms are the same."""
    return Statement((*one, *two), (*(1.0 for _ in one), *(-1.0 for _ in two)), 0.0, 0.0)


def figure_of(view: View, cell: int) -> Figure:
    """Where a cell stands, and what it counts in the words of its table."""
    labels = [
        dimension.labels[int(dimension.codes[cell])]
        for dimension, side in zip(view.cells.dimensions, view.sides, strict=True)
        if side.codes[int(dimension.codes[cell])] != TOTAL
    ]
    sheet = view.subject.sheet
    row = sheet.row(int(view.cells.rows[cell]))
    shown = ", ".join(label for label in labels if label)
    return Figure(sheet.resource, sheet.name, row, view.cells.columns[cell], shown)


def _range(
    view: View,
    cell: int,
    bounds: Callable[[View, int], tuple[float, float] | None] | None,
    precision: Callable[[View], Precision] | None,
) -> tuple[float, float]:
    if view.cells.withheld[cell]:
        said = bounds(view, cell) if bounds else None
        return said or (0.0, np.inf)
    value = float(view.cells.values[cell])
    if precision is None or view.role is not Role.COUNT:
        return value, value
    return precision(view).bounds(value)


def _newest(
    statements: Sequence[Statement], sources: Sequence[Spot]
) -> tuple[list[Statement], list[tuple[Spot, ...]], list[Spot]]:
    """The statements without those that a newer one about the same atoms excludes or repeats."""
    best: dict[tuple[int, ...], int] = {}
    same: dict[tuple[tuple[int, ...], float, float], int] = {}
    kept: list[Statement] = []
    spots: list[list[Spot]] = []
    revised: list[Spot] = []
    for statement, spot in zip(statements, sources, strict=True):
        known_as = same.setdefault((statement.atoms, statement.low, statement.high), len(kept))
        if known_as < len(kept):
            spots[known_as].append(spot)
            continue
        place = best.get(statement.atoms)
        if place is None:
            best[statement.atoms] = len(kept)
        else:
            known = kept[place]
            low, high = max(known.low, statement.low), min(known.high, statement.high)
            if low > high + _CLOSE:
                del same[statement.atoms, statement.low, statement.high]
                revised.append(spot)
                continue
            if (low, high) != (known.low, known.high):
                best[statement.atoms] = len(kept)
        kept.append(statement)
        spots.append([spot])
    return kept, [tuple(those) for those in spots], revised


def _consistent(
    statements: Sequence[Statement],
    sources: Sequence[tuple[Spot, ...]],
    views: Sequence[View],
    count: int,
    links: Sequence[Statement],
) -> tuple[list[Statement], list[tuple[Spot, ...]], list[Spot]]:
    """The statements without those that must give way for the rest to be possible at all."""
    if not statements:
        return [], [], []
    cost = [
        _NEWEST_COST if any(views[spot.view].release == 0 for spot in spots) else float(len(spots))
        for spots in sources
    ]
    gaps = _gaps(statements, cost, count, links)
    if gaps is None:
        return list(statements), list(sources), []
    kept = [n for n in range(len(statements)) if gaps[n] <= 1e-5 * max(1, abs(statements[n].low))]
    gone = set(range(len(statements))) - set(kept)
    return (
        [statements[n] for n in kept],
        [sources[n] for n in kept],
        [s for n in gone for s in sources[n]],
    )


def _gaps(
    statements: Sequence[Statement],
    cost: Sequence[float],
    count: int,
    links: Sequence[Statement],
) -> list[float] | None:
    """How far each statement must give way, with the least weighted sum; None if none must."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    infinity = highspy.kHighsInf
    floor = 0.0 if all(s.low >= 0 for s in statements) else -infinity
    model.addVars(count, np.full(count, floor), np.full(count, infinity))
    for statement in (*statements, *links):
        model.addRow(
            statement.low,
            min(statement.high, infinity),
            len(statement.atoms),
            np.array(statement.atoms, dtype=np.int32),
            np.array(statement.coefficients),
        )
    model.run()
    if model.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        return None
    for row, price in enumerate(cost):
        for sign in (1.0, -1.0):
            place, factor = np.array([row], dtype=np.int32), np.array([sign])
            model.addCol(price, 0.0, infinity, 1, place, factor)
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values = model.getSolution().col_value[count:]
    return [values[2 * n] + values[2 * n + 1] for n in range(len(statements))]


def _unpublished(
    count: int,
    statements: Sequence[Statement],
    sources: Sequence[tuple[Spot, ...]],
    shown: set[tuple[int, ...]],
    views: Sequence[View],
) -> tuple[tuple[Target, ...], tuple[tuple[Spot, ...], ...]]:
    """Atoms of counts that no table publishes, with the smallest figure of each view around."""
    if any(view.role is not Role.COUNT for view in views):
        return (), ()
    around: dict[int, list[int]] = {}
    for number, statement in enumerate(statements):
        for atom in statement.atoms:
            around.setdefault(atom, []).append(number)
    targets: list[Target] = []
    near: list[tuple[Spot, ...]] = []
    for atom in range(count):
        holding = around.get(atom, [])
        if (atom,) in shown or not holding:
            continue
        closest: dict[int, int] = {}
        for number in sorted(holding, key=lambda n: len(statements[n].atoms), reverse=True):
            closest.update(dict.fromkeys((spot.view for spot in sources[number]), number))
        first = min(closest.values(), key=lambda n: len(statements[n].atoms))
        figure = statements[first].figure or Figure("")
        targets.append(Target((atom,), (1.0,), figure, whole=True))
        near.append(
            tuple(
                next(spot for spot in sources[n] if spot.view == view)
                for view, n in closest.items()
            )
        )
    return tuple(targets), tuple(near)
