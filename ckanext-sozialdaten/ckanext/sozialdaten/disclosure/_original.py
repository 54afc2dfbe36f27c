"""A finished copy beside the table it was made of: levels of contributors, and whether it is true.

The attack gets the copy alone. Its answers are then compared with the original: an interval that
does not hold the true value means that the copy, or what we take for its sums, is wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ckanext.sozialdaten.disclosure._demanded import originals_of
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._model import Finding, Report, Severity
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.attack import Status
from ckanext.sozialdaten.disclosure.magnitudes import Contributors, Demands, demands_of
from ckanext.sozialdaten.disclosure.rules._precision import said_precision
from ckanext.sozialdaten.disclosure.rules._tables import attack, by_column, holds, required
from ckanext.sozialdaten.disclosure.structure import Cells, Noise, cells_of
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Original", "originals"]

_SUMS = frozenset({"recoverable-suppression", "small-difference"})
_RULE = "recoverable-suppression"
_PLAY = 1e-6

_SHOWN = Message(
    "In the column {column} {cells} values are shown that contributors alone make unsafe."
)
_WEAK = Message(
    "In the column {column} sums narrow {cells} suppressed values below the protection levels that"
    " the original asks for."
)
_UNTRUE = Message(
    "In the column {column} {cells} suppressed values of the original are not possible beside the"
    " figures of the copy: one of the two is wrong."
)
_OTHER = Message("In the column {column} {cells} figures are others than in the original.")
_HIDE = Message("Suppress these values as well, or protect the original again.")
_LOOK = Message("Compare the copy with its original, and name its sums with --hierarchy.")
_NONE = Message("Nothing is to be done if they were rounded or have noise.")


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of the table that a copy was made of.

    Args:
        before: the table.
        demands: what must stay open of its magnitudes.
    """

    before: Subject
    demands: Demands

    def beside(self, copy: Subject, report: Report) -> Report:
        """The report on a copy, judged by its original.

        Of amounts whose contributors the original states their levels decide, not the flat
        percentage that holds where nobody knows them.
        """
        known = {*self.demands.columns, *self.demands.numbers} if self.demands.any else set[str]()
        kept = [f for f in report.findings if not (f.rule in _SUMS and f.column in known)]
        place = (copy.sheet.resource, copy.sheet.name)
        found = [one.at(*place) for one in self._findings(copy)]
        return Report.of(report.policy, [*kept, *found], report.guesses)

    def _findings(self, copy: Subject) -> Iterator[Finding]:
        for role in (Role.COUNT, Role.MAGNITUDE):
            cells = cells_of(copy, role)
            if cells is None:
                continue
            true = self._true(cells)
            asked = required(cells, self.demands)
            yield from self._shown(copy, cells, true)
            if not cells.withheld.any():
                continue
            done = attack(cells, role, copy.policy, exact=True, levels=asked)
            weak, untrue = list[int](), list[int]()
            for cell, one in done.intervals.items():
                play = _PLAY * max(1.0, abs(true[cell]))
                outside = not one.low - play <= true[cell] <= one.high + play
                if one.status is Status.CONTRADICTION or (one.proven and outside):
                    untrue.append(cell)
                elif cell in asked and not holds(one, role, copy.policy, levels=asked[cell]):
                    weak.append(cell)
            yield from _told(copy, cells, weak, _WEAK, _HIDE, Severity.BLOCK)
            yield from _told(copy, cells, untrue, _UNTRUE, _LOOK, Severity.BLOCK)

    def _true(self, cells: Cells) -> list[float]:
        """The true value of each cell; NaN where the original does not show it."""
        measures = self.before.measures
        shown = (
            {name: measures.shown(name) for name in set(cells.columns) if name in measures.columns}
            if measures
            else {}
        )
        return [
            float(shown[column][row]) if column in shown else np.nan
            for row, column in zip(cells.rows.tolist(), cells.columns, strict=True)
        ]

    def _shown(self, copy: Subject, cells: Cells, true: Sequence[float]) -> Iterator[Finding]:
        """Figures that had to be suppressed, and those that are not the true ones."""
        unsafe, other = list[int](), list[int]()
        noisy = said_precision(copy, cells)
        for cell in np.flatnonzero(~cells.withheld).tolist():
            asked = self.demands.columns.get(cells.columns[cell])
            if asked is not None and asked.primary[int(cells.rows[cell])]:
                unsafe.append(cell)
            gap = abs(float(cells.values[cell]) - true[cell])
            if gap > _PLAY * max(1.0, abs(true[cell])):
                other.append(cell)
        yield from _told(copy, cells, unsafe, _SHOWN, _HIDE, Severity.BLOCK, "dominance")
        if noisy is None or noisy.noise is Noise.EXACT:
            yield from _told(copy, cells, other, _OTHER, _NONE, Severity.WARN)


def originals(
    copies: Sequence[Subject],
    paths: Sequence[str | Path],
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    behind: Contributors | None,
    engine: Engine,
) -> dict[int, Original]:
    """The originals of copies, by the identity of these.

    Raises:
        NotSupportedError: an original does not fit its copy.
    """
    found = originals_of(copies, paths, layout, policy, engine)
    return {key: Original(before, demands_of(before, behind)) for key, before in found.items()}


def _told(
    copy: Subject,
    cells: Cells,
    chosen: Sequence[int],
    text: Message,
    remedy: Message,
    severity: Severity,
    rule: str = _RULE,
) -> Iterator[Finding]:
    for column, rows in by_column(cells, chosen):
        message = Message(text.msgid, {"column": column, "cells": len(rows)})
        yield Finding(rule, severity, message, remedy, column=column, cells=copy.rows(rows))
