"""The page of an indicator in one state: what its template shows."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol
from urllib.parse import quote

import ckan.plugins.toolkit as tk
from ckan.common import config

from ckanext.sozialdaten.indicators import Indicator
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import figures_token, public_figures
from ckanext.sozialdaten.portal._map_board import MapBoard
from ckanext.sozialdaten.portal.indicator._address import Tab
from ckanext.sozialdaten.portal.indicator._details import DetailsTab
from ckanext.sozialdaten.portal.indicator._figures import Known, figures_of
from ckanext.sozialdaten.portal.indicator._funnel import FunnelTab, has_funnel
from ckanext.sozialdaten.portal.indicator._ranking import RankingTab
from ckanext.sozialdaten.portal.indicator._scope import Scope
from ckanext.sozialdaten.portal.indicator._series import SeriesTab
from ckanext.sozialdaten.portal.indicator._sources import Source, sources_of
from ckanext.sozialdaten.portal.indicator._spread import DistributionTab, RelationTab
from ckanext.sozialdaten.portal.indicator._tables import Column, Entry, Row, TableModel
from ckanext.sozialdaten.portal.indicator._tabs import IDENT, Shown
from ckanext.sozialdaten.portal.indicator._words import headline, quality, unit_of
from ckanext.sozialdaten.portal.preview import map_file, pattern_of

__all__ = ["FORMATS", "MapTab", "Page", "View"]

FORMATS = ("csv", "xlsx", "parquet", "json", "geojson", "svg", "png", "pdf")
_FORMAT_NAMES = ("CSV", "Excel", "Parquet", "JSON-stat", "GeoJSON", "SVG", "PNG", "PDF")


class View(Protocol):
    """What every tab has."""

    @property
    def title(self) -> str:
        """What is shown, of when."""
        ...

    @property
    def svg(self) -> str:
        """The drawing; empty where there is only a table."""
        ...

    @property
    def summary(self) -> str:
        """The drawing in sentences."""
        ...

    @property
    def table(self) -> TableModel | None:
        """The figures; None where the map brings its own table."""
        ...


@dataclass(frozen=True)
class MapTab(Shown):
    """The map; its board is the one of the previews."""

    table = None

    @cached_property
    def board(self) -> MapBoard:
        """The map with legend and table."""
        scope = self.scope
        figures = scope.figures
        if not scope.intervals:
            cells = {place: scope.plain(cell) for place, cell in figures.cells.items()}
            figures = type(figures)(cells, figures.periods, figures.decimals)
        return MapBoard(
            replace(scope.address, tab=Tab.MAP),
            figures,
            scope.period,
            scope.keys,
            regions.plan_of(scope.level, scope.keys),
            scope.above,
            self.caption,
            self.unit,
            self.ident,
            scheme=scope.scheme,
        )

    @property
    def title(self) -> str:
        """What is shown, of when."""
        return self.board.title

    @property
    def svg(self) -> str:
        """The map."""
        return self.board.svg

    @property
    def summary(self) -> str:
        """Highest, lowest, how many are missing."""
        return self.board.summary

    @property
    def plain_table(self) -> TableModel:
        """The board's table as the other views write theirs."""
        foot = [self.board.above_line] if self.board.above_line else []
        rows, last = (
            tuple(
                Row(line.name, (Entry(line.text, "", line.missing), Entry(line.remark or "–")))
                for line in found
            )
            for found in (self.board.lines, foot)
        )
        columns = (
            Column(tk._("Region"), number=False),
            Column(tk._("Figure")),
            Column(tk._("Remark")),
        )
        return TableModel(self.title, columns, rows, last)

    def picture(self, notes: list[str]) -> str:
        """The map as a picture of its own."""
        board = self.board
        return map_file(board.file_scene, board.title, board.missing, notes)


