"""Compaction and expiry: fewer files, the same answers, whatever others do meanwhile."""

import datetime as dt
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lake_world import REGIONS, cells, delivery, figures, settings_in

from ckanext.sozialdaten.lake import Lake, Zone, _upkeep
from ckanext.sozialdaten.lake._tables import DELIVERIES, OBSERVATIONS
from ckanext.sozialdaten.lake._warehouse import Warehouse

AT_ONCE = dt.timedelta(0)
A, B = REGIONS[:2]
COUNT = 9


@pytest.fixture
def crowded(lake: Lake) -> Lake:
    """Nine deliveries, each with a file of its own; every one corrects the first region."""
    for number in range(COUNT):
        lake.append(
            Zone.PUBLIC,
            delivery(f"2024-01-{number + 1:02}", f"d{number}", "amt"),
            cells({A: number, B: 7}),
        )
    return lake


def _files(lake: Lake, name: str = OBSERVATIONS) -> list[str]:
    table = lake._warehouse(Zone.PUBLIC).table(name)
    return [task.file.file_path.removeprefix("file://") for task in table.scan().plan_files()]


def _answers(lake: Lake) -> list[dict[str, int | str]]:
    days = [dt.date(2024, 1, 1 + number) for number in range(COUNT)]
    return [figures(lake, zone=Zone.PUBLIC, as_of=day) for day in days]


def test_many_small_files_become_one_and_every_state_stays(crowded: Lake) -> None:
    before = _answers(crowded)
    assert len(_files(crowded)) == COUNT
    crowded.tidy(Zone.PUBLIC)
    assert (len(_files(crowded)), len(_files(crowded, DELIVERIES))) == (1, 1)
    assert _answers(crowded) == before
    assert before[3] == {A: 3, B: 7}


def test_few_files_are_left_alone(lake: Lake) -> None:
    lake.append(Zone.PUBLIC, delivery("2024-01-01", "a"), cells({A: 1}))
    files = _files(lake)
    lake.tidy(Zone.PUBLIC)
    assert _files(lake) == files


def test_a_reader_at_work_keeps_its_files_for_a_day(crowded: Lake) -> None:
    old = _files(crowded)
    crowded.tidy(Zone.PUBLIC)
    assert all(Path(path).exists() for path in old)
    crowded.tidy(Zone.PUBLIC, keep=AT_ONCE)
    assert not any(Path(path).exists() for path in old)
    assert _answers(crowded)[3] == {A: 3, B: 7}


def test_a_series_lies_together_and_in_it_each_delivery(crowded: Lake) -> None:
    import pyarrow.parquet as pq

    crowded.append(
        Zone.PUBLIC, delivery("2023-12-01", "early", "amt"), cells({A: 1}, series="andere")
    )
    crowded.tidy(Zone.PUBLIC)
    (path,) = _files(crowded)
    table = pq.ParquetFile(path).read(columns=["series", "delivery", "region"])
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    assert rows == sorted(rows)


