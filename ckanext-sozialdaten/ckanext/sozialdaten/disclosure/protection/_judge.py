"""Is a candidate safe? The check and the attack answer, from the published copy alone."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from ckanext.sozialdaten.disclosure._check import check_table
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.magnitudes import Contributors, Demands
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._noise_attack import (
    Attacked,
    attack_noise,
)
from ckanext.sozialdaten.disclosure.protection._writing import Spot
from ckanext.sozialdaten.disclosure.readers._arrow import plain_columns
from ckanext.sozialdaten.disclosure.rules._linked import What, linked
from ckanext.sozialdaten.disclosure.rules._tables import attack, holds, required
from ckanext.sozialdaten.disclosure.rules.dominance import judge as judge_dominance
from ckanext.sozialdaten.disclosure.rules.release_difference import compare
from ckanext.sozialdaten.disclosure.structure import Noise, View, cells_of, relations, space_of
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = [
    "Beside",
    "Declarations",
    "Judgement",
    "judge",
    "read_copy",
    "weak_beside",
    "weak_cells",
    "weak_together",
]

Declarations = Layout | Mapping[str, Role | str] | None
_SUMS = frozenset({"recoverable-suppression", "small-difference"})
_HELPLESS = frozenset({*_SUMS, "protection-levels"})
_NOISE, _TIME = "noise", "time"
_DOMINANCE = "dominance"
_MERGE = Message("Merge categories, or leave the totals out.")
_LEVELS = "protection-levels"


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside a table.

    Args:
        layout: its layout or roles, if anybody declared them.
        released: tables that are public already.
        contributors: the rows behind its magnitudes; never published.
        demands: what must stay open of its magnitudes.
        asked: the same of released tables that are protected with it, by their identity.
    """

    layout: Declarations = None
    released: tuple[Subject, ...] = ()
    contributors: Contributors | None = None
    demands: Demands = field(default_factory=lambda: Demands({}))
    asked: Mapping[int, Demands] = field(default_factory=dict[int, Demands])


@dataclass(frozen=True, slots=True)
class Judgement:
    """What check and attack say of a candidate.

    Args:
        rules: rules that block it, sorted; none: it is safe.
        attacked: cells whose interval was attacked.
        weak: cells that the attack narrowed too far.
        seconds: time that judging took.
        messages: why it is blocked, at most one for each rule.
    """

    rules: tuple[str, ...]
    attacked: int = 0
    weak: int = 0
    seconds: float = 0.0
    messages: tuple[Message, ...] = field(default=(), repr=False)

    @property
    def safe(self) -> bool:
        """Whether nothing blocks it."""
        return not self.rules

    @property
    def hint(self) -> Message:
        """What to do where it is not safe."""
        if _TIME in self.rules:
            return Message("Split the table, or raise suppression.seconds in the policy.")
        if _NOISE in self.rules:
            return Message("Take a larger base or more noise, or suppress cells instead.")
        if _HELPLESS.intersection(self.rules):
            return Message("Merge categories, or leave the totals out.")
        if "release-difference" in self.rules:
            return Message(
                "Publish the figures of the released tables again as they are, or by coarser areas"
                " and periods."
            )
        return Message("No method of protection helps here: see the findings of the check.")

    def to_json(self) -> dict[str, object]:
        """The judgement as JSON."""
        return {
            "verdict": "safe" if self.safe else "unsafe",
            "rules": list(self.rules),
            "messages": [message.both() for message in self.messages],
            "attacked": self.attacked,
            "weak": self.weak,
            "seconds": round(self.seconds, 3),
        }


def read_copy(copy: pa.Table, before: Subject, layout: Declarations) -> Subject:
    """The copy as its readers understand it, with the roles that the table had."""
    roles = layout if isinstance(layout, Layout) else _roles(before, copy)
    sheet = Sheet(plain_columns(copy), before.sheet.resource, before.sheet.name, 1)
    parents = before.hierarchies
    return prepare(sheet, roles, before.policy, before.engine, hierarchies=parents)


def _roles(before: Subject, copy: pa.Table) -> dict[str, Role | str]:
    names = set(copy.column_names)
    guesses = before.known.guesses.items()
    return {name: guess.role for name, guess in guesses if guess.role and name in names}


