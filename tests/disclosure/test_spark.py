"""The same expressions on PySpark give equal findings and measures."""

import dataclasses
import importlib.util
import shutil
from collections.abc import Iterator

import pyarrow as pa
import pytest
from disclosure_worlds import POLICY

from ckanext.sozialdaten.disclosure import Report, check
from ckanext.sozialdaten.disclosure._engine import Backend, Engine
from ckanext.sozialdaten.disclosure.persons import (
    Ordered,
    household_risk,
    individual_risk,
    measure,
    risks,
    special_uniques,
)

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="no pyspark here"),
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java here"),
]

_STRICT = dataclasses.replace(
    POLICY,
    persons=dataclasses.replace(
        POLICY.persons,
        t=0.2,
        entropy_l=1.5,
        recursive_c=3,
        recursive_l=2,
        max_global_risk=0.01,
        max_set=2,
        max_columns=3,
    ),
)


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A local session that starts quickly and is gone afterwards."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    arguments = " ".join(f"--conf {name}={value}" for name, value in settings.items())
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"--master local[2] {arguments} pyspark-shell")
    yield
    from pyspark.sql import SparkSession

    assert SparkSession.getActiveSession() is None


def _persons() -> pa.Table:
    rows = range(240)
    return pa.table(
        {
            "Geschlecht": ["m" if i % 2 else "w" for i in rows],
            "Altersgruppe": [("0-17", "18-64", "65+")[i % 3] for i in rows],
            "Stadtteil": [f"Bezirk {i * i % 5}" if i % 11 else None for i in rows],
            "Aktenzeichen": [f"F{i // 2}/24" for i in rows],
            "Diagnose": [f"D{(i // 7) % 4}" if i % 6 else "D9" for i in rows],
            "Gewicht": [1.0 + i % 9 for i in rows],
        }
    )


def _seen(report: Report) -> list[dict[str, object]]:
    return [finding.to_json() for finding in report.findings]


def test_a_check_on_pyspark_finds_what_duckdb_finds() -> None:
    table, roles = _persons(), {"Diagnose": "sensitive"}
    here = _seen(check(table, roles, _STRICT))
    there = _seen(check(table, roles, _STRICT, backend="pyspark"))
    assert {finding["rule"] for finding in here} >= {
        "k-anonymity",
        "l-diversity",
        "t-closeness",
        "global-risk",
        "duplicate-person",
    }
    assert there == here


def test_the_measures_are_equal_to_the_last_digits() -> None:
    table = pa.table(
        {
            "plz": [i * i % 7 if i % 13 else None for i in range(60)],
            "alter": [i % 5 for i in range(60)],
            "wert": [(i * 37) % 31 for i in range(60)],
            "haushalt": [i // 3 for i in range(60)],
            "gewicht": [1.5 + i % 4 for i in range(60)],
        }
    )
    results: list[list[object]] = []
    for backend in Backend:
        engine = Engine(backend)
        try:
            loaded = engine.load(table)
            columns = ["plz", "alter"]
            values = measure(engine, loaded, columns, "wert", POLICY.persons, Ordered())
            total = risks(engine, loaded, columns, "gewicht")
            special = special_uniques(engine, loaded, ["plz", "wert"], 2)
            weighted = household_risk(individual_risk(loaded, columns, "gewicht"), "haushalt")
            (sums,) = engine.rows(
                weighted.aggregate(one=weighted["risk"].sum(), all=weighted["household_risk"].sum())
            )
            results.append(
                [
                    *dataclasses.astuple(values)[1:],
                    *dataclasses.astuple(values.sizes),
                    *dataclasses.astuple(total),
                    *(part for one in special for part in (one.position, one.score, one.dis)),
                    *sums.values(),
                ]
            )
        finally:
            engine.close()
    assert results[1] == pytest.approx(results[0], rel=1e-9)
