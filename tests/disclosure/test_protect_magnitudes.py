"""Tables of magnitudes: what dominates is hidden, and everything hidden stays as open as asked."""

import csv
import dataclasses
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest
from click.testing import CliRunner
from disclosure_worlds import POLICY, named
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.cli.protect import command
from ckanext.sozialdaten.disclosure import NotProtectedError, protect
from ckanext.sozialdaten.disclosure.structure._jj import read_jj
from ckanext.sozialdaten.disclosure.suppression import Limits, problem_of, suppress

Key = tuple[str, ...]
#: Total and parts of each sum.
Sums = Sequence[tuple[Key, Sequence[Key]]]


def reached(shown: Mapping[Key, float | None], sums: Sums, cell: Key) -> tuple[float, float]:
    """The lowest and the highest value that the published cells and their sums leave."""
    places = {key: place for place, key in enumerate(shown)}
    model: Any = highspy.Highs()
    model.setOptionValue("output_flag", False)
    low = [0.0 if value is None else value for value in shown.values()]
    high = [highspy.kHighsInf if value is None else value for value in shown.values()]
    model.addVars(len(places), np.array(low), np.array(high))
    for total, parts in sums:
        members = np.array([places[total], *(places[part] for part in parts)], dtype=np.int32)
        signs = np.array([1.0, *[-1.0] * len(parts)])
        known = max((shown[key] or 0.0) for key in (total, *parts))
        play = 1e-9 * max(1.0, known)
        model.addRow(-play, play, len(members), members, signs)
    ends: list[float] = []
    model.changeColCost(places[cell], 1.0)
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        model.changeObjectiveSense(sense)
        model.run()
        bounded = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        end = float(model.getInfo().objective_function_value)
        ends.append(end if bounded else np.inf)
    return ends[0], ends[1]


def sums_of(
    codes: Sequence[Mapping[str, Sequence[str]]], cells: Sequence[Key]
) -> list[tuple[Key, list[Key]]]:
    """The sums of a table, from the parts of each code of its dimensions."""
    known = set(cells)
    found: list[tuple[Key, list[Key]]] = []
    for place, parts in enumerate(codes):
        for cell in cells:
            below = [
                key
                for part in parts.get(cell[place], ())
                if (key := (*cell[:place], part, *cell[place + 1 :])) in known
            ]
            if below:
                found.append((cell, below))
    return found


def run(tmp_path: Path, *arguments: str) -> list[dict[str, str]]:
    """The rows of the copy that the command writes."""
    out = tmp_path / "copy.csv"
    result = CliRunner().invoke(command, [*arguments, "-o", str(out), "--json"])
    assert result.exit_code == 0, result.output
    return read(out)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tree(path: Path) -> dict[str, list[str]]:
    """The parts of each code, from a table of correspondence that runs from coarse to fine."""
    found: dict[str, list[str]] = {}
    for row in rows_of(path):
        codes = ["Total", *row.values()]
        for above, below in itertools.pairwise(codes):
            if above != below and below not in found.setdefault(above, []):
                found[above].append(below)
    return found


def test_the_cells_of_the_published_example_are_hidden_with_their_counts(tmp_path: Path) -> None:
    path = shared("disclosure-cases/05_tauargus/ex1_12cells.csv")
    before, copy = rows_of(path), run(tmp_path, str(path))
    assert set(copy[0]) == {"ACTIVITY", "SIZE", "VAL", "N_OBS"}
    for old, new in zip(before, copy, strict=True):
        if old["tauargus_status"] in ("A", "B"):
            assert new["VAL"] == "."
        if new["VAL"] == ".":
            assert new["N_OBS"] == "."


def test_turnover_costs_no_more_than_five_percent_above_the_optimum(tmp_path: Path) -> None:
    folder = shared("disclosure-cases/05_tauargus")
    known = json.loads((folder / "act_size_results.json").read_text())["exact_value"]
    path, codes = folder / "turnover_act_size.csv", folder / "activity_corr_table.csv"
    before = rows_of(path)
    copy = run(tmp_path, str(path), "--hierarchy", f"ACTIVITY={codes}")
    shown: dict[Key, float | None] = {}
    unsafe: dict[Key, float] = {}
    cost = 0.0
    for old, new in zip(before, copy, strict=True):
        key, value = (old["ACTIVITY"], old["SIZE"]), float(old["TOT"])
        shown[key] = None if new["TOT"] == "." else float(new["TOT"])
        if 0 < int(old["N_OBS"]) < 3 or float(old["MAX"]) > 0.85 * value:
            unsafe[key] = value
        elif shown[key] is None:
            cost += value
    assert len(unsafe) == 77
    assert cost <= 1.05 * known["secondary_value"]
    sizes = {"Total": ["tr1", "tr2", "tr3"]}
    activities = tree(codes)
    activities["Total"] = [code for code in activities["Total"] if len(code) == 2]
    sums = sums_of([activities, sizes], list(shown))
    for key, value in unsafe.items():
        assert shown[key] is None
        low, high = reached(shown, sums, key)
        assert low <= 0.9 * value + 1e-4
        assert high >= 1.1 * value - 1e-4


