"""What a page of an indicator shows: the address read against the figures that there are."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from markupsafe import Markup

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.geography.errors import GeographyError
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._address import Address, Compare
from ckanext.sozialdaten.portal.indicator._figures import Known, with_median
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Comparison,
    Figures,
    Kind,
    Method,
    Origin,
    Period,
    Scheme,
)

__all__ = ["ALIKE", "Alike", "Group", "Peer", "Scope", "scope_of"]

_DEFAULT = (Compare.KREIS, Compare.LAND, Compare.BUND)
_AT = {Compare.KREIS: Level.KREIS, Compare.LAND: Level.LAND, Compare.BUND: Level.BUND}
_STYLES = {Compare.KREIS: 5, Compare.LAND: 6, Compare.BUND: 7, Compare.SIMILAR: 8}


ALIKE = "~"
"""Key of the median of similar regions: no region is called so."""


class Alike(Protocol):
    """Finds regions that are like one."""

    def __call__(self, region: str, /) -> "Group | None": ...


class Group(Protocol):
    """Regions that are alike."""

    @property
    def name(self) -> str:
        """What their median is called."""
        ...

    @property
    def members(self) -> tuple[str, ...]:
        """Their keys."""
        ...

    @property
    def reason(self) -> str:
        """Which they are, and in what they are alike."""
        ...


@dataclass(frozen=True, slots=True)
class Peer:
    """A region to compare with.

    Args:
        compare: why it stands here.
        key: its AGS.
        name: its name.
        style: place in the styles of lines.
    """

    compare: Compare
    key: str
    name: str
    style: int


@dataclass(frozen=True)
class Scope:
    """What is shown.

    Args:
        known: all figures.
        address: what the reader asked for.
        levels: levels with figures, finest first.
        level: that of map and ranking.
        areas: regions that the view may be narrowed to.
        within: the one chosen; empty for all.
        keys: regions of ``level`` inside ``within``, by name.
        mine: the regions that the reader chose, or the one that stands for them.
        peers: what they are compared to.
        offered: all comparisons that have figures.
        period: key of the period of map, ranking, distribution and relation.
        minus: key of the period that is subtracted; empty for none.
        span: periods of the time series.
        ignored: parameters of the address that fit nothing.
        places: the regions to choose from as entries of a list, by level, coarse levels first.
        reason: which regions are alike, and in what; empty unless they are compared with.
    """

    known: Known
    address: Address
    levels: tuple[Level, ...]
    level: Level
    areas: tuple[str, ...]
    within: str
    keys: tuple[str, ...]
    mine: tuple[str, ...]
    peers: tuple[Peer, ...]
    offered: tuple[Compare, ...]
    period: str
    minus: str
    span: tuple[Period, ...]
    ignored: tuple[str, ...]
    places: Mapping[Level, Markup]
    reason: str = ""

    @cached_property
    def figures(self) -> Figures:
        """The figures of map, ranking and distribution: differences and filters applied."""
        found = _subtracted(self.known.figures, self.minus) if self.minus else self.known.figures
        return _filtered(found, self.address, frozenset(self.keys))

    @property
    def intervals(self) -> bool:
        """Whether intervals are shown; a difference of two figures has none."""
        return self.address.intervals != "aus" and not self.minus

    def cell(self, key: str) -> Cell:
        """The figure of a region in the period shown, with or without its interval."""
        return self.plain(self.figures.cell(key, self.period))

    def plain(self, cell: Cell) -> Cell:
        """The cell without its interval where the reader hid them."""
        return cell if self.intervals else cell.bare

    @property
    def above(self) -> Comparison | None:
        """The first comparison, for the map's last row."""
        peer = next((peer for peer in self.peers if peer.key != ALIKE), None)
        if peer is None or peer.key in self.keys:
            return None
        shown = _subtracted(self.known.figures, self.minus) if self.minus else self.known.figures
        cells = tuple(self.plain(shown.cell(peer.key, p.key)) for p in shown.periods)
        return Comparison(peer.key, cells, Origin.TABLE)

    @property
    def scheme(self) -> Scheme:
        """How classes are formed; a difference departs from zero unless the reader says more."""
        name, _, rest = self.address.classes.partition(":")
        digits = name[-1:] if name[-1:].isdigit() else ""
        if not name:
            return Scheme(Method.DIVERGING, centre=0.0) if self.minus else Scheme()
        method = Method(name.rstrip("2345"))
        count = int(digits) if digits else 5
        if method is Method.DIVERGING:
            return Scheme(method, centre=self._centre(rest))
        return Scheme(method, count, _numbers(rest))

    def _centre(self, wanted: str) -> float | None:
        """The value that a diverging scale departs from: of the level named, else the first."""
        if self.minus:
            return 0.0
        asked = [peer for peer in self._all_peers() if peer.compare.value == wanted]
        for peer in (*asked, *self._all_peers()):
            value = self.known.figures.cell(peer.key, self.period).value
            if value is not None:
                return value
        return None

    def _all_peers(self) -> tuple[Peer, ...]:
        return _peers(self.mine[:1], self.offered, self.known.figures)


