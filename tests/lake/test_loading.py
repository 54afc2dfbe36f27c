"""The loading rules: each one asserted on real Iceberg tables."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from lake_world import cells, delivery, figures, moment, settings_in

from ckanext.sozialdaten.lake import BusyError, Lake, ObservationError, Scope, Zone
from ckanext.sozialdaten.lake._warehouse import Warehouse

A, B, C = "01056001", "01056002", "01056003"


def test_the_same_bytes_are_loaded_once(lake: Lake) -> None:
    first = lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5}))
    again = lake.append(Zone.RESTRICTED, delivery("2024-03-10", "a"), cells({A: 5}))
    assert (first.skipped, first.new) == (False, 1)
    assert again.skipped
    assert lake.known("intern", "a")
    assert not lake.known("other", "a")


def test_only_changed_cells_are_written(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7, C: 1}))
    result = lake.append(
        Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 5, B: 8, C: 1, "01056004": 2})
    )
    assert (result.rows, result.new, result.changed, result.retracted) == (4, 1, 1, 0)
    assert _stored_rows(lake) == 3 + 2


def test_a_change_of_sign_or_unit_is_a_change(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}))
    changed = lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: ".", B: 7}))
    assert changed.changed == 1
    assert figures(lake) == {A: ".", B: 7}
    other = lake.append(
        Zone.RESTRICTED, delivery("2024-03-10", "c"), cells({B: 7}, unit="1000"), kind="delta"
    )
    assert other.changed == 1


def test_a_full_delivery_retracts_what_it_no_longer_has(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}))
    result = lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 5}))
    assert result.retracted == 1
    assert figures(lake) == {A: 5}
    assert figures(lake, as_of=dt.date(2024, 1, 31)) == {A: 5, B: 7}


def test_a_full_delivery_retracts_only_in_its_scope(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7, "06440001": 3}))
    lake.append(
        Zone.RESTRICTED, delivery("2024-01-11", "b"), cells({A: 4, B: 4}, reference="2022-12-31")
    )
    lake.append(
        Zone.RESTRICTED, delivery("2024-02-10", "c"), cells({A: 5}), scope=Scope(regions=("01056",))
    )
    assert figures(lake, start=dt.date(2023, 1, 1)) == {A: 5, "06440001": 3}
    assert figures(lake, end=dt.date(2022, 12, 31)) == {A: 4, B: 4}


def test_a_declared_reference_without_cells_is_retracted(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5}, "2022-12-31"))
    scope = Scope(references=(dt.date(2022, 12, 31), dt.date(2023, 12, 31)))
    result = lake.append(
        Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 6}, "2023-12-31"), scope=scope
    )
    assert result.retracted == 1
    assert figures(lake) == {A: 6}


def test_a_delivery_of_all_times_retracts_what_it_no_longer_mentions(lake: Lake) -> None:
    lake.append(Zone.PUBLIC, delivery("2024-01-10", "a"), cells({A: 5}, "2022-12-31"))
    lake.append(Zone.PUBLIC, delivery("2024-01-11", "b"), cells({A: 6}, "2023-12-31"))
    scope = Scope(all_references=True)
    result = lake.append(
        Zone.PUBLIC, delivery("2024-02-10", "c"), cells({A: 6}, "2023-12-31"), scope=scope
    )
    assert result.retracted == 1
    assert figures(lake, zone=Zone.PUBLIC, end=dt.date(2022, 12, 31)) == {}


def test_a_delta_never_retracts(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}))
    result = lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 6}), kind="delta")
    assert result.retracted == 0
    assert figures(lake) == {A: 6, B: 7}


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_an_empty_delivery_never_retracts(lake: Lake, kind: str) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}))
    scope = Scope(("faelle",), (dt.date(2023, 12, 31),)) if kind == "full" else None
    result = lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({}), kind, scope)
    assert (result.rows, result.retracted) == (0, 0)
    assert figures(lake) == {A: 5, B: 7}


def test_a_late_delivery_does_not_override_what_is_newer(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-02-20", "b"), cells({A: 9}), kind="delta")
    lake.append(Zone.RESTRICTED, delivery("2024-01-05", "a"), cells({A: 1}), kind="delta")
    assert figures(lake) == {A: 9}
    assert figures(lake, as_of=dt.date(2024, 1, 31)) == {A: 1}


def test_a_late_delivery_does_not_override_what_a_full_one_left_as_it_was(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-01", "a"), cells({A: 5}))
    lake.append(Zone.RESTRICTED, delivery("2024-03-01", "c"), cells({A: 5}))
    late = lake.append(Zone.RESTRICTED, delivery("2024-02-01", "b"), cells({A: 9, B: 1}))
    assert late.restored == 2
    assert figures(lake, as_of=dt.date(2024, 2, 15)) == {A: 9, B: 1}
    assert figures(lake) == {A: 5}


def test_sources_do_not_touch_each_other(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}))
    lake.append(
        Zone.RESTRICTED, delivery("2024-02-10", "b", source="other"), cells({C: 1}, series="andere")
    )
    assert figures(lake) == {A: 5, B: 7}


def test_zones_do_not_know_of_each_other(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5}))
    lake.append(Zone.PUBLIC, delivery("2024-01-10", "a"), cells({A: 4}))
    assert figures(lake) == {A: 5}
    assert figures(lake, zone=Zone.PUBLIC) == {A: 4}


def test_dimensions_are_the_same_in_any_order_of_their_keys(lake: Lake) -> None:
    one = cells({A: 5}, dimensions='{"sex": "w", "age": "1"}')
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), one)
    other = cells({A: 6}, dimensions='{"age":"1","sex":"w"}')
    assert lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), other).changed == 1
    assert lake.values("faelle")["dimensions"].to_pylist() == ['{"age":"1","sex":"w"}']


def test_an_interrupted_delivery_is_invisible_and_goes_through_later(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5}))

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Warehouse, "append_once", killed)
        with pytest.raises(KeyboardInterrupt):
            lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 6, B: 1}))
    assert figures(lake) == {A: 5}
    assert not lake.known("intern", "b")
    result = lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 6, B: 1}))
    assert (result.new, result.changed) == (1, 1)
    assert figures(lake) == {A: 6, B: 1}


def test_a_writer_who_is_overtaken_compares_anew(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5}))
    original, overtaken = Warehouse.append_once, []

    def after_somebody_else(table: object, rows: pa.Table) -> bool:
        if not overtaken:
            overtaken.append(True)
            with Lake.open(settings_in(tmp_path)) as other:
                other.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 6, B: 1}))
        return original(table, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(Warehouse, "append_once", staticmethod(after_somebody_else))
    result = lake.append(Zone.RESTRICTED, delivery("2024-03-10", "c"), cells({A: 6}))
    assert overtaken
    assert (result.changed, result.retracted) == (0, 1)
    assert figures(lake) == {A: 6}
    assert figures(lake, as_of=dt.date(2024, 2, 15)) == {A: 6, B: 1}


def test_a_writer_who_always_loses_says_so(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5}))
    count = 0
    original = Warehouse.append_once

    def beaten(self: Warehouse, *_: object) -> bool:
        nonlocal count
        count += 1
        with monkeypatch.context() as patch:
            patch.setattr(Warehouse, "append_once", staticmethod(original))
            lake.append(Zone.RESTRICTED, delivery("2024-01-11", f"x{count}"), cells({A: count}))
        return False

    monkeypatch.setattr(Warehouse, "append_once", staticmethod(beaten))
    with pytest.raises(BusyError):
        lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 6}))
    assert not lake.known("intern", "b")


def _stored_rows(lake: Lake) -> int:
    """What lies in the table, visible or not."""
    table = lake._warehouse(Zone.RESTRICTED).table("observations")
    return table.scan().count()


def _bad(**columns: object) -> pa.Table:
    return cells({A: 5}, **columns)


@pytest.mark.parametrize(
    ("observations", "column", "says"),
    [
        (_bad(region="1056001"), "region", "leading zero"),
        (_bad(region="Pinneberg"), "region", "Keys are text"),
        (_bad(quality="?"), "quality", "unknown"),
        (cells({A: None}), "quality", "neither"),
        (_bad(quality="."), "value", "no figure"),
        (_bad(dimensions="[1]"), "dimensions", "JSON object"),
        (_bad(dimensions='{"a": 1}'), "dimensions", "JSON object"),
        (_bad(reference_kind="monat"), "reference_kind", "stichtag"),
        (_bad(reference_kind="stichtag", reference_start=dt.date(2023, 1, 1)), "reference_end", ""),
        (_bad(reference_start=dt.date(2024, 1, 1)), "reference_end", "ends before"),
        (_bad(value="12,5"), "value", "no decimal"),
        (_bad(farbe="rot"), "farbe", "no column"),
        (cells({A: 5}).drop_columns(["unit"]), "unit", "lack"),
        (_bad(series=None), "series", "empty"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_column_and_nothing_is_written(
    lake: Lake, observations: pa.Table, column: str, says: str
) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 4}))
    with pytest.raises(ObservationError) as refused:
        lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b", name="f.csv"), observations)
    assert refused.value.place is not None
    assert (refused.value.place.file, refused.value.place.column) == ("f.csv", column)
    assert says in refused.value.text()
    assert figures(lake) == {A: 4}
    assert not lake.known("intern", "b")


def test_a_cell_stated_twice_is_refused_without_its_value(lake: Lake) -> None:
    twice = pa.concat_tables([cells({A: 70411}), cells({A: 70412})])
    with pytest.raises(ObservationError, match=f"region={A}") as refused:
        lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), twice)
    assert "7041" not in refused.value.text()


def test_a_time_of_capture_needs_a_time_zone() -> None:
    from ckanext.sozialdaten.lake import Delivery

    with pytest.raises(ObservationError, match="time zone"):
        Delivery("intern", "a", dt.datetime(2024, 1, 1))
    local = dt.datetime(2024, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert Delivery("intern", "a", local).captured_utc == moment("2024-01-01")


def test_zero_and_nothing_and_secret_stay_different(lake: Lake) -> None:
    given: dict[str, int | str | None] = {A: 0, B: "-", C: ".", "01056004": "...", "01056005": "x"}
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells(given))
    assert figures(lake) == given


def test_a_mended_reader_replaces_what_it_had_read_at_the_old_time_of_capture(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}))
    lake.append(Zone.RESTRICTED, delivery("2024-03-10", "c"), cells({A: 6, B: 7}))
    anew = delivery("2024-01-10", "a", revision=1, parser="reader/2")
    result = lake.append(Zone.RESTRICTED, anew, cells({A: 50, C: 1}))
    assert (result.skipped, result.new, result.changed, result.retracted) == (False, 1, 1, 1)
    assert figures(lake, as_of=dt.date(2024, 1, 31)) == {A: 50, C: 1}
    assert figures(lake) == {A: 6, B: 7}
    assert lake.append(Zone.RESTRICTED, anew, cells({A: 50, C: 1})).skipped
    assert lake.append(Zone.RESTRICTED, delivery("2024-05-10", "a"), cells({A: 5})).skipped
    assert [one.parser for one in lake.history("faelle")] == ["", "reader/2", ""]


def test_a_delta_that_is_read_anew_gives_back_what_it_had_wrongly_touched(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}))
    lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 9, C: 2}), kind="delta")
    anew = delivery("2024-02-10", "b", revision=1)
    lake.append(Zone.RESTRICTED, anew, cells({B: 8}), kind="delta")
    assert figures(lake) == {A: 5, B: 8}


def test_a_delivery_that_was_read_for_the_wrong_year_can_be_read_anew(lake: Lake) -> None:
    lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({A: 5, B: 7}, "2022-12-31"))
    lake.append(Zone.RESTRICTED, delivery("2024-02-10", "b"), cells({A: 6}, "2022-12-31"))
    anew = delivery("2024-02-10", "b", revision=1)
    lake.append(Zone.RESTRICTED, anew, cells({A: 6}, "2023-12-31"))
    assert figures(lake, end=dt.date(2022, 12, 31)) == {A: 5, B: 7}
    assert figures(lake, start=dt.date(2023, 1, 1)) == {A: 6}
