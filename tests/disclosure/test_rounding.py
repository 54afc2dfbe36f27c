"""Controlled rounding: sums hold, counts stay close, and nothing small remains."""

import csv
import itertools
import json
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pytest
from disclosure_worlds import POLICY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.disclosure import NotProtectedError, NotSupportedError, protect
from ckanext.sozialdaten.disclosure.protection._rounding import (
    Rounded,
    round_everywhere,
    round_small,
)
from ckanext.sozialdaten.disclosure.protection._rounding_linked import round_linked
from ckanext.sozialdaten.disclosure.protection._sums import Sum, Sums

FOLDER = "disclosure-cases/06_rounding"
NODES = 2_000
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
Place = tuple[str, ...]


def table_of(leaves: Mapping[Place, int]) -> Sums:
    """A table with all totals over its dimensions."""
    axes = [sorted({place[axis] for place in leaves}) for axis in range(len(next(iter(leaves))))]
    names = list(itertools.product(*[[*axis, "*"] for axis in axes]))
    position = {name: index for index, name in enumerate(names)}
    members = [
        [
            leaf
            for leaf in leaves
            if all(code in ("*", part) for code, part in zip(name, leaf, strict=True))
        ]
        for name in names
    ]
    values = np.array([float(sum(leaves[leaf] for leaf in found)) for found in members])
    sums = [
        Sum(index, tuple(position[(*name[:axis], code, *name[axis + 1 :])] for code in axes[axis]))
        for index, name in enumerate(names)
        for axis in range(len(axes))
        if name[axis] == "*"
    ]
    made = tuple(np.array(sorted(position[leaf] for leaf in found)) for found in members)
    return Sums(values, tuple(names), np.arange(len(names)), tuple(sums), made)


def additive(sums: Sums, rounded: Rounded) -> bool:
    return all(
        rounded.values[one.total] == pytest.approx(rounded.values[list(one.parts)].sum())
        for one in sums.sums
    )


COUNTS = st.lists(st.integers(0, 25), min_size=12, max_size=12)


def plane(counts: Sequence[int]) -> Sums:
    places = itertools.product("ABCD", "xyz")
    return table_of(dict(zip(places, counts, strict=True)))


@QUICK
@given(COUNTS, st.sampled_from([3, 5, 10]))
def test_in_two_dimensions_all_counts_become_multiples_and_all_sums_hold(
    counts: list[int], base: int
) -> None:
    sums = plane(counts)
    rounded = round_everywhere(sums, base, np.ones(len(sums)), NODES)
    assert rounded is not None
    assert rounded.exact
    assert additive(sums, rounded)
    assert (np.abs(rounded.values - sums.values) < base).all()
    assert (np.mod(rounded.values, base) == 0).all()
    assert (rounded.values[sums.values == 0] == 0).all()


@QUICK
@given(COUNTS, st.sampled_from([3, 5, 10]))
def test_rounding_small_counts_leaves_none_and_keeps_all_other_inner_cells(
    counts: list[int], base: int
) -> None:
    sums = plane(counts)
    rounded = round_small(sums, base, 20)
    assert additive(sums, rounded)
    assert not ((rounded.values > 0) & (rounded.values < base)).any()
    inner = sums.is_leaf
    assert (np.abs(rounded.values - sums.values)[inner] < base).all()
    large = inner & (sums.values >= base)
    assert (rounded.values[large] == sums.values[large]).all()
    assert (rounded.values[sums.values == 0] == 0).all()


@QUICK
@given(st.lists(st.integers(0, 9), min_size=27, max_size=27))
def test_in_three_dimensions_sums_hold_whatever_way_is_taken(counts: list[int]) -> None:
    places = itertools.product("ABC", "xyz", "123")
    sums = table_of(dict(zip(places, counts, strict=True)))
    rounded = round_everywhere(sums, 3, np.ones(len(sums)), NODES)
    if rounded is None:
        rounded = round_small(sums, 3, 20, everywhere=True)
    assert additive(sums, rounded)
    assert (np.mod(rounded.values, 3) == 0).all()


