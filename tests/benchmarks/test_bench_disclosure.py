"""``sozialdaten bench disclosure``: compares like with like. Nothing here is a timed test."""

from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli import (
    _bench_disclosure,
    _bench_inputs,
    _bench_known,
    _bench_persons,
    _bench_persons_worker,
)
from ckanext.sozialdaten.cli.bench import command
from ckanext.sozialdaten.disclosure import check_files


@pytest.fixture
def persons(tmp_path: Path) -> str:
    codes = _bench_persons._CODES | _bench_persons._MORE
    return str(_bench_persons._persons(tmp_path / "persons.parquet", 2_000, codes))


@pytest.mark.parametrize("task", ["one_set", "all_sets"])
def test_we_and_plain_duckdb_answer_the_same_question(task: str, persons: str) -> None:
    tasks = _bench_persons_worker.TASKS
    assert _bench_persons._same(tasks[task](persons), tasks[f"plain_{task}"](persons))


def test_the_same_persons_come_in_every_run(tmp_path: Path, persons: str) -> None:
    codes = _bench_persons._CODES | _bench_persons._MORE
    again = _bench_persons._persons(tmp_path / "again.parquet", 2_000, codes)
    tables = [_bench_persons._as_text(Path(file)) for file in (persons, again)]
    assert tables[0].read_text() == tables[1].read_text()


def test_ours_and_the_peer_get_the_same_file_of_texts(persons: str) -> None:
    table = _bench_persons_worker._texts(str(_bench_persons._as_text(Path(persons))))
    assert set(table.schema.types) == {pa.string()}
    assert _bench_persons_worker.IN_MEMORY["k"](table) == [1.0]


def test_without_the_peer_the_report_says_how_to_install_it() -> None:
    measured = {"seconds": 1.0, "cpu": 1.0, "mib": 1.0}
    both = {"ours": measured, "duckdb": measured, "ratio": 1.0, "cpu_ratio": 1.0}
    result = {"one_set": both, "all_sets": both, "k": {"ours": measured}, "t": {"ours": measured}}
    told = _bench_persons.lines(result | {"note": _bench_persons._INSTALL})
    assert "peers.in" in told[-1]


def test_a_part_that_does_not_exist_is_named() -> None:
    ended = CliRunner().invoke(command, ["disclosure", "--part", "nothing"])
    assert ended.exit_code == 2
    assert "persons" in ended.output


@pytest.mark.parametrize("name", sorted(_bench_inputs.INPUTS))
def test_a_stand_in_of_each_large_input_is_read_and_judged(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    _bench_inputs.INPUTS[name](file, 100_000)
    report = check_files([file])
    assert (report.verdict.value == "unsafe") == (name == "persons.csv")


def test_known_answers_are_compared_where_they_are_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_SAMPLES", str(tmp_path))
    result = _bench_known.run(quick=True, peer_python="")
    assert "SOZIALDATEN_SAMPLES" in _bench_known.lines(result)[0]
    rows = [{"what": "cellKey", "compared": 21, "equal": 20}]
    told = _bench_known.lines({"cell_key": rows, "risk": [], "rounding": []})
    assert told == ["cellKey: 20 of 21 equal"]


def test_every_part_of_the_bench_has_a_module_that_measures_and_tells() -> None:
    for name in _bench_disclosure.PARTS:
        part = _bench_disclosure._part(name)
        assert callable(part.run)
        assert callable(part.lines)
