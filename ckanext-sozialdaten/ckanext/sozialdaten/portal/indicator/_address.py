"""The state of an indicator's page: all of it is in the address, defaults are left out."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlencode

from ckanext.sozialdaten.portal.preview import Method

__all__ = [
    "MOST_REGIONS", "Address", "Compare", "Query", "Tab", "Trend", "read_day", "read_number",
]  # fmt: skip

MOST_REGIONS = 5
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_NO_COMPARISON = "keine"


class Tab(StrEnum):
    """A way to look at the figures; the values stand in addresses."""

    SERIES = "verlauf"
    MAP = "karte"
    RANKING = "rang"
    FUNNEL = "zufall"
    DISTRIBUTION = "verteilung"
    RELATION = "zusammenhang"
    TABLE = "tabelle"


class Compare(StrEnum):
    """What a region is compared to."""

    KREIS = "kreis"
    LAND = "land"
    BUND = "bund"
    SIMILAR = "aehnlich"


class Trend(StrEnum):
    """How a time series is taken to go on: by the same amount each year, or the same share.

    A curve of third degree describes what was, and never how it goes on.
    """

    AMOUNT = "gerade"
    SHARE = "prozent"
    CURVE = "kurve"


class Query(Protocol):
    """The query of a request: what Werkzeug calls a ``MultiDict``."""

    def get(self, key: str, default: str = "", /) -> Any:
        """The first value of a parameter."""
        ...

    def getlist(self, key: str, /) -> list[str]:
        """All its values."""
        ...

    def __contains__(self, key: object, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Address:
    """What the reader asked for. What it leaves empty gets a default from the figures.

    Args:
        regions: ``gebiet``, chosen regions; the first one is "mine".
        compare: ``vergleich``, levels to compare with; None: the default.
        tab: ``ansicht``; None: time series with a region, map without one.
        period: ``jahr``, the period of map, ranking, distribution, relation.
        start: ``von``, first period of time series and table.
        end: ``bis``, the last one.
        minus: ``differenz``, the period whose figures are subtracted.
        base: ``index``, the period that is 100 in the time series.
        trend: ``trend``, the line drawn through the time series; None: none.
        level: ``ebene`` of the regions in map and ranking.
        within: ``in``, only regions inside this one.
        least: ``min``, only figures of at least this.
        most: ``max``, only figures of at most this.
        classes: ``klassen``: method and number, such as ``jenks4`` or ``manuell:5,10,20``; forms
            send own limits as ``grenzen``.
        other: ``mit``, the second indicator of a relation.
        order: ``sortierung``: ``wert`` or ``name``.
        intervals: ``intervalle``: ``aus`` hides them.
        reference_date: ``stichtag``, figures of the last period that ended by this day.
        as_of: ``stand``, figures as they were known on this day.
        unread: names of parameters whose value says nothing.
    """

    regions: tuple[str, ...] = ()
    compare: tuple[Compare, ...] | None = None
    tab: Tab | None = None
    period: str = ""
    start: str = ""
    end: str = ""
    minus: str = ""
    base: str = ""
    trend: Trend | None = None
    level: str = ""
    within: str = ""
    least: float | None = None
    most: float | None = None
    classes: str = ""
    other: str = ""
    order: str = ""
    intervals: str = ""
    reference_date: dt.date | None = None
    as_of: dt.date | None = None
    unread: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Query) -> "Address":
        """Read a request; what cannot be read is named in ``unread`` and otherwise ignored."""
        found: dict[str, Any] = {}
        unread: list[str] = []
        for name, (attribute, reader) in _READERS.items():
            if name not in query or not (text := str(query.get(name)).strip()):
                continue
            value = reader(text)
            if value is None:
                unread.append(name)
            else:
                found[attribute] = value
        if "grenzen" in query and (limits := _limits(str(query.get("grenzen")))):
            found["classes"] = f"{Method.MANUAL}:{limits}"
        asked = (key.strip() for text in query.getlist("gebiet") for key in text.split(","))
        regions = tuple(dict.fromkeys(key for key in asked if key))
        compare = None
        if "vergleich" in query:
            words = [word for text in query.getlist("vergleich") for word in text.split(",")]
            known = {item.value for item in Compare}
            compare = tuple(item for item in Compare if item.value in words)
            if any(word not in known for word in words if word not in ("", _NO_COMPARISON)):
                unread.append("vergleich")
        return cls(regions=regions[:MOST_REGIONS], compare=compare, unread=tuple(unread), **found)

    @property
    def shown(self) -> Tab:
        """The tab to show."""
        return self.tab or (Tab.SERIES if self.regions else Tab.MAP)

    def query(self, **changes: Any) -> str:
        """The query of this state with ``changes``; ``?`` alone for the first view of all."""
        state = replace(self, **changes)
        pairs = [("gebiet", region) for region in state.regions]
        if state.compare is not None:
            pairs.append(("vergleich", ",".join(state.compare) or _NO_COMPARISON))
        for name, (attribute, _) in _READERS.items():
            value = getattr(state, attribute)
            if value not in (None, ""):
                pairs.append((name, f"{value:g}" if isinstance(value, float) else str(value)))
        return "?" + urlencode(pairs, safe=",:")

    def pairs(self, without: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Name and value of each parameter, for hidden fields of a form.

        Args:
            without: parameters that the form has fields for.
        """
        left = set(without)
        found = [
            (name, f"{value:g}" if isinstance(value, float) else str(value))
            for name, (attribute, _) in _READERS.items()
            if name not in left and (value := getattr(self, attribute)) not in (None, "")
        ]
        if "gebiet" not in left:
            found += [("gebiet", region) for region in self.regions]
        if "vergleich" not in left and self.compare is not None:
            found.append(("vergleich", ",".join(self.compare) or _NO_COMPARISON))
        return found


def read_day(text: str) -> dt.date | None:
    """A day as ``2023-06-30`` or ``30.6.2023``; None for anything else."""
    if match := _GERMAN.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        text = f"{year:04}-{month:02}-{day:02}"
    if not _ISO.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def read_number(text: str) -> float | None:
    """A number with point or decimal comma; None for anything else and for infinite ones."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None


def _tab(text: str) -> Tab | None:
    return Tab(text) if text in {tab.value for tab in Tab} else None


def _trend(text: str) -> Trend | None:
    return Trend(text) if text in {trend.value for trend in Trend} else None


def _classes(text: str) -> str | None:
    name = text.partition(":")[0].rstrip("2345")
    return text if name in {method.value for method in Method} else None


def _limits(text: str) -> str:
    """Own class limits, separated by blanks or semicolons, as the address writes them."""
    numbers = [read_number(part) for part in re.split(r"[;\s]+", text.strip()) if part]
    return ",".join(f"{number:g}" for number in numbers if number is not None)


def _order(text: str) -> str | None:
    return text if text in ("wert", "name") else None


def _switch(text: str) -> str | None:
    return text if text == "aus" else None


_READERS: Mapping[str, tuple[str, Any]] = {
    "ansicht": ("tab", _tab),
    "jahr": ("period", str),
    "von": ("start", str),
    "bis": ("end", str),
    "differenz": ("minus", str),
    "index": ("base", str),
    "trend": ("trend", _trend),
    "ebene": ("level", str),
    "in": ("within", str),
    "min": ("least", read_number),
    "max": ("most", read_number),
    "klassen": ("classes", _classes),
    "mit": ("other", str),
    "sortierung": ("order", _order),
    "intervalle": ("intervals", _switch),
    "stichtag": ("reference_date", read_day),
    "stand": ("as_of", read_day),
}
