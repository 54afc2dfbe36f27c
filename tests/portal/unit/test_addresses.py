"""The address of an indicator's page: the whole state, read with care, written without defaults."""

import datetime as dt
import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ckanext.sozialdaten.indicators import catalogue
from ckanext.sozialdaten.portal.indicator._address import Address, Compare, Tab
from ckanext.sozialdaten.portal.indicator._search import rank, read_question


def _read(query: str) -> Address:
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    return Address.from_query(MultiDict(pairs))


addresses = st.builds(
    Address,
    regions=st.lists(st.sampled_from(["99001001", "99001", "99"]), unique=True).map(tuple),
    compare=st.none()
    | st.sets(st.sampled_from(list(Compare))).map(
        lambda chosen: tuple(item for item in Compare if item in chosen)
    ),
    tab=st.none() | st.sampled_from(list(Tab)),
    period=st.sampled_from(["", "2024", "2024-Q1"]),
    start=st.sampled_from(["", "2015"]),
    minus=st.sampled_from(["", "2012"]),
    least=st.none() | st.integers(-1000, 1000).map(lambda value: value / 4),
    classes=st.sampled_from(["", "jenks4", "streuung5", "manuell:5,10", "abweichung:kreis"]),
    intervals=st.sampled_from(["", "aus"]),
    reference_date=st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2040, 1, 1)),
    as_of=st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2040, 1, 1)),
)


@given(addresses)
def test_the_permanent_link_holds_the_whole_state(address: Address) -> None:
    assert _read(address.query()) == address


@given(addresses)
def test_hidden_fields_of_a_form_hold_what_it_has_no_field_for(address: Address) -> None:
    assert Address.from_query(MultiDict(address.pairs())) == address


def test_the_first_view_has_an_empty_query() -> None:
    assert Address().query() == "?"


def test_days_are_read_in_german_and_iso_notation() -> None:
    german, iso = _read("stichtag=30.6.2023&stand=1.2.2024"), _read("stichtag=2023-06-30")
    assert german.reference_date == iso.reference_date == dt.date(2023, 6, 30)
    assert german.as_of == dt.date(2024, 2, 1)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("stichtag=31.02.2023", "stichtag"),
        ("ansicht=torte", "ansicht"),
        ("klassen=zufall", "klassen"),
        ("min=viel", "min"),
        ("max=nan", "max"),
        ("max=inf", "max"),
        ("vergleich=mond", "vergleich"),
        ("stand=0000-13-99", "stand"),
    ],
)
def test_what_cannot_be_read_is_named_and_ignored(query: str, name: str) -> None:
    address = _read(query)
    assert address.unread == (name,)
    assert address.query(unread=(), compare=None) == "?"


def test_own_limits_of_a_form_become_classes() -> None:
    assert _read("klassen=quantil5&grenzen=5; 7,5 10").classes == "manuell:5,7.5,10"


def test_a_form_without_a_ticked_box_compares_with_nothing() -> None:
    assert _read("vergleich=keine").compare == ()
    assert _read("").compare is None


def test_at_most_five_regions_are_shown() -> None:
    assert len(_read("&".join(f"gebiet=9900100{n}" for n in range(9))).regions) == 5


def test_a_question_is_taken_apart_into_indicator_place_and_time() -> None:
    question = read_question("Geburtenrate Musterstadt seit 2015")
    assert question.regions == ("99001001",)
    assert (question.start, question.end) == ("2015", "")
    assert question.words == ("geburtenrate",)
    best = rank(question, catalogue())[0].indicator
    assert best.id == "geb_ziffer"
    assert question.address().query() == "?gebiet=99001001&von=2015"


def test_levels_named_in_a_question_are_compared_with() -> None:
    question = read_question("Geburtenrate in meiner Gemeinde seit 2015 mit Land und Bund")
    assert question.compare == (Compare.LAND, Compare.BUND)
    assert question.words == ("geburtenrate",)


def test_umlauts_may_be_written_out() -> None:
    found = rank(read_question("Pflegebeduerftige"), catalogue())
    assert found
    assert {hit.indicator.theme for hit in found[:3]} == {"care"}


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("U3-Quote", "kita_quote_u3"),
        ("Krippe", "kita_quote_u3"),
        ("Betreuungsquote unter 3", "kita_quote_u3"),
        ("SGB II Quote", "sgb2_quote"),
        ("Bürgergeld Quote", "sgb2_quote"),
        ("HzE je 1.000 unter 21", "kjh_hze_quote"),
    ],
)
def test_people_ask_in_words_of_their_own(asked: str, wanted: str) -> None:
    found = [hit.indicator.id for hit in rank(read_question(asked), catalogue())]
    assert wanted in found[:3]


@given(st.text(max_size=80))
def test_any_text_is_a_question(text: str) -> None:
    question = read_question(text)
    assert all(re.fullmatch(r"\d{4}", year) for year in (question.start, question.end) if year)
    rank(question, {})
