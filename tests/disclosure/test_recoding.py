"""Recoding of persons: the search for the least loss, local suppression, the candidate."""

import itertools
import json
import math
import random
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recoding_worlds import POLICY, judged, persons, recoded
from shared_files import shared

from ckanext.sozialdaten.disclosure import NotProtectedError, NotSupportedError, load_policy
from ckanext.sozialdaten.disclosure.protection.recoding import (
    Hierarchy,
    Metric,
    _lattice,
    read_hierarchy,
)
from ckanext.sozialdaten.disclosure.protection.recoding._blanks import blank, settle
from ckanext.sozialdaten.disclosure.protection.recoding._criteria import (
    Criteria,
    judge,
    rolled,
    sensitive_of,
)
from ckanext.sozialdaten.disclosure.protection.recoding._lattice import Problem, grouped, search
from ckanext.sozialdaten.disclosure.protection.recoding._loss import column_loss

QUICK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
ARX = "disclosure-cases/04_microdata/arx"
TESTDATA = {
    "age": ["34", "45", "66", "70", "34", "70", "45"],
    "gender": ["male", "female", "male", "female", "female", "male", "male"],
    "zipcode": ["81667", "81675", "81925", "81931", "81931", "81931", "81931"],
}


def _arx(name: str) -> tuple[pa.Table, dict[str, Hierarchy]]:
    data = pacsv.read_csv(
        shared(f"{ARX}/{name}.csv"),
        parse_options=pacsv.ParseOptions(delimiter=";"),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(_header(shared(f"{ARX}/{name}.csv")), pa.string())
        ),
    )
    found = {
        column: read_hierarchy(column, path)
        for column in data.column_names
        if (path := shared(ARX) / f"{name}_hierarchy_{column}.csv").exists()
    }
    return data, found


