"""Merging of categories: totals stay, small counts vanish, as little as possible is lost."""

import itertools
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recoding_worlds import POLICY, judged, merged

from ckanext.sozialdaten.disclosure import load_policy
from ckanext.sozialdaten.disclosure.protection.recoding._bands import bands_of
from ckanext.sozialdaten.disclosure.protection.recoding._partition import (
    Merging,
    Smallness,
    best_merging,
)
from ckanext.sozialdaten.disclosure.protection.recoding._tree import ROOT, Tree

QUICK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
AGES = ["0-3", "3-6", "6-15", "15-18", "18-25", "25-65", "65+"]
COUNTS = {"Alter": "dimension", "Geschlecht": "dimension", "Anzahl": "count"}


def _by_age(cells: dict[tuple[str, str], int], *, totals: bool = True) -> pa.Table:
    ages = [*AGES, "Insgesamt"] if totals else AGES
    sexes = ["m", "w", "Insgesamt"] if totals else ["m", "w"]
    rows = [
        {
            "Alter": age,
            "Geschlecht": sex,
            "Anzahl": str(
                sum(
                    count
                    for (one, two), count in cells.items()
                    if age in (one, "Insgesamt") and sex in (two, "Insgesamt")
                )
            ),
        }
        for age in ages
        for sex in sexes
    ]
    return pa.Table.from_pylist(rows)


def _ages(numbers: list[int]) -> dict[tuple[str, str], int]:
    return dict(zip(itertools.product(AGES, "mw"), numbers, strict=True))


def _cells(table: pa.Table, *names: str) -> dict[tuple[str, ...], str]:
    value = table.column_names[-1] if "Anzahl" not in table.column_names else "Anzahl"
    return {tuple(row[name] for name in names): row[value] for row in table.to_pylist()}


def test_neighbouring_age_bands_are_merged_and_totals_stay() -> None:
    data = _by_age(_ages([1, 4, 2, 5, 8, 9, 1, 7, 20, 22, 90, 80, 30, 33]))
    found = merged(data, COUNTS)
    assert found is not None
    cells = _cells(found.table, "Alter", "Geschlecht")
    assert cells["0 bis unter 6", "m"] == "3"
    assert cells["6 bis unter 18", "w"] == "16"
    assert cells["18-25", "m"] == "20"
    before = _cells(data, "Alter", "Geschlecht")
    assert all(cells["Insgesamt", sex] == before["Insgesamt", sex] for sex in ("m", "w"))
    assert judged(found.table, COUNTS).verdict == "safe"


def test_the_small_gemeinde_joins_others_of_its_kreis_alone() -> None:
    counts = {
        "01056001": 2,
        "01056002": 40,
        "01056003": 9,
        "01056004": 30,
        "01057001": 5,
        "01057002": 60,
    }
    keys = ["01", "01056", "01057", *counts]
    data = pa.table(
        {
            "AGS": keys,
            "Gemeinde": [f"Ort {key}" for key in keys],
            "Fälle": [str(sum(n for k, n in counts.items() if k.startswith(key))) for key in keys],
        }
    )
    found = merged(data)
    assert found is not None
    cells = _cells(found.table, "AGS")
    assert cells["Übrige 01056",] == "11"
    assert ("01056001",) not in cells
    assert ("01056003",) not in cells
    assert cells["01057001",] == "5"
    assert cells["01056",] == "81"


def test_amounts_are_summed_up_and_rates_of_merged_rows_are_blank() -> None:
    data = pa.table(
        {
            "Hilfeart": list("abcde"),
            "Fälle": ["1", "30", "2", "40", "50"],
            "Ausgaben": ["1000,50", "30000,00", "2000,25", "1,00", "2,00"],
            "Quote": ["0,1", "3,0", "0,2", "4,0", "5,0"],
        }
    )
    found = merged(data)
    assert found is not None
    row = next(row for row in found.table.to_pylist() if row["Hilfeart"] == "Übrige")
    assert row == {"Hilfeart": "Übrige", "Fälle": "3", "Ausgaben": "3000,75", "Quote": None}


