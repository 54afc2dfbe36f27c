"""The Cell Key Method: published examples cell by cell, and what holds for any of its tables."""

import csv
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from disclosure_worlds import POLICY
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.disclosure import NotSupportedError, PolicyError, RolesError
from ckanext.sozialdaten.disclosure.protection._cell_key import (
    WholeKeys,
    cell_key_table,
    count_records,
)
from ckanext.sozialdaten.disclosure.protection._noise_attack import attack_noise
from ckanext.sozialdaten.disclosure.protection._ptable import Table, read_table, table
from ckanext.sozialdaten.disclosure.protection._secret import VARIABLE, Secret, read_secret
from ckanext.sozialdaten.disclosure.structure import Cells, Dimension, Kind, Precision, Relation

FOLDER = "disclosure-cases/03_cellkey_ptable"
SECRET = Secret(b"only for these tests, never elsewhere")
PUBLISHED = [
    "ptable_D3_V1.csv",
    "ptable_D5_V2_js1.csv",
    "ptable_D5_V3_js2_pstay0.5.csv",
    "ptable_D7_V3.csv",
    "ptable_D8_V3_js2_pstay0.5.csv",
    "ptable_ex_cnts_D2_V1.05_js1.csv",
    "ptable_ex_nums_D10_V3.csv",
]
PERSONS = pa.table(
    {
        "Ort": ["Nord"] * 30 + ["Hafen"] * 4 + ["Süd"] * 9,
        "Alter": (["0-17", "18-64", "65+"] * 15)[:43],
        "Fall": [f"F{n}" for n in range(43)],
    }
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def asked_for(name: str) -> Table:
    """The perturbation table that the file's name describes."""
    found = re.search(r"D(\d+)_V([\d.]+?)(?:_js(\d))?(?:_pstay([\d.]+?))?\.csv", name)
    assert found
    magnitudes = "nums" in name
    return table(
        int(found[1]),
        float(found[2]),
        int(found[3] or 0),
        stay=float(found[4]) if found[4] else None,
        step=0.5 if magnitudes else 1.0,
        counts=(1, 5, 10) if magnitudes else (),
        free=(3,) if "ex_cnts" in name else (),
        at_most=not magnitudes,
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_perturbation_table_is_reproduced(name: str) -> None:
    known = read_table(shared(f"{FOLDER}/{name}"))
    mine = asked_for(name)
    assert [row.count for row in mine.rows] == [row.count for row in known.rows]
    for row, other in zip(mine.rows, known.rows, strict=True):
        shares = dict(zip(row.noise.tolist(), row.shares.tolist(), strict=True))
        published = dict(zip(other.noise.tolist(), other.shares.tolist(), strict=True))
        assert max(abs(shares[v] - published.get(v, 0.0)) for v in shares) < 1e-6


def test_the_published_table_of_cellkey_is_reproduced_cell_by_cell() -> None:
    people = rows(shared(f"{FOLDER}/ck_microdata.csv"))
    records = pa.table({name: [row[name] for row in people] for name in ("sex", "age")})
    keys = np.array([float(row["rec_key"]) for row in people])
    counted = count_records(records, ["sex", "age"], keys, "Total")
    noise = read_table(shared(f"{FOLDER}/ck_ptable_used.csv")).noise(
        counted.counts.astype(float), counted.keys
    )
    found = {
        place: (int(n), int(n + v), float(key))
        for place, n, v, key in zip(
            zip(*counted.codes.values(), strict=True),
            counted.counts,
            noise,
            counted.keys,
            strict=True,
        )
    }
    expected = rows(shared(f"{FOLDER}/ck_freqtab_expected.csv"))
    assert len(found) == len(expected) == 21
    for row in expected:
        count, shown, key = found[row["sex"], row["age"]]
        assert (count, shown) == (int(row["uwc"]), int(row["puwc"]))
        assert key == pytest.approx(float(row["ckey"]), abs=1e-6)


def test_the_variant_in_whole_numbers_is_reproduced_cell_by_cell() -> None:
    people = rows(shared(f"{FOLDER}/ons_microdata.csv"))
    noise = rows(shared(f"{FOLDER}/ons_ptable_10_5_rule_bypcv.csv"))
    method = WholeKeys({(int(row["pcv"]), None): int(row["pvalue"]) for row in noise})
    counts: dict[tuple[str, ...], int] = {}
    keys: dict[tuple[str, ...], int] = {}
    for row in people:
        place = (row["stadtteil"], row["alter"], row["status"])
        counts[place] = counts.get(place, 0) + 1
        keys[place] = keys.get(place, 0) + int(row["record_key"])
    expected = rows(shared(f"{FOLDER}/ons_10_5_expected.csv"))
    assert len(counts) == len(expected) == 32
    for row in expected:
        place = (row["stadtteil"], row["alter"], row["status"])
        assert keys[place] % 256 == int(row["ckey"])
        shown = method.published(counts[place], keys[place])
        assert shown == (int(row["count"]) if row["count"] else None)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 9), st.floats(0.8, 4.0), st.integers(0, 3))