def _numbers(text: str) -> tuple[float, ...]:
    found: list[float] = []
    for part in text.replace(";", ",").split(","):
        try:
            found.append(float(part))
        except ValueError:
            continue
    return tuple(number for number in found if abs(number) < 1e15)


def scope_of(known: Known, address: Address, alike: Alike | None = None) -> Scope | None:
    """The view that ``address`` asks for; None where the indicator has no figure at all.

    Args:
        known: all figures.
        address: what the reader asked for.
        alike: finds regions like one; without it nothing is compared with them.
    """
    figures, places = known.figures, known.places
    by_level, told = known.by_level, known.told
    if not by_level:
        return None
    ignored = list(address.unread)
    asked = [key for text in address.regions if (key := _resolve(text)) in told]
    if len(asked) < len(address.regions):
        ignored.append("gebiet")
    level = _level(by_level, address, ignored)
    areas = _areas(by_level[level])
    within = _within(address, areas, asked)
    keys = tuple(k for k in by_level[level] if not within or within in _lineage(k))
    mine = tuple(asked) or _standing_in(by_level, keys, told)
    offered = tuple(
        dict.fromkeys(peer.compare for peer in _peers(mine[:1], tuple(Compare), figures))
    )
    wanted = _DEFAULT if address.compare is None else address.compare
    peers = tuple(peer for peer in _peers(mine[:1], wanted, figures) if peer.key not in mine)
    group = None
    if alike and Register.default().level(mine[0]) is Level.GEMEINDE:
        offered = (*offered, Compare.SIMILAR)
        group = alike(mine[0]) if Compare.SIMILAR in wanted else None
    if group:
        known = with_median(known, ALIKE, group.members)
        peers += (Peer(Compare.SIMILAR, ALIKE, group.name, _STYLES[Compare.SIMILAR]),)
    period = _period(known, address, keys, ignored)
    minus = _of(figures, address.minus, ignored, "differenz")
    return Scope(
        known,
        address,
        tuple(by_level),
        level,
        areas,
        within,
        keys,
        mine,
        peers,
        offered,
        period,
        minus if minus != period else "",
        _span(figures, address, ignored),
        tuple(dict.fromkeys(ignored)),
        places,
        group.reason if group else "",
    )


def _resolve(text: str) -> str:
    """The key of a region that is named by key, ARS or its exact name."""
    register = Register.default()
    try:
        return register.normalise(text)
    except GeographyError:
        named = [region.ags for region in register.search(text, 2) if region.name == text]
        return named[0] if len(named) == 1 else ""


def _level(by_level: Mapping[Level, Sequence[str]], address: Address, ignored: list[str]) -> Level:
    levels = list(by_level)
    chosen = next((level for level in levels if level.value == address.level), None)
    if address.level and chosen is None:
        ignored.append("ebene")
    several = [level for level in levels if len(by_level[level]) > 1] or levels
    return chosen or several[0]


def _within(address: Address, areas: Sequence[str], asked: Sequence[str]) -> str:
    """The region that the view is narrowed to: as asked, else the one around my region."""
    if address.within in areas:
        return address.within
    return next((key for key in areas if asked and key in _lineage(asked[0])), "")


def _lineage(key: str) -> tuple[str, ...]:
    return (key, *Register.default().ancestors(key))


