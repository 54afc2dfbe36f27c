"""Person-level tables: k-anonymity over declared and inferred quasi-identifiers."""

import pyarrow.csv as pacsv
import pytest
from disclosure_worlds import POLICY, found, rules, table
from shared_files import shared

from ckanext.sozialdaten.disclosure import check


def _smallest(report: object, columns: set[str]) -> int | None:
    for finding in report.findings:  # type: ignore[attr-defined]
        if finding.rule == "k-anonymity" and set(finding.column.split(", ")) == columns:
            return int(finding.message.params["smallest"])
    return None


ADULT = ["age", "education", "occupation", "relationship", "sex", "native-country"]


@pytest.mark.parametrize(("k", "blocked"), [(3, True), (10, False), (20, False)])
def test_the_textbook_k_of_the_adult_files_is_found(k: int, blocked: bool) -> None:
    file = shared(f"disclosure-cases/04_microdata/adult_anonymized_{k}.csv")
    data = pacsv.read_csv(file)
    data = data.rename_columns([name.strip() for name in data.column_names])
    roles = dict.fromkeys(ADULT, "quasi_identifier")
    others = {name: "sensitive" for name in data.column_names if name not in roles}
    report = check(data, {**roles, **others}, POLICY)
    assert _smallest(report, set(ADULT)) == (3 if blocked else None)
    assert ("k-anonymity" in rules(report)) is blocked


def test_an_empty_cell_is_a_value_of_its_own() -> None:
    file = shared("disclosure-cases/04_microdata/pit_nan_qi.csv")
    report = check(pacsv.read_csv(file), {"plz": "quasi_identifier"}, POLICY)
    assert _smallest(report, {"plz"}) == 1


def test_a_quasi_identifier_that_nobody_declared_is_found() -> None:
    data = table(
        Geschlecht=["m", "w"] * 50,
        Gruppe=["a"] * 50 + ["b"] * 50,
        Merkmal=["x"] * 49 + ["y"] + ["x"] * 50,
    )
    report = check(data, {"Geschlecht": "quasi_identifier"}, POLICY)
    assert any("Merkmal" in f.column for f in report.findings if f.rule == "k-anonymity")


def test_a_table_where_all_are_alike_enough_is_safe() -> None:
    assert not found(table(Geschlecht=["m", "w"] * 50, Altersgruppe=["0-17", "18+"] * 50))


def test_an_aggregate_is_not_taken_for_persons() -> None:
    data = table(Altersgruppe=["0-17", "18+"], Geschlecht=["w", "w"], Anzahl=[40, 50])
    assert not found(data)


def test_findings_name_columns_but_no_values() -> None:
    data = table(Geschlecht=["m"] * 20 + ["divers-selten"], Alter=[40] * 20 + [97])
    text = str(check(data, None, POLICY).to_json())
    assert "k-anonymity" in text
    assert "divers-selten" not in text
    assert "97" not in text
