"""Size, diversity and closeness of classes: textbook values, peers' values, laws."""

import csv
import dataclasses
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
from disclosure_worlds import POLICY, found, rules, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.disclosure import check
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure.persons import (
    Cube,
    Equal,
    Ground,
    Ordered,
    Sensitive,
    Tree,
    Values,
    _classes,
    class_values,
    coded,
    counted,
    measure,
)
from ckanext.sozialdaten.disclosure.persons._limits import size, values, values_of

FILES = [
    "adult_anonymized_3.csv",
    "adult_anonymized_10.csv",
    "adult_anonymized_20.csv",
    "StudentsMath_Score.csv",
    "StudentsMath_Score_k2.csv",
    "StudentsMath_Score_k5.csv",
    "StudentsMath_Score_k7.csv",
    "hospital_anonymized.csv",
]
HOSPITAL = (["age", "gender", "city"], "disease")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def micro(name: str) -> Path:
    return shared(f"disclosure-cases/04_microdata/{name}")


def _known(name: str) -> tuple[dict[str, Any], dict[str, Any] | None, Sequence[str], str]:
    answers = json.loads(micro("pycanon_expected.json").read_text(encoding="utf-8"))[name]
    peer = answers["pycanon_1_3_6"]
    columns = (peer["qi"], peer["sa"][0]) if peer else HOSPITAL
    return answers["textbook"], peer, *columns


def _measured(
    engine: Engine, data: pa.Table, quasi: Sequence[str], column: str, l_of: int, ground: Ground
) -> Values:
    persons = dataclasses.replace(POLICY.persons, recursive_l=l_of)
    return measure(engine, engine.load(data), quasi, column, persons, ground)


@pytest.mark.parametrize("name", FILES)
def test_textbook_values_are_reproduced(engine: Engine, name: str) -> None:
    textbook, _, quasi, column = _known(name)
    data = pacsv.read_csv(micro(name))
    got = _measured(engine, data, quasi, column, textbook["l_distinct"], Equal())
    assert (got.sizes.k, got.sizes.classes, got.sizes.uniques) == (
        textbook["k"],
        textbook["classes"],
        textbook["uniques"],
    )
    assert got.kinds == textbook["l_distinct"]
    assert got.effective == pytest.approx(textbook["entropy_l"], rel=1e-9)
    assert got.share == pytest.approx(textbook["alpha"])
    assert got.distance == pytest.approx(textbook["t_equal"], rel=1e-9)
    assert got.gain == pytest.approx(textbook["basic_beta"], rel=1e-9)
    assert got.log_gain == pytest.approx(textbook["delta_excl_zero"], rel=1e-9)
    if "recursive_c_infimum" in textbook:
        assert got.recursive_c == pytest.approx(textbook["recursive_c_infimum"])
    if "t_ordered" in textbook:
        ordered = _measured(engine, data, quasi, column, 0, Ordered())
        assert ordered.distance == pytest.approx(textbook["t_ordered"], rel=1e-9)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("recursive_l", [0, 2, 50])
def test_counting_in_memory_gives_what_the_expressions_give(
    engine: Engine, name: str, recursive_l: int
) -> None:
    textbook, _, quasi, column = _known(name)
    data, ordered = pacsv.read_csv(micro(name)), "t_ordered" in textbook
    ground = Ordered() if ordered else Equal()
    one = _measured(engine, data, quasi, column, recursive_l, ground)
    two = counted(data, list(quasi), column, POLICY.persons.k, recursive_l, ordered=ordered)
    assert two.sizes == one.sizes
    rest = [
        [getattr(got, field.name) for field in dataclasses.fields(got) if field.name != "sizes"]
        for got in (one, two)
    ]
    assert rest[1] == pytest.approx(rest[0], rel=1e-9)


@pytest.mark.parametrize("name", FILES[:-1])
def test_values_equal_those_of_pycanon_where_it_is_right(engine: Engine, name: str) -> None:
    textbook, peer, quasi, column = _known(name)
    assert peer is not None
    ground = Ordered() if "t_ordered" in textbook else Equal()
    got = _measured(engine, pacsv.read_csv(micro(name)), quasi, column, peer["l"], ground)
    assert (got.sizes.k, got.kinds) == (peer["k"], peer["l"])
    assert got.share == pytest.approx(peer["alpha"])
    assert got.distance == pytest.approx(peer["t"], rel=1e-9)
    assert got.gain == pytest.approx(peer["basic_beta"], rel=1e-9)
    assert got.log_gain == pytest.approx(peer["delta"], rel=1e-9)


