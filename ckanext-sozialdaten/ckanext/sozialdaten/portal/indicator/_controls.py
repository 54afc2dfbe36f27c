"""The form of an indicator's page: which fields each tab has, and what they offer."""

from collections.abc import Sequence
from dataclasses import dataclass

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.sozialdaten.geography import Level
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._address import MOST_REGIONS, Compare, Tab, Trend
from ckanext.sozialdaten.portal.indicator._page import Page
from ckanext.sozialdaten.portal.preview import Method, format_number

__all__ = ["Controls", "Group", "controls_of"]

_FIELDS = {
    Tab.SERIES: ("von", "bis", "index", "trend"),
    Tab.MAP: ("jahr", "ebene", "in", "klassen", "differenz", "min", "max"),
    Tab.RANKING: ("jahr", "ebene", "in", "differenz", "min", "max"),
    Tab.FUNNEL: ("jahr", "ebene", "in"),
    Tab.DISTRIBUTION: ("jahr", "ebene", "in", "differenz", "min", "max"),
    Tab.RELATION: ("jahr", "ebene", "in", "mit", "min", "max"),
    Tab.TABLE: ("jahr", "ebene", "in", "differenz", "min", "max"),
}
_ALWAYS = ("gebiet", "vergleich", "stichtag", "stand", "intervalle")


@dataclass(frozen=True, slots=True)
class Group:
    """Regions under a heading: its label, and the entries as HTML."""

    label: str
    entries: Markup

    def options(self, chosen: str = "") -> Markup:
        """The entries, one of them chosen."""
        value = Markup('value="{}"').format(chosen)
        return self.entries.replace(value, value + " selected", 1)


@dataclass(frozen=True, slots=True)
class Controls:
    """The form.

    Args:
        hidden: name and value of what this tab has no field for.
        places: regions to choose from, by level.
        mine: key of the region chosen.
        more: whether another region may be added.
        compare: levels to compare with.
        main: lists that are always in view.
        further: lists of the fold-out part.
        least: lower end of the filter by value.
        most: upper end.
        limits: own class limits.
        manual: whether own limits can be given.
        filters: whether figures can be filtered by value.
        stichtag: the day asked for.
        stand: the day of knowledge asked for.
        intervals: whether intervals are shown.
        open: whether something of the fold-out part is set.
    """

    hidden: list[tuple[str, str]]
    places: list[Group]
    mine: str
    more: bool
    compare: list[frame.Option]
    main: list[frame.Choice]
    further: list[frame.Choice]
    least: str
    most: str
    limits: str
    manual: bool
    filters: bool
    stichtag: str
    stand: str
    intervals: bool
    open: bool


def controls_of(page: Page) -> Controls:
    """The form of a page."""
    scope, address = page.scope, page.scope.address
    tab = address.shown
    names = (*_FIELDS[tab], *_ALWAYS)
    choices = {choice.name: choice for choice in _choices(page) if choice.name in names}
    shown = ("von", "bis", "index", "trend", "jahr", "mit")
    main = [choices[name] for name in shown if name in choices]
    if tab is Tab.MAP:
        main = [choice for choice in main if choice.name != "jahr"]
    further = [choices[name] for name in ("ebene", "in", "klassen", "differenz") if name in choices]
    manual = address.classes.partition(":")
    hidden = address.pairs(names)
    if address.tab is None:
        hidden.insert(0, ("ansicht", tab.value))
    return Controls(
        hidden,
        _places(page),
        scope.mine[0],
        len(scope.mine) < MOST_REGIONS and bool(address.regions),
        _compare(page),
        main,
        further,
        _text(address.least),
        _text(address.most),
        manual[2].replace(",", " ") if manual[0] == Method.MANUAL else "",
        tab is Tab.MAP,
        "min" in names,
        address.reference_date.isoformat() if address.reference_date else "",
        address.as_of.isoformat() if address.as_of else "",
        address.intervals != "aus",
        _is_set(page),
    )


def _is_set(page: Page) -> bool:
    """Whether a field of the fold-out part says something."""
    address = page.scope.address
    named = (address.level, address.within, address.classes, address.minus, address.intervals)
    values = (address.reference_date, address.as_of, address.least, address.most)
    return any(named) or any(value is not None for value in values)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _places(page: Page) -> list[Group]:
    """All regions with figures, coarse levels first, as a list under headings."""
    names = _level_names()
    return [Group(names[level], found) for level, found in page.scope.places.items() if found]