def test_any_perturbation_table_has_mean_zero_and_shows_no_small_count(
    deviation: int, variance: float, forbidden: int
) -> None:
    try:
        made = table(deviation, variance, forbidden)
    except PolicyError:
        return
    assert made.deviation <= deviation
    for row in made.rows[1:]:
        shares = row.shares
        assert shares.sum() == pytest.approx(1)
        assert float(shares @ row.noise) == pytest.approx(0, abs=1e-6)
        assert float(shares @ row.noise**2) <= variance + 1e-6
        shown = row.noise + row.count
        assert ((shown == 0) | (shown > forbidden)).all()
    assert made.rows[0].noise.tolist() == [0]


def test_a_variance_that_no_noise_has_is_refused() -> None:
    with pytest.raises(PolicyError):
        table(3, 0.01, 2)


def test_the_same_persons_always_get_the_same_count() -> None:
    noise = table(5, 3, 2)

    def shown(records: pa.Table) -> list[dict[str, object]]:
        made = cell_key_table(records, ["Ort", "Alter"], noise, identifier="Fall", secret=SECRET)
        return sorted(made.to_pylist(), key=str)

    once = shown(PERSONS)
    assert shown(PERSONS.take(list(reversed(range(43))))) == once
    by_place = cell_key_table(PERSONS, ["Ort"], noise, identifier="Fall", secret=SECRET)
    totals = {row["Ort"]: row["Anzahl"] for row in once if row["Alter"] == "Insgesamt"}
    assert {row["Ort"]: row["Anzahl"] for row in by_place.to_pylist()} == totals


def test_a_table_shows_no_keys_and_no_count_that_is_too_small() -> None:
    made = cell_key_table(
        PERSONS, ["Ort", "Alter"], table(5, 3, 2), identifier="Fall", secret=SECRET
    )
    assert made.column_names == ["Ort", "Alter", "Anzahl"]
    assert not {1, 2}.intersection(made.column("Anzahl").to_pylist())


def test_another_secret_gives_other_noise() -> None:
    noise = table(5, 3, 2)
    tables = [
        cell_key_table(PERSONS, ["Ort", "Alter"], noise, identifier="Fall", secret=secret)
        for secret in (SECRET, Secret(b"another secret of the tests"))
    ]
    assert not tables[0].equals(tables[1])


def test_records_without_keys_and_without_identifier_are_refused() -> None:
    with pytest.raises(RolesError):
        cell_key_table(PERSONS, ["Ort"], table(5, 3, 2))


def test_a_secret_is_asked_for_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(NotSupportedError) as refusal:
        read_secret()
    assert VARIABLE in str(refusal.value.hint)
    path = tmp_path / "secret"
    path.write_bytes(b"too short")
    with pytest.raises(NotSupportedError):
        read_secret(path)
    path.write_bytes(b"0123456789abcdef0123456789abcdef\n")
    monkeypatch.setenv(VARIABLE, str(path))
    assert "0123" not in repr(read_secret())
    assert read_secret().key("a") == Secret(b"0123456789abcdef0123456789abcdef").key("a")


def _cells(values: list[float]) -> Cells:
    """Parts A and B, and their total."""
    where = Dimension("Ort", ("A", "B", "Insgesamt"), np.arange(3))
    return Cells((where,), np.array(values), np.zeros(3, dtype=bool), np.arange(3), ("Anzahl",) * 3)


SUM = [Relation(0, 2, (0, 1), Kind.LABEL)]


def test_noise_that_leaves_only_small_counts_is_seen_by_the_attack() -> None:
    exact = attack_noise(_cells([2.0, 8.0, 10.0]), SUM, Precision(), POLICY)
    assert (exact.attacked, exact.weak) == (3, 1)
    narrow = attack_noise(_cells([2.0, 8.0, 10.0]), SUM, Precision.parse("cell-key:1"), POLICY)
    assert narrow.weak == 0  # 3 and 7 make 10


def test_sums_narrow_noise_and_the_attack_knows() -> None:
    weak = attack_noise(_cells([3.0, 9.0, 7.0]), SUM, Precision.parse("cell-key:2"), POLICY)
    assert weak.weak == 1  # at most 9 in all, at least 7 in B
    wide = attack_noise(_cells([3.0, 9.0, 7.0]), SUM, Precision.parse("cell-key:5"), POLICY)
    assert wide.weak == 0


def test_a_table_that_does_not_fit_proves_nothing() -> None:
    lie = np.array([7.0, 3.0, 10.0])
    found = attack_noise(_cells([2.0, 8.0, 10.0]), SUM, Precision(), POLICY, witnesses=[lie])
    assert found.weak == 1