def _header(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()[0].split(";")


def _problem(
    data: pa.Table,
    trees: dict[str, Hierarchy],
    criteria: Criteria,
    limit: int = 0,
    metric: Metric = Metric.BALANCED,
    sensitive: str = "",
) -> Problem:
    columns = {name: data.column(name).to_pylist() for name in trees}
    whole = {name: trees[name].covering(columns[name]) for name in trees}
    levels = [whole[name].codes(columns[name]) for name in trees]
    base = grouped([codes[0] for codes in levels], data.num_rows)
    first, sizes = np.unique(base, return_index=True, return_counts=True)[1:]
    losses = []
    for name in trees:
        values, counts = np.unique(columns[name], return_counts=True)
        losses.append(column_loss(metric, whole[name], values.tolist(), counts))
    others = []
    if sensitive:
        codes = np.unique(data.column(sensitive).to_pylist(), return_inverse=True)[1]
        others = [sensitive_of(sensitive, base, codes)]
    return Problem(
        [[codes[first] for codes in column] for column in levels],
        sizes,
        losses,
        (0,) * len(trees),
        others,
        criteria,
        limit,
        metric,
    )


def _classes(problem: Problem, node: tuple[int, ...]) -> np.ndarray:
    columns = [levels[level] for levels, level in zip(problem.codes, node, strict=True)]
    return np.bincount(grouped(columns, len(problem.sizes)), problem.sizes)


def test_the_classes_of_published_nodes_are_counted_right() -> None:
    data, trees = _arx("adult")
    problem = _problem(data, trees, Criteria())
    for case in json.loads(shared("disclosure-cases/verification.json").read_text())[
        "arx_kanon_nodes"
    ]:
        sizes = _classes(problem, tuple(case["levels"]))
        small = sizes[sizes < case["k"]].sum()
        assert int(sizes.min()) == case["min_class"]
        assert int(small) == case["suppressed_records"]
        assert int((sizes >= case["k"]).sum()) == case["classes_ok"]
        assert bool(small <= case["limit"] * data.num_rows) is case["admissible"]


def test_two_anonymity_at_the_least_rank_loss_leaves_58_classes_of_the_adult_file() -> None:
    data, trees = _arx("adult")
    problem = _problem(data, trees, Criteria(k=2), metric=Metric.RANK)
    assert math.prod(problem.shape) == 12_960
    begun = time.monotonic()
    solution = search(problem)
    assert time.monotonic() - begun < 30
    assert solution is not None
    assert solution.exact
    assert len(_classes(problem, solution.node)) == 58


@pytest.mark.parametrize(("k", "limit"), [(5, 0.0), (5, 0.04), (100, 0.04), (100, 0.0)])
def test_no_published_node_loses_less_than_the_one_that_is_found(k: int, limit: float) -> None:
    data, trees = _arx("adult")
    problem = _problem(data, trees, Criteria(k=k), int(limit * data.num_rows))
    solution = search(problem)
    assert solution is not None
    cases = json.loads(shared("disclosure-cases/verification.json").read_text())
    for case in cases["arx_kanon_nodes"]:
        if (case["k"], case["limit"]) == (k, limit):
            known = problem.loss(tuple(case["levels"]), case["suppressed_records"])
            assert solution.loss <= known


def test_l_and_t_of_the_small_arx_file_hold_in_the_recoded_table() -> None:
    data, trees = _arx("test2")
    disease = trees.pop("Disease")
    assert disease.height == 4
    roles = {"ZIPCode": "quasi_identifier", "Age": "quasi_identifier", "Disease": "sensitive"}
    found = recoded(data.drop_columns(["Salary"]), roles, _lax(3, 2), trees)
    groups: dict[tuple[str, ...], list[str]] = {}
    for row in found.table.to_pylist():
        key = tuple(str(row[name]) for name in found.table.column_names if name != "Disease")
        groups.setdefault(key, []).append(row["Disease"])
    assert min(map(len, groups.values())) >= 3
    assert min(len(set(values)) for values in groups.values()) >= 2


def _lax(k: int, distinct: int, lost: float = 0.0) -> object:
    """A policy that asks for k and distinct l alone."""
    import dataclasses

    rules = dataclasses.replace(
        POLICY.persons, k=k, distinct_l=distinct, max_share=0.0, max_individual_risk=0.0
    )
    protection = dataclasses.replace(POLICY.protection, max_lost_share=lost)
    return dataclasses.replace(POLICY, persons=rules, protection=protection)


# -- the search against all nodes ---------------------------------------------------------------


@st.composite
def _lattices(draw: st.DrawFn) -> Problem:
    rows = draw(st.integers(6, 40))
    columns = []
    for _ in range(draw(st.integers(1, 3))):
        values = draw(st.lists(st.sampled_from("abcdefgh"), min_size=rows, max_size=rows))
        half = {v: "abcdefgh"[ord(v) - 97 & ~1] for v in "abcdefgh"}
        quarter = {v: "ae"[v >= "e"] for v in "abcdefgh"}
        columns.append((values, Hierarchy.of("x", [half, quarter], values)))
    secret = draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    data = pa.table({f"q{i}": values for i, (values, _) in enumerate(columns)})
    criteria = Criteria(
        k=draw(st.integers(1, 4)),
        distinct_l=draw(st.integers(0, 2)),
        max_share=draw(st.sampled_from([0.0, 0.7])),
        entropy_l=draw(st.sampled_from([0.0, 1.5])),
        t=draw(st.sampled_from([0.0, 0.5])),
    )
    trees = {f"q{i}": tree for i, (_, tree) in enumerate(columns)}
    return _problem(
        data.append_column("s", pa.array([str(value) for value in secret])),
        trees,
        criteria,
        draw(st.integers(0, rows // 4)),
        draw(st.sampled_from(list(Metric))),
        "s",
    )


def _kept(problem: Problem, node: tuple[int, ...]) -> int | None:
    """Rows that are left out at a node, None if it does not hold: as slowly as can be."""
    columns = [levels[level] for levels, level in zip(problem.codes, node, strict=True)]
    classes = grouped(columns, len(problem.sizes))
    left = np.ones(len(classes), dtype=bool)
    while left.any():
        places = np.full(len(classes), -1)
        places[left] = np.unique(classes[left], return_inverse=True)[1]
        rows = np.bincount(places[left], problem.sizes[left])
        parts = [rolled(column, places) for column in problem.sensitive]
        bad = judge(rows.astype(np.int64), parts, problem.criteria).failing
        if not bad.any():
            break
        left &= ~((places >= 0) & bad[places])
    out = int(problem.sizes[~left].sum())
    return out if out <= problem.limit and left.any() else None


@settings(max_examples=60, deadline=None)
@given(_lattices())
def test_no_node_loses_less_than_the_one_that_is_found(problem: Problem) -> None:
    nodes = itertools.product(*map(range, problem.shape))
    losses = [
        problem.loss(node, out) for node in nodes if (out := _kept(problem, node)) is not None
    ]
    solution = search(problem)
    assert (solution is None) == (not losses)
    if solution is not None:
        assert solution.loss == pytest.approx(min(losses))


def test_above_the_limit_of_nodes_the_way_down_ends_at_a_node_that_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, trees = _arx("adult")
    problem = _problem(data, trees, Criteria(k=5), int(0.05 * data.num_rows))
    best = search(problem)
    monkeypatch.setattr(_lattice, "_MAX_NODES", 1)
    found = search(problem)
    assert found is not None
    assert best is not None
    assert not found.exact
    assert found.evaluated < best.evaluated
    assert best.loss <= found.loss <= (1.1 * best.loss[0],)


# -- local suppression --------------------------------------------------------------------------


def test_one_blank_cell_saves_a_row_and_not_two() -> None:
    one = np.array([0] * 6 + [1, 2, 3])
    two = np.array([0] * 6 + [5, 5, 5])
    failing = np.array([False] * 6 + [True] * 3)
    blanks = blank([one, two], failing, [], Criteria(k=3))
    assert blanks.cells.sum() == 3
    assert blanks.cells[6:, 0].all()
    assert not blanks.left_out.any()


def test_rows_that_no_blank_cell_saves_are_left_out() -> None:
    codes = [np.array([0, 0, 0, 1]), np.array([0, 0, 0, 1])]
    blanks = blank(codes, np.array([False] * 3 + [True]), [], Criteria(k=3))
    assert blanks.left_out.tolist() == [False, False, False, True]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 2)] * 4, st.integers(0, 2)), min_size=8, max_size=60),
    st.integers(2, 4),
    st.sampled_from([0.0, 0.8]),
)
def test_after_local_suppression_no_group_fails(
    rows: list[tuple[int, ...]], k: int, share: float
) -> None:
    data = np.array(rows)
    codes = [data[:, i] for i in range(4)]
    places = np.arange(len(rows))
    criteria = Criteria(k=k, distinct_l=2 if share else 0, max_share=share)
    sensitive = [sensitive_of("s", places, data[:, 4])]
    everybody = np.ones(len(rows), dtype=bool)
    found = settle(codes, blank(codes, everybody, sensitive, criteria), sensitive, criteria)
    left = Counter(
        tuple("" if hidden else str(value) for value, hidden in zip(row[:4], blanks, strict=True))
        for row, blanks, out in zip(rows, found.cells, found.left_out, strict=True)
        if not out
    )
    assert all(count >= k for count in left.values())


