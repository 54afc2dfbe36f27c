"""``bench disclosure --part suppression``: patterns, their cost, and what the attack finds.

Instances: the JJ files and best known costs of the shared cases where they are at hand, and
synthetic hierarchical tables of our own with fixed seeds. The largest runs in a process
of its own, whose peak memory is measured. What peers leave open was published with the cases.
"""

import itertools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ckanext.sozialdaten.cli._bench_shared import shared_folder
from ckanext.sozialdaten.cli._bench_tables import PeerTable, peer_tables

if TYPE_CHECKING:
    from ckanext.sozialdaten.disclosure.suppression import Problem

__all__ = ["lines", "run"]

_MODULE = "ckanext.sozialdaten.cli._bench_suppression"
_SHARED = "disclosure-cases/08_csp_synthetic"
_LARGE = ((12, 25), (6, 4), (4,))
_SMALL = ((5, 4), (3, 3), (2,))
_MIDDLE = ((10, 6), (10,), (8,))
_TARGETS = {"large_cpu_seconds": 300.0, "large_mib": 2048.0, "violations": 0, "cost_ratio": 1.05}

Result = Mapping[str, object]


def run(*, quick: bool, peer_python: str) -> Result:
    """Measure.

    Args:
        quick: the two smallest instances and a small synthetic table.
        peer_python: not used: peers are R programs, whose published results stand in the cases.
    """
    del peer_python
    shared = shared_folder()
    folder = shared / _SHARED
    found = sorted(folder.glob("*.jj")) if (folder / "best_known.json").is_file() else []
    known = json.loads((folder / "best_known.json").read_text()) if found else {}
    names = [path for path in found if not quick or path.stem in ("f2d_10x10", "h2d_4x5_x_6")]
    rows = [_instance(path, known[path.stem]) for path in names]
    peers = peer_tables(folder.parent) if found and not quick else []
    synthetic = [_child(_SMALL)] if quick else [_child(_MIDDLE), _child(_LARGE)]
    return {
        "instances": rows,
        "peers": [_beside(table) for table in peers],
        "synthetic": synthetic,
        "targets": _TARGETS,
    }


def lines(result: Result) -> Sequence[str]:
    """The same for people."""
    head = f"{'instance':<18}{'cells':>7}{'prim.':>7}{'cost':>9}{'known':>9}{'ratio':>7}"
    shown = [f"{head}{'open':>6}{'Gauss':>8}{'open':>6}{'CPU s':>8}{'MiB':>7}"]
    for row in [*_rows(result, "instances"), *_rows(result, "peers"), *_rows(result, "synthetic")]:
        known, ratio = row.get("best_known") or "", row.get("ratio") or ""
        left = f"{row['name']:<18}{row['cells']:>7}{row['primary']:>7}{row['cost']:>9g}"
        gauss = f"{row.get('gauss_cost', ''):>8}{row.get('gauss_violations', ''):>6}"
        right = f"{row['violations']:>6}{gauss}{row['cpu_seconds']:>8.1f}"
        shown.append(f"{left}{known:>9}{ratio:>7}{right}{row.get('mib', ''):>7}")
        for peer in row.get("peers", ()):
            exact = "not attacked" if peer["exact"] is None else f"{peer['exact']} follow exactly"
            cost = "" if peer["cost"] is None else f", cost {peer['cost']:g}"
            shown.append(f"  {peer['name']}: {peer['secondary']} further cells{cost}; {exact}")
    return shown


def _rows(result: Result, name: str) -> "list[dict[str, Any]]":
    return cast("list[dict[str, Any]]", result[name])


def _beside(table: PeerTable) -> dict[str, object]:
    """A table of the peers; its cost is that of the further cells alone, as they count it."""
    row = _measured(table.name, table.problem)
    primary = float(table.problem.weights[table.problem.primary].sum())
    cost = round(cast("float", row["cost"]) - primary, 6)
    return {
        **row,
        "cost": cost,
        "lower_bound": round(max(0.0, cast("float", row["lower_bound"]) - primary), 6),
        "best_known": table.best,
        "ratio": round(cost / table.best, 4),
        "peers": [asdict(peer) for peer in table.peers],
    }


def _instance(path: Path, known: Mapping[str, Any]) -> dict[str, object]:
    """One JJ file beside the best that is known of it."""
    from ckanext.sozialdaten.disclosure.structure._jj import read_jj
    from ckanext.sozialdaten.disclosure.suppression import problem_of

    best = float(known["exact_total"] or known["heuristic_total"])
    row = _measured(path.stem, problem_of(read_jj(path)))
    return {
        **row,
        "best_known": best,
        "ratio": round(cast("float", row["cost"]) / best, 4),
        "lower_bound_known": known["lower_bound"],
        "gauss_cost": known["gaussdef_total"],
        "gauss_violations": known["gaussdef_interval_violations"],
    }