def _level_names() -> dict[Level, str]:
    return {
        Level.ORTSTEIL: tk._("Neighbourhoods"),
        Level.GEMEINDE: tk._("Municipalities"),
        Level.KREIS: tk._("Districts"),
        Level.REGIERUNGSBEZIRK: tk._("Administrative regions"),
        Level.LAND: tk._("States"),
        Level.BUND: tk._("Germany"),
    }


def _compare(page: Page) -> list[frame.Option]:
    labels = {
        Compare.KREIS: tk._("District (Kreis)"),
        Compare.LAND: tk._("State (Land)"),
        Compare.BUND: tk._("Germany (Bund)"),
        Compare.SIMILAR: tk._("Similar municipalities"),
    }
    shown = {peer.compare for peer in page.scope.peers}
    return [
        frame.Option(compare.value, labels[compare], compare in shown)
        for compare in page.scope.offered
    ]


def _choices(page: Page) -> list[frame.Choice]:
    scope, address = page.scope, page.scope.address
    speech = frame.language()
    periods = [(p.key, p.label(speech)) for p in reversed(scope.known.figures.periods)]
    years = list(dict.fromkeys(p.year for p in scope.known.figures.periods))
    names = _level_names()
    listed = [
        _choice("jahr", tk._("Reference period"), periods, scope.period),
        _choice("von", tk._("From"), [(y, y) for y in years], scope.span[0].year),
        _choice("bis", tk._("To"), [(y, y) for y in reversed(years)], scope.span[-1].year),
        _choice(
            "index",
            tk._("Show as"),
            [
                ("", tk._("Figures")),
                *((year, tk._("Index ({period} = 100)").format(period=year)) for year in years),
            ],
            address.base[:4],
        ),
        _choice(
            "trend",
            tk._("Trend"),
            [
                ("", tk._("none")),
                (Trend.AMOUNT, tk._("straight line")),
                (Trend.SHARE, tk._("same per cent each year")),
                (Trend.CURVE, tk._("curve (third degree)")),
            ],
            address.trend or "",
        ),
        _choice(
            "differenz",
            tk._("Change since"),
            [("", tk._("no comparison of two dates")), *periods],
            scope.minus,
        ),
        _choice("klassen", tk._("Classes of the map"), _classes(page), _chosen_classes(page)),
    ]
    if len(scope.levels) > 1:
        options = [(level.value, names[level]) for level in scope.levels]
        listed.append(_choice("ebene", tk._("Level"), options, scope.level.value))
    if scope.areas:
        options = [("", tk._("all")), *((key, regions.name_of(key)) for key in scope.areas)]
        listed.append(_choice("in", tk._("Only regions in"), options, scope.within))
    if address.shown is Tab.RELATION:
        options = [(item.id, item.label(speech)) for item in page.others]
        listed.append(_choice("mit", tk._("Together with"), options, page.other_id))
    return listed


def _choice(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str) -> frame.Choice:
    return frame.Choice(
        name, label, tuple(frame.Option(value, text, value == chosen) for value, text in options)
    )


def _classes(page: Page) -> list[tuple[str, str]]:
    labels = {
        Method.QUANTILE: tk._("{count} classes of equal size (quantiles)"),
        Method.EQUAL: tk._("{count} classes of equal width"),
        Method.JENKS: tk._("{count} natural classes (Jenks)"),
        Method.SCATTER: tk._("{count} classes around the mean (standard deviation)"),
    }
    found = [
        (f"{method}{count}", label.format(count=count))
        for method, label in labels.items()
        for count in (5, 4, 3)
    ]
    scope = page.scope
    for peer in scope.peers:
        value = scope.known.figures.cell(peer.key, scope.period).value
        if value is None or scope.minus:
            continue
        number = format_number(value, frame.language(), scope.known.figures.decimals)
        text = tk._("below and above {name} ({value})").format(name=peer.name, value=number)
        found.append((f"{Method.DIVERGING}:{peer.compare}", text))
    if scope.minus:
        found.append((f"{Method.DIVERGING}:null", tk._("below and above zero")))
    if page.scope.address.classes.startswith(Method.MANUAL):
        found.append((page.scope.address.classes, tk._("own limits")))
    return found


def _chosen_classes(page: Page) -> str:
    address = page.scope.address
    if not address.classes:
        return f"{Method.DIVERGING}:null" if page.scope.minus else f"{Method.QUANTILE}5"
    bare = address.classes in (Method.QUANTILE, Method.EQUAL, Method.JENKS, Method.SCATTER)
    return f"{address.classes}5" if bare else address.classes
