"""How an office keeps small counts secret before it gives a table away.

Counts below the minimum are hidden, and so many others that no sum of the table gives one of them
back by a plain difference. It is the offices' habit that is told here; the portal's own disclosure
control is another matter.
"""

from collections.abc import Iterator, Mapping

from ckanext.sozialdaten.demo.figures import TOTAL, Cell, Statistic

__all__ = ["hidden"]

_Key = tuple[str, Cell]


def hidden(statistic: Statistic, values: Mapping[_Key, float], kreis: str) -> frozenset[_Key]:
    """The cells of one year that the office does not print.

    Args:
        statistic: says what is small, and what adds up.
        values: every cell of the year.
        kreis: key of the region whose parts are the Gemeinden; larger regions hide nothing.
    """
    larger = set(statistic.regions)
    secret = {
        key
        for key, value in values.items()
        if 0 < value < statistic.minimum and key[0] not in larger
    }
    sums = list(_sums(statistic, values, kreis))
    changed = True
    while changed:
        changed = False
        for keys in sums:
            if sum(key in secret for key in keys) != 1:
                continue
            others = [k for k in keys if k not in secret and values[k] and k[0] not in larger]
            if others:
                secret.add(min(others, key=lambda key: (values[key], key)))
                changed = True
    return frozenset(secret)


def _sums(statistic: Statistic, values: Mapping[_Key, float], kreis: str) -> Iterator[list[_Key]]:
    """A total with its parts, for every total of the table."""
    regions = dict.fromkeys(region for region, _ in values)
    municipal = [region for region in regions if region not in statistic.regions]
    for cell in statistic.cells():
        yield [(region, cell) for region in (kreis, *municipal)]
        for place, variable in enumerate(statistic.variables, start=1):
            if cell[place] == TOTAL:
                parts = [(*cell[:place], code, *cell[place + 1 :]) for code in variable.counted]
                for region in municipal:
                    yield [(region, part) for part in (cell, *parts)]
