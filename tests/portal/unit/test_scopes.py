"""What a page of an indicator shows of its figures: periods, comparisons, filters, differences."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from ckanext.sozialdaten.indicators import catalogue
from ckanext.sozialdaten.portal.indicator._address import Address, Compare, Tab
from ckanext.sozialdaten.portal.indicator._figures import Known, from_table
from ckanext.sozialdaten.portal.indicator._ranking import ranks
from ckanext.sozialdaten.portal.indicator._scope import Scope, scope_of
from ckanext.sozialdaten.portal.preview import Cell, Kind, Method

TOWN, VILLAGE, HAMLET, FARM = "99001001", "99001002", "99001003", "99001004"
MOMENT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def _row(region: str, year: int, value: float | None, **more: Any) -> dict[str, Any]:
    state = "value" if value is not None else "not_available"
    return {
        "indicator": "geb_ziffer",
        "region": region,
        "period": str(year),
        "period_start": dt.date(year, 1, 1),
        "period_end": dt.date(year, 12, 31),
        "value": value,
        "low": None,
        "high": None,
        "numerator": None,
        "denominator": None,
        "state": state,
        "quality": "",
        "unit": "je 1.000 Einw.",
        "age_days": 0,
        "captured_at": MOMENT,
        "sources": ["geburten.lebendgeborene"],
        "pooled": 1,
    } | more


ROWS = [
    _row(TOWN, 2022, 9.0, low=8.0, high=10.0),
    _row(TOWN, 2023, 9.34, low=8.1, high=10.6),
    _row(VILLAGE, 2022, 4.0),
    _row(VILLAGE, 2023, 0.0),
    _row(HAMLET, 2022, 5.0),
    _row(HAMLET, 2023, None, state="suppressed", quality="."),
    _row(FARM, 2022, None, state="not_applicable"),
    _row(FARM, 2023, None, state="incomplete"),
    _row("99001", 2022, 8.5),
    _row("99001", 2023, 9.1),
    _row("DG", 2022, 8.8),
    _row("DG", 2023, 8.7),
    _row(TOWN, 2024, None),
    _row(VILLAGE, 2024, None),
]


@pytest.fixture(scope="module")
def known() -> Known:
    schema = pa.Table.from_pylist(ROWS).schema
    for name in ("value", "low", "high", "numerator", "denominator"):
        place = schema.get_field_index(name)
        schema = schema.set(place, pa.field(name, pa.float64()))
    return from_table(catalogue()["geb_ziffer"], pa.Table.from_pylist(ROWS, schema=schema))


def _scope(known: Known, **state: Any) -> Scope:
    found = scope_of(known, Address(**state))
    assert found is not None
    return found


def test_four_kinds_of_absence_and_zero_stay_apart(known: Known) -> None:
    cells = known.figures.cell
    kinds = [cells(key, "2023").kind for key in (VILLAGE, HAMLET, FARM)]
    kinds += [cells(FARM, "2022").kind, cells(TOWN, "2024").kind]
    assert kinds == [
        Kind.NOTHING,
        Kind.SUPPRESSED,
        Kind.INCOMPLETE,
        Kind.NOT_APPLICABLE,
        Kind.NOT_AVAILABLE,
    ]


def test_figures_are_rounded_as_they_are_shown_and_kept_exact_for_files(known: Known) -> None:
    assert known.figures.cell(TOWN, "2023").value == 9.3
    detail = known.detail(TOWN, "2023")
    assert detail is not None
    assert (detail.value, detail.low) == (9.34, 8.1)


def test_the_first_view_is_the_last_period_with_a_figure(known: Known) -> None:
    scope = _scope(known)
    assert scope.period == "2023"
    assert scope.mine == ("99001",)
    assert [peer.key for peer in scope.peers] == ["DG"]


def test_a_stichtag_gives_the_last_period_that_had_ended(known: Known) -> None:
    assert _scope(known, reference_date=dt.date(2023, 12, 30)).period == "2022"
    assert _scope(known, reference_date=dt.date(2023, 12, 31)).period == "2023"
    early = _scope(known, reference_date=dt.date(1999, 1, 1))
    assert "stichtag" in early.ignored


def test_a_region_is_compared_with_what_lies_above_it(known: Known) -> None:
    scope = _scope(known, regions=(TOWN,))
    assert [(peer.compare, peer.key) for peer in scope.peers] == [
        (Compare.KREIS, "99001"),
        (Compare.BUND, "DG"),
    ]
    assert _scope(known, regions=(TOWN,), compare=()).peers == ()


def test_a_region_may_be_named_instead_of_numbered(known: Known) -> None:
    assert _scope(known, regions=("Musterstadt",)).mine == (TOWN,)
    assert _scope(known, regions=("990010001001",)).mine == (TOWN,)


def test_a_difference_of_two_dates_has_no_interval_and_needs_both(known: Known) -> None:
    scope = _scope(known, minus="2022", period="2023", tab=Tab.MAP)
    assert scope.cell(TOWN) == Cell(Kind.VALUE, 0.3)
    assert scope.cell(HAMLET).kind is Kind.SUPPRESSED
    assert scope.scheme.method is Method.DIVERGING
    assert scope.scheme.centre == 0.0


def test_a_filter_by_value_hides_figures_and_never_reasons(known: Known) -> None:
    scope = _scope(known, least=5.0)
    assert scope.cell(VILLAGE).kind is Kind.FILTERED
    assert scope.cell(HAMLET).kind is Kind.SUPPRESSED
    assert scope.cell(TOWN).value == 9.3
    assert scope.figures.cell("DG", "2023").value == 8.7


def test_a_diverging_scale_departs_from_the_level_named(known: Known) -> None:
    scope = _scope(known, regions=(TOWN,), classes="abweichung:bund")
    assert scope.scheme.centre == 8.7
    assert _scope(known, regions=(TOWN,), classes="abweichung:kreis").scheme.centre == 9.1


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ({"period": "1888"}, "jahr"),
        ({"minus": "1888"}, "differenz"),
        ({"level": "mond"}, "ebene"),
        ({"start": "gestern"}, "von"),
        ({"regions": ("04711",)}, "gebiet"),
    ],
)
def test_what_fits_no_figure_is_named(known: Known, state: dict[str, Any], name: str) -> None:
    assert name in _scope(known, **state).ignored


def test_an_indicator_without_figures_has_no_view(known: Known) -> None:
    assert scope_of(from_table(known.indicator, known.table.slice(0, 0)), Address()) is None


@dataclass(frozen=True)
class _Alike:
    name = "similar"
    members = (TOWN, VILLAGE, HAMLET)
    reason = "alike"


def test_similar_regions_are_one_median_where_three_have_a_figure(known: Known) -> None:
    asked = Address(regions=(TOWN,), compare=(Compare.SIMILAR,))
    scope = scope_of(known, asked, lambda _: _Alike())
    assert scope is not None
    (peer,) = scope.peers
    assert scope.known.figures.cell(peer.key, "2022").value == 5.0
    assert scope.known.figures.cell(peer.key, "2023").value is None
    assert scope.reason == "alike"
    assert scope.above is None


def test_a_kreis_has_no_similar_gemeinden(known: Known) -> None:
    asked = Address(regions=("99001",), compare=(Compare.SIMILAR,))
    scope = scope_of(known, asked, lambda _: _Alike())
    assert scope is not None
    assert (scope.peers, Compare.SIMILAR in scope.offered) == ((), False)


def test_ranks_admit_what_they_cannot_tell_apart() -> None:
    cells = {
        "a": Cell(Kind.VALUE, 10.0, low=8.0, high=12.0),
        "b": Cell(Kind.VALUE, 9.0, low=7.0, high=11.0),
        "c": Cell(Kind.VALUE, 2.0, low=1.0, high=3.0),
        "d": Cell(Kind.SUPPRESSED),
    }
    assert ranks(cells) == {"a": (1, 2), "b": (1, 2), "c": (3, 3)}
    exact = {key: Cell(Kind.VALUE, value) for key, value in (("a", 3.0), ("b", 2.0), ("c", 2.0))}
    assert ranks(exact) == {"a": (1, 1), "b": (2, 3), "c": (2, 3)}
