"""Perturbation tables of the Cell Key Method: how much noise a count gets, by its cell key.

For each true count ``i`` the noise ``v`` has the distribution of greatest entropy with mean 0 and a
given variance (at most: less, where great noise would have to be likelier than small), bounded by a
greatest deviation, and such that no published count ``i + v`` is negative or one of the small
counts that nobody shall see. Zeros stay zero. A larger loss is never more likely than a smaller
one, unless a row is freed from that.

Sources: G. Marley and V. Leaver, "A method for confidentialising user-defined tables", ISI (2011);
S. Giessing, "Computational issues in the design of transition probabilities and disclosure risk
estimation for additive noise", PSD (2016); S. Giessing and R. Tent, "Concepts for generalising
tools implementing the cell key method", UNECE work session (2019).
"""

import csv
import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.errors import PolicyError
from ckanext.sozialdaten.messages import Message

__all__ = ["Row", "Table", "read_table", "table"]

Floats = npt.NDArray[np.float64]
_STEPS = 200
_PRECISION = 1e-11
_ENOUGH = 1e-7


@dataclass(frozen=True, slots=True)
class Row:
    """The noise of one true count.

    Args:
        count: the true count; the last row of a table stands for all larger ones too.
        noise: what may be added, ascending.
        upper: for each noise the upper end of its interval of cell keys; the last is 1.
    """

    count: float
    noise: Floats
    upper: Floats

    @property
    def shares(self) -> Floats:
        """How likely each noise is."""
        return np.diff(self.upper, prepend=0.0)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in ascending order of their count."""

    rows: tuple[Row, ...]

    @property
    def deviation(self) -> float:
        """The greatest noise."""
        return max(float(np.abs(row.noise).max()) for row in self.rows)

    def noise(self, counts: Floats, keys: Floats) -> Floats:
        """The noise of cells: that ``v`` for which lower < key <= upper in the row of the count.

        Args:
            counts: true counts, not negative.
            keys: cell keys in [0, 1].
        """
        known = np.array([row.count for row in self.rows])
        chosen = np.maximum(np.searchsorted(known, counts, side="right") - 1, 0)
        result = np.zeros(len(counts))
        for index in np.unique(chosen).tolist():
            row: Row = self.rows[int(index)]
            cells = chosen == index
            place = np.searchsorted(row.upper, keys[cells], side="left")
            result[cells] = row.noise[np.minimum(place, len(row.noise) - 1)]
        return result


def table(
    deviation: int,
    variance: float,
    forbidden: int = 0,
    *,
    stay: float | None = None,
    step: float = 1.0,
    counts: Sequence[int] = (),
    free: Collection[int] = (),
    at_most: bool = True,
) -> Table:
    """The perturbation table of greatest entropy.

    Args:
        deviation: greatest noise D.
        variance: of the noise of every count but zero.
        forbidden: published counts 1 to this do not occur (``js`` in the literature).
        stay: how likely a count stays as it is; None: as entropy has it.
        step: distance of neighbouring noises; below 1 for magnitudes.
        counts: true counts with a row of their own; by default all that differ.
        free: counts whose losses need not become rarer with their size.
        at_most: whether a row may have less variance than asked, if it would take noise that is
            the likelier the greater it is.

    Raises:
        PolicyError: no noise fulfils all of this.

    >>> small = table(2, 1.05, 1, free=[3])
    >>> [round(float(share), 6) for share in small.rows[1].shares]
    [0.508333, 0.475, 0.016667]
    """
    last = deviation + forbidden + 1 if forbidden else deviation
    chosen = [count for count in (counts or range(1, last + 1)) if count]
    rows = [Row(0.0, np.zeros(1), np.ones(1))]
    for count in chosen:
        noise = _possible(count, deviation, forbidden, step)
        shares = _shares_of(noise, variance, stay, count not in free, at_most)
        if shares is None:
            raise PolicyError(
                Message(
                    "No noise of at most {deviation} has the variance {variance} for the count"
                    " {count}.",
                    {"deviation": deviation, "variance": variance, "count": count},
                ),
                Message("Choose a greater deviation or a smaller variance in cell_key."),
            )
        upper = np.cumsum(shares)
        upper[-1] = 1.0
        rows.append(Row(float(count), noise, upper))
    return Table(tuple(rows))


def _possible(count: int, deviation: int, forbidden: int, step: float) -> Floats:
    """The noises that a count may get."""
    reach = round(deviation / step)
    noise: Floats = np.arange(-reach, reach + 1, dtype=np.float64) * step
    shown = noise + count
    return noise[(shown >= 0) & ((shown == 0) | (shown > forbidden))]


def _shares_of(
    noise: Floats, variance: float, stay: float | None, rising: bool, at_most: bool
) -> Floats | None:
    """The distribution of greatest entropy; None if there is none.

    Neighbours below 0 that would fall towards 0 are pooled until none does: they get equal shares.
    """
    fixed = stay if stay is not None and bool((noise == 0).any()) else None
    blocks = [[index] for index in range(len(noise)) if fixed is None or noise[index] != 0]
    while True:
        parts = [noise[block] for block in blocks]
        found = _entropy(parts, variance / (1.0 - (fixed or 0.0)), at_most)
        if found is None:
            return None
        shares = np.zeros(len(noise))
        shares[noise == 0] = fixed or 0.0
        for block, share in zip(blocks, found.tolist(), strict=True):
            shares[block] = share * (1.0 - (fixed or 0.0))
        for left, right in itertools.pairwise(blocks):
            falls = shares[left[0]] > shares[right[0]] + _ENOUGH
            if rising and falls and float(noise[right].max()) <= 0:
                left += right
                blocks.remove(right)
                break
        else:
            return shares


def _entropy(blocks: Sequence[Floats], variance: float, at_most: bool) -> Floats | None:
    """Shares of greatest entropy with mean 0 and a variance.

    All values of a block have the same share, proportional to exp(a v + b v^2) with the block's
    means of v and v^2. Where b would be positive a smaller variance has more entropy.

    Returns:
        The share of one value of each block; None if nothing fulfils the conditions.
    """
    scale = max(float(np.abs(block).max()) for block in blocks)
    sizes = np.array([float(len(block)) for block in blocks])
    means = np.array([float(block.mean()) for block in blocks]) / scale
    squares = np.array([float((block**2).mean()) for block in blocks]) / scale**2
    goal = variance / scale**2
    found = _solved(np.stack([means, squares]), sizes, np.array([0.0, goal]))
    if at_most and (found is None or found[1][1] > 0):
        found = _solved(means[None, :], sizes, np.zeros(1))
        if found is not None and float(squares @ found[0]) > goal + _ENOUGH:
            return None
    return None if found is None else found[0] / sizes


def _solved(features: Floats, sizes: Floats, goal: Floats) -> tuple[Floats, Floats] | None:
    """Masses of greatest entropy with given means of features, and their multipliers.

    Newton's method on the dual, which is convex.
    """
    at = np.zeros(len(goal))
    for _ in range(_STEPS):
        mass = _masses(features, sizes, at)
        slope = features @ mass - goal
        if float(np.abs(slope).max()) < _PRECISION:
            break
        centred = features - (features @ mass)[:, None]
        curve = (centred * mass) @ centred.T + 1e-15 * np.eye(len(goal))
        step = -np.linalg.solve(curve, slope)
        before, size = _dual(features, sizes, goal, at), 1.0
        while size > _PRECISION:
            after = _dual(features, sizes, goal, at + size * step)
            if after <= before + 1e-4 * size * float(slope @ step) + 1e-16:
                break
            size /= 2
        at = at + size * step
    mass = _masses(features, sizes, at)
    return (mass, at) if float(np.abs(features @ mass - goal).max()) < _ENOUGH else None


def _masses(features: Floats, sizes: Floats, at: Floats) -> Floats:
    power = at @ features
    weight = sizes * np.exp(power - power.max())
    return weight / weight.sum()


def _dual(features: Floats, sizes: Floats, goal: Floats, at: Floats) -> float:
    power = at @ features
    top = float(power.max())
    return top + float(np.log((sizes * np.exp(power - top)).sum())) - float(at @ goal)


def read_table(path: str | Path) -> Table:
    """A perturbation table from CSV with the columns ``i``, ``v`` and the upper end of its keys.

    Args:
        path: the file; ``ub`` or ``p_int_ub`` is the upper end, a row for each count and noise.

    Raises:
        PolicyError: a column is missing, or keys do not ascend to 1.
    """
    with Path(path).open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    found: dict[float, list[tuple[float, float]]] = {}
    try:
        for line in lines:
            upper = line["ub"] if "ub" in line else line["p_int_ub"]
            found.setdefault(float(line["i"]), []).append((float(upper), float(line["v"])))
    except (KeyError, ValueError, TypeError) as error:
        raise PolicyError(
            Message("This is no perturbation table."),
            Message("It needs the columns i, v and ub, all of them numbers."),
        ) from error
    rows: list[Row] = []
    for count, pairs in sorted(found.items()):
        ends = np.array([upper for upper, _ in sorted(pairs)])
        if ends[-1] != 1.0 or (np.diff(ends) <= 0).any():
            raise PolicyError(
                Message("The keys of the count {count} do not ascend to 1.", {"count": count})
            )
        rows.append(Row(count, np.array([noise for _, noise in sorted(pairs)]), ends))
    if not rows:
        raise PolicyError(Message("This is no perturbation table."))
    return Table(tuple(rows))
