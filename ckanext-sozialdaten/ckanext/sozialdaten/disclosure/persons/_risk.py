"""How likely a person is found again: individual, global and household risk.

Without weights the rows are the whole population, as in a municipal register, and the risk of a
person is one over the size of their class (prosecutor's risk). With weights the size of the class
in the population is estimated by their sum (Benedetti and Franconi, "Statistical and technological
solutions for controlled data dissemination", 1998; Franconi and Polettini 2004): with p = f / F,
the risk is the expectation of 1/F under a negative binomial distribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._ibis import ibis

__all__ = ["Risks", "household_risk", "individual_risk", "risk_of", "risks"]

_NEAR = 1e-3


@dataclass(frozen=True, slots=True)
class Risks:
    """The risks of a table.

    Args:
        persons: rows.
        highest: greatest individual risk (prosecutor).
        expected: expected number of persons found again, the sum of the individual risks.
        average: the same as a share of all persons (marketer).
        journalist: greatest risk of one who does not know who is in the table: one over the
            smallest estimated class of the population.
        uniques: share of persons who are alone in their class.
    """

    persons: int
    highest: float
    expected: float
    average: float
    journalist: float
    uniques: float


def risk_of(f: Any, population: Any) -> Any:
    """The individual risk in a class.

    Args:
        f: persons of the class in the table.
        population: their estimated number in the population.

    For p near 1 the closed forms lose their digits; there the first terms of their series in 1 - p
    take over.
    """
    size = f.cast("float64")
    p = ibis.least(size / ibis.greatest(population.cast("float64"), size), 1.0)
    rest = 1.0 - p
    safe = ibis.greatest(rest, _NEAR)
    odds, log = p / safe, -p.ln()
    one = ibis.ifelse(
        rest < _NEAR, p * (1.0 + rest / 2.0 + rest * rest / 3.0 + rest**3 / 4.0), odds * log
    )
    two = ibis.ifelse(
        rest < _NEAR,
        p - p * p * (0.5 + rest / 3.0 + rest * rest / 4.0 + rest**3 / 5.0),
        odds - odds * odds * log,
    )
    return ibis.cases((f == 1, one), (f == 2, two), else_=p / (size - rest))


def individual_risk(table: Any, keys: Sequence[str], weight: str | None = None) -> Any:
    """Every row with ``f``, ``population`` and ``risk``.

    Args:
        table: rows.
        keys: columns in which the persons of a class are alike.
        weight: column with the number of persons of the population that a row stands for.
    """
    window = ibis.window(group_by=list(keys))
    size = table.count().over(window)
    if weight is None:
        return table.mutate(f=size, population=size.cast("float64"), risk=1.0 / size)
    whole = table.mutate(f=size, population=table[weight].cast("float64").sum().over(window))
    return whole.mutate(risk=risk_of(whole["f"], whole["population"]))


def household_risk(risky: Any, household: str) -> Any:
    """Every row with ``household_risk``: that at least one of its household is found again.

    Args:
        risky: rows from :func:`individual_risk`.
        household: column that names the household.
    """
    certain = risky["risk"] >= 1.0
    missed = ibis.ifelse(certain, 0.0, (1.0 - ibis.ifelse(certain, 0.0, risky["risk"])).ln())
    window = ibis.window(group_by=household)
    escaped = missed.sum().over(window).exp()
    lost = certain.cast("int64").max().over(window) == 1
    return risky.mutate(household_risk=ibis.ifelse(lost, 1.0, 1.0 - escaped))


def risks(engine: Engine, table: Any, keys: Sequence[str], weight: str | None = None) -> Risks:
    """The risks of a table: see :class:`Risks`."""
    number = {"f": table.count()}
    if weight is not None:
        number["population"] = table[weight].cast("float64").sum()
    classes = table.group_by(list(keys)).agg(**number)
    if weight is None:
        classes = classes.mutate(population=classes["f"].cast("float64"))
        classes = classes.mutate(risk=1.0 / classes["f"])
    else:
        classes = classes.mutate(risk=risk_of(classes["f"], classes["population"]))
    row = engine.rows(
        classes.aggregate(
            persons=classes["f"].sum(),
            highest=classes["risk"].max(),
            expected=(classes["risk"] * classes["f"]).sum(),
            journalist=(1.0 / classes["population"]).max(),
            alone=(classes["f"] == 1).sum(),
        )
    )[0]
    persons = int(row["persons"] or 0)
    if not persons:
        return Risks(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    expected = float(row["expected"])
    return Risks(
        persons,
        float(row["highest"]),
        expected,
        expected / persons,
        min(float(row["journalist"]), 1.0),
        int(row["alone"]) / persons,
    )
