"""Person-level rows: kept in the restricted zone alone, and gone from disk when their day comes."""

import datetime as dt
import os
import time
from pathlib import Path

import pyarrow as pa
import pytest
from lake_world import cells, delivery, figures, settings_in

from ckanext.sozialdaten.lake import (
    Lake,
    LakeSettings,
    ObservationError,
    SettingsError,
    Zone,
    ZoneError,
)

SECRET = "Mustermann-geheim"
DAY = dt.date


def _persons(*names: str, **more: list[object]) -> pa.Table:
    return pa.table({"name": list(names), **more})


def _on_disk(folder: Path, text: str) -> list[Path]:
    """Files whose bytes hold the text, plainly or after Parquet decompression."""
    import pyarrow.parquet as pq

    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        if text.encode() in path.read_bytes() or (
            path.suffix == ".parquet" and text in str(pq.read_table(path).to_pydict())
        ):
            found.append(path)
    return found


def test_rows_are_kept_once_and_found_by_their_delivery(lake: Lake) -> None:
    first = delivery("2024-01-10", "a")
    assert lake.keep_rows(first, _persons("x", "y"), DAY(2024, 2, 1)) == 2
    assert lake.keep_rows(first, _persons("x", "y"), DAY(2024, 2, 1)) == 0
    lake.keep_rows(delivery("2024-01-11", "b"), _persons("z"), DAY(2024, 2, 1))
    rows = lake.rows("intern", "a")
    assert rows is not None
    assert sorted(rows["name"].to_pylist()) == ["x", "y"]
    assert lake.rows("nobody") is None


def test_expired_rows_are_gone_from_the_table_and_from_disk(lake: Lake, tmp_path: Path) -> None:
    lake.keep_rows(delivery("2024-01-10", "a"), _persons(SECRET), DAY(2024, 2, 1))
    lake.keep_rows(delivery("2024-01-11", "b"), _persons("bleibt"), DAY(2024, 3, 1))
    assert len(_on_disk(tmp_path, SECRET)) == 1
    erased = lake.erase_expired(DAY(2024, 2, 1))
    assert erased.rows == 1
    assert _on_disk(tmp_path, SECRET) == []
    rows = lake.rows("intern")
    assert rows is not None
    assert rows["name"].to_pylist() == ["bleibt"]


def test_rows_stay_until_their_day(lake: Lake) -> None:
    lake.keep_rows(delivery("2024-01-10", "a"), _persons(SECRET), DAY(2024, 2, 1))
    assert lake.erase_expired(DAY(2024, 1, 31)).rows == 0
    rows = lake.rows("intern")
    assert rows is not None
    assert rows.num_rows == 1


def test_no_value_of_a_person_stands_in_metadata(lake: Lake, tmp_path: Path) -> None:
    lake.keep_rows(delivery("2024-01-10", "a"), _persons(SECRET), DAY(2024, 2, 1))
    assert [path.suffix for path in _on_disk(tmp_path, SECRET)] == [".parquet"]


def test_what_an_interrupted_write_left_is_swept_after_a_day(lake: Lake, tmp_path: Path) -> None:
    lake.keep_rows(delivery("2024-01-10", "a"), _persons("x"), DAY(2024, 2, 1))
    kept = next(tmp_path.rglob("*.parquet"))
    fresh, old = kept.with_name("fresh.parquet"), kept.with_name("old.parquet")
    for path in (fresh, old):
        path.write_bytes(kept.read_bytes())
    two_days_ago = time.time() - 2 * 86400
    os.utime(old, (two_days_ago, two_days_ago))
    lake.erase_expired(DAY(2024, 1, 15))
    assert (kept.exists(), fresh.exists(), old.exists()) == (True, True, False)


def test_a_new_column_may_come_later_but_never_another_type(lake: Lake) -> None:
    lake.keep_rows(delivery("2024-01-10", "a"), _persons("x"), DAY(2024, 2, 1))
    lake.keep_rows(delivery("2024-01-11", "b"), _persons("y", age=[7]), DAY(2024, 2, 1))
    rows = lake.rows("intern")
    assert rows is not None
    assert sorted(map(str, rows["age"].to_pylist())) == ["7", "None"]
    with pytest.raises(ObservationError, match="another type"):
        lake.keep_rows(delivery("2024-01-12", "c"), _persons("z", age=["sieben"]), DAY(2024, 2, 1))


def test_columns_of_the_lake_cannot_be_given(lake: Lake) -> None:
    with pytest.raises(ObservationError, match="_expires_on"):
        lake.keep_rows(
            delivery("2024-01-10", "a"), _persons("x", _expires_on=["9999"]), DAY(2024, 2, 1)
        )


def test_a_process_without_the_restricted_zone_cannot_keep_rows(tmp_path: Path) -> None:
    both = settings_in(tmp_path)
    with Lake.open(LakeSettings({Zone.PUBLIC: both.of(Zone.PUBLIC)})) as lake:
        with pytest.raises(SettingsError):
            lake.keep_rows(delivery("2024-01-10", "a"), _persons("x"), DAY(2024, 2, 1))
        with pytest.raises(SettingsError):
            lake.values("faelle", zone=Zone.RESTRICTED)
    assert not (tmp_path / "restricted").exists()


def test_rows_never_appear_among_the_series(lake: Lake) -> None:
    lake.keep_rows(delivery("2024-01-10", "a"), _persons("x"), DAY(2024, 2, 1))
    assert lake.series() == []


def test_a_withdrawn_source_is_gone_from_the_public_zone_and_from_disk(
    lake: Lake, tmp_path: Path
) -> None:
    lake.append(Zone.PUBLIC, delivery("2024-01-10", "a", "release"), cells({"01056001": 70411}))
    lake.append(Zone.PUBLIC, delivery("2024-01-10", "b", "other"), cells({"01056002": 3}))
    public = tmp_path / "public"
    assert _on_disk(public, "70411")
    erased = lake.forget(Zone.PUBLIC, "release")
    assert erased.rows == 1
    assert _on_disk(public, "70411") == []
    assert figures(lake, zone=Zone.PUBLIC) == {"01056002": 3}
    again = lake.append(Zone.PUBLIC, delivery("2024-01-10", "a", "release"), cells({"01056001": 1}))
    assert again.new == 1


def test_the_restricted_zone_forgets_no_observation(lake: Lake) -> None:
    with pytest.raises(ZoneError):
        lake.forget(Zone.RESTRICTED, "intern")


def test_tidying_keeps_every_state(lake: Lake, tmp_path: Path) -> None:
    lake.append(Zone.PUBLIC, delivery("2024-01-10", "a"), cells({"01056001": 1}))
    lake.append(Zone.PUBLIC, delivery("2024-02-10", "b"), cells({"01056001": 2}))
    lake.tidy(Zone.PUBLIC)
    assert figures(lake, zone=Zone.PUBLIC) == {"01056001": 2}
    assert figures(lake, zone=Zone.PUBLIC, as_of=DAY(2024, 1, 31)) == {"01056001": 1}
