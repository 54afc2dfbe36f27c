"""Special uniques (SUDA2): persons whom few columns single out.

A set of columns is a *minimal sample unique* of a person if they are alone in it and in none of
its subsets. The fewer columns and the more such sets, the riskier the person (Elliot, Manning and
Ford, "A computational algorithm for handling the special uniques problem", 2002; Manning, Haglin
and Keane, "A recursive search algorithm for statistical disclosure assessment", 2008). The DIS
score turns scores into probabilities (Elliot, "Data intrusion simulation", 2000).
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ckanext.sozialdaten.disclosure._engine import ROW, Engine
from ckanext.sozialdaten.disclosure._ibis import ibis

__all__ = ["Special", "special_uniques"]

_FRACTION = 0.01


@dataclass(frozen=True, slots=True)
class Special:
    """A person with minimal sample uniques.

    Args:
        position: position of the row.
        score: sum over the sets of (number of columns - size of the set)!
        dis: estimated probability that a match with this person is right.
        sets: sizes of the sets.
    """

    position: int
    score: float
    dis: float
    sets: tuple[int, ...]


def special_uniques(
    engine: Engine,
    table: Any,
    columns: Sequence[str],
    max_size: int = 4,
    fraction: float = _FRACTION,
) -> list[Special]:
    """Persons with minimal sample uniques, by position.

    Args:
        engine: where expressions run.
        table: rows with their position in ``ROW``.
        columns: quasi-identifiers.
        max_size: columns in one set at most.
        fraction: sampling fraction that the DIS score assumes; sdcMicro's default is 0.01.
    """
    sizes: dict[int, list[int]] = {}
    known: Any = None
    for size in range(1, min(max_size, len(columns)) + 1):
        sets = list(itertools.combinations(range(len(columns)), size))
        alone = engine.keep(
            ibis.union(*[_alone(table, columns, chosen) for chosen in sets])
            if len(sets) > 1
            else _alone(table, columns, sets[0])
        )
        new = alone if known is None else _minimal(alone, known, sets)
        for row in engine.rows(new.group_by(ROW).agg(n=new.count())):
            sizes.setdefault(int(row[ROW]), []).extend([size] * int(row["n"]))
        known = alone
    return _scored(sizes, len(columns), _pairs(engine, table, columns), fraction)


def _alone(table: Any, columns: Sequence[str], chosen: Sequence[int]) -> Any:
    """Rows that are alone in a set, with the set's number."""
    names = [columns[index] for index in chosen]
    groups = table.group_by(names).agg(**{ROW: table[ROW].min(), "n": table.count()})
    return groups.filter(groups["n"] == 1).select(ROW, set=ibis.literal(_number(chosen)))


def _number(chosen: Sequence[int]) -> int:
    return sum(1 << index for index in chosen)


def _minimal(alone: Any, known: Any, sets: Sequence[Sequence[int]]) -> Any:
    """Of the rows alone in a set, those that are alone in none of its subsets.

    It is enough to look at the subsets with one column less: who is alone in a smaller one is
    alone in these too.
    """
    pairs = [
        (_number(chosen), _number(chosen) - (1 << index)) for chosen in sets for index in chosen
    ]
    subsets = ibis.memtable(
        pa.table({"set": [whole for whole, _ in pairs], "part": [part for _, part in pairs]})
    )
    smaller = known.select(**{ROW: known[ROW], "part": known["set"].cast("int64")})
    covered = smaller.join(subsets, "part").select(ROW, "set").distinct()
    return alone.mutate(set=alone["set"].cast("int64")).anti_join(covered, [ROW, "set"])


def _pairs(engine: Engine, table: Any, columns: Sequence[str]) -> int:
    """Persons who share all columns with exactly one other."""
    classes = table.group_by(list(columns)).agg(f=table.count())
    row = engine.rows(classes.aggregate(n=(classes["f"] == 2).sum()))[0]
    return 2 * int(row["n"] or 0)


def _scored(
    sizes: Mapping[int, Sequence[int]], columns: int, pairs: int, fraction: float
) -> list[Special]:
    """Scores and DIS scores.

    The simulated intrusion has the odds U f : P (1 - f) of a right match, with U uniques and P
    persons in pairs; the scores to the power Q = 1 + (8 - columns) / 20 share them out.
    """
    scores = {
        position: float(sum(math.factorial(columns - size) for size in found))
        for position, found in sizes.items()
    }
    power = 1.0 + (8.0 - columns) / 20.0
    shared = sum(score**-power for score in scores.values())
    against = pairs * (1.0 - fraction) / fraction
    return [
        Special(
            position,
            score,
            1.0 / (1.0 + against / (score**power * shared)),
            tuple(sorted(sizes[position])),
        )
        for position, score in sorted(scores.items())
    ]