def _during(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Let ``what`` happen once, after compaction has read observations and before it commits."""
    original, done = _upkeep._commit, []

    def commit(table: Any, rewritten: Any) -> None:
        if table.name()[-1] == OBSERVATIONS and not done:
            done.append(True)
            what()
        original(table, rewritten)

    monkeypatch.setattr(_upkeep, "_commit", commit)


def test_a_delivery_that_comes_meanwhile_is_kept(
    crowded: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def append() -> None:
        with Lake.open(settings_in(tmp_path)) as other:
            other.append(Zone.PUBLIC, delivery("2024-02-01", "late", "amt"), cells({A: 99, B: 7}))

    _during(monkeypatch, append)
    crowded.tidy(Zone.PUBLIC)
    assert len(_files(crowded)) == 2
    assert figures(crowded, zone=Zone.PUBLIC) == {A: 99, B: 7}
    assert _answers(crowded)[3] == {A: 3, B: 7}


def test_what_is_withdrawn_meanwhile_does_not_come_back(
    crowded: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def withdraw() -> None:
        with Lake.open(settings_in(tmp_path)) as other:
            other.forget(Zone.PUBLIC, "amt")

    _during(monkeypatch, withdraw)
    crowded.tidy(Zone.PUBLIC)
    assert crowded.series(Zone.PUBLIC) == []
    parquet = (tmp_path / "public").rglob("observations/**/*.parquet")
    assert list(parquet) == []


def test_a_delivery_is_written_although_the_state_it_knew_was_erased_meanwhile(
    crowded: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, done = Warehouse.append, []

    def append(table: Any, rows: pa.Table) -> bool:
        if not done:
            done.append(True)
            with Lake.open(settings_in(tmp_path)) as other:
                other.append(Zone.PUBLIC, delivery("2024-02-01", "x", "else"), cells({A: 1}))
                other.forget(Zone.PUBLIC, "else")
        return original(table, rows)

    monkeypatch.setattr(Warehouse, "append", staticmethod(append))
    crowded.append(Zone.PUBLIC, delivery("2024-02-01", "late", "amt"), cells({A: 99, B: 7}))
    assert figures(crowded, zone=Zone.PUBLIC) == {A: 99, B: 7}


def test_two_who_tidy_at_once_do_no_harm(
    crowded: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tidy() -> None:
        with Lake.open(settings_in(tmp_path)) as other:
            other.tidy(Zone.PUBLIC)

    _during(monkeypatch, tidy)
    crowded.tidy(Zone.PUBLIC)
    assert len(_files(crowded)) == 1
    assert _answers(crowded)[-1] == {A: COUNT - 1, B: 7}


def test_a_crash_leaves_the_table_as_it_was_and_its_files_are_swept(
    crowded: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    before, files = _answers(crowded), _files(crowded)
    with monkeypatch.context() as patch:
        patch.setattr(_upkeep, "_commit", killed)
        with pytest.raises(KeyboardInterrupt):
            crowded.tidy(Zone.PUBLIC)
    assert (_answers(crowded), sorted(_files(crowded))) == (before, sorted(files))
    on_disk = {str(path) for path in (tmp_path / "public").rglob("*.parquet")}
    known = {*files, *_files(crowded, DELIVERIES)}
    (left,) = on_disk - known
    two_days_ago = time.time() - 2 * 86400
    os.utime(left, (two_days_ago, two_days_ago))
    crowded.tidy(Zone.PUBLIC)
    assert not Path(left).exists()
    assert _answers(crowded) == before


def test_rows_that_no_delivery_counts_are_left_out_after_a_day(
    crowded: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = crowded._warehouse(Zone.PUBLIC).table(OBSERVATIONS)
    lost = table.scan(limit=1).to_arrow()
    index = lost.column_names.index("written_by")
    for token in ("20200101T000000-lost", f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-at-work"):
        row = lost.set_column(index, lost.schema.field(index), pa.array([token]))
        table.append(row)
    crowded.tidy(Zone.PUBLIC)
    table = crowded._warehouse(Zone.PUBLIC).table(OBSERVATIONS)
    tokens = set(table.scan().to_arrow()["written_by"].to_pylist())
    assert "20200101T000000-lost" not in tokens
    assert any(token.endswith("-at-work") for token in tokens)


def test_a_question_whose_files_are_erased_meanwhile_is_put_again(
    crowded: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.sozialdaten.lake import _read

    original, asked = _read._values, []

    def once_too_late(*args: object) -> pa.Table:
        asked.append(True)
        if len(asked) == 1:
            import duckdb

            raise duckdb.IOException("No files found")
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(_read, "_values", once_too_late)
    assert figures(crowded, zone=Zone.PUBLIC) == {A: COUNT - 1, B: 7}
    assert len(asked) == 2


def test_an_answer_is_of_the_newest_state_although_plans_are_kept(
    crowded: Lake, tmp_path: Path
) -> None:
    assert figures(crowded, zone=Zone.PUBLIC)[A] == COUNT - 1
    with Lake.open(settings_in(tmp_path)) as other:
        other.append(Zone.PUBLIC, delivery("2024-02-01", "new", "amt"), cells({A: 50, B: 7}))
    assert figures(crowded, zone=Zone.PUBLIC)[A] == 50


def test_the_whole_zone_can_be_read_as_it_was_known_then(crowded: Lake) -> None:
    read = crowded.batches(dt.date(2024, 1, 4), Zone.PUBLIC)
    rows = [row for batch in read for row in batch.to_pylist()]
    assert {row["region"]: int(row["value"]) for row in rows} == {A: 3, B: 7}
    (info,) = crowded.series(Zone.PUBLIC, as_of=dt.date(2024, 1, 4))
    assert (info.cells, info.captured_at.day) == (2, 4)
