"""What the page of a region shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten import config as options
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator import (
    Column,
    Entry,
    Row,
    TableModel,
    Tile,
    by_theme,
    entry,
    places,
    tiles,
    told,
)
from ckanext.sozialdaten.portal.preview import (
    Side,
    Spine,
    SpineMark,
    SpineRow,
    cell_text,
    format_number,
    interval_text,
    shape,
    spine_svg,
)
from ckanext.sozialdaten.portal.region._areas import areas_of
from ckanext.sozialdaten.portal.region._standings import (
    OTHERS,
    Group,
    Standing,
    group_of,
    standings,
)

__all__ = ["Profile", "profile_of"]

IDENT = "sd-profil"


@dataclass(frozen=True)
class Profile:
    """The page of a region.

    Args:
        key: of the region.
        others: up to three regions to compare it with.
        every: whether the chart shows all indicators, not only the headline ones.
    """

    key: str
    others: tuple[str, ...] = ()
    every: bool = False

    ident = IDENT

    @property
    def name(self) -> str:
        """The region's name."""
        return regions.name_of(self.key)

    @property
    def upper(self) -> tuple[str, str] | None:
        """Key and name of the region one level up."""
        name = regions.upper_name(self.key)
        return (regions.upper_key(self.key), name) if name else None

    @property
    def themes(self) -> list[tuple[str, str, list[Tile]]]:
        """Tiles by theme."""
        return by_theme(tiles(self.key))

    @property
    def glance(self) -> list[Tile]:
        """The tiles that come first."""
        return tiles(self.key, options.home_indicators())

    @property
    def group(self) -> Group | None:
        """The regions that it is ranked among."""
        return group_of(self.key)

    @property
    def ranks(self) -> Mapping[str, str]:
        """The rank in each indicator, in words."""
        return {
            item: tk._("rank {rank} of {count}").format(
                rank=found.rank_text, count=found.spread.count
            )
            for item, found in self._standings.items()
        }

    @cached_property
    def _standings(self) -> Mapping[str, Standing]:
        return standings(self.key, self.others)

    @cached_property
    def _shown(self) -> list[tuple[str, list[Standing]]]:
        """Name of each theme with the standings that the chart shows."""
        found = [
            (
                name,
                [
                    self._standings[tile.id]
                    for tile in group
                    if tile.id in self._standings
                    and (self.every or self._standings[tile.id].indicator.headline)
                ],
            )
            for _, name, group in self.themes
        ]
        return [group for group in found if group[1]]

    @property
    def count(self) -> int:
        """How many indicators can be ranked at all."""
        return len(self._standings)

    @property
    def ranked(self) -> bool:
        """Whether there is a chart."""
        return bool(self._shown)

    @property
    def title(self) -> str:
        """What the chart shows."""
        group = self.group
        return tk._("{region} among the {group}").format(
            region=self.name, group=group.name if group else ""
        )

    @cached_property
    def summary(self) -> str:
        """The chart in sentences: what stands out surely, how much does not."""
        rows = [row for _, group in self._shown for row in group]
        parts = [
            (tk._("More favourable than {reference}: {names}."), Side.BETTER),
            (tk._("Less favourable than {reference}: {names}."), Side.WORSE),
            (tk._("Higher than {reference}, without a judgement: {names}."), Side.HIGHER),
            (tk._("Lower than {reference}, without a judgement: {names}."), Side.LOWER),
        ]
        reference = self._reference_name
        sentences = [
            text.format(reference=reference, names=_listed(rows, side))
            for text, side in parts
            if any(row.side is side for row in rows)
        ]
        alike = sum(row.side is Side.ALIKE for row in rows)
        if alike:
            sentences.append(
                tk.ungettext(
                    "{count} figure cannot be told apart from that of {reference}.",
                    "{count} figures cannot be told apart from those of {reference}.",
                    alike,
                ).format(count=alike, reference=reference)
            )
        return " ".join(sentences)

    @property
    def _reference_name(self) -> str:
        """The region above that most figures are compared with."""
        upper = self.upper
        return upper[1] if upper else ""

    @property
    def svg(self) -> str:
        """The chart."""
        groups = tuple((name, tuple(map(self._row, rows))) for name, rows in self._shown)
        return spine_svg(Spine(groups, frame.language(), IDENT, self.title, self.summary))

    def _row(self, found: Standing) -> SpineRow:
        cell, item, speech = found.cell, found.indicator, frame.language()
        spread = found.spread
        return SpineRow(
            item.label(speech),
            self._label(found),
            tk.h.url_for("sozialdaten_indicator.show", indicator=item.id, gebiet=self.key,
                         ansicht="rang"),
            cell_text(cell, speech, item.decimals),
            cell.value or 0.0,
            cell.low,
            cell.high,
            found.side,
            (spread.low, spread.lower, spread.median, spread.upper, spread.high),
            item.decimals,
            found.rank_text,
            tuple(
                SpineMark(mark.kind, mark.name, mark.cell.value)
                for mark in found.references
                if mark.cell.value is not None
            ),
        )  # fmt: skip

    def _label(self, found: Standing) -> str:
        item, speech = found.indicator, frame.language()
        unit = item.unit.get(speech, "")
        figure = f"{cell_text(found.cell, speech, item.decimals)} {unit}".rstrip()
        interval = interval_text(found.cell, speech, item.decimals)
        parts = [
            f"{item.label(speech)}, {found.period_label}: {figure}"
            + (f" ({interval})" if interval else ""),
            self.ranks[item.id],
            *(
                f"{mark.name} {cell_text(mark.cell, speech, item.decimals)}"
                for mark in found.references
            ),
            _told_side(found.side),
        ]
        return "; ".join(filter(None, parts))

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Each shape of the chart with its words."""
        rows = [row for _, group in self._shown for row in group]
        sides = {
            Side.BETTER: tk._("more favourable than {reference}"),
            Side.WORSE: tk._("less favourable than {reference}"),
            Side.HIGHER: tk._("higher than {reference}, without a judgement"),
            Side.LOWER: tk._("lower than {reference}, without a judgement"),
            Side.ALIKE: tk._("no sure difference from {reference}"),
            Side.UNKNOWN: tk._("not compared (a count)"),
        }
        found = [
            (shape(side, 12, 12), text.format(reference=self._reference_name))
            for side, text in sides.items()
            if any(row.side is side for row in rows)
        ]
        marks = dict.fromkeys((mark.kind, mark.name) for row in rows for mark in row.references)
        return found + [(shape(kind, 12, 12), name) for kind, name in marks]

    @property
    def table(self) -> TableModel:
        """The same figures, one row per indicator."""
        names = dict.fromkeys(
            mark.name for _, group in self._shown for row in group for mark in row.references
        )
        columns = (
            Column(tk._("Indicator"), number=False),
            Column(tk._("Reference period")),
            Column(tk._("Figure")),
            Column(tk._("Interval (95 %)")),
            Column(tk._("Rank")),
            Column(tk._("Smallest to greatest figure")),
            Column(tk._("Median")),
            *(Column(name) for name in names),
            Column(tk._("Comparison")),
        )
        rows = tuple(
            self._table_row(found, list(names)) for _, group in self._shown for found in group
        )
        return TableModel(self.title, columns, rows)

    def _table_row(self, found: Standing, names: Sequence[str]) -> Row:
        item, speech, spread = found.indicator, frame.language(), found.spread

        def number(value: float) -> str:
            return format_number(value, speech, item.decimals)

        marks = {mark.name: mark.cell for mark in found.references}
        unit = item.unit.get(speech, "")
        entries = (
            Entry(found.period_label),
            entry(found.cell, item.decimals, speech),
            told(found.cell, item.decimals, speech),
            Entry(f"{found.rank_text} / {spread.count}"),
            Entry(tk._("{low} to {high}").format(low=number(spread.low), high=number(spread.high))),
            Entry(number(spread.median)),
            *(
                entry(marks[name], item.decimals, speech) if name in marks else Entry("–")
                for name in names
            ),
            Entry(_told_side(found.side) or "–"),
        )
        return Row(f"{item.label(speech)} ({unit})" if unit else item.label(speech), entries)

    @property
    def areas(self) -> TableModel | None:
        """The areas inside."""
        return areas_of(self.key)

    @property
    def neighbours(self) -> list[tuple[str, str]]:
        """Regions to add to the comparison: key and name; none where it is full."""
        group = self.group
        if len(self.others) == len(OTHERS) or group is None:
            return []
        told_of = dict(places())
        left = (key for key in group.members if key not in (self.key, *self.others))
        return [(key, told_of[key]) for key in left if key in told_of]

    @property
    def chosen(self) -> list[tuple[str, str, str]]:
        """Key and name of each region compared with, and the address of the page without it."""
        more = {"profil": "alle"} if self.every else {}
        return [
            (
                key,
                regions.name_of(key),
                tk.h.url_for(
                    "sozialdaten_portal.region",
                    key=self.key,
                    mit=[other for other in self.others if other != key],
                    _anchor=IDENT,
                    **more,
                ),
            )
            for key in self.others
        ]


def _told_side(side: Side) -> str:
    return {
        Side.BETTER: tk._("more favourable"),
        Side.WORSE: tk._("less favourable"),
        Side.HIGHER: tk._("higher"),
        Side.LOWER: tk._("lower"),
        Side.ALIKE: tk._("no sure difference"),
        Side.UNKNOWN: "",
    }[side]


def _listed(rows: Sequence[Standing], side: Side) -> str:
    speech = frame.language()
    return ", ".join(row.indicator.label(speech) for row in rows if row.side is side)


def profile_of(key: str, others: Iterable[str], every: bool) -> Profile:
    """The page of a region; of ``others`` those count that are other regions of its group."""
    group = group_of(key)
    members = group.members if group else ()
    fitting = dict.fromkeys(other for other in others if other in members and other != key)
    return Profile(key, tuple(fitting)[: len(OTHERS)], every)
