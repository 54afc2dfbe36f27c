"""The answers of the reference model, from its own deliveries."""

import csv
import datetime as dt
import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lake_world import delivery, settings_in
from shared_files import shared

from ckanext.sozialdaten.lake import AppendResult, Lake, Zone

FOLDER = "synthetic/dev_01056/"


def _case_list(path: Path) -> tuple[pa.Table, str]:
    """Cells of one case list: persons by Gemeinde and chapter, each person once."""
    raw = path.read_bytes()
    lines = raw.decode("cp1252").split("\r\n")
    header = next(number for number, line in enumerate(lines) if line.startswith("Stichtag;"))
    seen: set[str] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in csv.DictReader(lines[header:], delimiter=";"):
        if not re.fullmatch(r"\d{2}\.\d{2}\.\d{4}", row["Stichtag"] or ""):
            continue
        person = hmac.new(
            b"key", (row["Fallnummer"] + row["PersNr"]).encode(), "sha256"
        ).hexdigest()
        if person in seen:
            continue
        seen.add(person)
        counts[row["GKZ"].zfill(8), row["Stichtag"], row["SGB XII Kap."]] += 1
    rows = []
    for (region, stichtag, chapter), value in sorted(counts.items()):
        day = dt.datetime.strptime(stichtag, "%d.%m.%Y").date()
        dimensions = json.dumps({"kapitel": chapter})
        rows.append((region, day, day, value, dimensions))
    names = ("region", "reference_start", "reference_end", "value", "dimensions")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    table = table.append_column("series", pa.repeat(pa.scalar("sgb12"), len(table)))
    table = table.append_column("unit", pa.repeat(pa.scalar("Anzahl"), len(table)))
    return table, hashlib.sha256(raw).hexdigest()


@pytest.fixture(scope="module")
def loaded(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Lake, dict[str, Any], dict[str, AppendResult]]]:
    expected = json.loads(shared(FOLDER + "EXPECTED.json").read_text())["F1"]
    results: dict[str, AppendResult] = {}
    with Lake.open(settings_in(tmp_path_factory.mktemp("lake"))) as lake:
        for name, facts in expected["deliveries"].items():
            table, digest = _case_list(shared(FOLDER + name))
            results[name] = lake.append(
                Zone.RESTRICTED, delivery(facts["captured_at"], digest, "sgb12"), table
            )
        yield lake, expected, results


def test_a_correction_writes_only_the_cells_that_it_changes(loaded: Any) -> None:
    *_, results = loaded
    correction = results["F1_SOZ_SGBXII_20240930_KORREKTUR.csv"]
    written = correction.new + correction.changed + correction.retracted
    assert (correction.rows, written) == (133, 36)


def test_each_question_of_the_reference_gets_its_answer(loaded: Any) -> None:
    lake, expected, _ = loaded
    for question in expected["as_of_questions"]:
        stichtag = dt.date.fromisoformat(question["stichtag"])
        answer = lake.values(
            "sgb12",
            start=stichtag,
            end=stichtag,
            as_of=dt.date.fromisoformat(question["as_of"]),
        )
        found: Counter[str] = Counter()
        for row in answer.to_pylist():
            found[row["region"]] += int(row["value"])
        source = question["answer_from"]
        wanted = expected["deliveries"][source]["by_ags"] if source else {}
        assert found == wanted, question


def test_the_same_file_again_is_skipped(loaded: Any) -> None:
    lake, expected, _ = loaded
    name = next(iter(expected["deliveries"]))
    table, digest = _case_list(shared(FOLDER + name))
    result = lake.append(Zone.RESTRICTED, delivery("2024-12-01", digest, "sgb12"), table)
    assert result.skipped


def test_denominators_keep_their_census_base_and_show_their_age(tmp_path: Path) -> None:
    folder = "samples/municipal_five_counties/"
    with Lake.open(settings_in(tmp_path)) as lake:
        for name, base, reference in (
            ("bevoelkerung_gv_2019_2022.csv", "Z2011", None),
            ("zensus2022_bevoelkerung.csv", "Z2022", "2022-05-15"),
        ):
            path = shared(folder + name)
            with path.open(encoding="utf-8") as stream:
                rows = list(csv.DictReader(stream))
            days = [dt.date.fromisoformat(reference or row["ref"]) for row in rows]
            table = pa.table(
                {
                    "series": ["bevoelkerung"] * len(rows),
                    "region": [row["key"] for row in rows],
                    "reference_start": days,
                    "reference_end": days,
                    "value": [Decimal(row["value"]) for row in rows],
                    "unit": ["Anzahl"] * len(rows),
                    "census_base": [base] * len(rows),
                }
            )
            lake.append(Zone.RESTRICTED, delivery("2024-07-01", name, base), table)
        answer = lake.values("bevoelkerung", stichtag=dt.date(2024, 9, 30)).to_pylist()
    kreis = [row for row in answer if row["region"].startswith("01056")]
    for base, population, age in (("Z2011", 322130, 639), ("Z2022", 320275, 869)):
        chosen = [row for row in kreis if row["census_base"] == base and len(row["region"]) == 8]
        assert len(chosen) == 49
        assert sum(row["value"] for row in chosen) == population
        assert {row["age_days"] for row in chosen} == {age}
