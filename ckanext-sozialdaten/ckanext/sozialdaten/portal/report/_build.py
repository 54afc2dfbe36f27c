"""The report of a region: which figures it shows, of when, beside which others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.indicators import Indicator, Verdict, verdict
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._counts import is_count
from ckanext.sozialdaten.portal._figures import figures_token, public_figures
from ckanext.sozialdaten.portal._themes import social_themes
from ckanext.sozialdaten.portal.indicator._figures import Known, from_table, ready, store
from ckanext.sozialdaten.portal.indicator._sources import Source, sources_of
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Kind,
    Period,
    cell_text,
    format_number,
    interval_text,
    pattern_of,
    remark_text,
    spark_svg,
)
from ckanext.sozialdaten.portal.report._aims import (
    Aims,
    Goal,
    Measure,
    Standing,
    aims,
    goal_sentences,
    standing,
)
from ckanext.sozialdaten.portal.report._sentences import (
    Peer,
    Piece,
    Story,
    Target,
    Way,
    change_text,
    tell,
    way,
    with_unit,
)

__all__ = ["Chapter", "Compared", "Entry", "Report", "report_of"]

_KEPT = 128
_SPAN = 5
_KINDS = {Level.KREIS: "kreis", Level.LAND: "land", Level.BUND: "bund"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside that of the region.

    Args:
        kind: ``kreis``, ``land`` or ``bund``.
        region: its key.
        text: the figure, or why there is none.
        pattern: of a missing figure.
        verdict: how the region's own figure lies to it.
    """

    kind: str
    region: str
    text: str
    pattern: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure of the report.

    Args:
        indicator: what it is.
        known: all figures of it that the report may need.
        region: whose figure it is: the region's, or that of the Kreis where there is only one.
        period: of when.
        before: the earlier period it is compared with; None: there is none.
        story: what is told of it.
        peers: regions above.
        pieces: the sentences.
        spark: the way of the figure as a drawing.
        goal: what the figure shall become, if staff say so.
        measures: what is done about it.
    """

    indicator: Indicator
    known: Known
    region: str
    period: Period
    before: Period | None
    story: Story
    peers: tuple[Compared, ...]
    pieces: tuple[Piece, ...]
    spark: str
    goal: Goal | None = None
    measures: tuple[Measure, ...] = ()

    @property
    def name(self) -> str:
        """Of the indicator, in the reader's language."""
        return self.indicator.label(frame.language())

    @property
    def unit(self) -> str:
        """In the reader's language."""
        return self.story.unit

    @property
    def text(self) -> str:
        """The figure with its unit, or why there is none."""
        cell = self.story.cell
        told = cell_text(cell, frame.language(), self.indicator.decimals)
        return told if cell.value is None else with_unit(told, self.unit, frame.language())

    @property
    def number(self) -> str:
        """The figure alone, or why there is none."""
        return cell_text(self.story.cell, frame.language(), self.indicator.decimals)

    @property
    def pattern(self) -> str:
        """Of a missing figure."""
        return pattern_of(self.story.cell.kind)

    @property
    def remark(self) -> str:
        """What to know beside the figure, such as "provisional"."""
        cell = self.story.cell
        return remark_text(cell, frame.language()) if cell.value is not None else ""

    @property
    def interval(self) -> str:
        """The 95 % interval; empty where there is none."""
        return interval_text(self.story.cell, frame.language(), self.indicator.decimals)

    @property
    def sentence(self) -> str:
        """The sentences as plain text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def standing(self) -> Standing | None:
        """How the figure lies to its goal; None without one."""
        return standing(self.goal, self.story.cell)[0] if self.goal else None

    @property
    def goal_words(self) -> str:
        """The goal and how far it is, in a sentence or two; empty without a goal."""
        if self.goal is None:
            return ""
        language, found = frame.language(), standing(self.goal, self.story.cell)
        numbers = [
            with_unit(format_number(n, language, self.indicator.decimals), unit, language)
            for n, unit in ((self.goal.target, self.unit), (found[1], self._step))
        ]
        told = goal_sentences(self.goal, found, numbers)
        return " ".join(message.text(language) for message in told)

    @property
    def _step(self) -> str:
        """The unit of a difference."""
        points = Message("percentage points").text(frame.language())
        return points if self.unit.startswith("%") else self.unit

    @property
    def way(self) -> Way | None:
        """What became of it since the earlier period."""
        return way(self.story.before[1], self.story.cell) if self.story.before else None

    @property
    def change(self) -> str:
        """The difference to the earlier period; empty without one."""
        return change_text(self.story, frame.language())

    def address(self, target: Target) -> str:
        """The view of the indicator's page that shows a number of the sentences."""
        views: dict[Target, dict[str, str]] = {
            Target.FIGURE: {"bis": self.period.key},
            Target.SERIES: {
                "von": (self.before or self.period).key,
                "bis": self.period.key,
            },
            Target.COMPARISON: {
                "vergleich": ",".join(peer.kind for peer in self.peers),
                "bis": self.period.key,
            },
        }
        return tk.h.url_for(
            "sozialdaten_indicator.show",
            indicator=self.indicator.id,
            gebiet=self.region,
            **views[target],
        )

    def told(self, name: str) -> str:
        """A text of the definition in the reader's language."""
        texts: Mapping[str, str] = getattr(self.indicator, name)
        return texts.get(frame.language()) or texts.get("de", "")


