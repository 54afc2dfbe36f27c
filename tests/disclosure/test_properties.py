"""What must hold for any table."""

import random

import pyarrow as pa
from disclosure_worlds import POLICY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.disclosure import Report, check
from ckanext.sozialdaten.disclosure._numbers import Decimal, State, parse

SLOW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
KINDS = st.sampled_from(["a", "b", "c", "Insgesamt"])
COUNTS = st.one_of(st.integers(0, 60).map(str), st.sampled_from([".", "*", "-", "", "..."]))


def _shape(report: Report) -> set[tuple[str, str, str, frozenset[str]]]:
    """Findings without rows, and with sets of columns in no order."""
    return {
        (f.rule, f.severity, f.message.msgid, frozenset(f.column.split(", ")))
        for f in report.findings
    }


@SLOW
@given(st.dictionaries(st.tuples(KINDS, KINDS), COUNTS, min_size=2, max_size=16), st.randoms())
def test_the_order_of_rows_and_columns_never_matters(
    cells: dict[tuple[str, str], str], chance: random.Random
) -> None:
    roles = {"Gruppe": "dimension", "Art": "dimension", "Anzahl": "count"}
    rows = [{"Gruppe": one, "Art": two, "Anzahl": n} for (one, two), n in cells.items()]
    before = check(pa.Table.from_pylist(rows), roles, POLICY)
    chance.shuffle(rows)
    columns = list(roles)
    chance.shuffle(columns)
    after = check(pa.Table.from_pylist(rows).select(columns), roles, POLICY)
    assert _shape(before) == _shape(after)
    assert before.verdict == after.verdict


@SLOW
@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Z][a-z]{9,14}", fullmatch=True),
            st.from_regex(r"[b-z]{10}@[b-z]{6}\.example", fullmatch=True),
            st.integers(1_000_001, 9_999_999),
        ),
        min_size=1,
        max_size=25,
        unique=True,
    )
)
def test_findings_never_hold_a_value_of_a_person(people: list[tuple[str, str, int]]) -> None:
    data = pa.table(
        {
            "Nachname": [name for name, _, _ in people],
            "Kontakt": [mail for _, mail, _ in people],
            "Fallnummer": [str(number) for _, _, number in people],
            "Alter": ["41"] * len(people),
        }
    )
    report = check(data, None, POLICY)
    assert "identifier-name" in {finding.rule for finding in report.findings}
    text = str([(f.message.both(), f.remedy.both(), f.column) for f in report.findings])
    for name, mail, number in people:
        assert name not in text
        assert mail not in text
        assert str(number) not in text


@SLOW
@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=3), max_size=12))
def test_no_table_crashes_a_check(rows: list[list[str]]) -> None:
    data = pa.table({name: [row[i] for row in rows] for i, name in enumerate(("a", "b", "c"))})
    check(data, None, POLICY)


@given(st.integers(-(10**9), 10**9), st.integers(0, 99))
def test_a_number_reads_back_as_it_was_printed(whole: int, cents: int) -> None:
    german = f"{whole:,}".replace(",", ".") + f",{cents:02d}"
    expected = float(f"{whole}.{cents:02d}")
    assert parse(german).value == expected
    assert parse(f"{whole}.{cents:02d}", Decimal.POINT).value == expected


@given(st.text(max_size=20))
def test_every_text_has_a_state(text: str) -> None:
    number = parse(text)
    assert number.state in State
    assert (number.value == number.value) == (number.state in (State.VALUE, State.NIL))
