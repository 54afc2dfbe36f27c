"""Reads what a preview shows: a selection that has figures, and why totals are missing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ckanext.sozialdaten.portal._state import ALL, Selection, State, select
from ckanext.sozialdaten.portal._table import Table
from ckanext.sozialdaten.portal.preview import Figures, gather

__all__ = ["Shown", "read"]

# A total that less than half of the regions have is no first view: its parts say more.
_ENOUGH = 0.5
Shown = Callable[[Figures], Collection[str]]


def read(
    table: Table, state: State, shown: Shown, regions: Sequence[str] = ()
) -> tuple[Selection, Figures]:
    """The selection that ``state`` asks for, and its figures.

    What the reader left open is chosen anew where most of its figures are missing: small counts
    are suppressed in parts, so that totals over the parts are often not published.

    Args:
        table: where the figures come from.
        state: the address.
        shown: the regions in view, given the figures of the first choice.
        regions: only these regions are read; empty for all.
    """
    selection = select(table, state)
    figures = _figures(table, selection, regions)
    keys = shown(figures)
    if selection.open and figures.share(keys) < _ENOUGH:
        fuller = _fullest(table, selection, keys)
        if fuller != selection:
            selection, figures = fuller, _figures(table, fuller, regions)
    return selection, figures


def _figures(table: Table, selection: Selection, regions: Sequence[str]) -> Figures:
    column = table.layout[selection.column]
    rows = table.rows(column, selection.filters, regions)
    figures = gather(rows, table.signs, selection.parts)
    totals = {name for name, code in selection.chosen.items() if code == selection.totals[name]}
    if not totals:
        return figures
    parts = {name: code for name, code in selection.filters.items() if name not in totals}
    secret = table.suppressed(column, parts, regions)
    known = {period.key for period in figures.periods}
    return figures.withheld(place for place in secret if place[1] in known)


def _fullest(table: Table, selection: Selection, keys: Collection[str]) -> Selection:
    """The codes of the open dimensions for which most figures of ``keys`` are there."""
    names = [name for name in selection.chosen if name in selection.open]
    fixed = {name: code for name, code in selection.filters.items() if name not in names}
    if any(code == ALL for name, code in selection.chosen.items() if name not in names):
        return selection
    counts = table.tally(table.layout[selection.column], fixed, names, sorted(keys))
    if not counts:
        return selection
    # equal counts: the order of the table's own code list, so that the choice never wavers
    order = [{code: place for place, code in enumerate(selection.codes[name])} for name in names]

    def rank(combination: tuple[str, ...]) -> tuple[int, ...]:
        places = (order[place].get(code, 0) for place, code in enumerate(combination))
        return (-counts[combination], *places)

    best = min(counts, key=rank)
    return replace(selection, chosen={**selection.chosen, **dict(zip(names, best, strict=True))})