@dataclass(frozen=True, slots=True)
class Chapter:
    """The figures of a field of action."""

    code: str
    name: str
    entries: tuple[Entry, ...]

    @property
    def summary(self) -> str:
        """How many figures rose, fell, or did neither for certain."""
        counts = Counter(entry.way for entry in self.entries)
        words = {
            Way.RISEN: tk._("{count} risen"),
            Way.FALLEN: tk._("{count} fallen"),
            Way.UNCHANGED: tk._("{count} unchanged"),
            Way.UNCERTAIN: tk._("{count} without a certain change"),
            None: tk._("{count} without an earlier figure"),
        }
        return ", ".join(
            text.format(count=counts[key]) for key, text in words.items() if counts[key]
        )


@dataclass(frozen=True, eq=False)
class Report:
    """The report of a region; each is itself alone, so that files made of it can be kept by it.

    Args:
        region: its key.
        year: that it speaks of.
        since: the year that changes are told from.
        years: all that can be chosen, newest first.
        chapters: by field of action, in the order of the themes.
        state: names the state of the public zone that it shows.
    """

    region: str
    year: str
    since: str
    years: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    state: str

    @property
    def name(self) -> str:
        """Of the region."""
        return regions.name_of(self.region)

    @property
    def upper(self) -> str:
        """Name of the region one level up."""
        return regions.upper_name(self.region)

    @property
    def address(self) -> str:
        """Of this report, with all that it leaves to defaults."""
        return tk.h.url_for(
            "sozialdaten_report.show", key=self.region, jahr=self.year, seit=self.since,
            qualified=True,
        )  # fmt: skip

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which kinds of regions stand beside it."""
        found = {peer.kind for entry in self.entries for peer in entry.peers}
        return tuple(kind for kind in _KINDS.values() if kind in found)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All figures, in order."""
        return tuple(entry for chapter in self.chapters for entry in chapter.entries)

    @cached_property
    def captured(self) -> str:
        """The day on which the newest input came in, in the reader's notation."""
        known = [entry.known.captured for entry in self.entries if entry.known.captured]
        return frame.day(max(known).date().isoformat()) if known else ""

    @cached_property
    def sources(self) -> list[Source]:
        """The public datasets behind the figures."""
        series = sorted({name for entry in self.entries for name in entry.known.sources})
        return sources_of(series, self.state)

    @property
    def missing(self) -> int:
        """How many of the figures are not there, for whatever reason."""
        return sum(entry.story.cell.value is None for entry in self.entries)


def report_of(region: str, year: str = "", since: str = "") -> Report | None:
    """The report of a region from the figures that lie ready; nothing is computed.

    Args:
        region: its key.
        year: that it speaks of; default: the newest for which half of the figures are there.
        since: the year that changes are told from; default: five years earlier.

    Returns:
        None where there is no figure of the region.
    """
    known = store()
    if known is None:
        return None
    return _report(region, (year, since), frame.language(), figures_token(), ready(), aims())


@lru_cache(maxsize=_KEPT)
def _report(
    region: str,
    span: tuple[str, str],
    language: str,
    token: str,
    there: tuple[str, ...],
    known: Aims,
) -> Report | None:
    year, since = span
    above = Register.default().ancestors(region)
    loaded = _loaded(region, token, there)
    years = _years(loaded, region)
    if not years:
        return None
    chosen = year if year in years else _usual(loaded, region, years)
    start = since if since in years and since < chosen else _earlier(years, chosen)
    found = _entries(loaded, (region, *above), (chosen, start), language)
    entries = [_aimed(entry, known) for entry in found]
    chapters = tuple(
        Chapter(theme["code"], theme[language], found)
        for theme in social_themes()
        if (found := _of_theme(entries, theme["code"]))
    )
    return Report(region, chosen, start, years, chapters, token)


def _aimed(entry: Entry, known: Aims) -> Entry:
    """A figure with its goal and its measures."""
    goal = known.goal(entry.region, entry.indicator.id)
    measures = known.of(entry.region, entry.indicator.id)
    if goal is None and not measures:
        return entry
    figures = entry.known.figures
    told = [p for p in _told(entry.known, entry.region) if p.year <= entry.period.year]
    values = [figures.cell(entry.region, period.key).value for period in told]
    spark = spark_svg(values, goal.target if goal else None)
    return replace(entry, goal=goal, measures=measures, spark=spark)