def _measured(name: str, problem: "Problem") -> dict[str, object]:
    """Pattern, cost, time, and cells that the independent attack opens."""
    from ckanext.sozialdaten.disclosure.suppression import suppress

    start = time.process_time()
    pattern = suppress(problem)
    seconds = time.process_time() - start
    return {
        "name": name,
        "cells": len(problem),
        "primary": int(problem.primary.sum()),
        "secondary": int(pattern.suppressed.sum() - problem.primary.sum()),
        "cost": round(pattern.cost(problem), 6),
        "lower_bound": round(pattern.bound, 6),
        "cpu_seconds": round(seconds, 2),
        "violations": _violations(problem, pattern.suppressed),
        "attack_cpu_seconds": round(time.process_time() - start - seconds, 2),
    }


def _violations(problem: "Problem", hidden: Any) -> int:
    """Primary cells that the attack, which gets published figures alone, narrows too far."""
    from ckanext.sozialdaten.disclosure.attack import Figure, Interval, Statement, Target, solve

    sums = problem.sums
    cells = np.flatnonzero(hidden)
    atom = np.full(len(problem), -1, dtype=np.int64)
    atom[cells] = np.arange(len(cells))
    bounds = zip(problem.low[cells].tolist(), problem.high[cells].tolist(), strict=True)
    statements = [Statement((n,), (1.0,), low, high) for n, (low, high) in enumerate(bounds)]
    inside = atom[sums.cells] >= 0
    rest = np.bincount(
        sums.rows[inside], (sums.factors * problem.values[sums.cells])[inside], sums.count
    )
    starts = sums.starts
    for row in range(sums.count):
        part = np.arange(starts[row], starts[row + 1])[inside[starts[row] : starts[row + 1]]]
        if len(part):
            atoms = tuple(atom[sums.cells[part]].tolist())
            total = float(rest[row])
            statements.append(Statement(atoms, tuple(sums.factors[part].tolist()), total, total))
    primary = np.flatnonzero(problem.primary)
    targets = [Target((int(atom[c]),), (1.0,), Figure("", row=int(c))) for c in primary]

    def enough(target: Target, interval: Interval) -> bool:
        cell = np.array([target.figure.row])
        value = problem.values[cell]
        return bool(problem.fulfilled(cell, interval.high - value, value - interval.low)[0])

    answers = solve(statements, targets, floor=-np.inf, enough=enough, seconds=900.0)
    return sum(not enough(t, a.interval) for t, a in zip(targets, answers, strict=True))


def _child(shape: Sequence[Sequence[int]]) -> dict[str, object]:
    """A synthetic table, protected in a process of its own."""
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-m", _MODULE, json.dumps(shape)],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def _tree(branches: Sequence[int]) -> tuple[list[tuple[int, ...]], dict[int, list[int]]]:
    """Codes of a hierarchy, the total first, and the positions of the parts of each sum."""
    codes: list[tuple[int, ...]] = [()]
    level = [()]
    parts: dict[int, list[int]] = {}
    for width in branches:
        below: list[tuple[int, ...]] = []
        for code in level:
            parts[codes.index(code)] = list(range(len(codes), len(codes) + width))
            children = [(*code, child) for child in range(width)]
            codes += children
            below += children
        level = below
    return codes, parts


def _synthetic(shape: Sequence[Sequence[int]], seed: int) -> "Problem":
    """Counts with log-normal means in a table of hierarchies; 1 and 2 are too small."""
    from ckanext.sozialdaten.disclosure.suppression import Equation, Problem, Sums

    trees = [_tree(branches) for branches in shape]
    random = np.random.default_rng(seed)
    leaves = [[n for n in range(len(codes)) if n not in parts] for codes, parts in trees]
    means = random.lognormal(np.log(12.0), 1.3, [len(ones) for ones in leaves])
    table: Any = np.zeros([len(codes) for codes, _ in trees])
    table[np.ix_(*leaves)] = random.poisson(means)
    equations: list[Equation] = []
    numbers = np.arange(table.size).reshape(table.shape)
    for axis, (_, parts) in enumerate(trees):
        for total, ones in sorted(parts.items(), reverse=True):
            table[_at(axis, total)] = table[_at(axis, ones)].sum(axis=axis)
    for axis, (_, parts) in enumerate(trees):
        for total, ones in parts.items():
            lists = [numbers[_at(axis, n)].ravel().tolist() for n in (total, *ones)]
            factors = (1.0, *[-1.0] * len(ones))
            equations += [Equation(cells, factors) for cells in zip(*lists, strict=True)]
    values = table.ravel()
    primary = (values == 1) | (values == 2)
    zeros = np.zeros(len(values))
    up = np.where(primary, 3.0, 0.0)
    high = np.full(len(values), 4 * values.max())
    fixed = np.zeros(len(values), dtype=np.bool_)
    sums = Sums.of(equations)
    return Problem(values, values + 1, zeros, high, primary, fixed, sums, up, zeros, zeros)


def _at(axis: int, chosen: Any) -> Any:
    return (*itertools.repeat(slice(None), axis), chosen)


def _main() -> None:
    shape = json.loads(sys.argv[1])
    name = "x".join("-".join(map(str, branches)) for branches in shape)
    row = _measured(name, _synthetic(shape, 7))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump({**row, "mib": peak}, sys.stdout)


if __name__ == "__main__":
    _main()
