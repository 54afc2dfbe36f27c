"""Proofs that anybody can check: what is published, and two feasible tables for each cell.

``proof`` gives plain JSON; ``errors`` checks it with nothing but additions. A table names the
values of the atoms that are not published by themselves and that hang together with the cell; all
statements that speak of any of these atoms must hold, and the cell must take the value that is
claimed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ckanext.sozialdaten.disclosure.attack._answers import Answer, Table
from ckanext.sozialdaten.disclosure.attack._statements import Figure, Statement, Target

__all__ = ["errors", "proof"]

_EPSILON = 1e-6


def proof(
    statements: Sequence[Statement],
    targets: Sequence[Target],
    answers: Sequence[Answer],
    floor: float,
) -> dict[str, object]:
    """What is published and, for each target, its lowest and highest table.

    Args:
        statements: what is published.
        targets: the protected cells.
        answers: what ``solve(..., keep=True)`` found.
        floor: lowest value of an atom.
    """
    tables: list[dict[str, float]] = []
    places: dict[int, int] = {}

    def place(table: Table | None) -> int | None:
        if table is None:
            return None
        if id(table) not in places:
            places[id(table)] = len(tables)
            tables.append({str(atom): value for atom, value in table.items()})
        return places[id(table)]

    cells = [
        {
            "figure": _figure(target.figure),
            "atoms": list(target.atoms),
            "coefficients": list(target.coefficients),
            "status": str(answer.interval.status),
            "low": {"value": _open(answer.interval.low), "table": place(answer.lowest)},
            "high": {"value": _open(answer.interval.high), "table": place(answer.highest)},
        }
        for target, answer in zip(targets, answers, strict=True)
    ]
    return {
        "floor": _open(floor),
        "statements": [_statement(statement) for statement in statements],
        "tables": tables,
        "cells": cells,
    }


def _open(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _figure(figure: Figure | None) -> dict[str, object] | None:
    if figure is None:
        return None
    return {
        "resource": figure.resource,
        "sheet": figure.sheet,
        "row": figure.row,
        "column": figure.column,
        "label": figure.label,
    }


def _statement(statement: Statement) -> dict[str, object]:
    return {
        "atoms": list(statement.atoms),
        "coefficients": list(statement.coefficients),
        "low": _open(statement.low),
        "high": _open(statement.high),
        "slack": statement.slack,
        "figure": _figure(statement.figure),
    }


def errors(data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a proof; nothing if it holds.

    Args:
        data: the JSON of :func:`proof`.
    """
    known = {
        row["atoms"][0]: row["low"] / row["coefficients"][0]
        for row in data["statements"]
        if len(row["atoms"]) == 1 and row["low"] is not None and row["low"] == row["high"]
    }
    by_atom: dict[int, list[int]] = {}
    for number, row in enumerate(data["statements"]):
        for atom in row["atoms"]:
            by_atom.setdefault(atom, []).append(number)
    wrong = [
        f"table {number}: {text}"
        for number, table in enumerate(data["tables"])
        for text in _broken(data, known, by_atom, {int(a): v for a, v in table.items()})
    ]
    for number, cell in enumerate(data["cells"]):
        for end in ("low", "high"):
            claim = cell[end]
            if claim["table"] is None:
                continue
            table = data["tables"][claim["table"]]
            value = _sum(cell, known, {int(a): v for a, v in table.items()})
            if abs(value - claim["value"]) > _EPSILON * (1 + abs(value)):
                wrong.append(f"cell {number}: {end} is {value}, not {claim['value']}")
    return wrong


def _broken(
    data: Mapping[str, Any],
    known: Mapping[int, float],
    by_atom: Mapping[int, list[int]],
    table: Mapping[int, float],
) -> list[str]:
    """The statements that a table breaks."""
    floor = -np.inf if data["floor"] is None else data["floor"]
    wrong = [f"atom {atom} is {value}" for atom, value in table.items() if value < floor - _EPSILON]
    for number in sorted({n for atom in table for n in by_atom.get(atom, ())}):
        row = data["statements"][number]
        value = _sum(row, known, table)
        # Each printed figure may be off by half a unit: the sum itself, and all it adds up.
        play = row["slack"] * (len(row["atoms"]) + 1) + _EPSILON * (1 + abs(value))
        low = -np.inf if row["low"] is None else row["low"] - play
        high = np.inf if row["high"] is None else row["high"] + play
        if not low <= value <= high:
            wrong.append(f"statement {number} gives {value}")
    return wrong


def _sum(row: Mapping[str, Any], known: Mapping[int, float], table: Mapping[int, float]) -> float:
    return float(
        sum(
            factor * (table[atom] if atom in table else known[atom])
            for atom, factor in zip(row["atoms"], row["coefficients"], strict=True)
        )
    )
