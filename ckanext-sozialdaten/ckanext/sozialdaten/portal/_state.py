"""The state of a preview: all of it is in the address, and only what differs from the default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.portal._table import Table

__all__ = ["ALL", "DIMENSION", "MOST_LINES", "Selection", "State", "select"]

ALL = "*"
DIMENSION = "m."
MOST_LINES = 5
_KEPT = ("view_id",)
_TOTALS = frozenset({"insgesamt", "gesamt", "total", "alle", "zusammen", "t", "_t", "both"})


@dataclass(frozen=True, slots=True)
class State:
    """What the reader asked for, as the address says it. Unknown values are ignored later.

    Args:
        value: name of the value column.
        period: key of the period.
        level: level of the map's regions.
        regions: chosen regions.
        scale: ``index`` or ``wert`` on the time series.
        order: ``wert`` to sort the table by value.
        dimensions: code by dimension.
        kept: parameters of the page around us that links must carry on.
    """

    value: str = ""
    period: str = ""
    level: str = ""
    regions: tuple[str, ...] = ()
    scale: str = ""
    order: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    kept: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def from_query(cls, query: Any) -> "State":
        """Read the query of a request (a ``MultiDict``)."""
        return cls(
            value=query.get("wert", ""),
            period=query.get("jahr", ""),
            level=query.get("ebene", ""),
            regions=tuple(dict.fromkeys(key for key in query.getlist("gebiet") if key)),
            scale=query.get("darstellung", ""),
            order=query.get("sortierung", ""),
            dimensions={
                name.removeprefix(DIMENSION): query[name]
                for name in query
                if name.startswith(DIMENSION)
            },
            kept={name: query[name] for name in _KEPT if name in query},
        )

    def query(self, **changes: Any) -> str:
        """The query of this state with ``changes``: ``?jahr=2024&gebiet=99001001``."""
        state = replace(self, **changes)
        pairs = [*state.kept.items()]
        named = {
            "wert": state.value,
            "jahr": state.period,
            "ebene": state.level,
            "darstellung": state.scale,
            "sortierung": state.order,
        }
        pairs += [(name, value) for name, value in named.items() if value]
        pairs += [(DIMENSION + name, code) for name, code in state.dimensions.items()]
        pairs += [("gebiet", region) for region in state.regions]
        return "?" + urlencode(pairs)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a preview shows of its table.

    Args:
        column: name of the value column.
        codes: the codes of each dimension.
        chosen: the code shown of each dimension; ALL where its codes are added up.
        summable: dimensions of which "together" may be chosen.
        totals: the code of the total of each dimension; empty where the table has none.
        open: dimensions of which the reader chose nothing.
    """

    column: str
    codes: Mapping[str, Sequence[str]]
    chosen: Mapping[str, str]
    summable: frozenset[str]
    totals: Mapping[str, str]
    open: frozenset[str]

    @property
    def filters(self) -> dict[str, str]:
        """The chosen codes as conditions of a query."""
        return {name: code for name, code in self.chosen.items() if code != ALL}

    @property
    def parts(self) -> int:
        """How many rows make up one figure."""
        count = 1
        for name, code in self.chosen.items():
            count *= len(self.codes[name]) if code == ALL else 1
        return count


def select(table: Table, state: State) -> Selection:
    """What ``state`` asks of ``table``; what it leaves open or misnames gets its default.

    A dimension with a total shows the total. One without is added up where the column counts;
    otherwise its first code is shown, for rates and amounts cannot be added.
    """
    values = {column.name: column for column in table.layout.values}
    column = values.get(state.value, table.layout.values[0])
    codes = {dimension.name: table.codes(dimension.name) for dimension in table.dimensions}
    additive = column.role is Role.COUNT
    totals = {name: _total(found) for name, found in codes.items()}
    summable = frozenset(
        name for name, found in codes.items() if additive and not totals[name] and len(found) > 1
    )
    chosen: dict[str, str] = {}
    left: set[str] = set()
    for name, found in codes.items():
        default = totals[name] or (ALL if name in summable else "".join(found[:1]))
        asked = state.dimensions.get(name, "")
        known = asked in found or (asked == ALL and name in summable)
        chosen[name] = asked if known else default
        if not known:
            left.add(name)
    return Selection(column.name, codes, chosen, summable, totals, frozenset(left))


def _total(codes: Sequence[str]) -> str:
    return next((code for code in codes if code.casefold() in _TOTALS), "")