def test_numbers_stay_numbers() -> None:
    data = pa.table({"Art": list("abcd"), "Anzahl": pa.array([1, 30, 2, 40], pa.int64())})
    found = merged(data, {"Art": "dimension", "Anzahl": "count"})
    assert found is not None
    assert found.table.schema.field("Anzahl").type == pa.int64()
    assert sorted(found.table.column("Anzahl").to_pylist()) == [3, 30, 40]


def test_two_dimensions_are_merged_where_one_does_not_suffice() -> None:
    chance = random.Random(3)
    data = pa.Table.from_pylist(
        [
            {"Ort": place, "Altersgruppe": age, "Anzahl": str(chance.choice([1, 2, 4, 7]))}
            for place in ("A", "B", "C", "D", "E", "F")
            for age in ("0-17", "18+", "Insgesamt")
        ]
    )
    rows = data.to_pylist()
    for place in ("A", "B", "C", "D", "E", "F"):
        own = [row for row in rows if row["Ort"] == place]
        own[2]["Anzahl"] = str(int(own[0]["Anzahl"]) + int(own[1]["Anzahl"]))
    rows[0]["Anzahl"], rows[1]["Anzahl"], rows[2]["Anzahl"] = "1", "1", "2"
    found = merged(
        pa.Table.from_pylist(rows),
        {"Ort": "dimension", "Altersgruppe": "dimension", "Anzahl": "count"},
    )
    assert found is not None
    assert all(int(value) >= 3 for value in found.table.column("Anzahl").to_pylist())


def test_periods_are_never_merged() -> None:
    data = pa.table({"Jahr": ["2021", "2022", "2023"], "Fälle": ["2", "30", "40"]})
    assert merged(data) is None


def test_where_the_total_itself_is_small_nothing_can_be_merged() -> None:
    data = pa.table({"Art": ["a", "b", "Insgesamt"], "Anzahl": ["1", "1", "2"]})
    assert merged(data, {"Art": "dimension", "Anzahl": "count"}) is None


def test_a_table_with_suppressed_cells_is_not_merged() -> None:
    data = pa.table({"Art": ["a", "b", "c"], "Anzahl": ["1", ".", "20"]})
    assert merged(data, {"Art": "dimension", "Anzahl": "count"}) is None


def test_the_order_of_rows_decides_no_category() -> None:
    data = _by_age(_ages([1, 4, 2, 5, 8, 9, 1, 7, 20, 22, 90, 80, 30, 33]))
    order = list(range(data.num_rows))
    random.Random(5).shuffle(order)
    one, two = merged(data, COUNTS), merged(data.take(order), COUNTS)
    assert one is not None
    assert two is not None
    assert _cells(one.table, "Alter", "Geschlecht") == _cells(two.table, "Alter", "Geschlecht")
    assert one.lost == two.lost


@QUICK
@given(
    st.lists(st.integers(0, 40), min_size=14, max_size=14),
    st.booleans(),
    st.sampled_from(["default", "streng-5"]),
)
def test_the_merged_table_is_safe_and_its_totals_are_the_old_ones(
    numbers: list[int], totals: bool, policy: str
) -> None:
    rules = load_policy(policy)
    data = _by_age(_ages(numbers), totals=totals)
    found = merged(data, COUNTS, rules)
    if found is None:
        return
    assert judged(found.table, COUNTS, rules).verdict == "safe"
    after = found.table.to_pylist()
    for sex, column in (("m", numbers[::2]), ("w", numbers[1::2])):
        rows = [r for r in after if r["Geschlecht"] == sex and r["Alter"] != "Insgesamt"]
        if rows:
            assert sum(int(row["Anzahl"]) for row in rows) == sum(column)
    assert not any(rules.is_small(int(row["Anzahl"])) for row in after)
    assert 0 <= found.lost["entropy"] <= 1
    assert 0 < found.lost["cells"] < 1


