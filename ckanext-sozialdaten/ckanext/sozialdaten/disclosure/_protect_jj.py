"""Instances in the JJ format, protected: which further cells to suppress, proven by the attack."""

import csv
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._attack_jj import attack_jj
from ckanext.sozialdaten.disclosure._attacked import Question
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.errors import NotProtectedError
from ckanext.sozialdaten.disclosure.structure._jj import JJInstance, JJStatus, read_jj, write_jj
from ckanext.sozialdaten.disclosure.suppression import (
    Limits,
    Pattern,
    Problem,
    Unsolvable,
    problem_of,
    suppress,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["ProtectedJJ", "protect_jj"]

_ROUNDS = 4
_SECONDS = 600.0
_LINES = (
    "{secondary} cells beside {primary} primary ones of {cells} are suppressed; cost {cost},"
    " lower bound {bound}.",
    "The attack narrows none of {cells} suppressed cells too far.",
)


@dataclass(frozen=True, slots=True)
class ProtectedJJ:
    """A pattern and what it cost.

    Args:
        instance: what was protected.
        suppressed: for each cell, primary ones included.
        cost: sum of the costs of all suppressed cells.
        bound: no safe pattern costs less; equal to the cost where it is proven the least.
        methods: how many blocks of connected sums were solved by which method.
        attacked: suppressed cells that the attack could not narrow too far: all.
    """

    instance: JJInstance
    suppressed: npt.NDArray[np.bool_]
    cost: float
    bound: float
    methods: Mapping[str, int]
    attacked: int

    @property
    def primary(self) -> int:
        """Cells that had to be suppressed."""
        return int(self.instance.has(JJStatus.PRIMARY).sum())

    @property
    def secondary(self) -> int:
        """Cells suppressed to protect them."""
        return int(self.suppressed.sum()) - self.primary

    def text(self, kind: str) -> str:
        """The protected table as ``.jj`` with statuses, or as ``.csv`` with marks."""
        if kind == ".jj":
            return write_jj(self.instance, self.suppressed)
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerow(["index", "value"])
        values = self.instance.values.tolist()
        for cell, (value, hidden) in enumerate(zip(values, self.suppressed, strict=True)):
            writer.writerow([cell, "." if hidden else f"{value:.15g}"])
        return out.getvalue()

    def to_json(self) -> dict[str, object]:
        """The report as JSON."""
        return {
            "verdict": "safe",
            "method": "suppression",
            "blocks": dict(self.methods),
            "cells": len(self.instance),
            "primary": self.primary,
            "secondary": self.secondary,
            "cost": round(self.cost, 6),
            "lower_bound": round(self.bound, 6),
            "suppressed": np.flatnonzero(self.suppressed).tolist(),
            "attack": {"suppressed": self.attacked, "weak": 0},
        }

    def lines(self, lang: str) -> list[str]:
        """The report for people."""
        numbers = {
            "primary": self.primary,
            "secondary": self.secondary,
            "cells": len(self.instance),
            "cost": f"{self.cost:g}",
            "bound": f"{self.bound:g}",
        }
        first, second = _LINES
        return [
            Message(first, numbers).text(lang),
            Message(second, {"cells": self.attacked}).text(lang),
        ]


def protect_jj(path: str | Path, policy: Policy, limits: Limits | None = None) -> ProtectedJJ:
    """The cheapest pattern for a JJ file that the limits let us find and the attack confirms.

    Where the attack, which counts in whole numbers, still narrows a cell too far, more is asked
    of this cell and the search goes on.

    Raises:
        NotProtectedError: no pattern keeps all primary cells as open as the file asks.
        UnreadableFileError: no JJ file.
    """
    instance = read_jj(path)
    rules = policy.protection
    limits = limits or Limits(rules.exact_cells, rules.exact_rounds, rules.exact_nodes)
    problem = asked = problem_of(instance)
    for _ in range(_ROUNDS):
        pattern = _solved(asked, limits)
        weak, attacked = _attacked(instance, pattern, policy)
        if not weak:
            names = [str(method) for method in pattern.methods]
            return ProtectedJJ(
                instance,
                pattern.suppressed,
                pattern.cost(problem),
                pattern.bound if asked is problem else 0.0,
                {name: names.count(name) for name in dict.fromkeys(names)},
                attacked,
            )
        up, down, width = asked.up.copy(), asked.down.copy(), asked.width.copy()
        up[weak] += (up[weak] > 0) * 1.0
        down[weak] += (down[weak] > 0) * 1.0
        width[weak] += (width[weak] > 0) * 1.0
        asked = replace(asked, primary=pattern.suppressed, up=up, down=down, width=width)
    raise _refused()


def _solved(problem: Problem, limits: Limits) -> Pattern:
    try:
        return suppress(problem, limits)
    except Unsolvable as error:
        raise _refused() from error


def _refused() -> NotProtectedError:
    return NotProtectedError(
        Message("Even with all cells suppressed, sums would narrow some of them too far."),
        Message("Merge categories, or leave the totals out."),
    )


def _attacked(instance: JJInstance, pattern: Pattern, policy: Policy) -> tuple[list[int], int]:
    """Cells that the attack on the finished file narrows too far, and how many it looked at."""
    patient = replace(policy, suppression=replace(policy.suppression, seconds=_SECONDS))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "protected.jj")
        copy.write_text(write_jj(instance, pattern.suppressed), "utf-8")
        report = attack_jj(copy, patient, Question(explain=False))
    return [cell.row for cell in report.cells if not cell.holds], len(report.cells)