def _areas(keys: Iterable[str]) -> tuple[str, ...]:
    """Regions one level up, where there is more than one of them."""
    register = Register.default()
    parents = {parent for key in keys if (parent := register.parent(key))}
    return tuple(sorted(parents, key=regions.name_of)) if len(parents) > 1 else ()


def _standing_in(
    by_level: Mapping[Level, Sequence[str]], keys: Sequence[str], told: Collection[str]
) -> tuple[str, ...]:
    """The region shown before the reader chose one: that above the regions of the map."""
    upper = regions.above(keys)
    if upper in told:
        return (upper,)
    levels = reversed(list(by_level))
    ordered = [key for level in levels for key in by_level[level] if key in told]
    return (next((key for key in ordered if key != "DG"), ordered[0]),)


def _peers(mine: Sequence[str], wanted: Sequence[Compare], figures: Figures) -> tuple[Peer, ...]:
    """The regions above the first of mine, of the levels wanted, that have figures."""
    if not mine:
        return ()
    register = Register.default()
    above = {register.level(key): key for key in register.ancestors(mine[0])}
    own = register.level(mine[0])
    found = [(compare, above.get(_AT[compare], "")) for compare in wanted if compare in _AT]
    return tuple(
        Peer(compare, key, regions.name_of(key), _STYLES[compare])
        for compare, key in found
        if key in figures.regions and own is not _AT[compare]
    )


def _period(known: Known, address: Address, keys: Sequence[str], ignored: list[str]) -> str:
    """The period asked for, else the last with a figure; with a Stichtag the last until then."""
    figures = known.figures
    if address.period and (found := _of(figures, address.period, ignored, "jahr")):
        return found
    until = address.reference_date
    candidates = [p.key for p in figures.periods if until is None or known.ends[p.key] <= until]
    if until and not candidates:
        ignored.append("stichtag")
        candidates = [p.key for p in figures.periods]
    filled = [
        key for key in candidates if any(figures.cell(k, key).value is not None for k in keys)
    ]
    return (filled or candidates)[-1]


def _of(figures: Figures, asked: str, ignored: list[str], name: str) -> str:
    """The last period that is called ``asked`` or lies in the year ``asked``."""
    found = [p.key for p in figures.periods if asked in (p.key, p.year)]
    if asked and not found:
        ignored.append(name)
    return found[-1] if found else ""


def _span(figures: Figures, address: Address, ignored: list[str]) -> tuple[Period, ...]:
    """The periods from ``von`` to ``bis``; all where they hold nothing."""
    low = _edge(address.start, "von", ignored)
    high = _edge(address.end, "bis", ignored)
    found = tuple(
        period
        for period in figures.periods
        if (low is None or period.year >= low) and (high is None or period.year <= high)
    )
    return found or figures.periods


def _edge(text: str, name: str, ignored: list[str]) -> str | None:
    year = text[:4]
    if not text:
        return None
    if not (len(year) == 4 and year.isdigit() and dt.MINYEAR <= int(year) <= dt.MAXYEAR):
        ignored.append(name)
        return None
    return year


def _subtracted(figures: Figures, minus: str) -> Figures:
    """Each figure less that of the period ``minus``; where one is missing, so is the difference."""
    cells = {
        (region, period): _difference(cell, figures.cell(region, minus), figures.decimals)
        for (region, period), cell in figures.cells.items()
    }
    return Figures(cells, figures.periods, figures.decimals)


def _difference(cell: Cell, base: Cell, decimals: int) -> Cell:
    if cell.value is None:
        return Cell(cell.kind)
    if base.value is None:
        return Cell(base.kind)
    value = round(cell.value - base.value, decimals) + 0.0
    return Cell(Kind.VALUE, value, cell.sign, cell.note)


def _filtered(figures: Figures, address: Address, keys: Collection[str]) -> Figures:
    """Figures of the map's regions outside of the wanted range say so instead of their number."""
    least, most = address.least, address.most
    if least is None and most is None:
        return figures

    def inside(value: float) -> bool:
        return (least is None or value >= least) and (most is None or value <= most)

    cells = {
        place: Cell(Kind.FILTERED)
        if place[0] in keys and cell.value is not None and not inside(cell.value)
        else cell
        for place, cell in figures.cells.items()
    }
    return Figures(cells, figures.periods, figures.decimals)