# -- the candidate ------------------------------------------------------------------------------


def _roles(data: pa.Table) -> dict[str, str]:
    return {
        name: "sensitive" if name == "Leistungsart" else "quasi_identifier"
        for name in data.column_names
    }


@pytest.mark.parametrize("policy", ["amtliche-statistik-3", "streng-5"])
def test_the_recoded_table_is_safe_and_without_identifiers(policy: str) -> None:
    rules = load_policy(policy)
    found = recoded(persons(900), None, rules)
    for name in ("Nachname", "Aktenzeichen", "Bemerkung"):
        assert name not in found.table.column_names
        assert name in str(found.parameters["dropped"])
    assert judged(found.table, _roles(found.table), rules).verdict == "safe"
    assert judged(found.table, {}, rules).verdict == "safe"


def test_the_recoded_table_keeps_most_rows_and_says_what_it_lost() -> None:
    data = persons(900)
    found = recoded(data)
    lost = 1 - found.table.num_rows / data.num_rows
    assert found.lost["rows"] == pytest.approx(lost)
    assert lost <= POLICY.protection.max_lost_share
    assert 0 < found.lost["entropy"] < 1
    assert found.notes["rows"] == found.table.num_rows
    assert found.changed == ()


def test_no_value_of_a_person_stands_in_the_report_of_recoding() -> None:
    found = recoded(persons())
    assert "Muster1" not in str((found.parameters, found.lost, found.notes))
    assert "syrisch" not in str(found.parameters)


def test_the_order_of_rows_never_matters() -> None:
    data = persons(400)
    order = list(range(400))
    random.Random(3).shuffle(order)
    assert recoded(data).table.equals(recoded(data.take(order)).table)


def test_a_table_that_is_safe_but_for_its_names_stays_as_it_is() -> None:
    data = pa.table(
        {
            "Fallnummer": [str(7_000_000 + n) for n in range(80)],
            "Geschlecht": ["m", "w"] * 40,
            "Hilfeart": ["a", "a", "b", "b"] * 20,
        }
    )
    found = recoded(data)
    assert found.table.column_names == ["Geschlecht", "Hilfeart"]
    assert Counter(found.table.column("Geschlecht").to_pylist()) == {"m": 40, "w": 40}
    assert found.lost["entropy"] == 0


def test_a_sensitive_column_in_which_nearly_all_are_alike_is_left_out() -> None:
    data = pa.table({"Geschlecht": ["m", "w"] * 50, "Diagnose": ["gesund"] * 95 + ["krank"] * 5})
    found = recoded(data, {"Geschlecht": "quasi_identifier", "Diagnose": "sensitive"})
    assert found.table.column_names == ["Geschlecht"]
    assert "nearly-all-alike" in str(found.parameters["dropped"])


