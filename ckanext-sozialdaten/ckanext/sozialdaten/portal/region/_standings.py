"""Where the newest figures of a region lie among those of the regions of its level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import ckan.plugins.toolkit as tk
import pyarrow.compute as pc

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.indicators import Indicator, Polarity, Verdict, verdict
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._counts import is_count
from ckanext.sozialdaten.portal._figures import figures_token, public_figures
from ckanext.sozialdaten.portal.indicator import from_table, ranks, ready, store
from ckanext.sozialdaten.portal.preview import Cell, Measures, Side, measure

__all__ = ["OTHERS", "Group", "Reference", "Standing", "group_of", "standings"]

OTHERS = ("other", "second", "third")
"""Kinds of regions of the reader's choice, by their order."""
_KEPT = 128
_LEAST = 3
_AROUND = {
    Level.ORTSTEIL: (Level.GEMEINDE,),
    Level.GEMEINDE: (Level.KREIS, Level.LAND),
    Level.KREIS: (Level.LAND, Level.BUND),
    Level.LAND: (Level.BUND,),
}
_KINDS = {Level.KREIS: "kreis", Level.LAND: "land", Level.BUND: "bund"}
_BETTER = {Polarity.HIGHER: Verdict.HIGHER, Polarity.LOWER: Verdict.LOWER}


@dataclass(frozen=True, slots=True)
class Group:
    """The regions that one is ranked among.

    Args:
        name: what they are called, with where they lie.
        members: their keys; the region itself is one of them.
    """

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure to compare with; ``kind`` is ``kreis``, ``land``, ``bund`` or one of ``OTHERS``."""

    kind: str
    name: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest figure of an indicator among those of the group.

    Args:
        indicator: its definition.
        period: key of its period.
        period_label: the same for readers.
        cell: the region's own figure.
        rank: first and last place that it may have, the greatest figure first.
        spread: what describes the figures of the group.
        references: figures to compare with; none for counts, which grow with the size.
        side: how it lies to the first of them that is a region above.
    """

    indicator: Indicator
    period: str
    period_label: str
    cell: Cell
    rank: tuple[int, int]
    spread: Measures
    references: tuple[Reference, ...]
    side: Side

    @property
    def rank_text(self) -> str:
        """The rank as “3” or, where intervals overlap, “3 to 7”."""
        first, last = self.rank
        if first == last:
            return str(first)
        return tk._("{first} to {last}").format(first=first, last=last)


def group_of(region: str) -> Group | None:
    """The regions of the same level in the Kreis (of a Kreis: in the Land); None for too few."""
    register = Register.default()
    level = register.level(region)
    above = {register.level(key): key for key in register.ancestors(region)}
    for around in _AROUND.get(level, ()):
        members = register.children(above[around], level) if around in above else ()
        if len(members) >= _LEAST:
            return Group(_named(level).format(region=regions.name_of(above[around])), members)
    return None


def _named(level: Level) -> str:
    return {
        Level.ORTSTEIL: tk._("neighbourhoods of {region}"),
        Level.GEMEINDE: tk._("municipalities in {region}"),
        Level.KREIS: tk._("districts in {region}"),
        Level.LAND: tk._("states of {region}"),
    }[level]


def standings(region: str, others: tuple[str, ...] = ()) -> Mapping[str, Standing]:
    """The newest figure of each indicator in ``region`` by the indicator's id.

    Args:
        region: its key.
        others: up to three regions to compare with beside Kreis, Land and Bund.
    """
    known = store()
    if known is None:
        return {}
    found = _standings(region, frame.language(), figures_token(), ready())
    return {key: _beside(standing, others) for key, standing in found.items()} if others else found


def _beside(standing: Standing, others: Sequence[str]) -> Standing:
    """A standing with further regions to compare with: their figures are all that is read anew."""
    table = (
        public_figures()
        .of(standing.indicator.id)
        .filter((pc.field("period") == standing.period) & pc.field("region").isin(others))
    )
    figures = from_table(standing.indicator, table).figures
    further = tuple(
        Reference(kind, regions.name_of(key), cell)
        for kind, key in zip(OTHERS, others, strict=False)
        if (cell := figures.cell(key, standing.period)).value is not None
    )
    return replace(standing, references=(*standing.references, *further))


@lru_cache(maxsize=_KEPT)
def _standings(
    region: str, language: str, _token: str, there: tuple[str, ...]
) -> Mapping[str, Standing]:
    group = group_of(region)
    if group is None:
        return {}
    holder = public_figures()
    found = (_standing(holder.catalogue[item], region, group.members, language) for item in there)
    return {made.indicator.id: made for made in found if made is not None}


def _standing(
    item: Indicator, region: str, members: Sequence[str], language: str
) -> Standing | None:
    holder, register = public_figures(), Register.default()
    mine = from_table(item, holder.select(item.id, [region])).figures
    told = [p for p in mine.periods if mine.cell(region, p.key).value is not None]
    if not told:
        return None
    last = told[-1]
    above = [key for key in register.ancestors(region) if register.level(key) in _KINDS]
    wanted = {*members, *above, region}
    table = holder.of(item.id).filter(
        (pc.field("period") == last.key) & pc.field("region").isin(sorted(wanted))
    )
    figures = from_table(item, table).figures
    cells = {key: figures.cell(key, last.key) for key in members}
    values = [cell.value for cell in cells.values() if cell.value is not None]
    spread = measure(values)
    cell = figures.cell(region, last.key)
    if spread is None or spread.count < _LEAST or region not in cells:
        return None
    references = tuple(
        Reference(_KINDS[register.level(key)], regions.name_of(key), figures.cell(key, last.key))
        for key in above
        if not is_count(item) and figures.cell(key, last.key).value is not None
    )
    return Standing(
        item, last.key, last.label(language), cell, ranks(cells)[region], spread, references,
        _side(item, cell, references),
    )  # fmt: skip


def _side(item: Indicator, cell: Cell, references: Sequence[Reference]) -> Side:
    above = next((found.cell.value for found in references if found.kind not in OTHERS), None)
    way = verdict(cell.value, cell.low, cell.high, above)
    if way in (Verdict.HIGHER, Verdict.LOWER) and item.polarity in _BETTER:
        return Side.BETTER if way is _BETTER[item.polarity] else Side.WORSE
    return {
        Verdict.HIGHER: Side.HIGHER,
        Verdict.LOWER: Side.LOWER,
        Verdict.NOT_DISTINGUISHABLE: Side.ALIKE,
        Verdict.UNKNOWN: Side.UNKNOWN,
    }[way]