def judge(candidate: Candidate, before: Subject, beside: Beside) -> Judgement:
    """Check and attack a candidate.

    Args:
        candidate: what would be published.
        before: the table that it protects: its roles, and whether its labels add up.
        beside: what is public or known besides.
    """
    start = time.monotonic()
    noisy = candidate.precision.noise is not Noise.EXACT
    findings = [
        finding
        for finding in _findings(candidate, before, beside)
        if not (noisy and finding.rule in _SUMS)
    ]
    result = (_noisy if noisy else _exact)(candidate, before, beside)
    found = {finding.rule: finding.message for finding in reversed(findings)}
    if noisy and result.timed_out:
        text = "The time was too short to prove {cells} counts with noise safe."
        found[_TIME] = Message(text, {"cells": result.timed_out})
    elif noisy and result.weak:
        text = "Rounding or noise leaves {cells} counts that are proven to be too small."
        found[_NOISE] = Message(text, {"cells": result.weak})
    elif not noisy and result.weak and not found:
        # The copy alone looks safe: only who knows the contributors sees what is asked of it.
        text = "Sums narrow {cells} suppressed values below their protection levels."
        found[_LEVELS] = Message(text, {"cells": result.weak})
    rules = tuple(sorted(found))
    spent = time.monotonic() - start
    return Judgement(
        rules, result.attacked, result.weak, spent, tuple(found[rule] for rule in rules)
    )


def _findings(candidate: Candidate, before: Subject, beside: Beside) -> list[Finding]:
    """What blocks the copy: as it was declared, as it was understood, and beside other tables."""
    layout, copy = beside.layout, candidate.table
    names = set(copy.column_names)
    understood = {**_roles(before, copy), **candidate.roles}
    first: Declarations = layout
    if isinstance(layout, Layout):
        first = replace(layout, fields=tuple(f for f in layout.fields if f.name in names))
    elif layout:
        first = {name: role for name, role in layout.items() if name in names}
    parents = before.hierarchies
    report = check_table(copy, first, before.policy, hierarchies=parents)
    found = list(report.findings)
    if not isinstance(layout, Layout) and dict(report.roles) != understood:
        found += check_table(copy, understood, before.policy, hierarchies=parents).findings
    subject = read_copy(copy, before, layout)
    found += _exposed(subject, beside.demands)
    noisy = candidate.precision.noise is not Noise.EXACT
    try:
        # readers of tables with noise are told of it: earlier releases are taken to have had it too
        precision = candidate.precision if noisy else None
        asked = {id(subject): beside.demands, **beside.asked}
        found += compare(subject, beside.released, precision, asked)
        found += judge_dominance(subject, beside.contributors)
    except NotSupportedError as error:
        rule = "release-difference"
        found.append(Finding(rule, Severity.BLOCK, error.message, error.hint or error.message))
    # Of amounts the attack that knows their levels decides: a safe one may be known closely. So it
    # does of the numbers of contributors, which look like amounts where they are weighted.
    known = {*beside.demands.columns, *beside.demands.numbers} if beside.demands.any else set[str]()
    return [
        finding
        for finding in found
        if finding.severity is Severity.BLOCK
        and not (finding.rule in _SUMS and finding.column in known)
    ]


def _exposed(copy: Subject, demands: Demands) -> list[Finding]:
    """Magnitudes of a copy that had to be suppressed and are not."""
    found: list[Finding] = []
    for column, asked in demands.columns.items():
        if copy.measures is None or column not in copy.measures.columns:
            continue
        shown = np.isfinite(copy.measures.shown(column))
        if len(shown) != len(asked.primary):
            continue  # rows were merged: the rule on what they hold now decides
        rows = np.flatnonzero(asked.primary & shown)
        if len(rows):
            text = (
                "In the column {column} one contributor could estimate what another one holds too "
                "closely from {cells} published values."
            )
            message = Message(text, {"column": column, "cells": len(rows)})
            cells = copy.rows(rows.tolist())
            found.append(
                Finding(_DOMINANCE, Severity.BLOCK, message, _MERGE, column=column, cells=cells)
            )
    return found