def test_where_pycanon_is_wrong_the_textbook_holds(engine: Engine) -> None:
    cases = {case["case"]: case for case in json.loads(micro("peer_pitfalls.json").read_text())}
    entropy = cases["entropy l of a class with 2 equally frequent values"]
    data = pacsv.read_csv(micro("pit_entropy.csv"))
    got = _measured(engine, data, ["q"], "s", 0, Equal())
    assert got.effective == pytest.approx(entropy["correct"])
    assert entropy["pycanon"] == 1, "the peer cuts 1.9999999999999998 to 1"

    recursive = cases["recursive (c,l) with counts 4,1,1"]
    data = pacsv.read_csv(micro("pit_recursive.csv"))
    got = _measured(engine, data, ["q"], "s", recursive["pycanon_l"], Equal())
    assert got.recursive_c == recursive["correct_infimum_c"]
    assert recursive["pycanon_c"] == 1.0, "the peer sorts the counts the wrong way round"

    missing = cases["NaN in a single quasi-identifier"]
    data = pacsv.read_csv(micro("pit_nan_qi.csv"))
    got = _measured(engine, data, missing["qi"], "hilfe", 0, Equal())
    assert got.sizes.k == missing["correct_k"]
    assert missing["pycanon_k"] == 4, "the peer drops the person without a value"


def _by_class(engine: Engine, data: pa.Table, column: str, ground: Ground) -> dict[str, float]:
    values_seen = sorted(set(data[column].to_pylist()))
    shares = tuple(data[column].to_pylist().count(v) / data.num_rows for v in values_seen)
    sensitive = Sensitive(column, tuple(values_seen), shares, ground)
    classes = class_values(engine.load(data), ["group"], sensitive)
    return {row["group"]: row["distance"] for row in engine.rows(classes)}


def _nine() -> tuple[pa.Table, dict[str, list[str]]]:
    parse = pacsv.ParseOptions(delimiter=";")
    data = pacsv.read_csv(micro("arx/test2.csv"), parse_options=parse)
    paths: dict[str, dict[str, list[str]]] = {}
    for column in ("ZIPCode", "Disease"):
        with micro(f"arx/test2_hierarchy_{column}.csv").open(encoding="utf-8") as stream:
            paths[column] = {row[0]: row[1:] for row in csv.reader(stream, delimiter=";")}
    groups = [paths["ZIPCode"][str(code)][0] for code in data["ZIPCode"].to_pylist()]
    return data.append_column("group", pa.array(groups)), paths["Disease"]


def test_the_nine_salaries_are_a_sixth_away(engine: Engine) -> None:
    data, _ = _nine()
    got = _by_class(engine, data, "Salary", Ordered())
    assert got == pytest.approx({"4760*": 1 / 12, "4767*": 1 / 6, "4790*": 1 / 6})


def test_the_nine_diseases_are_as_far_as_their_hierarchy_says(engine: Engine) -> None:
    data, hierarchy = _nine()
    names = sorted(set(data["Disease"].to_pylist()))
    got = _by_class(engine, data, "Disease", Tree.of(hierarchy, names))
    assert got == pytest.approx({"4760*": 5 / 27, "4767*": 7 / 27, "4790*": 8 / 27})


def _textbook(rows: Sequence[tuple[int, int]], l_of: int, ordered: bool) -> tuple[float, ...]:
    """The definitions, written down a second time."""
    everybody = Counter(value for _, value in rows)
    kinds = sorted(everybody)
    classes: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for key, value in rows:
        classes[key][value] += 1
    worst = [math.inf, math.inf, math.inf, 0.0, 0.0, 0.0]
    for counts in classes.values():
        n = counts.total()
        shares = [counts[value] / n for value in kinds]
        excess = [p - everybody[value] / len(rows) for p, value in zip(shares, kinds, strict=True)]
        if ordered:
            carried = [abs(sum(excess[: i + 1])) for i in range(len(kinds))]
            distance = sum(carried) / max(len(kinds) - 1, 1)
        else:
            distance = sum(map(abs, excess)) / 2
        ranked = sorted(counts.values(), reverse=True)
        tail = sum(ranked[max(l_of - 1, 0) :])
        worst = [
            min(worst[0], n),
            min(worst[1], len(ranked)),
            min(worst[2], math.exp(-sum(p * math.log(p) for p in shares if p))),
            max(worst[3], ranked[0] / tail if tail else math.inf),
            max(worst[4], ranked[0] / n),
            max(worst[5], distance),
        ]
    return tuple(worst)


@pytest.mark.parametrize("few", [0, 100])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=40))
@pytest.mark.parametrize("ordered", [False, True])
def test_both_ways_of_computing_follow_the_definitions(
    monkeypatch: pytest.MonkeyPatch,
    engine: Engine,
    few: int,
    ordered: bool,
    rows: list[tuple[int, int]],
) -> None:
    monkeypatch.setattr(_classes, "FEW_VALUES", few)
    data = pa.table({"key": [key for key, _ in rows], "value": [value for _, value in rows]})
    got = _measured(engine, data, ["key"], "value", 2, Ordered() if ordered else Equal())
    seen = (got.sizes.k, got.kinds, got.effective, got.recursive_c, got.share, got.distance)
    assert seen == pytest.approx(_textbook(rows, 2, ordered), abs=1e-9)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(*[st.sampled_from(["a", "b", None]) for _ in range(4)]), min_size=1, max_size=30
    )
)
def test_the_cube_gives_every_set_what_a_grouping_of_its_own_gives(
    engine: Engine, rows: list[tuple[str | None, ...]]
) -> None:
    data = pa.table({f"q{i}": pa.array([row[i] for row in rows], pa.string()) for i in range(4)})
    cube = Cube.load(engine, {name: coded(data[name]) for name in data.column_names}, {})
    sets = [("q0",), ("q1", "q3"), ("q0", "q1", "q2"), ("q0", "q1", "q2", "q3")]
    together = cube.sizes(sets, size(POLICY.persons))
    alone = [cube.sizes([chosen], size(POLICY.persons))[0] for chosen in sets]
    classes = [Counter(zip(*(data[n].to_pylist() for n in s), strict=True)) for s in sets]
    assert together == alone
    assert [found.k for found in together] == [min(counts.values()) for counts in classes]
    assert [found.classes for found in together] == [len(counts) for counts in classes]