def test_everywhere_loses_no_more_than_any_other_choice() -> None:
    sums = table_of({("A", "x"): 4, ("A", "y"): 7, ("B", "x"): 2, ("B", "y"): 9})
    rounded = round_everywhere(sums, 3, np.ones(len(sums)), NODES)
    assert rounded is not None
    free = np.flatnonzero(np.mod(sums.values, 3))
    best = np.inf
    for ups in itertools.product((0, 3), repeat=len(free)):
        values = np.floor(sums.values / 3) * 3
        values[free] += ups
        if additive(sums, Rounded(values, 0.0, exact=False)):
            best = min(best, float(np.abs(values - sums.values).sum()))
    assert np.abs(rounded.values - sums.values).sum() == pytest.approx(best)


def published(case: str) -> tuple[Sums, list[dict[str, str]]]:
    """A case of the package SmallCountRounding, with its groups of places."""
    folder = shared(FOLDER)
    with (folder / f"{case}_publish.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (folder / f"{case.split('_')[0]}_input.csv").open(newline="") as stream:
        inner = list(csv.DictReader(stream))
    dimensions = [name for name in rows[0] if name not in ("original", "rounded", "difference")]
    groups = {"geo": ("geo", "eu"), "region": ("region", "fylke", "kostragr")}
    names = [tuple(row[d] for d in dimensions) for row in rows]
    position = {name: index for index, name in enumerate(names)}
    leaves = [
        np.array(
            sorted(
                position[tuple(row[d] for d in dimensions)]
                for row in inner
                if all(
                    code == "Total" or code in [row[g] for g in groups.get(d, (d,))]
                    for d, code in zip(dimensions, name, strict=True)
                )
            )
        )
        for name in names
    ]
    sums = [
        Sum(cell, tuple(found.tolist()))
        for cell, found in enumerate(leaves)
        if found.tolist() != [cell]
    ]
    values = np.array([float(row["original"]) for row in rows])
    return Sums(values, tuple(names), np.arange(len(rows)), tuple(sums), tuple(leaves)), rows


@pytest.mark.parametrize("case", ["e6_base3", "e6_base5", "z2_base3", "z2_base5"])
def test_the_published_examples_of_small_count_rounding_are_met(case: str) -> None:
    sums, _ = published(case)
    known = json.loads((shared(FOLDER) / "plsrounding_summary.json").read_text())[case]
    rounded = round_small(sums, known["base"], 30)
    away = np.abs(rounded.values - sums.values)
    assert additive(sums, rounded)
    assert away.max() <= known["maxdiff"]
    assert away.mean() <= known["meanAbsDiff"] + 1e-8


@pytest.mark.parametrize(("case", "base"), [("e6_base5_formula", 5), ("z2_base3", 3)])
def test_a_file_with_groups_that_nobody_declared_is_rounded_as_closely(
    case: str, base: int
) -> None:
    folder = shared(FOLDER)
    with (folder / f"{case}_publish.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = json.loads((folder / "plsrounding_summary.json").read_text())[case]
    names = [name for name in rows[0] if name not in ("original", "rounded", "difference")]
    data = pa.table({name: [row[name] for row in rows] for name in names})
    data = data.append_column("Anzahl", pa.array([row["original"] for row in rows]))
    roles = dict.fromkeys(names, "dimension") | {"Anzahl": "count"}
    loss = protect(data, roles, POLICY, method="round", base=base).report.loss
    assert loss.max_deviation <= known["maxdiff"]
    assert loss.mean_deviation <= known["meanAbsDiff"] + 1e-8


def test_the_published_example_without_a_finest_level_is_met() -> None:
    folder = shared(FOLDER)
    with (folder / "e6_base5_formula_publish.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = json.loads((folder / "plsrounding_summary.json").read_text())["e6_base5_formula"]
    names = [(row["geo"], row["year"]) for row in rows]
    at = {name: index for index, name in enumerate(names)}
    sums = [
        Sum(at["Total", year], (at["EU", year], at["nonEU", year]))
        for year in ("2018", "2019", "Total")
    ]
    sums += [
        Sum(at[geo, "Total"], (at[geo, "2018"], at[geo, "2019"]))
        for geo in ("EU", "nonEU", "Total")
    ]
    sums.append(Sum(at["EU", "Total"], (at["Portugal", "Total"], at["Spain", "Total"])))
    sums.append(Sum(at["nonEU", "Total"], (at["Iceland", "Total"],)))
    values = np.array([float(row["original"]) for row in rows])
    single = tuple(np.array([cell]) for cell in range(len(rows)))
    table = Sums(values, tuple(names), np.arange(len(rows)), tuple(sums), single, tuple(sums))
    rounded = round_linked(table, 5, NODES)
    assert rounded is not None
    away = np.abs(rounded.values - values)
    assert additive(table, rounded)
    assert not ((rounded.values > 0) & (rounded.values < 5)).any()
    assert away.max() <= known["maxdiff"]
    assert away.mean() <= known["meanAbsDiff"] + 1e-8


ROLES = {"Ort": "dimension", "Alter": "dimension", "Anzahl": "count"}


def file_of(counts: Sequence[int]) -> pa.Table:
    """A table as a file holds it, with totals."""
    sums = plane(counts)
    label = {"*": "Insgesamt"}
    return pa.table(
        {
            "Ort": [label.get(place[0], place[0]) for place in sums.names],
            "Alter": [label.get(place[1], place[1]) for place in sums.names],
            "Anzahl": [str(int(value)) for value in sums.values],
        }
    )


EXAMPLE = [12, 1, 7, 2, 30, 4, 9, 0, 2, 15, 8, 1]


def shown(data: pa.Table) -> dict[tuple[str, str], int]:
    return {(row["Ort"], row["Alter"]): int(row["Anzahl"]) for row in data.to_pylist()}


def test_a_rounded_file_adds_up_and_shows_no_small_count() -> None:
    done = protect(file_of(EXAMPLE), ROLES, POLICY, method="round")
    cells = shown(done.table)
    assert not {1, 2}.intersection(cells.values())
    for place in ("A", "B", "C", "D", "Insgesamt"):
        parts = sum(cells[place, age] for age in "xyz")
        assert cells[place, "Insgesamt"] == parts
    for age in ("x", "y", "z", "Insgesamt"):
        assert cells["Insgesamt", age] == sum(cells[place, age] for place in "ABCD")
    assert done.report.loss.max_deviation == done.report.parameters["max_deviation"]


def test_a_larger_base_is_taken_from_the_call() -> None:
    done = protect(file_of(EXAMPLE), ROLES, POLICY, method="round", base=5)
    assert not {1, 2, 3, 4}.intersection(shown(done.table).values())
    assert done.report.parameters["base"] == 5


def test_the_order_of_rows_never_changes_what_is_published() -> None:
    data = file_of(EXAMPLE)
    backwards = data.take(list(reversed(range(data.num_rows))))
    once, twice = (protect(t, ROLES, POLICY, method="round").table for t in (data, backwards))
    assert shown(once) == shown(twice)


def test_a_total_that_no_sum_explains_keeps_what_it_holds_beside_its_parts() -> None:
    data = pa.table({"Ort": ["A", "B", "C", "Insgesamt"], "Anzahl": ["9", "8", "2", "40"]})
    done = protect(data, {"Ort": "dimension", "Anzahl": "count"}, POLICY, method="round")
    assert done.table.column("Anzahl").to_pylist()[:2] == ["9", "8"]
    assert done.table.column("Anzahl").to_pylist()[2] in ("0", "3")


def test_a_base_below_the_minimum_frequency_is_not_safe() -> None:
    with pytest.raises(NotProtectedError):
        protect(file_of(EXAMPLE), ROLES, POLICY, method="round", base=2)
    with pytest.raises(NotSupportedError):
        protect(file_of(EXAMPLE), ROLES, POLICY, method="round", base=1)