def _exact(candidate: Candidate, before: Subject, beside: Beside) -> Attacked:
    """Suppressed cells, and how many of them the attack narrows too far."""
    if candidate.method is Method.RECODE or not before.policy.suppression.check:
        return Attacked(0, 0, 0)
    judged = _judged(read_copy(candidate.table, before, beside.layout), beside.demands)
    return Attacked(len(judged), sum(1 for good in judged.values() if not good), 0)


def weak_cells(copy: Subject, demands: Demands) -> list[Spot]:
    """Row and column of the suppressed cells of a copy that the attack narrows too far, sorted."""
    judged = _judged(copy, demands)
    return sorted(cell for cell, good in judged.items() if not good)


def weak_together(
    copies: Sequence[Subject], demands: Sequence[Demands], released: Sequence[Subject]
) -> list[list[Spot]]:
    """For each copy its suppressed cells that all copies and released tables narrow too far."""
    asked = {id(copy): one for copy, one in zip(copies, demands, strict=True)}
    found: list[set[Spot]] = [set() for _ in copies]
    if len(copies) + len(released) > 1:
        subjects = [*copies, *reversed(released)]
        leaks = linked(subjects, copies[0].policy, own=len(copies), demands=asked).leaks
        for leak in leaks:
            if leak.what is What.HIDDEN and leak.view.release < len(copies):
                cells = leak.view.cells
                found[leak.view.release] |= {
                    (int(cells.rows[cell]), cells.columns[cell]) for cell in leak.cells
                }
    return [sorted(spots) for spots in found]


def weak_beside(copy: Subject, beside: Beside) -> list[Spot]:
    """Cells of a copy by which it and what is public give too much away, sorted.

    Those that it hides and that follow, and, where cells of a release follow, those that it shows
    although that release hides them; of a sum that the release hides the smallest summand.
    """
    subjects = [copy, *reversed(beside.released)]
    asked = {id(copy): beside.demands, **beside.asked}
    found = linked(subjects, copy.policy, own=1, demands=asked)
    spots: set[Spot] = set()
    opened: set[int] = set()
    for leak in found.leaks:
        if leak.what is What.HIDDEN and leak.view.subject is copy:
            cells = leak.view.cells
            spots |= {(int(cells.rows[cell]), cells.columns[cell]) for cell in leak.cells}
        elif leak.what in (What.EARLIER, What.GROUP):
            opened.add(id(leak.view))
    for system in found.systems:
        if any(id(view) in opened for view in system):
            spots.update(_shown_though_hidden(copy, system))
    return sorted(spots)


def _shown_though_hidden(copy: Subject, system: Sequence[View]) -> Iterator[Spot]:
    """Cells of a copy that show figures, or sums of them, which other tables hide."""
    space = space_of(system)
    hidden = {
        key
        for view in system
        if view.subject is not copy
        for cell, key in enumerate(space.keys(view))
        if key is not None and view.cells.withheld[cell]
    }
    for view in system:
        if view.subject is copy:
            cells = view.cells
            for key, entry in space.sums(view).items():
                if key in hidden and not cells.withheld[list(entry.cells)].any():
                    cell = min(entry.cells, key=lambda one: float(cells.values[one]))
                    yield int(cells.rows[cell]), cells.columns[cell]


def _judged(copy: Subject, demands: Demands) -> dict[tuple[int, str], bool]:
    """Row and column of each suppressed cell of a copy, and whether it stays open enough."""
    result: dict[tuple[int, str], bool] = {}
    for role in (Role.COUNT, Role.MAGNITUDE):
        cells = cells_of(copy, role)
        if cells is not None and cells.withheld.any():
            asked = required(cells, demands)
            done = attack(cells, role, copy.policy, levels=asked)
            for cell, interval in done.intervals.items():
                place = int(cells.rows[cell]), cells.columns[cell]
                result[place] = holds(interval, role, copy.policy, levels=asked.get(cell))
    return result


def _noisy(candidate: Candidate, before: Subject, beside: Beside) -> Attacked:
    """Counts, and how many of them are proven too small although they are rounded or noisy."""
    subject = read_copy(candidate.table, before, beside.layout)
    cells, true = cells_of(subject, Role.COUNT), cells_of(before, Role.COUNT)
    if cells is None or true is None:
        return Attacked(0, 0, 0)
    found = relations(true, before.policy.frequency.total_share)
    return attack_noise(
        cells, found, candidate.precision, before.policy, candidate.small_base, candidate.witnesses
    )