# -- the optimum of one dimension against all that is possible ------------------------------------


def _runs(size: int) -> list[list[list[int]]]:
    """All ways to cut a row of neighbours."""
    found = []
    for cuts in itertools.product([False, True], repeat=size - 1):
        runs = [[0]]
        for place, cut in enumerate(cuts, 1):
            if cut:
                runs.append([place])
            else:
                runs[-1].append(place)
        found.append(runs)
    return found


def _bits(counts: np.ndarray, runs: list[list[int]]) -> float:
    lost = 0.0
    for run in runs:
        if len(run) > 1:
            parts = counts[run]
            whole = parts.sum(axis=0)
            known = parts > 0
            ratio = np.broadcast_to(whole, parts.shape)[known] / parts[known]
            lost += float((parts[known] * np.log2(ratio)).sum()) + 1e-3 * (len(run) - 1)
    return lost


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=7))
def test_no_other_cut_of_bands_loses_less(rows: list[list[int]]) -> None:
    counts = np.array(rows, dtype=np.float64)
    labels = [f"{5 * n}-{5 * n + 4}" for n in range(len(rows))]
    tree = Tree.of(labels, [ROOT] * len(labels), ordered=True)
    small = Smallness(3)
    order = [labels.index(label) for label in bands_of(labels) or {}]
    possible = [
        _bits(counts[order], runs)
        for runs in _runs(len(rows))
        if not any(small.of(counts[order][run].sum(axis=0)) for run in runs)
    ]
    found = best_merging(tree, counts, small)
    assert (found is None) == (not possible)
    if found is not None:
        assert found.bits == pytest.approx(min(possible), abs=1e-6)


def _checked(tree: Tree, counts: np.ndarray, merging: Merging) -> None:
    inside = [code for _, members in merging.groups for code in members]
    assert len(inside) == len(set(inside))
    for parent, members in merging.groups:
        assert {tree.parents[code] for code in members} == {parent}
        assert not Smallness(3).of(counts[list(members)].sum(axis=0))
    for code in range(len(tree.labels)):
        if code not in inside and code not in merging.gone:
            assert not Smallness(3).of(counts[code])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=9))
def test_the_rest_of_kinds_is_nowhere_small_and_as_few_as_it_takes(rows: list[list[int]]) -> None:
    counts = np.array(rows, dtype=np.float64)
    tree = Tree.of([f"Art {n}" for n in range(len(rows))], [ROOT] * len(rows), ordered=False)
    found = best_merging(tree, counts, Smallness(3))
    if found is None:
        assert Smallness(3).of(counts.sum(axis=0)) or len(rows) < 2
        return
    _checked(tree, counts, found)
    merged_codes = [code for _, members in found.groups for code in members]
    forced = [code for code in range(len(rows)) if Smallness(3).of(counts[code])]
    if forced and not Smallness(3).of(counts[forced].sum(axis=0)) and len(forced) > 1:
        assert sorted(merged_codes) == forced


def test_zeros_are_merged_where_the_policy_protects_them() -> None:
    counts = np.array([[0.0], [9.0], [8.0]])
    tree = Tree.of(["a", "b", "c"], [ROOT] * 3, ordered=False)
    assert best_merging(tree, counts, Smallness(3)) == Merging()
    found = best_merging(tree, counts, Smallness(3, zeros=True))
    assert found is not None
    assert found.groups == ((ROOT, (0, 2)),)


def test_losses_are_shares() -> None:
    found = merged(_by_age(_ages([1, 4, 2, 5, 8, 9, 1, 7, 20, 22, 90, 80, 30, 33])), COUNTS, POLICY)
    assert found is not None
    assert found.lost["cells"] == pytest.approx(0.25)
    assert 0 < found.lost["entropy"] < 0.1
