"""Sentences about an indicator, built from its figures: what is uncertain is not told as a fact."""

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._scope import Peer, Scope
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Kind,
    cell_text,
    format_number,
    interval_text,
    kind_text,
)

__all__ = ["headline", "quality", "unit_of"]


def unit_of(scope: Scope) -> str:
    """The unit of the figures shown: a difference of per cents is one of percentage points."""
    unit = scope.known.indicator.unit.get(frame.language(), "")
    if scope.minus and unit.startswith("%"):
        return tk._("percentage points") + unit[1:]
    return unit


def headline(scope: Scope) -> str:
    """The answer in sentences: my region, its interval, the change, the comparisons."""
    figures, key = scope.known.figures, scope.mine[0]
    cell = figures.cell(key, scope.period)
    name = regions.name_of(key)
    label = next(p.label(frame.language()) for p in figures.periods if p.key == scope.period)
    if cell.value is None:
        text = tk._("{name}, {period}: {reason}.").format(
            name=name, period=label, reason=kind_text(cell.kind, frame.language())
        )
        return " ".join(filter(None, (text, _others(scope, cell))))
    unit = scope.known.indicator.unit.get(frame.language(), "")
    value = f"{_number(scope, cell)} {unit}".rstrip()
    if scope.intervals and cell.low is not None:
        value += " ({})".format(
            tk._("interval (95 %): {interval}").format(
                interval=interval_text(cell, frame.language(), figures.decimals)
            )
        )
    text = tk._("{name}, {period}: {value}.").format(name=name, period=label, value=value)
    return " ".join(filter(None, (text, _change(scope, cell), _others(scope, cell))))


def _number(scope: Scope, cell: Cell) -> str:
    return cell_text(cell, frame.language(), scope.known.figures.decimals)


def _change(scope: Scope, cell: Cell) -> str:
    """What changed since the first period shown; nothing where the intervals overlap."""
    figures, key = scope.known.figures, scope.mine[0]
    for period in scope.span:
        first = figures.cell(key, period.key)
        if first.value is None:
            continue
        if period.key == scope.period or cell.value is None:
            return ""
        since = period.label(frame.language())
        if _overlap(first, cell):
            return tk._("No certain change since {period}.").format(period=since)
        change = round(cell.value - first.value, figures.decimals)
        number = format_number(abs(change), frame.language(), figures.decimals)
        if not change:
            return tk._("Unchanged since {period}.").format(period=since)
        if change > 0:
            return tk._("Since {period}: +{number}.").format(period=since, number=number)
        return tk._("Since {period}: −{number}.").format(period=since, number=number)
    return ""


def _overlap(one: Cell, other: Cell) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high


def _others(scope: Scope, cell: Cell) -> str:
    """The comparisons, and from which of them the figure cannot be told apart."""
    known: list[tuple[Peer, Cell]] = []
    for peer in scope.peers:
        value = scope.known.figures.cell(peer.key, scope.period)
        if value.value is not None:
            known.append((peer, value))
    if not known:
        return ""
    listed = "; ".join(f"{peer.name} {_number(scope, value)}" for peer, value in known)
    alike = [
        peer.name
        for peer, value in known
        if cell.low is not None
        and cell.high is not None
        and value.value is not None
        and cell.low <= value.value <= cell.high
    ]
    text = tk._("To compare: {listed}.").format(listed=listed)
    if not alike or not scope.intervals:
        return text
    return f"{text} " + tk._("Not distinguishable from: {names}.").format(names=", ".join(alike))


def quality(scope: Scope) -> list[tuple[Kind, str, int]]:
    """Pattern, words and number of regions of each kind of cell in the period shown."""
    counts: dict[Kind, int] = {}
    for key in scope.keys:
        kind = scope.known.figures.cell(key, scope.period).kind
        shown = Kind.VALUE if kind in (Kind.NOTHING, Kind.ROUNDED_ZERO) else kind
        counts[shown] = counts.get(shown, 0) + 1
    words = {kind: kind_text(kind, frame.language()) for kind in counts}
    words[Kind.VALUE] = tk._("Regions with a figure")
    return [(kind, words[kind], counts[kind]) for kind in Kind if kind in counts]
