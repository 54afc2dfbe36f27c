"""What protection did and what it cost, for the staff and, in a shorter form, for everybody."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._judge import Judgement
from ckanext.sozialdaten.disclosure.protection._loss import Change, Loss
from ckanext.sozialdaten.disclosure.readers._common import cell_text
from ckanext.sozialdaten.messages import Message

__all__ = ["SECRET_PARAMETERS", "ProtectionReport", "digest_of", "report_of"]

#: Parameters that help whoever wants the noise away; official statistics do not publish them.
SECRET_PARAMETERS = frozenset({"deviation", "variance"})


@dataclass(frozen=True, slots=True)
class ProtectionReport:
    """What protection cost. For the staff alone: shares of sums tell something of hidden cells.

    Args:
        policy: name of the policy.
        version: its version.
        method: how the table was protected.
        parameters: the numbers that the method used.
        notes: counts of what was done, such as ``primary`` and ``secondary``.
        cells: value cells of the table.
        changed: row, counted from 0, and column of each cell that differs.
        changes: the same with what stood there before and stands there now.
        loss: information lost over published figures.
        lost: further measures of the method, such as those of recoded persons.
        judgement: what check and the independent attack say of the copy.
        precision: how exactly published counts stand for true ones, as ``--published-as`` takes it.
        before: digest of the table.
        after: digest of the copy.
    """

    policy: str
    version: str = ""
    method: Method = Method.SUPPRESS
    parameters: Mapping[str, float | str] = field(default_factory=dict[str, float | str])
    notes: Mapping[str, int] = field(default_factory=dict[str, int])
    cells: int = 0
    changed: tuple[tuple[int, str], ...] = ()
    changes: tuple[Change, ...] = field(default=(), repr=False)
    loss: Loss = field(default_factory=Loss)
    lost: Mapping[str, float] = field(default_factory=dict[str, float])
    judgement: Judgement = field(default_factory=lambda: Judgement(()))
    precision: str = "exact"
    before: str = ""
    after: str = ""

    @property
    def primary(self) -> int:
        """Cells suppressed because they are too small."""
        return self.notes.get("primary", 0)

    @property
    def secondary(self) -> int:
        """Cells suppressed to protect others."""
        return self.notes.get("secondary", 0)

    @property
    def methods(self) -> Mapping[str, int]:
        """How many blocks of connected sums suppression solved ``exact`` and ``greedy``."""
        start = "blocks_"
        return {k.removeprefix(start): n for k, n in self.notes.items() if k.startswith(start)}

    def to_json(self, *, internal: bool = False, preview: bool = False) -> dict[str, object]:
        """The report as JSON.

        Args:
            internal: with the noise of the Cell Key Method, which nobody outside may know.
            preview: with every changed cell, old and new.
        """
        hidden = SECRET_PARAMETERS if self.method is Method.CELL_KEY and not internal else ()
        result: dict[str, object] = {
            "verdict": "safe" if self.judgement.safe else "unsafe",
            "policy": self.policy,
            "policy_version": self.version,
            "method": str(self.method),
            "parameters": {k: v for k, v in self.parameters.items() if k not in hidden},
            "published_as": self._precision(internal=internal),
            "blocks": dict(self.methods),
            "cells": self.cells,
            "suppressed_before": self.notes.get("before", 0),
            "primary": self.primary,
            "secondary": self.secondary,
            "notes": {k: n for k, n in self.notes.items() if not k.startswith("blocks_")},
            "changed": [{"row": row, "column": column} for row, column in self.changed],
            "lost": {**self.loss.to_json(), **self.lost},
            "attack": {
                "suppressed": self.judgement.attacked,
                "weak": self.judgement.weak,
                "seconds": round(self.judgement.seconds, 3),
            },
            "digest": {"input": self.before, "output": self.after},
        }
        if preview:
            result["preview"] = [
                {"row": c.row, "column": c.column, "before": c.before, "after": c.after}
                for c in self.changes
            ]
        return result

    def _precision(self, *, internal: bool) -> str:
        if self.method is Method.CELL_KEY and not internal:
            return "cell-key"
        return self.precision

    def lines(self, lang: str = "en") -> tuple[str, ...]:
        """The report in sentences."""
        return (self._done(lang).text(lang), self._proof().text(lang))

    def _done(self, lang: str) -> Message:
        if self.method is Method.SUPPRESS and "minimum_width_percent" in self.parameters:
            return Message(
                "{primary} unsafe values and {secondary} further cells are suppressed now.",
                {"primary": self.primary, "secondary": self.secondary},
            )
        if self.method is Method.SUPPRESS:
            text = (
                "{primary} small counts and {secondary} further cells of {cells} are suppressed"
                " now: {share} percent of the cells, {sum} percent of their sum."
            )
            counts = {
                "primary": self.primary,
                "secondary": self.secondary,
                "cells": self.cells,
                "share": _number(100 * self.loss.lost_cells, 1, lang),
                "sum": _number(100 * self.loss.lost_sum, 1, lang),
            }
            return Message(text, counts)
        if self.method in (Method.ROUND, Method.CELL_KEY):
            text = (
                "{changed} of {cells} counts changed, by {mean} on average and {max} at most."
                " {kept} of {headlines} headline figures are as they were."
            )
            numbers = {
                "changed": self.loss.changed,
                "cells": self.cells,
                "mean": _number(self.loss.mean_deviation, 2, lang),
                "max": _number(self.loss.max_deviation, 0, lang),
                "kept": self.loss.unchanged,
                "headlines": self.loss.headlines,
            }
            return Message(text, numbers)
        if self.method is Method.MERGE:
            text = (
                "Categories are merged: {changed} of {cells} figures no longer stand by themselves."
            )
            return Message(text, {"changed": self.loss.changed, "cells": self.cells})
        return Message("Rows of persons are recoded until enough of them are alike.")

    def _proof(self) -> Message:
        cells = {"cells": self.judgement.attacked}
        if self.method is Method.RECODE:
            return Message("The check finds nothing that blocks the copy.")
        if self.method in (Method.ROUND, Method.CELL_KEY):
            return Message("The attack proves none of {cells} counts to be too small.", cells)
        return Message("The attack narrows none of {cells} suppressed cells too far.", cells)


def _number(value: float, digits: int, lang: str) -> str:
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if lang == "de" else text


def digest_of(table: pa.Table) -> str:
    """SHA-256 over names and cells of a table as text."""
    digest = hashlib.sha256()
    columns = [[cell_text(value) for value in column.to_pylist()] for column in table.columns]
    for row in (tuple(table.column_names), *zip(*columns, strict=True)):
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        digest.update(line.encode("utf-8") + b"\n")
    return f"sha256:{digest.hexdigest()}"


def report_of(
    candidate: Candidate,
    policy: Policy,
    judgement: Judgement,
    loss: tuple[Loss, tuple[Change, ...]],
    table: pa.Table,
) -> ProtectionReport:
    """The report on a candidate that was judged.

    Args:
        candidate: the copy.
        policy: the numbers.
        judgement: what check and attack say.
        loss: what was lost, and the cells that differ.
        table: the table before.
    """
    lost, changes = loss
    noise = candidate.precision
    return ProtectionReport(
        policy.name,
        policy.version,
        candidate.method,
        candidate.parameters,
        candidate.notes,
        lost.cells + candidate.notes.get("before", 0),
        candidate.changed,
        changes,
        lost,
        candidate.lost,
        judgement,
        str(noise.noise) if not noise.size else f"{noise.noise}:{noise.size}",
        digest_of(table),
        digest_of(candidate.table),
    )
