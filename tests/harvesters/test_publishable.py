"""The published table: small counts hidden, and no total that leads back to them."""

import datetime as dt
import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from harvest_world import CASES
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.disclosure import Verdict, check, check_files, load_policy
from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.harvesters.core.observations import Observation, to_table
from ckanext.sozialdaten.harvesters.core.publication import publication
from ckanext.sozialdaten.harvesters.core.publishable import (
    Cell,
    publishable_cells,
    publishable_csv,
)
from ckanext.sozialdaten.harvesters.core.source import Margins
from ckanext.sozialdaten.harvesters.core.sources import load_source

SOURCE = load_source(CASES)
REGISTER = Register.default()
GEMEINDEN = REGISTER.children("99001", Level.GEMEINDE)
GROUPS = ("ALT000B06", "ALT006B15", "ALT015B21")
DAY = dt.date(2024, 12, 31)
MOMENT = dt.datetime(2025, 3, 1, 8, tzinfo=dt.UTC)
KREIS, ALL = "99001", "INSGESAMT"
POLICY = load_policy()
OPEN = load_policy("open-statistics")
Counts = Mapping[tuple[str, str], int]


def captured(rows: pa.Table, moment: dt.datetime = MOMENT) -> pa.Table:
    """Observations as the lake gives them back: with the moment of their delivery."""
    return rows.append_column("captured_at", pa.array([moment] * rows.num_rows))


def table(counts: Counts) -> pa.Table:
    """What the lake holds: the counts, zero elsewhere, and every total."""
    leaves = {
        (region, group): counts.get((region, group), 0) for region in GEMEINDEN for group in GROUPS
    }
    totals = {
        (KREIS, group): sum(leaves[region, group] for region in GEMEINDEN) for group in GROUPS
    }
    totals |= {
        (region, ALL): sum(leaves[region, group] for group in GROUPS) for region in GEMEINDEN
    }
    totals[KREIS, ALL] = sum(leaves.values())
    return to_table(
        (
            Observation(
                f"{CASES}.junge_menschen",
                region,
                DAY,
                DAY,
                json.dumps({"altersgruppe": group}),
                Decimal(value),
                "Anzahl",
            )
            for (region, group), value in (leaves | totals).items()
        ),
        CASES,
    )


def shown(counts: Counts, margins: Margins) -> dict[tuple[str, str], Cell]:
    source = replace(SOURCE, publish=replace(SOURCE.publish, margins=margins))
    cells = publishable_cells(source, {"junge_menschen": table(counts)}, REGISTER, POLICY)
    return {(region, groups[0]): cell for (_, region, groups), cell in cells.items()}


def value(cell: Cell) -> Decimal | None:
    return cell.values["junge_menschen"][0]


counts_of_a_kreis = st.dictionaries(
    st.tuples(st.sampled_from(GEMEINDEN), st.sampled_from(GROUPS)),
    st.integers(min_value=0, max_value=30),
    max_size=60,
)


def test_a_small_count_is_a_sign_and_no_figure() -> None:
    cell = shown({(GEMEINDEN[0], GROUPS[0]): 2}, Margins.NONE)[GEMEINDEN[0], GROUPS[0]]
    assert cell.values["junge_menschen"] == (None, ".")


def test_a_zero_is_no_small_count() -> None:
    assert value(shown({}, Margins.NONE)[GEMEINDEN[0], GROUPS[0]]) == 0


@given(counts_of_a_kreis)
@settings(max_examples=30, deadline=None)
def test_a_total_is_shown_exactly_where_no_part_is_hidden(counts: Counts) -> None:
    cells = shown(counts, Margins.WHEN_COMPLETE)
    for group in GROUPS:
        hidden = any(cells[region, group].secret for region in GEMEINDEN)
        assert ((KREIS, group) in cells) != hidden
    for region in GEMEINDEN:
        hidden = any(cells[region, group].secret for group in GROUPS)
        assert ((region, ALL) in cells) != hidden


