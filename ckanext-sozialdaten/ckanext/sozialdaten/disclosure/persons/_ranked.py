"""Classes of columns with many sensitive values: pairs of class and value, ranked in each class."""

from collections.abc import Sequence
from typing import Any

from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure.persons._ground import Ordered
from ckanext.sozialdaten.disclosure.persons._sensitive import Sensitive

__all__ = ["ranked_classes"]

_N, _VALUE = "__n", "__value"


def ranked_classes(
    table: Any, keys: Sequence[str], sensitive: Sensitive, count: str | None, recursive_l: int
) -> Any:
    """As ``class_values``, in time that grows with the pairs that occur, not with all values."""
    pairs = _pairs(table, keys, sensitive, count)
    whole = ibis.window(group_by=list(keys))
    rarer = ibis.window(group_by=list(keys), order_by=[ibis.desc(_N), "place"])
    pairs = pairs.mutate(size=pairs[_N].sum().over(whole), rank=ibis.row_number().over(rarer))
    n, size = pairs[_N], pairs["size"].cast("float64")
    ratio = n / size / pairs["q"]
    classes = pairs.group_by(list(keys)).agg(
        f=n.sum(),
        kinds=pairs.count(),
        entropy=-((n / size) * (n / size).ln()).sum(),
        top=n.max(),
        tail=n.sum(where=pairs["rank"] >= max(recursive_l - 1, 0)).fill_null(0),
        distance=ibis.greatest(n / size - pairs["q"], 0.0).sum(),
        gain=ratio.max() - 1.0,
        log_gain=ratio.ln().abs().max(),
    )
    if not isinstance(sensitive.ground, Ordered):
        return classes
    moved = _moved(pairs, keys, sensitive)
    moved = moved.rename(**{f"{key}_": key for key in keys})
    same = [classes[key].identical_to(moved[f"{key}_"]) for key in keys]  # NULL is a value
    return classes.drop("distance").join(moved, same).drop(*(f"{key}_" for key in keys))


def _pairs(table: Any, keys: Sequence[str], sensitive: Sensitive, count: str | None) -> Any:
    """Persons by class and value, with what ``_shares`` says about the value."""
    value = table[sensitive.column]
    keyed = table.select(*keys, **{_VALUE: value, _N: 1 if count is None else table[count]})
    pairs = keyed.group_by([*keys, _VALUE]).agg(**{_N: keyed[_N].sum()})
    shares = _shares(sensitive)
    same = pairs[_VALUE].identical_to(shares["value"])
    return pairs.join(shares, same).drop("value")


def _shares(sensitive: Sensitive) -> Any:
    """Values with share ``q``, place, cumulated share ``cum``, and the sum of all before."""
    cum = below = 0.0
    rows: list[dict[str, object]] = []
    for place, (value, share) in enumerate(zip(sensitive.values, sensitive.shares, strict=True)):
        cum += share
        rows.append({"value": value, "q": share, "place": place, "cum": cum, "below": below})
        below += cum
    return ibis.memtable(rows)


def _moved(pairs: Any, keys: Sequence[str], sensitive: Sensitive) -> Any:
    """The ordered distance, without a row for every class and every value.

    From one value of a class to its next, its cumulated share C stays as it is while everybody's,
    P, climbs, so the sum of |C - P| is two differences of sums of P, split where P passes C. That
    place comes from sorting all C among all P once.
    """
    last, total = len(sensitive.values), _total(sensitive)
    steps = ibis.window(group_by=list(keys), order_by="place")
    reached = ibis.cumulative_window(group_by=list(keys), order_by="place")
    stretches = pairs.select(
        *keys,
        x=pairs[_N].sum().over(reached) / pairs["size"].cast("float64"),
        begin=pairs["place"],
        end=pairs["place"].lead().over(steps).fill_null(last),
        low=pairs["below"],
        high=pairs["below"].lead().over(steps).fill_null(total),
        start=pairs["below"].min().over(ibis.window(group_by=list(keys))),
    )
    split = _split(stretches, _shares(sensitive))
    rising = split["x"] * (split["at"] - split["begin"]) - (split["passed"] - split["low"])
    falling = (split["high"] - split["passed"]) - split["x"] * (split["end"] - split["at"])
    moved = split.group_by(list(keys)).agg(distance=(rising + falling).sum() + split["start"].max())
    return moved.mutate(distance=moved["distance"] / float(max(last - 1, 1)))


def _total(sensitive: Sensitive) -> float:
    cum = total = 0.0
    for share in sensitive.shares:
        cum += share
        total += cum
    return total


def _split(stretches: Any, shares: Any) -> Any:
    """Stretches with the place ``at`` which P passes C, and the sum ``passed`` of P before it."""
    mine = stretches.mutate(one=0, p=0.0)
    blank = {name: ibis.null(kind) for name, kind in stretches.schema().items() if name != "x"}
    theirs = shares.select(x=shares["cum"], **blank, one=1, p=shares["cum"])
    both = ibis.union(mine, theirs.select(*mine.columns).cast(mine.schema()))
    until = ibis.cumulative_window(order_by=["x", "one"])
    counted = both.mutate(at=both["one"].sum().over(until), passed=both["p"].sum().over(until))
    split = counted.filter(counted["one"] == 0)
    early, late = split["at"] <= split["begin"], split["at"] >= split["end"]
    return split.mutate(
        at=ibis.cases((early, split["begin"]), (late, split["end"]), else_=split["at"]),
        passed=ibis.cases((early, split["low"]), (late, split["high"]), else_=split["passed"]),
    )