@dataclass(frozen=True)
class Page:
    """The page.

    Args:
        scope: what is shown.
        query: the whole state as a query.
    """

    scope: Scope
    query: str

    ident = IDENT

    @property
    def indicator(self) -> Indicator:
        """The definition."""
        return self.scope.known.indicator

    @property
    def name(self) -> str:
        """The indicator's name in the reader's language."""
        return self.indicator.label(frame.language())

    def text(self, field: str) -> str:
        """A text of the definition in the reader's language, else in German."""
        texts = getattr(self.indicator, field)
        return texts.get(frame.language()) or texts.get("de", "")

    @property
    def unit(self) -> str:
        """The unit of the figures shown."""
        return unit_of(self.scope)

    @property
    def _plain_unit(self) -> str:
        """The unit of figures that are no differences."""
        return self.indicator.unit.get(frame.language(), "")

    @property
    def headline(self) -> str:
        """The answer in sentences."""
        return headline(self.scope)

    @property
    def period_label(self) -> str:
        """The period of map and ranking, for readers."""
        return self.label_of(self.scope.period)

    def label_of(self, key: str) -> str:
        """A period for readers."""
        periods = self.scope.known.figures.periods
        return next((p.label(frame.language()) for p in periods if p.key == key), key)

    @property
    def _caption(self) -> str:
        if not self.scope.minus:
            return self.name
        return tk._("{name}: change since {period}").format(
            name=self.name, period=self.label_of(self.scope.minus)
        )

    @cached_property
    def view(
        self,
    ) -> SeriesTab | MapTab | RankingTab | FunnelTab | DistributionTab | RelationTab | DetailsTab:
        """The tab that is shown."""
        scope, unit = self.scope, self.unit
        dated = f"{self._caption}, {self.period_label}"
        match scope.address.shown:
            case Tab.SERIES:
                return SeriesTab(scope, self.name, self._plain_unit)
            case Tab.MAP:
                return MapTab(scope, self._caption, unit)
            case Tab.RANKING:
                return RankingTab(scope, dated, unit)
            case Tab.FUNNEL:
                return FunnelTab(scope, f"{self.name}, {self.period_label}", self._plain_unit)
            case Tab.DISTRIBUTION:
                return DistributionTab(scope, dated, unit)
            case Tab.RELATION:
                return RelationTab(scope, dated, unit, other=self._other())
            case Tab.TABLE:
                return DetailsTab(scope, dated, unit)

    @cached_property
    def others(self) -> list[Indicator]:
        """Indicators that this one can be related to, those of its theme first."""
        known = public_figures().catalogue
        found = [item for item in known.values() if item.id != self.indicator.id]
        theme = self.indicator.theme
        return sorted(found, key=lambda item: (item.theme != theme, item.label(frame.language())))

    def _other(self) -> Known | None:
        wanted = self.scope.address.other
        chosen = [item for item in self.others if item.id == wanted] or self.others[:1]
        return figures_of(chosen[0].id, self.scope.address.as_of) if chosen else None

    @property
    def other_id(self) -> str:
        """The second indicator of a relation."""
        view = self.view
        return view.other.indicator.id if isinstance(view, RelationTab) and view.other else ""

    @property
    def drawn(self) -> bool:
        """Whether there is a drawing, and not only a table."""
        return not isinstance(self.view, DetailsTab)

    @property
    def board(self) -> MapBoard | None:
        """The map's board on the map's tab."""
        return self.view.board if isinstance(self.view, MapTab) else None

    @property
    def tabs(self) -> list[tuple[str, str, str, bool]]:
        """Code, label and address of each tab, and whether it is shown."""
        labels = {
            Tab.SERIES: tk._("Time series"),
            Tab.MAP: tk._("Map"),
            Tab.RANKING: tk._("Ranking"),
            Tab.FUNNEL: tk._("Chance or not"),
            Tab.DISTRIBUTION: tk._("Distribution"),
            Tab.RELATION: tk._("Relation"),
            Tab.TABLE: tk._("Table"),
        }
        address = self.scope.address
        return [
            (tab, label, address.query(tab=tab, order=""), tab is address.shown)
            for tab, label in labels.items()
            if tab is not Tab.FUNNEL or has_funnel(self.indicator)
        ]

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Each chosen region with the address of the state without it."""
        address, mine = self.scope.address, self.scope.mine
        if not address.regions:
            return []
        return [
            (
                regions.name_of(key),
                address.query(regions=tuple(k for k in mine if k != key), tab=address.shown),
            )
            for key in mine
        ]

    @property
    def quality(self) -> list[tuple[str, str, int]]:
        """Pattern, words and number of regions of each kind of cell."""
        return [(pattern_of(kind), words, count) for kind, words, count in quality(self.scope)]

    @cached_property
    def sources(self) -> list[Source]:
        """The datasets behind the figures."""
        state = figures_token()
        return sources_of(self.scope.known.sources, state)

    @property
    def captured(self) -> str:
        """When the newest input came in, for readers."""
        stamp = self.scope.known.captured
        return frame.moment(stamp.isoformat()) if stamp else ""

    @property
    def older(self) -> str:
        """How much older than the Stichtag asked for the figures are, in words."""
        asked = self.scope.address.reference_date
        if asked is None:
            return ""
        end = self.scope.known.ends[self.scope.period]
        days = (asked - end).days
        if days <= 0:
            return ""
        return tk.ungettext(
            "Figures of {day}, {count} day before the date asked for.",
            "Figures of {day}, {count} days before the date asked for.",
            days,
        ).format(day=frame.day(end.isoformat()), count=days)

    @property
    def notices(self) -> list[str]:
        """What of the address could not be followed."""
        found = [
            tk._("“{name}” in the address fits nothing here and was left out.").format(name=name)
            for name in self.scope.ignored
        ]
        found += filter(None, (self.scope.reason, self.older))
        if self.scope.address.as_of:
            found.append(
                tk._("Figures as they were known on {day}.").format(
                    day=frame.day(self.scope.address.as_of.isoformat())
                )
            )
        return found

    @property
    def path(self) -> str:
        """The page's path, without its query and language."""
        return tk.h.url_for("sozialdaten_indicator.show", indicator=self.indicator.id)

    @property
    def link(self) -> str:
        """The permanent link to this state."""
        return f"{self._root}/kennzahlen/{self.indicator.id}{self.query}"

    @property
    def _root(self) -> str:
        return str(config["ckan.site_url"]).rstrip("/")

    def twin(self, kind: str) -> str:
        """The address of this state as a file."""
        return f"{self.path}.{kind}{self.query}"

    @property
    def files(self) -> list[tuple[str, str]]:
        """Ending and name of each kind of file; a table is no picture."""
        names = dict(zip(FORMATS, _FORMAT_NAMES, strict=True))
        return [(k, name) for k, name in names.items() if self.drawn or k not in ("svg", "png")]

    @property
    def embed(self) -> str:
        """HTML that shows this state on another site: a frame without script and cookie."""
        address = f"{self._root}/kennzahlen/{self.indicator.id}/einbetten{self.query}"
        frame_ = '<iframe src="{}" title="{}" width="100%" height="640" loading="lazy"></iframe>'
        return str(tk.h.literal(frame_)).format(_escaped(address), _escaped(self.view.title))

    @property
    def picture_code(self) -> str:
        """HTML that shows this state as a picture that leads here; empty for a table."""
        if not self.drawn:
            return ""
        picture = f"{self._root}/kennzahlen/{self.indicator.id}.svg{self.query}"
        alt = f"{self.view.title}. {self.headline}"
        return str(
            tk.h.literal('<a href="{}"><img src="{}" alt="{}" width="960" loading="lazy"></a>')
        ).format(*(_escaped(text) for text in (self.link, picture, alt)))

    @property
    def plain_table(self) -> TableModel:
        """The table of the view; the map's as the other views write theirs."""
        view = self.view
        return view.plain_table if isinstance(view, MapTab) else view.table

    @property
    def citation(self) -> str:
        """How to cite this state."""
        site = str(config["ckan.site_title"])
        names = "; ".join(dict.fromkeys(source.publisher for source in self.sources if source))
        return tk._(
            "{names}: {title}. {site}, data as of {captured}, retrieved {today}. {link}"
        ).format(
            names=names or site,
            title=self.view.title,
            site=site,
            captured=self.captured or "–",
            today=frame.day(dt.datetime.now(dt.UTC).date().isoformat()),
            link=self.link,
        )

    @property
    def file_notes(self) -> list[str]:
        """What a picture says beneath the drawing."""
        names = "; ".join(dict.fromkeys(source.credit for source in self.sources))
        lines = [self.headline] if self.scope.address.shown is Tab.SERIES else []
        lines.append(f"{tk._('Source')}: {names}")
        lines.append(f"{tk._('Data as of')}: {self.captured}")
        if isinstance(self.view, MapTab) and self.view.board.credit:
            lines.append(f"{tk._('Boundaries')}: {self.view.board.credit}")
        return [*lines, str(config["ckan.site_title"]), self.link]

    @property
    def file_name(self) -> str:
        """A name for files of this state: both times are part of it."""
        parts = [self.indicator.id, self.scope.address.shown.value, self.scope.period]
        if self.scope.address.as_of:
            parts.append(f"stand-{self.scope.address.as_of.isoformat()}")
        return quote("_".join(parts), safe="")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
