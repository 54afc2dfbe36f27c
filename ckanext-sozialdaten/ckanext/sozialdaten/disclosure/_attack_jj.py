"""The attack on instances in the JJ format: cells, equations, and what each cell must keep open."""

import json
import re
from pathlib import Path

import numpy as np

from ckanext.sozialdaten.disclosure._attacked import Attacked, AttackReport, Question
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure.attack import (
    Effort,
    Explainer,
    Figure,
    Interval,
    Statement,
    Status,
    Target,
    leaks_json,
    proof,
    solve,
)
from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.disclosure.structure._jj import JJInstance, JJStatus, read_jj
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["attack_jj"]

_CLOSE = 1e-6


def attack_jj(path: str | Path, policy: Policy, question: Question) -> AttackReport:
    """The interval of every suppressed cell of a JJ file; ``row`` is the index of the cell.

    Args:
        path: the file.
        policy: limits of time; what must stay open stands in the file: LPL, UPL and SPL.
        question: what the attack takes into account besides; its pattern is a file with the
            indices of all suppressed cells, as JSON or as numbers between blanks, else the cells
            with status ``u``, ``x`` and ``m`` are.

    Raises:
        UnreadableFileError: a file that cannot be read.
    """
    instance = read_jj(path)
    name = Path(path).name
    hidden = instance.suppressed.copy()
    if question.pattern is not None:
        chosen = _indices(Path(question.pattern), len(instance))
        hidden = instance.has(JJStatus.PRIMARY)
        hidden[chosen] = True
    statements = _statements(instance, hidden, name)
    cells = np.flatnonzero(hidden).tolist()
    whole = bool((np.abs(instance.values - np.rint(instance.values)) < _CLOSE).all())
    targets = [Target((cell,), (1.0,), _figure(name, cell), whole) for cell in cells]
    floor = 0.0 if bool((instance.low >= 0).all()) else -np.inf
    answers = solve(
        statements,
        targets,
        floor=floor,
        seconds=policy.suppression.seconds,
        integer_width=policy.suppression.integer_width,
        keep=question.proofs,
    )
    proofs = (proof(statements, targets, answers, floor),) if question.proofs else ()
    explainer = Explainer(statements, floor=floor, effort=Effort(policy.suppression.seconds))
    found: list[Attacked] = []
    for target, cell, answer in zip(targets, cells, answers, strict=True):
        safe = _holds(instance, cell, answer.interval)
        leaks = () if safe or not question.explain else explainer.leaks(target, answer.interval)
        told = leaks_json(leaks, target.figure) if leaks else None
        found.append(Attacked(name, "", cell, "", answer.interval, safe, told))
    return AttackReport(policy.name, tuple(found), proofs=proofs)


def _figure(name: str, cell: int) -> Figure:
    return Figure(name, row=cell, label=str(cell))


def _statements(instance: JJInstance, hidden: np.ndarray, name: str) -> list[Statement]:
    """The published cells, the equations, and what everybody deems possible."""
    residuals = np.abs(instance.residuals())
    slack = float(residuals.max(initial=0.0)) + _CLOSE
    found = [
        Statement(row.cells, row.coefficients, row.rhs, row.rhs, slack=slack)
        for row in instance.equations
    ]
    for cell, (low, high) in enumerate(zip(instance.low, instance.high, strict=True)):
        if hidden[cell]:
            found.append(Statement((cell,), (1.0,), float(low), float(high)))
        else:
            value = float(instance.values[cell])
            found.append(Statement((cell,), (1.0,), value, value, _figure(name, cell)))
    return found


def _holds(instance: JJInstance, cell: int, interval: Interval) -> bool:
    """Whether a primary cell keeps the levels that its file asks for; others must keep nothing."""
    if interval.status in (Status.TIME_OUT, Status.CONTRADICTION):
        return False
    if instance.statuses[cell] is not JJStatus.PRIMARY:
        return True
    value = float(instance.values[cell])
    return (
        interval.high >= value + float(instance.up[cell]) - _CLOSE
        and interval.low <= value - float(instance.down[cell]) + _CLOSE
        and interval.width >= max(float(instance.width[cell]), _CLOSE) - _CLOSE / 2
    )


def _indices(path: Path, size: int) -> list[int]:
    """The indices in a file."""
    try:
        text = path.read_text("utf-8-sig")
        data: object = json.loads(text) if text.lstrip().startswith("[") else text.split()
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            Message("The pattern cannot be read."), place=Place(file=path.name)
        ) from error
    words = [str(word) for word in data] if isinstance(data, list) else []  # pyright: ignore
    if any(not re.fullmatch(r"\d{1,9}", word) or int(word) >= size for word in words):
        raise UnreadableFileError(
            Message("The pattern names a cell that does not exist."), place=Place(file=path.name)
        )
    return [int(word) for word in words]