def _of_theme(entries: Sequence[Entry], theme: str) -> tuple[Entry, ...]:
    """The figures of a field of action: how many there are of something comes first."""
    found = [entry for entry in entries if entry.indicator.theme == theme]
    return tuple(sorted(found, key=lambda entry: not is_count(entry.indicator)))


@lru_cache(maxsize=_KEPT)
def _loaded(region: str, _token: str, there: tuple[str, ...]) -> tuple[Known, ...]:
    """The headline figures of a region and those above it."""
    holder = public_figures()
    keys = [region, *Register.default().ancestors(region)]
    items = [holder.catalogue[key] for key in there]
    return tuple(from_table(item, holder.select(item.id, keys)) for item in items if item.headline)


def _told(known: Known, region: str) -> list[Period]:
    """The periods of which something is known: a figure, or a reason for none."""
    figures = known.figures
    return [
        p for p in figures.periods if figures.cell(region, p.key).kind is not Kind.NOT_AVAILABLE
    ]


def _years(loaded: Sequence[Known], region: str) -> tuple[str, ...]:
    found = {period.year for known in loaded for period in _told(known, region)}
    return tuple(sorted(found, reverse=True))


def _usual(loaded: Sequence[Known], region: str, years: Sequence[str]) -> str:
    """The newest year in which at least half of the figures are told; else the newest."""
    counts = Counter(
        year for known in loaded for year in {period.year for period in _told(known, region)}
    )
    full = max(counts.values())
    return next((year for year in years if counts[year] * 2 >= full), years[0])


def _earlier(years: Sequence[str], chosen: str) -> str:
    """The year five years before, or the first one; the chosen one where it is the first."""
    before = [year for year in years if year < chosen]
    if not before:
        return chosen
    wanted = str(int(chosen) - _SPAN) if chosen.isdigit() else before[-1]
    return next((year for year in reversed(before) if year >= wanted), before[-1])


def _entries(
    loaded: Sequence[Known], lineage: Sequence[str], span: tuple[str, str], language: str
) -> Iterator[Entry]:
    for known in loaded:
        place = _owner(known, lineage)
        told = [p for p in _told(known, place) if p.year <= span[0]] if place else []
        if told:
            yield _entry(known, (place, lineage), told, span, language)


def _owner(known: Known, lineage: Sequence[str]) -> str:
    """Whose figure is told: the region's own, else that of the Kreis it lies in."""
    register = Register.default()
    own = [key for key in lineage[1:] if register.level(key) is Level.KREIS]
    return next((key for key in (lineage[0], *own) if _told(known, key)), "")


def _entry(
    known: Known,
    where: tuple[str, Sequence[str]],
    told: Sequence[Period],
    span: tuple[str, str],
    language: str,
) -> Entry:
    (place, lineage), (year, since), item = where, span, known.indicator
    figures, last = known.figures, told[-1]
    cell = figures.cell(place, last.key)
    filled = [p for p in told[:-1] if figures.cell(place, p.key).value is not None]
    before = next((p for p in filled if p.year >= since), None) if cell.value is not None else None
    peers = list(_peers(known, lineage[lineage.index(place) + 1 :], last))
    comparable = not is_count(item)
    story = Story(
        period=last.label(language),
        cell=cell,
        unit=item.unit.get(language, ""),
        decimals=item.decimals,
        before=(before.label(language), figures.cell(place, before.key)) if before else None,
        peers=tuple(
            Peer(kind, other) for kind, _, other in peers if comparable and other.value is not None
        ),
        latest=_latest(known, place, filled, language) if cell.value is None else None,
        place=regions.name_of(place) if place != lineage[0] else "",
        asked=year if last.year < year else "",
    )
    compared = tuple(
        Compared(
            kind,
            key,
            cell_text(other, language, item.decimals),
            pattern_of(other.kind),
            verdict(cell.value, cell.low, cell.high, other.value if comparable else None),
        )
        for kind, key, other in peers
    )
    drawn = spark_svg([figures.cell(place, p.key).value for p in told])
    return Entry(item, known, place, last, before, story, compared, tell(story, language), drawn)


def _latest(
    known: Known, place: str, filled: Sequence[Period], language: str
) -> tuple[str, Cell] | None:
    if not filled:
        return None
    return filled[-1].label(language), known.figures.cell(place, filled[-1].key)


def _peers(known: Known, above: Sequence[str], period: Period) -> Iterator[tuple[str, str, Cell]]:
    register = Register.default()
    for key in above:
        kind = _KINDS.get(register.level(key))
        if kind:
            yield kind, key, known.figures.cell(key, period.key)