def test_amounts_are_rounded_and_cut_off_at_both_ends() -> None:
    chance = random.Random(2)
    amounts = [chance.randint(0, 3000) for _ in range(300)] + [98_765]
    data = pa.table({"Geschlecht": ["m", "w", "w"] * 100 + ["m"], "Einkommen": amounts})
    found = recoded(data).table.column("Einkommen")
    assert found.type == pa.int64()
    assert len(set(found.to_pylist())) < 30
    assert max(found.to_pylist()) < 4000
    assert min(Counter(found.to_pylist()).values()) >= 5


def _skewed() -> pa.Table:
    """Persons whose benefit is the same for nearly all of each group but the largest."""
    return pa.table(
        {
            "Geschlecht": ["m", "w"] * 60,
            "Ortsteil": ["Nord"] * 60 + ["Süd"] * 60,
            "Familienstand": ["ledig"] * 60 + ["verheiratet"] * 60,
            "Leistungsart": ["HLU"] * 30 + ["GruSi"] * 30 + ["HLU"] * 58 + ["GruSi"] * 2,
        }
    )


def test_a_sensitive_column_that_costs_too_much_is_left_out_if_nobody_declared_it() -> None:
    found = recoded(_skewed())
    assert found.table.column_names == ["Geschlecht", "Ortsteil", "Familienstand"]
    assert "Leistungsart: costs-more-than-it-tells" in str(found.parameters["dropped"])
    assert set(found.roles.values()) == {"quasi_identifier"}


def test_a_declared_sensitive_column_stays_whatever_it_costs() -> None:
    roles = {"Geschlecht": "quasi_identifier", "Leistungsart": "sensitive"}
    found = recoded(_skewed(), roles)
    assert "Leistungsart" in found.table.column_names
    assert "Ortsteil" not in found.table.column_names
    assert judged(found.table, roles).verdict == "safe"


def test_decimal_numbers_that_nobody_named_become_ranges() -> None:
    chance = random.Random(4)
    data = pa.table(
        {
            "Geschlecht": ["m", "w"] * 200,
            "Punkte": [f"{chance.uniform(0, 50):.2f}" for _ in range(400)],
        }
    )
    found = recoded(data, {"Geschlecht": "quasi_identifier"})
    assert found.roles["Punkte"] == "quasi_identifier"
    assert "bis unter" in str(found.table.column("Punkte").to_pylist())


def test_persons_with_several_rows_count_once() -> None:
    data = pa.table(
        {
            "Fallnummer": [f"F{n // 5}" for n in range(60)],
            "Geschlecht": ["m"] * 5 + ["w"] * 55,
            "Leistung": ["x", "y", "z", "x", "y"] * 12,
        }
    )
    roles = {"Fallnummer": "identifier", "Geschlecht": "quasi_identifier", "Leistung": "sensitive"}
    assert "Geschlecht" not in recoded(data, roles).table.column_names


def test_too_few_persons_cannot_be_protected() -> None:
    with pytest.raises(NotProtectedError):
        recoded(persons(3))


def test_rows_that_are_no_persons_are_not_recoded() -> None:
    data = pa.table({"Altersgruppe": ["0-17", "18+"], "Anzahl": ["40", "50"]})
    with pytest.raises(NotSupportedError):
        recoded(data)


QI = st.tuples(
    st.sampled_from("mwd"),
    st.integers(0, 90),
    st.sampled_from(["Nord", "Süd", "West", ""]),
    st.sampled_from(["a", "b", "c"]),
)


@QUICK
@given(st.lists(QI, min_size=30, max_size=120), st.sampled_from(["default", "streng-5"]))
def test_the_check_finds_every_recoded_table_safe(
    rows: list[tuple[str, int, str, str]], policy: str
) -> None:
    names = ("Geschlecht", "Alter", "Ortsteil", "Hilfe")
    data = pa.table({n: [str(row[i]) for row in rows] for i, n in enumerate(names)})
    roles = dict.fromkeys(names[:3], "quasi_identifier") | {"Hilfe": "sensitive"}
    rules = load_policy(policy)
    try:
        found = recoded(data, roles, rules)
    except NotProtectedError:
        return
    assert judged(found.table, roles, rules).verdict == "safe"
    kept = [name for name in names[:3] if name in found.table.column_names]
    groups = Counter(zip(*(found.table.column(name).to_pylist() for name in kept), strict=True))
    assert min(groups.values(), default=rules.persons.k) >= rules.persons.k