@given(counts_of_a_kreis)
@settings(max_examples=5, deadline=None)
def test_a_protected_table_has_every_row_and_passes_the_check(counts: Counts) -> None:
    cells = shown(counts, Margins.PROTECT)
    assert set(cells) == set(itertools.product((*GEMEINDEN, KREIS), (*GROUPS, ALL)))
    text: dict[str, list[str]] = {"gebiet": [], "gruppe": [], "anzahl": []}
    for (region, group), cell in cells.items():
        text["gebiet"].append(region)
        text["gruppe"].append(group)
        text["anzahl"].append("." if cell.secret else str(int(value(cell) or 0)))
    roles = {"gebiet": "region", "gruppe": "dimension", "anzahl": "count"}
    assert check(pa.table(text), roles, POLICY).verdict is Verdict.SAFE


def test_totals_of_a_gemeinde_stand_beside_hidden_parts() -> None:
    pairs = itertools.product(GEMEINDEN, GROUPS)
    counts = {pair: 4 + number % 11 for number, pair in enumerate(pairs)}
    counts |= {(GEMEINDEN[0], GROUPS[0]): 1, (GEMEINDEN[4], GROUPS[1]): 2}
    cells = shown(counts, Margins.PROTECT)
    hidden = {key for key, cell in cells.items() if cell.secret}
    assert 4 <= len(hidden) <= 6
    assert not any(region == KREIS or group == ALL for region, group in hidden)


@given(counts_of_a_kreis)
@settings(max_examples=8, deadline=None)
def test_no_small_count_ever_stands_in_the_table(counts: Counts) -> None:
    for margins in (Margins.NONE, Margins.WHEN_COMPLETE, Margins.PROTECT):
        figures = [value(cell) for cell in shown(counts, margins).values()]
        assert not any(figure in (1, 2) for figure in figures)


def test_where_nothing_else_can_hide_a_count_its_totals_are_hidden() -> None:
    cells = shown({(GEMEINDEN[0], GROUPS[0]): 1}, Margins.PROTECT)
    hidden = {key for key, cell in cells.items() if cell.secret}
    assert hidden == set(itertools.product((GEMEINDEN[0], KREIS), (GROUPS[0], ALL)))


@pytest.mark.parametrize("margins", [Margins.WHEN_COMPLETE, Margins.PROTECT])
def test_the_gates_check_and_attack_find_the_table_safe(tmp_path: Path, margins: Margins) -> None:
    pairs = itertools.product(GEMEINDEN, GROUPS)
    counts = {pair: (number * 7) % 19 for number, pair in enumerate(pairs)}
    source = replace(SOURCE, publish=replace(SOURCE.publish, margins=margins))
    made = publication(source, {"junge_menschen": captured(table(counts))}, REGISTER)
    assert made is not None
    assert b";.\n" in made.content
    path = tmp_path / made.filename
    path.write_bytes(made.content)
    report = check_files([path], layout=source.publish.layout, policy=load_policy())
    assert report.verdict is Verdict.SAFE, report.to_json()


def test_the_check_would_find_the_table_unsafe_without_suppression(tmp_path: Path) -> None:
    counts = {(GEMEINDEN[0], GROUPS[0]): 2, (GEMEINDEN[1], GROUPS[0]): 9}
    cells = publishable_cells(SOURCE, {"junge_menschen": table(counts)}, REGISTER, OPEN)
    path = tmp_path / "offen.csv"
    path.write_bytes(publishable_csv(SOURCE, cells))
    report = check_files([path], layout=SOURCE.publish.layout, policy=load_policy())
    assert report.verdict is Verdict.UNSAFE


def test_the_same_observations_give_the_same_bytes() -> None:
    rows = captured(table({(GEMEINDEN[3], GROUPS[1]): 12}))
    first = publication(SOURCE, {"junge_menschen": rows}, REGISTER)
    second = publication(
        SOURCE, {"junge_menschen": rows.take(list(range(rows.num_rows))[::-1])}, REGISTER
    )
    assert first is not None
    assert second is not None
    assert (first.content, first.digest) == (second.content, second.digest)


def test_the_table_says_when_its_newest_delivery_was_captured() -> None:
    later = MOMENT + dt.timedelta(days=30)
    rows = table({(GEMEINDEN[3], GROUPS[1]): 12})
    both = pa.concat_tables([captured(rows.slice(0, 1), later), captured(rows.slice(1))])
    made = publication(SOURCE, {"junge_menschen": both}, REGISTER)
    assert made is not None
    assert made.resource["captured_at"] == "2025-03-31T08:00:00+00:00"
