"""The sentences of the report say what the figures allow, and no more."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.portal.preview import Cell, Kind
from ckanext.sozialdaten.portal.report._sentences import (
    Peer,
    Story,
    Target,
    Way,
    change_text,
    tell,
    way,
)

NUMBERS = st.floats(-1e6, 1e6).map(lambda value: round(value, 1) + 0.0)


def value(number: float, low: float | None = None, high: float | None = None, **more: int) -> Cell:
    return Cell(Kind.VALUE, number, low=low, high=high, **more)


def text(story: Story, language: str = "de") -> str:
    return "".join(piece.text for piece in tell(story, language)).replace("\u00a0", " ")


def share(cell: Cell, **more: object) -> Story:
    return Story("2023", cell, "%", 1, **more)  # type: ignore[arg-type]


def test_a_figure_is_told_with_its_unit_and_its_interval() -> None:
    assert text(share(value(5.4, 4.9, 6.0))) == (
        "2023 betrug der Wert 5,4 %. Rechnet man den Zufall ein, liegt er zwischen 4,9 und 6,0."
    )


def test_english_readers_get_english_numbers() -> None:
    assert text(share(value(5.4)), "en") == "In 2023 the figure was 5.4%."


def test_a_rise_of_a_share_is_told_in_percentage_points() -> None:
    story = share(value(5.4), before=("2018", value(4.0)))
    assert "Seit 2018 ist er um 1,4 Prozentpunkte gestiegen; damals betrug er 4,0 %." in text(story)


def test_a_change_that_chance_may_have_made_is_not_told_as_one() -> None:
    story = share(value(5.4, 4.9, 6.0), before=("2018", value(5.0, 4.5, 5.5)))
    assert "keine sichere Veränderung" in text(story)
    assert "gestiegen" not in text(story)


def test_places_are_grouped_by_how_the_figure_lies_to_them() -> None:
    peers = (
        Peer("kreis", value(6.5)),
        Peer("land", value(6.9)),
        Peer("bund", value(5.6)),
    )
    told = text(share(value(5.4, 4.9, 6.0), peers=peers))
    assert "Er ist niedriger als im Kreis (6,5 %) und im Land (6,9 %)." in told
    assert "Von dem Wert in Deutschland (5,6 %) ist er nicht sicher zu unterscheiden." in told


def test_equal_complete_counts_are_as_high_as_each_other() -> None:
    assert "Er ist so hoch wie im Kreis (5,4 %)." in text(
        share(value(5.4), peers=(Peer("kreis", value(5.4)),))
    )


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.SUPPRESSED, "zum Schutz von Personen"),
        (Kind.INCOMPLETE, "unvollständig"),
        (Kind.NOT_APPLICABLE, "nicht"),
    ],
)
def test_a_missing_figure_is_told_with_its_reason_and_never_as_a_number(
    kind: Kind, reason: str
) -> None:
    story = share(Cell(kind), peers=(Peer("kreis", value(5.4)),), before=("2018", value(4.0)))
    told = text(story)
    assert told.startswith("Für 2023 gibt es keinen Wert: ")
    assert reason in told
    assert not re.search(r"\d,\d", told)


def test_where_a_figure_is_missing_the_last_known_one_is_named_with_its_year() -> None:
    story = share(Cell(Kind.SUPPRESSED), latest=("2021", value(4.4)))
    assert text(story).endswith("Der letzte bekannte Wert ist 4,4 % (2021).")


def test_a_figure_of_the_kreis_is_not_told_as_one_of_the_gemeinde() -> None:
    told = text(share(value(5.4), place="Kreis Musterland"))
    assert told.startswith("Für Kreis Musterland betrug der Wert 2023 5,4 %;")


def test_pooled_years_and_an_older_year_are_said() -> None:
    told = text(share(value(5.4, 4.0, 7.0, pooled=3), asked="2024"))
    assert "das Mittel aus 3 Jahren" in told
    assert "Für 2024 gibt es noch keinen." in told


def test_every_number_leads_to_the_view_that_shows_it() -> None:
    story = share(value(5.4), before=("2018", value(4.0)), peers=(Peer("land", value(6.0)),))
    targets = {piece.text.replace("\u00a0", " "): piece.target for piece in tell(story, "de")}
    assert targets["5,4 %"] is Target.FIGURE
    assert targets["4,0 %"] is Target.SERIES
    assert targets["6,0 %"] is Target.COMPARISON


@given(NUMBERS, NUMBERS)
def test_what_rose_one_way_fell_the_other(first: float, second: float) -> None:
    turned = {Way.RISEN: Way.FALLEN, Way.FALLEN: Way.RISEN}
    there, back = way(value(first), value(second)), way(value(second), value(first))
    assert there is not None
    assert back is turned.get(there, there)


@given(NUMBERS, NUMBERS, st.floats(0, 1e3), st.floats(0, 1e3))
def test_a_change_is_told_exactly_where_the_intervals_stand_apart(
    first: float, second: float, one: float, other: float
) -> None:
    before, now = (
        value(first, first - one, first + one),
        value(second, second - other, second + other),
    )
    apart = first + one < second - other or second + other < first - one
    assert (way(before, now) in (Way.RISEN, Way.FALLEN)) == apart


@given(NUMBERS, NUMBERS, st.sampled_from(["de", "en"]), st.sampled_from(["%", "Euro", ""]))
def test_the_change_has_the_sign_of_its_way(
    first: float, second: float, language: str, unit: str
) -> None:
    story = Story("2023", value(second), unit, 1, before=("2018", value(first)))
    signs = {Way.RISEN: "+", Way.FALLEN: "−"}
    found = way(value(first), value(second))
    assert found is not None
    assert change_text(story, language)[0] == signs.get(found, "0")


@given(NUMBERS, st.lists(NUMBERS, max_size=3), st.sampled_from(["de", "en"]))
def test_no_mark_of_the_machine_is_left_in_a_sentence(
    number: float, others: list[float], language: str
) -> None:
    kinds = ("kreis", "land", "bund")
    peers = tuple(Peer(kind, value(other)) for kind, other in zip(kinds, others, strict=False))
    told = text(share(value(number), peers=peers, before=("2018", value(1.0))), language)
    assert not re.search(r"[\x00-\x1f{}]", told)
    assert told.endswith(".")


def test_the_unit_is_said_once_and_its_point_ends_the_sentence() -> None:
    story = Story("2023", value(7.9), "je 1.000 Einw.", 1, peers=(Peer("kreis", value(7.6)),))
    assert text(story) == (
        "2023 betrug der Wert 7,9 je 1.000 Einw. Er ist höher als im Kreis (7,6)."
    )