def test_four_dimensions_with_given_primaries_cost_hardly_more_than_the_best_known(
    tmp_path: Path,
) -> None:
    folder = shared("disclosure-cases/05_tauargus")
    known = json.loads((folder / "datatest1_own_results.json").read_text())["heur_value"]
    columns = ("treff", "cj", "type_distrib", "A10", "pizzas_tot", "primary")
    before = rows_of(folder / "datatest1_4dim.csv")
    path = tmp_path / "pizzas.csv"
    path.write_text(
        "\n".join([",".join(columns), *(",".join(row[c] for c in columns) for row in before)]),
        "utf-8",
    )
    cost = 0.0
    for old, new in zip(before, run(tmp_path, str(path)), strict=True):
        if old["primary"] == "True":
            assert new["pizzas_tot"] == "."
        elif new["pizzas_tot"] == ".":
            cost += abs(float(old["pizzas_tot"])) / 1_000
    assert cost <= 1.05 * known["cost_secondary"]


def test_a_hidden_amount_below_zero_is_not_taken_for_at_least_zero(tmp_path: Path) -> None:
    path = tmp_path / "saldo.csv"
    amounts = [[-40, 300, 500], [200, 900, 700], [600, 400, 800]]
    lines = ["Ort,Art,Umsatz,primary"]
    for places, place in [((n,), p) for n, p in enumerate(PLACES)] + [((0, 1, 2), "Insgesamt")]:
        for kinds, kind in [((n,), k) for n, k in enumerate(KINDS)] + [((0, 1, 2), "Insgesamt")]:
            value = sum(amounts[p][k] for p in places for k in kinds)
            lines.append(f"{place},{kind},{value},{(place, kind) == ('Nord', 'ambulant')}")
    path.write_text("\n".join(lines), "utf-8")
    copy = run(tmp_path, str(path), "--roles", "Umsatz=magnitude")
    hidden = [(row["Ort"], row["Art"]) for row in copy if row["Umsatz"] == "."]
    assert ("Nord", "ambulant") in hidden
    assert len(hidden) >= 4


def test_values_of_millions_are_no_harder_than_small_ones() -> None:
    instance = read_jj(shared("disclosure-cases/08_csp_synthetic/f2d_10x10.jj"))
    problem = problem_of(instance)
    large = dataclasses.replace(
        problem,
        values=problem.values * 1e6,
        weights=problem.weights * 1e6,
        low=problem.low * 1e6,
        high=problem.high * 1e6,
        up=problem.up * 1e6,
        down=problem.down * 1e6,
        width=problem.width * 1e6,
    )
    small, found = suppress(problem, Limits()), suppress(large, Limits())
    assert found.cost(large) == pytest.approx(1e6 * small.cost(problem))
    assert found.bound == pytest.approx(1e6 * small.bound)


PLACES, KINDS = ("Nord", "Süd", "West"), ("ambulant", "stationär", "offen")
CODES = [{"Insgesamt": PLACES}, {"Insgesamt": KINDS}]


@st.composite
def contributions(draw: st.DrawFn) -> list[tuple[str, str, int]]:
    """Place, kind and turnover of each of some carriers."""
    amounts = st.integers(1, 4_000)
    found: list[tuple[str, str, int]] = []
    for place, kind in itertools.product(PLACES, KINDS):
        many = draw(st.integers(1, 6))
        found += [(place, kind, draw(amounts)) for _ in range(many)]
    return found


def levels(amounts: Sequence[int]) -> float | None:
    """How far open a sum must stay under the default policy; None if it is safe."""
    one, two = [*sorted(amounts, reverse=True), 0][:2]
    total, rules = sum(amounts), POLICY.dominance
    dominated = (one + two) * 100 / rules.k_percent - total
    estimable = one * rules.p_percent / 100 - (total - one - two)
    level = max(dominated, estimable)
    if level > 1e-6:
        return level
    few = len(amounts) < rules.contributors
    return POLICY.suppression.minimum_width_percent / 100 * total if few else None


@settings(max_examples=12, deadline=None)
@given(contributions())
def test_whatever_dominates_stays_as_open_as_its_rule_asks(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("magnitudes")
    behind = folder / "behind.csv"
    lines = [f"{p};{k};T{n};{a}" for n, (p, k, a) in enumerate(rows)]
    behind.write_text("\n".join(["Ort;Art;Träger;Umsatz", *lines]), "utf-8")
    cells: dict[Key, list[int]] = {}
    for place, kind, amount in rows:
        for key in itertools.product(("Insgesamt", place), ("Insgesamt", kind)):
            cells.setdefault(key, []).append(amount)
    places, kinds = zip(*cells, strict=True)
    table = named({"Ort": places, "Art": kinds, "Umsatz": [sum(of) for of in cells.values()]})
    try:
        done = protect(table, {"Umsatz": "magnitude"}, POLICY, contributors=behind)
    except NotProtectedError:
        assert levels(cells["Insgesamt", "Insgesamt"]) is not None
        return
    values = done.table.column("Umsatz").to_pylist()
    shown = {
        key: None if value == "." else float(str(value))
        for key, value in zip(cells, values, strict=True)
    }
    sums = sums_of(CODES, list(cells))
    for key, amounts in cells.items():
        level = levels(amounts)
        if level is not None:
            assert shown[key] is None
            low, high = reached(shown, sums, key)
            assert low <= max(0.0, sum(amounts) - level) + 1e-4
            assert high >= sum(amounts) + level - 1e-4