def test_more_codes_than_one_key_holds_still_name_every_class(engine: Engine) -> None:
    many = pa.chunked_array([pa.array(range(40_000))])
    columns = {f"q{i}": coded(many) for i in range(6)}
    cube = Cube.load(engine, columns, {})
    (sizes,) = cube.sizes([tuple(columns)], size(POLICY.persons))
    assert (sizes.classes, sizes.k) == (40_000, 1)


def test_a_column_of_one_value_is_as_close_as_can_be(engine: Engine) -> None:
    data = pa.table({"q": ["a", "b"], "s": ["x", "x"]})
    for ground in (Equal(), Ordered(), Tree((("root",),))):
        sensitive = Sensitive("s", ("x",), (1.0,), ground)
        classes = class_values(engine.load(data), ["q"], sensitive)
        got = values_of(engine.rows(values(classes, [], size(POLICY.persons)))[0])
        assert (got.distance, got.kinds, got.recursive_c) == (0.0, 1, 1.0)


def _with(**numbers: float) -> Any:
    return dataclasses.replace(POLICY, persons=dataclasses.replace(POLICY.persons, **numbers))


ROLES = {"Alter": "quasi_identifier", "Diagnose": "sensitive"}


def _homogeneous() -> pa.Table:
    return table(
        Alter=["0-17"] * 10 + ["18+"] * 10,
        Diagnose=["A", "B"] * 5 + ["C"] * 10,
    )


def test_a_large_group_with_one_diagnosis_is_found() -> None:
    report = check(_homogeneous(), ROLES, POLICY)
    (finding,) = [f for f in report.findings if f.severity == "block"]
    assert finding.rule == "l-diversity"
    assert finding.column == "Alter, Diagnose"
    assert finding.message.params["kinds"] == 1
    assert finding.cells == tuple(range(11, 21))


def test_a_group_with_one_diagnosis_is_found_though_nobody_declared_the_set() -> None:
    assert "l-diversity" in rules(check(_homogeneous(), {"Diagnose": "sensitive"}, POLICY))


def test_diverse_groups_are_no_finding() -> None:
    data = table(Alter=["0-17", "18+"] * 20, Diagnose=["A", "A", "B", "B", "C", "C", "A", "B"] * 5)
    assert not found(data, ROLES)


def test_the_entropy_and_recursive_limits_of_the_policy_hold() -> None:
    data = table(Alter=["0-17", "18+"] * 20, Diagnose=["A", "A", "A", "A", "B", "B", "C", "C"] * 5)
    assert not rules(check(data, ROLES, POLICY))
    assert rules(check(data, ROLES, _with(entropy_l=2.9))) == {"l-diversity"}
    assert not rules(check(data, ROLES, _with(entropy_l=2.8)))
    assert rules(check(data, ROLES, _with(recursive_c=1, recursive_l=2))) == {"l-diversity"}
    assert not rules(check(data, ROLES, _with(recursive_c=1.1, recursive_l=2)))


def test_a_group_far_from_everybody_is_found_by_its_distance() -> None:
    data = table(
        Alter=["0-17"] * 10 + ["18+"] * 30,
        Diagnose=["A"] * 7 + ["B"] * 3 + ["B"] * 20 + ["A"] * 10,
    )
    assert not rules(check(data, ROLES, POLICY))
    report = check(data, ROLES, _with(t=0.2))
    assert rules(report) == {"t-closeness"}
    (finding,) = report.findings
    assert finding.message.params["distance"] == pytest.approx(0.275)
    assert not rules(check(data, ROLES, _with(t=0.28)))


def test_numbers_that_a_german_table_prints_are_ordered() -> None:
    data = table(
        Alter=["0-17"] * 10 + ["18+"] * 10,
        Diagnose=["9,5", "10,5"] * 5 + ["100,5", "101,5"] * 5,
    )
    report = check(data, ROLES, _with(t=0.3))
    (finding,) = [f for f in report.findings if f.rule == "t-closeness"]
    # cumulated shares 1/2, 1, 1, 1 of the young against 1/4, 1/2, 3/4, 1 of all: (1/4+1/2+1/4)/3
    assert finding.message.params["distance"] == pytest.approx(1 / 3, abs=1e-6)
